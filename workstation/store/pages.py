"""The pages of an encrypted store, checked one by one without opening it: which of them the disk has changed.

SQLCipher's own `cipher_integrity_check` asks the same, and cannot tell how far it is, be stopped, or tell a page that
was never written from one that was damaged. What is computed here is documented in "SQLCipher Design", section
"Security and encryption features": each page ends in 80 bytes, a nonce of 16 and HMAC-SHA-512 over the encrypted
content, the nonce and the page's number (little-endian); its key is PBKDF2-HMAC-SHA-512 of the data key with the
store's salt, each byte xor 0x3a, in two rounds. The salt is the first 16 bytes of the file.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE = 4_096
_SALT, _NONCE, _MAC = 16, 16, 64
_RESERVE = _NONCE + _MAC
_AT_ONCE = 1_024
"""Pages read at once: 4 MB."""
_TRIES, _PAUSE = 5, 0.05
"""A page that is being written this moment is read again."""
_STILL = 1.0
"""Seconds after the last write from when on a file counts as still."""

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Pages:
    """What the file holds. `damaged`: numbers, from 1, of pages whose seal is wrong. `tail`: bytes behind the last
    whole page, which a file that was cut off has."""

    count: int
    damaged: tuple[int, ...]
    tail: int = 0

    @property
    def whole(self) -> bool:
        return not self.damaged and not self.tail


def check(path: Path, key: bytes, report: Report = lambda _done, _total: None) -> Pages:
    """Check every page of a store that may be in use. Raises OSError, and what `report` raises, to stop it."""
    size = path.stat().st_size
    count, tail = divmod(size, PAGE)
    if count == 0:
        return Pages(0, (), tail)
    with path.open("rb") as file:
        salt = file.read(_SALT)
        mac_key = _mac_key(key, salt)
        damaged: list[int] = []
        for first in range(0, count, _AT_ONCE):
            file.seek(first * PAGE)
            block = file.read(min(_AT_ONCE, count - first) * PAGE)
            damaged += [number for number, page in _each(block, first) if not _sealed(page, number, mac_key)]
            report(first + len(block) // PAGE, count)
    return Pages(count, tuple(number for number in damaged if _stays(path, number, mac_key)), tail)


def _mac_key(key: bytes, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha512", key, bytes(each ^ 0x3A for each in salt), 2, 32)


def _each(block: bytes, first: int) -> Iterator[tuple[int, memoryview]]:
    view = memoryview(block)
    for at in range(0, len(block) - PAGE + 1, PAGE):
        yield first + at // PAGE + 1, view[at : at + PAGE]


def _sealed(page: memoryview, number: int, mac_key: bytes) -> bool:
    start = _SALT if number == 1 else 0
    content, seal = page[start : PAGE - _MAC], page[PAGE - _MAC :]
    expected = hmac.digest(mac_key, bytes(content) + number.to_bytes(4, "little"), "sha512")
    # A free page that was never written is zeros, and SQLite never reads it.
    return expected == bytes(seal) or not any(page)


def _stays(path: Path, number: int, mac_key: bytes) -> bool:
    """Whether a page is still wrong a moment later, or at once where nobody writes."""
    for _try in range(_TRIES):
        with path.open("rb") as file:
            file.seek((number - 1) * PAGE)
            page = file.read(PAGE)
        if len(page) < PAGE or _sealed(memoryview(page), number, mac_key):
            return False   # a checkpoint was writing it, or a compaction cut the file
        if time.time() - path.stat().st_mtime > _STILL:
            return True
        time.sleep(_PAUSE)
    return True
