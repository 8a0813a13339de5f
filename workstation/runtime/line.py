"""A line between two processes of one user on one computer: bounded JSON messages, both ends proved by a shared key.

`multiprocessing.connection` carries the bytes (a Unix-domain socket, a named pipe on Windows); its pickles are never
used. Whoever holds the home listens and leaves `handover.json` there: the address and a key that is fresh each time.
That file says nothing about who is alive; the home's lock does (docs/adr/0005-one-writer-many-commands.md).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import stat
import struct
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, NamedTuple

NAME = "handover.json"
PROTOCOL = b"workstation handover 1"
MOST_BYTES = 1 << 18
"""Of one message."""
SECONDS = 3.0
"""Until both ends are proved, and until a window comes to the front."""
STALL_SECONDS = 10.0
"""A message that has begun goes on within this time, or the line is given up."""
MOST_PATH = 100
"""Bytes of a socket's path that every system takes (108 on Linux, 104 on macOS, with the ending zero)."""
_BACKLOG = 64
_NONCE = 32


class Gone(ConnectionError):
    """The other end is not there any more, is too slow, cannot prove itself, or says what cannot be understood."""


class Door(NamedTuple):
    """Where whoever holds a home can be reached."""

    address: str
    key: bytes
    pid: int


class Line:
    """One connection. One thread receives; any thread may send."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._socket = _own_handle(connection)

    def send(self, message: Mapping[str, object]) -> None:
        """Raises Gone when the other end is, or does not take it in time."""
        self._send(json.dumps(message).encode("ascii"))

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """The next message; None when none has come within `seconds`. Raises Gone."""
        try:
            if not self._connection.poll(seconds):
                return None
            message = json.loads(self._connection.recv_bytes(MOST_BYTES))
        except (OSError, EOFError, ValueError, RecursionError) as problem:
            raise Gone(type(problem).__name__) from problem
        if not isinstance(message, dict):
            raise Gone("no object")
        return message

    def prove(self, key: bytes, place: str, *, listening: bool) -> None:
        """Show that this end knows the key and means the same home, and see that the other does. Raises Gone."""
        mine = os.urandom(_NONCE)
        self._send(mine)
        theirs = self._proof()
        roles = (b"listener", b"caller") if listening else (b"caller", b"listener")
        self._send(_tag(key, roles[0], place, mine, theirs))
        if not hmac.compare_digest(self._proof(), _tag(key, roles[1], place, theirs, mine)):
            raise Gone("wrong key")

    def of_this_user(self) -> bool:
        """Whether the system says that the other end is the same user's; True where it does not say."""
        if self._socket is None or not hasattr(socket, "SO_PEERCRED"):
            return True
        told = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        _pid, user, _group = struct.unpack("3i", told)
        return bool(user == os.geteuid())

    def abort(self) -> None:
        """End it from another thread: whoever waits on it gets Gone."""
        with suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
            else:
                self._connection.close()

    def close(self) -> None:
        with suppress(OSError):
            self._connection.close()
        if self._socket is not None:
            self._socket.close()

    def _send(self, content: bytes) -> None:
        try:
            with self._sending:
                self._connection.send_bytes(content)
        except (OSError, ValueError) as problem:
            raise Gone(type(problem).__name__) from problem

    def _proof(self) -> bytes:
        try:
            if self._connection.poll(SECONDS):
                return self._connection.recv_bytes(hashlib.sha256().digest_size)
        except (OSError, EOFError) as problem:
            raise Gone(type(problem).__name__) from problem
        raise Gone("silent")


class Listening:
    """The open door of a home. Only whoever holds the home's lock may make one. Raises OSError where none can be."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.key, self.place = os.urandom(_NONCE), _place(home)
        forget(home)
        self.address = _new_address(home)
        if os.name != "nt":
            Path(self.address).unlink(missing_ok=True)
        self._listener = Listener(self.address, backlog=_BACKLOG)
        try:
            if os.name != "nt":
                Path(self.address).chmod(0o600)
            _write_door(home, Door(self.address, self.key, os.getpid()))
        except OSError:
            self._listener.close()
            raise

    def accept(self) -> Line:
        """The next line, not proved yet. Raises OSError; Gone for another user's."""
        line = Line(self._listener.accept())
        if line.of_this_user():
            return line
        line.close()
        raise Gone("another user")

    def wake(self) -> None:
        """Let a thread that waits in `accept` return."""
        with suppress(OSError):
            _connect(self.address).close()

    def close(self) -> None:
        """Leave nothing behind. Safe to call twice, and after somebody else took the home over."""
        door = read_door(self._home)
        if door is not None and door.key == self.key:
            (self._home / NAME).unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            self._listener.close()


