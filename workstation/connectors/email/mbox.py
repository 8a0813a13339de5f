"""An mbox file, read mail by mail without ever holding more than one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz
from typing import BinaryIO

MAX_LINE = 1 << 20

# "From " and a sender and a time of day: prose that begins a line with "From " has none.
_POSTMARK = re.compile(rb"^From (?:\S+ +)?.{0,80}?\d{1,2}:\d{2}(?::\d{2})?.{0,60}$")
_ESCAPED = re.compile(rb"^>+From ")


@dataclass(frozen=True, slots=True)
class MboxItem:
    """One mail of the file. `raw` is None when it was larger than allowed; `line` is where it begins (from 1)."""

    line: int
    raw: bytes | None
    received_at: int | None   # from the postmark, milliseconds UTC


def read_mbox(stream: BinaryIO, most: int) -> Iterator[MboxItem]:
    """The mails of an mbox (mboxo and mboxrd: ">From " loses one ">"). Larger than `most` bytes are passed over."""
    collected: list[bytes] = []
    size, begun, stamp, number, after_blank = 0, 0, None, 0, True
    for line in iter(lambda: stream.readline(MAX_LINE), b""):
        number += 1
        if after_blank and line.startswith(b"From ") and _POSTMARK.match(line.rstrip(b"\r\n")):
            if begun:
                yield _item(begun, collected, size, most, stamp)
            collected, size, begun, stamp = [], 0, number, _postmark_ms(line)
            after_blank = False
            continue
        after_blank = line in (b"\n", b"\r\n")
        size += len(line)
        if size <= most:
            collected.append(line[1:] if _ESCAPED.match(line) else line)
    if begun:
        yield _item(begun, collected, size, most, stamp)


def is_mbox(first_line: bytes) -> bool:
    """Whether a file that begins with this line is an mbox."""
    return first_line.startswith(b"From ") and bool(_POSTMARK.match(first_line.rstrip(b"\r\n")))


def _item(begun: int, collected: list[bytes], size: int, most: int, stamp: int | None) -> MboxItem:
    if size > most:
        return MboxItem(begun, None, stamp)
    if collected and collected[-1] in (b"\n", b"\r\n"):
        collected = collected[:-1]
    return MboxItem(begun, b"".join(collected), stamp)


def _postmark_ms(line: bytes) -> int | None:
    """The postmark's time (asctime, taken as UTC)."""
    text = line.decode("ascii", "replace").strip().partition(" ")[2].partition(" ")[2]
    try:
        parsed = parsedate_tz(text)
        return int(mktime_tz(parsed) * 1_000) if parsed else None
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
