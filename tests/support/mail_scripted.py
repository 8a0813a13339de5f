"""An IMAP server that misbehaves on request: it says exactly what a test tells it to, at the moment it tells it to."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import threading
from collections.abc import Callable

Answer = bytes | None
"""What to say to a command before its tagged OK; None cuts the connection."""


class ScriptedImap:
    """Serves one INBOX of `mails` (UID → raw) and no folder of sent mail.

    `on_fetch` is asked before each UID FETCH with (server, uids, items): it returns the untagged lines to send
    instead of the honest ones, or `...` to be honest.
    """

    def __init__(self, mails: dict[int, bytes] | None = None) -> None:
        self.mails = dict(mails or {})
        self.validity = 7
        self.capabilities = "IMAP4rev1 IDLE AUTH=PLAIN"
        self.on_fetch: Callable[[ScriptedImap, list[int], str], object] = lambda _server, _uids, _items: ...
        self.on_idle: Callable[[], bytes] = lambda: b""  # said in one packet with "+ idling"
        self.password: str | None = None  # None: any will do
        self.commands: list[str] = []  # what clients asked for, without tags and secrets
        self.logins = 0
        self.fetched: list[tuple[list[int], str]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._live: list[socket.socket] = []
        self._idling: list[tuple[socket.socket, threading.Lock]] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._listener.close()
        for connection in self._live:
            with contextlib.suppress(OSError):  # its client may be gone already
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def say(self, line: bytes) -> None:
        """Push a line to everybody who idles."""
        for connection, lock in self._idling:
            with lock:
                connection.sendall(line)

    def line(self, uid: int, *, body: bool = True, header: bool = False) -> bytes:
        """The honest FETCH answer for one mail."""
        sequence = sorted(self.mails).index(uid) + 1
        raw = self.mails[uid]
        if header:
            raw = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        name = b"BODY[HEADER]" if header else b"BODY[]"
        literal = b" %s {%d}\r\n%s" % (name, len(raw), raw) if body else b""
        return b'* %d FETCH (UID %d FLAGS () INTERNALDATE "20-Nov-2026 10:00:00 +0000" RFC822.SIZE %d%s)\r\n' % (
            sequence,
            uid,
            len(self.mails[uid]),
            literal,
        )

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._live.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.sendall(b"* OK scripted\r\n")
            stream = connection.makefile("rb")
            while line := stream.readline():
                tag, _space, command = line.strip().decode("latin-1").partition(" ")
                if not self._command(connection, stream.readline, tag, command):
                    return
        except OSError:
            return
        finally:
            connection.close()

    def _command(self, connection: socket.socket, readline: Callable[[], bytes], tag: str, command: str) -> bool:
        words = command.upper().split(" ")
        verb = " ".join(words[:2]) if words[0] == "UID" else words[0]
        self.commands.append(command if verb not in ("LOGIN", "AUTHENTICATE") else verb)
        said: Answer = b""
        if verb == "AUTHENTICATE":
            return self._authenticate(connection, readline, tag)
        if verb == "IDLE":
            return self._idle(connection, readline, tag)
        if verb == "LOGOUT":
            connection.sendall(b"* BYE\r\n" + f"{tag} OK\r\n".encode())
            return False
        if verb == "UID FETCH":
            said = self._fetch(command)
        elif verb == "UID SEARCH":
            said = b"* SEARCH %s\r\n" % b" ".join(str(uid).encode() for uid in self._search(command))
        elif verb in ("SELECT", "EXAMINE"):
            said = b"* %d EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY %d]\r\n* OK [UIDNEXT %d]\r\n" % (
                len(self.mails),
                self.validity,
                max(self.mails, default=0) + 1,
            )
        elif verb == "LIST":
            said = b'* LIST () "/" INBOX\r\n'
        elif verb == "CAPABILITY":
            said = f"* CAPABILITY {self.capabilities}\r\n".encode()
        if said is None:
            return False
        connection.sendall(said + f"{tag} OK done\r\n".encode())
        return True

    def _authenticate(self, connection: socket.socket, readline: Callable[[], bytes], tag: str) -> bool:
        connection.sendall(b"+ \r\n")
        given = base64.b64decode(readline()).split(b"\0")[-1].decode()
        self.logins += 1
        right = self.password in (None, given)
        connection.sendall(f"{tag} {'OK' if right else 'NO [AUTHENTICATIONFAILED]'} so\r\n".encode())
        return True

    def _idle(self, connection: socket.socket, readline: Callable[[], bytes], tag: str) -> bool:
        lock = threading.Lock()
        connection.sendall(b"+ idling\r\n" + self.on_idle())
        self._idling.append((connection, lock))
        done = readline()
        self._idling.remove((connection, lock))
        if not done:
            return False
        with lock:
            connection.sendall(f"{tag} OK\r\n".encode())
        return True

    def _fetch(self, command: str) -> Answer:
        _uid, _fetch, numbers, items = command.split(" ", 3)
        uids = [uid for uid in sorted(self.mails) if _within(uid, numbers)]
        self.fetched.append((uids, items))
        said = self.on_fetch(self, uids, items)
        if said is None or isinstance(said, bytes):
            return said
        header, body = "HEADER" in items, "BODY" in items
        return b"".join(self.line(uid, body=body, header=header) for uid in uids)

    def _search(self, command: str) -> list[int]:
        found = re.search(r"UID SEARCH (?:CHARSET \S+ )?UID (\S+)", command)
        if found is None:
            return sorted(self.mails)
        return [uid for uid in sorted(self.mails) if _within(uid, found.group(1), max(self.mails))]


def _within(uid: int, numbers: str, last: int = 2**32) -> bool:
    for part in numbers.split(","):
        first, _colon, end = part.partition(":")
        low = int(first)
        high = low if not end else last if end == "*" else int(end)
        if min(low, high) <= uid <= max(low, high):
            return True
    return False