def call(home: Path) -> Line | None:
    """A proved line to whoever holds this home. None when nobody listens. Raises Gone when somebody does and does not
    answer as whoever holds this very home would."""
    door = read_door(home)
    if door is None:
        return None
    try:
        line = Line(_connect(door.address))
    except TimeoutError as problem:
        raise Gone("silent") from problem
    except OSError:
        return None
    try:
        if not line.of_this_user():   # a home that others can write: neither the command nor a password is for them
            raise Gone("another user")
        line.prove(door.key, _place(home), listening=False)
    except BaseException:
        line.close()
        raise
    return line


def read_door(home: Path) -> Door | None:
    """What the home says about how to reach its holder; None when it says nothing that can be used."""
    try:
        with (home / NAME).open("rb") as file:
            said = json.loads(file.read(4096))
        return Door(str(said["address"]), bytes.fromhex(said["key"]), int(said["pid"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def forget(home: Path) -> None:
    """Remove what a crash left. Only whoever holds the home's lock may: then nobody can be listening."""
    door = read_door(home)
    if door is not None and os.name != "nt" and _is_ours(Path(door.address), home):
        Path(door.address).unlink(missing_ok=True)
    with suppress(OSError):
        (home / NAME).unlink(missing_ok=True)


def _is_ours(path: Path, home: Path) -> bool:
    """A socket with the name that this home's has: a home that was copied names the other's."""
    try:
        return path.name == _socket_name(home) and stat.S_ISSOCK(path.lstat().st_mode)
    except OSError:
        return False


def _place(home: Path) -> str:
    """What tells this folder from a copy of it."""
    found = home.stat()
    return f"{found.st_dev}:{found.st_ino}"


def _tag(key: bytes, role: bytes, place: str, first: bytes, second: bytes) -> bytes:
    parts = (PROTOCOL, role, place.encode("ascii"), first, second)
    return hmac.digest(key, b"\0".join(parts), "sha256")


def _write_door(home: Path, door: Door) -> None:
    temporary = home / f"{NAME}.{door.pid}"
    text = json.dumps({"address": door.address, "key": door.key.hex(), "pid": door.pid})
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)
    temporary.replace(home / NAME)


def _socket_name(home: Path) -> str:
    return f"workstation-{hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:20]}.sock"


def _new_address(home: Path) -> str:
    """A socket in a folder that only this user can enter: not in the home if it can be elsewhere, because copying and
    packing programs stumble over sockets."""
    if os.name == "nt":
        return rf"\\.\pipe\workstation-{os.urandom(16).hex()}"
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    own = Path(tempfile.gettempdir()) / f"workstation-{os.geteuid()}"
    for folder in ([runtime] if runtime.is_absolute() else []) + [home.absolute() / "run", own]:
        path = folder / _socket_name(home)   # absolute: callers stand in other folders
        if len(os.fsencode(path)) <= MOST_PATH and _private(folder):
            return str(path)
    raise OSError("no place for a socket")


def _private(folder: Path) -> bool:
    """Whether nobody else can enter it; made if it is not there."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _connect(address: str) -> Connection[Any, Any]:
    """Raises OSError; TimeoutError when the other end does not even take the connection."""
    if os.name == "nt":
        return Client(address, "AF_PIPE")  # type: ignore[return-value,unused-ignore]
    with socket.socket(socket.AF_UNIX) as ours:
        ours.settimeout(SECONDS)
        ours.connect(address)
        ours.setblocking(True)
        return Connection(ours.detach())


def _own_handle(connection: Connection[Any, Any]) -> socket.socket | None:
    """A second handle of the same socket, whose time-outs hold for both; None for a named pipe."""
    if os.name == "nt":
        return None
    handle = socket.socket(fileno=os.dup(connection.fileno()))
    limit = struct.pack("ll", int(STALL_SECONDS), 0)
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
    return handle
