"""What a disk may hold after the power went: recorded system calls of a real run, replayed up to any moment.

strace records every call of the traced process that changes a file below one folder, with its bytes. The model is
stricter than any file system in use: data counts only once its file was fsynced (an fsync covers what was written
before it *began*), a name only once its folder was fsynced, and between two fsyncs any subset of what is pending may be
there, the last write torn in half.

Its limits: writes through mmap are not seen (SQLite maps only `-shm`, which it builds anew after a crash), a write is
torn at most once, and the disk is believed when it says that an fsync is done.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

STRACE = shutil.which("strace")
MISSING = "strace is not installed (apt-get install strace)"
ACKNOWLEDGED = "acknowledged"   # a line on standard output that begins so is a promise from then on
_CALLS = "openat,write,pwrite64,fsync,fdatasync,rename,link,unlink,mkdir,ftruncate"
_LINE = re.compile(r"(\d+) +(\w+)\((.*?)\)?\s+= (-?\d+)")
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_FD = re.compile(r"^(\d+)<([^>]*)>")


def record(command: list[str], folder: Path, log: Path, cwd: Path) -> None:
    """Run a command to its end under strace. Raises CalledProcessError; `available` says whether it can be done."""
    traced = [STRACE or "strace", "-f", "-y", "-xx", "-s", "1000000", "-e", f"trace={_CALLS}", "-o", str(log), *command]
    subprocess.run([*traced, str(folder)], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def available(folder: Path) -> bool:
    """Whether strace is here and may trace (a container may forbid it)."""
    if STRACE is None:
        return False
    tried = subprocess.run([STRACE, "-o", str(folder / "try"), "true"], capture_output=True, check=False)
    return tried.returncode == 0


@dataclass(frozen=True)
class Call:
    """A call that succeeded: `texts` are its strings as bytes, `begun` the number of calls done when it began."""

    name: str
    fd: int
    path: str
    texts: tuple[bytes, ...]
    arguments: str
    result: int
    begun: int


def calls(log: Path, folder: Path) -> list[Call]:
    """The calls about `folder`, and writes to standard output, in the order in which they ended."""
    found: list[Call] = []
    open_calls: dict[str, tuple[str, int]] = {}
    for raw in log.read_text().splitlines():
        line, begun = raw, len(found)
        if (half := _BEGUN.match(raw)) is not None:
            open_calls[half[1]] = (f"{half[1]} {half[2]}({half[3]}", len(found))
            continue
        if (rest := _RESUMED.match(raw)) is not None and rest[1] in open_calls:
            first, begun = open_calls.pop(rest[1])
            line = first + rest[3]
        whole = _LINE.match(line)
        if whole is None or int(whole[4]) < 0:
            continue
        call = _call(whole, begun)
        if call.fd == 1 or str(folder) in (call.path + "".join(t.decode("utf-8", "replace") for t in call.texts[:2])):
            found.append(call)
    return found


def _call(whole: re.Match[str], begun: int) -> Call:
    texts = tuple(bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(whole[3]))
    fd = _FD.match(whole[3])
    shown = bytes.fromhex(fd[2].replace("\\x", "")).decode() if fd and fd[2].startswith("\\x") else fd[2] if fd else ""
    return Call(whole[2], int(fd[1]) if fd else -1, shown, texts, whole[3], int(whole[4]), begun)


@dataclass
class _Inode:
    durable: bytes = b""
    pending: list[tuple[int, str, int, bytes]] = field(default_factory=list)   # number of the call, kind, offset, bytes


@dataclass(frozen=True)
class _Name:
    """A change of one name in one folder: `inode` None removes it, -1 is a folder."""

    number: int
    path: str
    inode: int | None


@dataclass
class State:
    """One thing a disk may hold: its files, its folders, and what had been acknowledged by then."""

    label: str
    files: dict[str, bytes]
    folders: set[str]
    acknowledged: list[str]

    def write(self, root: Path) -> None:
        for folder in sorted(self.folders):
            (root / folder).mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (root / name).write_bytes(content)


class Disk:
    """The recorded folder, call by call."""

    def __init__(self, root: Path, before: Path) -> None:
        """`before`: a copy of the folder as it was when the recording began; all of it is on the disk for good."""
        self._root = str(root)
        self._inodes: dict[int, _Inode] = {}
        self._names: dict[str, int] = {"": -1}     # as the running program sees them
        self._durable: dict[str, int] = {"": -1}
        self._pending: list[_Name] = []
        self._positions: dict[int, int] = {}
        self._number = 0
        self.acknowledged: list[str] = []
        for path in sorted(before.rglob("*")):
            name = str(path.relative_to(before))
            self._names[name] = self._durable[name] = -1 if path.is_dir() else self._new(path.read_bytes())

    def _new(self, content: bytes = b"") -> int:
        self._inodes[number := len(self._inodes)] = _Inode(content)
        return number

    def take(self, call: Call) -> None:
        """Let a call happen."""
        self._number += 1
        getattr(self, f"_{call.name}")(call)

    def _openat(self, call: Call) -> None:
        path = self._relative(call.texts[0])
        fd = call.result
        self._positions[fd] = 0
        if path is not None and path not in self._names and "O_CREAT" in call.arguments:
            self._name(path, self._new())

    def _write(self, call: Call) -> None:
        if call.fd == 1:
            word, _space, what = call.texts[0].decode("utf-8", "replace").strip().partition(" ")
            self.acknowledged += [what] if word == ACKNOWLEDGED else []
            return
        at = self._positions.get(call.fd, 0)
        self._positions[call.fd] = at + call.result
        self._data(call, "write", at, call.texts[0][:call.result])

    def _pwrite64(self, call: Call) -> None:
        self._data(call, "write", int(call.arguments.rsplit(", ", 1)[1]), call.texts[0][:call.result])

    def _ftruncate(self, call: Call) -> None:
        self._data(call, "cut", int(call.arguments.rsplit(", ", 1)[1]), b"")

    def _data(self, call: Call, kind: str, offset: int, content: bytes) -> None:
        inode = self._names.get(self._relative(call.path.encode()) or "?", -1)
        if inode >= 0 and not call.path.endswith("-shm"):
            self._inodes[inode].pending.append((self._number, kind, offset, content))

    def _fsync(self, call: Call) -> None:
        path = self._relative(call.path.encode())
        inode = self._names.get("?" if path is None else path)
        began = self._number - 1 - (self._seen - call.begun)
        if inode == -1:
            mine = [name for name in self._pending if _parent(name.path) == path and name.number <= began]
            for name in mine:
                _apply(self._durable, name)
            self._pending = [name for name in self._pending if name not in mine]
        elif inode is not None:
            held = self._inodes[inode]
            covered = [step for step in held.pending if step[0] <= began]
            held.durable = _content(held.durable, covered)
            held.pending = held.pending[len(covered):]

    _fdatasync = _fsync

    def _rename(self, call: Call) -> None:
        old, new = (self._relative(text) for text in call.texts[:2])
        if old is not None and new is not None:
            self._name(new, self._names[old])
            self._name(old, None)

    def _link(self, call: Call) -> None:
        old, new = (self._relative(text) for text in call.texts[:2])
        if old is not None and new is not None:
            self._name(new, self._names[old])

    def _unlink(self, call: Call) -> None:
        path = self._relative(call.texts[0])
        if path is not None and path in self._names:
            self._name(path, None)

    def _mkdir(self, call: Call) -> None:
        path = self._relative(call.texts[0])
        if path is not None:
            self._name(path, -1)

    def _name(self, path: str, inode: int | None) -> None:
        change = _Name(self._number, path, inode)
        _apply(self._names, change)
        self._pending.append(change)

    def _relative(self, path: bytes) -> str | None:
        text = path.decode("utf-8", "replace")
        if text == self._root:
            return ""
        return text[len(self._root) + 1:] if text.startswith(self._root + "/") else None

    def replay(self, done: list[Call], rng: random.Random, mixed: int) -> Iterator[State]:
        """After each call: only what is durable, everything, the last write torn, and `mixed` random subsets."""
        for number, call in enumerate(done):
            self._seen = number
            self.take(call)
            where = f"call {number + 1} of {len(done)}, {call.name}"
            yield self._state(f"{where}: only what was synced", lambda _step: False)
            yield self._state(f"{where}: everything", lambda _step: True)
            if call.name in ("write", "pwrite64") and call.fd != 1:
                yield self._state(f"{where}: torn", lambda _step: True, torn=True)
            for _mix in range(mixed):
                kept = random.Random(rng.random())
                yield self._state(f"{where}: a part of what was pending", lambda _step, kept=kept: kept.random() < 0.5)

    _seen = 0

    def _state(self, label: str, keep: object, torn: bool = False) -> State:
        names = dict(self._durable)
        for change in self._pending:
            if keep(change):  # type: ignore[operator]
                _apply(names, change)
        files, folders = {}, set()
        for path, inode in names.items():
            if not all(names.get(above) == -1 for above in _above(path)):
                continue
            if inode == -1:
                folders.add(path)
            elif not path.endswith("-shm"):
                held = self._inodes[inode]
                steps = [step for step in held.pending if keep(step)]  # type: ignore[operator]
                if torn and steps and steps[-1][0] == self._number:
                    last = steps[-1]
                    steps[-1] = (last[0], last[1], last[2], last[3][:len(last[3]) // 2])
                files[path] = _content(held.durable, steps)
        return State(label, files, folders, list(self.acknowledged))


def _apply(names: dict[str, int], change: _Name) -> None:
    if change.inode is None:
        names.pop(change.path, None)
    else:
        names[change.path] = change.inode


def _content(content: bytes, steps: list[tuple[int, str, int, bytes]]) -> bytes:
    made = bytearray(content)
    for _number, kind, offset, piece in steps:
        if kind == "cut":
            del made[offset:]
        made.extend(bytes(max(0, offset - len(made))))
        made[offset:offset + len(piece)] = piece
    return bytes(made)


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _above(path: str) -> list[str]:
    found = []
    while path:
        path = _parent(path)
        found.append(path)
    return found
