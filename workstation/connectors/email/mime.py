"""The parts of a mail, found top down by their boundaries.

The standard parser feeds a mail line by line through one generator for each level, so a mail of fifty megabytes
costs seconds and one nested deep enough overflows the stack. Cutting at boundaries is bounded by construction: so many
parts, so deep, so many bytes searched; and only leaves are copied, so depth costs no memory.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from workstation.connectors.email.headers import Headers, parse_headers
from workstation.connectors.email.limits import (
    MAX_BOUNDARY,
    MAX_DEPTH,
    MAX_HEADER_BLOCK,
    MAX_NEAR_MISSES,
    MAX_PARTS,
    MAX_SCANNED,
)

_FIRST_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")
_MIME = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
_DOUBLED = re.compile(rb"\r\r\n")   # twice as fast as `in`
# What may follow a boundary on its line.
_REST = re.compile(rb"(--)?[ \t\r]{0,998}+(?:\n|\Z)")
# A boundary nobody declared: a ruled line directly above a field of a part.
_LOST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s][^\r\n]{0,199})\r?\n(?=content-[a-z-]{1,40}[ \t]*:)", re.IGNORECASE)


@dataclass(slots=True)
class Part:
    """One part: its headers, its type, and either its bytes (still encoded) or its children."""

    headers: Headers
    mime: str
    body: bytes = b""
    children: list[Part] = field(default_factory=list)

    def parameter(self, header: str, name: str) -> str:
        """A parameter of Content-Type or Content-Disposition, decoded; "" when absent."""
        return self.headers.parameter(header, name)

    @property
    def disposition(self) -> str:
        return self.headers.kind("content-disposition")


class Tree:
    """Cuts one mail into parts and counts what it met."""

    def __init__(self, raw: bytes) -> None:
        self.raw = with_line_ends(raw)
        self.count = 0
        self.scanned = 0
        self.too_many = False
        self.too_deep = False
        self.unclosed = False
        self.cut_headers = False

    def read(self) -> Part:
        """The mail as a part, with its children down to MAX_DEPTH."""
        return self._read(0, len(self.raw), 0, "text/plain")

    def _read(self, start: int, end: int, depth: int, default: str) -> Part:
        self.count += 1
        head_end, body = head(self.raw, start, end)
        headers = parse_headers(self.raw[start : min(head_end, start + MAX_HEADER_BLOCK + 1)])
        self.cut_headers |= headers.cut
        part = Part(headers, _mime(headers, default))
        if part.mime.startswith("multipart/"):
            self._children(part, body, end, depth)
        if not part.children:
            part.body = self.raw[body:end]
        return part

    def _children(self, part: Part, start: int, end: int, depth: int) -> None:
        if depth >= MAX_DEPTH or self.scanned > MAX_SCANNED:
            self.too_deep = True
            part.mime = "application/octet-stream"
            return
        self.scanned += end - start
        default = "message/rfc822" if part.mime == "multipart/digest" else "text/plain"
        for begin, until in self._pieces(part, start, end):
            if self.count >= MAX_PARTS:
                self.too_many = True
                break
            part.children.append(self._read(begin, until, depth + 1, default))
        if not part.children:
            part.mime = "text/plain"

    def _pieces(self, part: Part, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts stand. A boundary that was lost or does not fit is looked for in the text itself."""
        boundary = part.parameter("content-type", "boundary").rstrip().encode("utf-8", "replace")
        pieces = self._between(boundary, start, end) if 0 < len(boundary) <= MAX_BOUNDARY else []
        if pieces:
            return pieces
        self.unclosed = True
        lost = _LOST_BOUNDARY.search(self.raw, start, min(end, start + MAX_HEADER_BLOCK))
        return self._between(lost.group(1).rstrip(), start, end) if lost else []

    def _between(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """What stands between the boundary's lines. Without a closing line the last piece runs to the end."""
        pieces: list[tuple[int, int]] = []
        begun: int | None = None
        for begin, after, closing in _lines(self.raw, b"--" + boundary, start, end):
            if begun is not None:
                pieces.append((begun, _before_break(self.raw, begun, begin)))
            begun = after
            if closing or len(pieces) > MAX_PARTS:
                return pieces
        if begun is not None and begun < end:
            self.unclosed = True
            pieces.append((begun, end))
        return pieces


def with_line_ends(raw: bytes) -> bytes:
    """Mails whose lines end in a lone CR, or in CR CR LF, with line ends that can be read."""
    top = raw[:MAX_HEADER_BLOCK]
    if _DOUBLED.search(top):
        return raw.replace(b"\r\r\n", b"\r\n")
    return raw.replace(b"\r", b"\n") if b"\r" in top and b"\n" not in top else raw


def _lines(raw: bytes, marker: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Where lines that consist of `marker` begin and end, and whether each closes its multipart. Gives up after
    MAX_NEAR_MISSES lines that only begin like it: each costs as much as a kilobyte that is searched."""
    misses, length, line = 0, len(marker), b"\n" + marker
    here = start if raw.startswith(marker, start, end) else raw.find(line, start, end) + 1 or -1
    while here >= 0:
        after = here + length
        if raw.startswith(b"\r\n", after, end):   # as nearly all end
            yield here, after + 2, False
        elif (rest := _REST.match(raw, after, end)) is not None:
            yield here, rest.end(), rest.group(1) is not None
        elif (misses := misses + 1) > MAX_NEAR_MISSES:
            return
        here = raw.find(line, here, end) + 1 or -1


def _before_break(raw: bytes, start: int, at: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if at > start and raw[at - 1] == 10:
        at -= 1
        if at > start and raw[at - 1] == 13:
            at -= 1
    return at


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body. A mail without an empty line is all header when it looks like one, else all body."""
    end, body = head(raw, 0, len(raw))
    return raw[:end], raw[body:]


def head(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header block of raw[start:end] ends and its body begins."""
    if raw.startswith((b"\n", b"\r\n"), start, end):
        return start, start + (1 if raw[start] == 10 else 2)
    crlf = raw.find(b"\n\r\n", start, end)
    bare = raw.find(b"\n\n", start, end if crlf < 0 else crlf + 1)
    at = bare if bare >= 0 else crlf
    if at < 0:
        return (end, end) if _FIRST_FIELD.match(raw, start, end) else (start, start)
    before = at - 1 if at > start and raw[at - 1] == 13 else at
    return before, at + (2 if bare >= 0 else 3)


def _mime(headers: Headers, default: str) -> str:
    value = headers.kind("content-type")
    return value if _is_mime(value) else default


@lru_cache(maxsize=512)
def _is_mime(value: str) -> bool:
    return _MIME.fullmatch(value) is not None


def content(part: Part) -> tuple[bytes, bool]:
    """The part's bytes after its transfer encoding, and whether that encoding was sound."""
    encoding = part.headers.kind("content-transfer-encoding")
    if encoding == "base64":
        return _base64(part.body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(part.body), True
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uu(part.body)
    return part.body, encoding in ("", "7bit", "8bit", "binary")


def _base64(body: bytes) -> tuple[bytes, bool]:
    try:
        return binascii.a2b_base64(body), True
    except binascii.Error:
        pass
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    kept = kept[: len(kept) - (len(kept) % 4 == 1)]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4)), False


def _uu(body: bytes) -> tuple[bytes, bool]:
    out: list[bytes] = []
    sound = True
    for line in body.splitlines():
        if line.startswith(b"begin ") or line.strip() in (b"", b"end", b"`"):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            sound = False
    return b"".join(out), sound
