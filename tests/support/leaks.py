"""Looks for what must not be there: needles in files of any kind, in every usual writing, also inside what is packed.

A file is read once; every position's first eight bytes are compared with those of all needles at once.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

HEAD = 8
"""The least bytes of a needle."""
WINDOW = 12
"""The least characters of a message's words in a row that count as its text."""
_MOST_UNPACKED = 4 << 20
_MOST_STREAMS = 400
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_ZIP = re.compile(rb"PK\x03\x04")
_CHUNK = 4 << 20


@dataclass(frozen=True)
class Leak:
    """A needle and where it was found."""

    what: str
    file: Path
    how: str


@dataclass
class Report:
    """What was looked at."""

    files: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    streams: int = 0
    leaks: list[Leak] = field(default_factory=list)

    def table(self, needles: int) -> str:
        rows = [f"{'place':<28}{'files':>7}{'bytes':>14}"]
        rows += [f"{name:<28}{self.files[name]:>7}{self.bytes[name]:>14,}" for name in sorted(self.files)]
        rows.append(f"{needles:,} needles, {self.streams} packed streams opened, {len(self.leaks)} found")
        return "\n".join(rows)


def windows(text: str) -> Iterator[str]:
    """Words in a row, the fewest from each word on that reach twelve characters; long runs without space in pieces."""
    for line in text.splitlines():
        words = line.split()
        for start in range(len(words)):
            found = ""
            for word in words[start:]:
                found = f"{found} {word}".strip()
                if len(found) >= WINDOW:
                    break
            if len(found) >= WINDOW:
                yield found[:60]
            yield from (words[start][at:at + WINDOW] for at in range(0, len(words[start]) - WINDOW, WINDOW // 2))


def writings(text: str) -> Iterator[bytes]:
    """A text as programs write it."""
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield json.dumps(text)[1:-1].encode()
    yield urllib.parse.quote(text).encode()
    yield urllib.parse.quote_plus(text).encode()


def key_writings(key: bytes) -> Iterator[bytes]:
    """A key as programs write it."""
    yield key
    for text in (key.hex(), key.hex().upper(), base64.b64encode(key).decode().rstrip("="),
                 base64.urlsafe_b64encode(key).decode().rstrip("="), urllib.parse.quote_from_bytes(key)):
        yield text.encode()
        yield text.encode("utf-16-le")


class Needles:
    """All needles, sorted by their first eight bytes."""

    def __init__(self, texts: Mapping[str, Iterable[str]], keys: Mapping[str, bytes]) -> None:
        self._named: dict[bytes, str] = {}
        for what, each in texts.items():
            for text in each:
                self._add(what, writings(text))
        for what, key in keys.items():
            self._add(what, key_writings(key))
        self._by_head: dict[int, list[bytes]] = {}
        for needle in self._named:
            self._by_head.setdefault(int.from_bytes(needle[:HEAD], "little"), []).append(needle)
        self._heads = np.array(sorted(self._by_head), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._named)

    def _add(self, what: str, writings_: Iterator[bytes]) -> None:
        for needle in writings_:
            if len(needle) >= HEAD:
                self._named.setdefault(needle, what)

    def within(self, content: bytes) -> set[str]:
        """What of them is in it."""
        found: set[str] = set()
        for start in range(0, max(1, len(content)), _CHUNK):
            piece = content[start:start + _CHUNK + 4_096]   # longer than any needle
            for position in self._candidates(piece):
                head = int.from_bytes(piece[position:position + HEAD], "little")
                found.update(self._named[needle] for needle in self._by_head.get(head, ())
                             if piece.startswith(needle, position))
        return found

    def _candidates(self, piece: bytes) -> list[int]:
        if len(piece) < HEAD:
            return []
        raw = np.frombuffer(piece, dtype=np.uint8).astype(np.uint64)
        count = len(raw) - HEAD + 1
        value: npt.NDArray[np.uint64] = np.zeros(count, dtype=np.uint64)
        for place in range(HEAD):
            value |= raw[place:place + count] << np.uint64(8 * place)
        at = np.searchsorted(self._heads, value)
        at[at == len(self._heads)] = 0
        return [int(each) for each in np.nonzero(self._heads[at] == value)[0]]


def scan(places: Mapping[str, Iterable[Path]], needles: Needles) -> Report:
    """Every file of every place: as it is, and what is packed in it."""
    report = Report()
    for name, files in places.items():
        report.files.setdefault(name, 0)
        report.bytes.setdefault(name, 0)
        for file in files:
            content = file.read_bytes()
            report.files[name] += 1
            report.bytes[name] += len(content)
            _look(content, file, needles, report)
            found_in_name = needles.within(str(file).encode())
            report.leaks += [Leak(what, file, "its name") for what in sorted(found_in_name)]
    return report


def _look(content: bytes, file: Path, needles: Needles, report: Report) -> None:
    report.leaks += [Leak(what, file, "as it is") for what in sorted(needles.within(content))]
    for how, unpacked in streams(content):
        report.streams += 1
        report.leaks += [Leak(what, file, how) for what in sorted(needles.within(unpacked))]


def streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    """What opens as zlib, gzip or a zip's member, wherever it begins; also what a broken archive still holds."""
    for found in islice(_ZLIB.finditer(content), _MOST_STREAMS):
        wanted = 31 if content[found.start()] == 0x1F else 15
        unpacked = _inflate(content[found.start():found.start() + _MOST_UNPACKED], wanted)
        if len(unpacked) >= HEAD:
            yield "zlib", unpacked
    for found in _ZIP.finditer(content):
        head = content[found.start():found.start() + 30]
        if len(head) == 30 and int.from_bytes(head[8:10], "little") == 8:
            body = found.start() + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            yield "zip", _inflate(content[body:body + _MOST_UNPACKED], -15)


def _inflate(packed: bytes, wanted: int) -> bytes:
    machine = zlib.decompressobj(wanted)
    try:
        return machine.decompress(packed, _MOST_UNPACKED)
    except zlib.error:
        return b""
