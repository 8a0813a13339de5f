"""The parts of a mail, found top down by their boundaries.

The standard parser feeds a mail line by line through one generator for each level, so a mail of fifty megabytes
costs seconds and one nested deep enough overflows the stack. Cutting at boundaries is bounded by construction:
so many parts, so deep, and each level reads its bytes once. Parameters are left to the standard library.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from workstation.connectors.email.headers import Headers, parse_headers

MAX_PARTS = 500
MAX_DEPTH = 50

_END = re.compile(rb"\r?\n\r?\n")
_FIRST_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]*:")


@dataclass(slots=True)
class Part:
    """One part: its headers, its type, and either its bytes (still encoded) or its children."""

    headers: Headers
    mime: str
    body: bytes
    children: list[Part] = field(default_factory=list)

    def parameter(self, header: str, name: str) -> str:
        """A parameter of Content-Type or Content-Disposition, RFC 2231 decoded; "" when absent."""
        value = self.headers.text(header)
        if name not in value.lower():
            return ""
        message = Message()
        message[header] = value.replace("\r", " ").replace("\n", " ")
        try:
            found = message.get_param(name, header=header, unquote=True)
        except (ValueError, LookupError, TypeError):
            return ""
        return _collapse(found)

    @property
    def disposition(self) -> str:
        return self.headers.text("content-disposition").split(";")[0].strip().lower()


def _collapse(found: object) -> str:
    """A parameter as the standard library gives it: text, or (charset, language, text) with escaped bytes."""
    if isinstance(found, tuple) and len(found) == 3:
        from workstation.connectors.email.charset import decode

        return decode(str(found[2]).encode("latin-1", "replace"), str(found[0] or ""))[0]
    return str(found) if isinstance(found, str) else ""


class Tree:
    """Cuts one mail into parts and counts what it met."""

    def __init__(self) -> None:
        self.count = 0
        self.too_many = False
        self.too_deep = False
        self.unclosed = False
        self.cut_headers = False

    def read(self, raw: bytes, depth: int = 0, default: str = "text/plain") -> Part:
        """The part that `raw` is, with its children down to MAX_DEPTH."""
        self.count += 1
        block, body = split_head(raw)
        headers = parse_headers(block)
        self.cut_headers |= headers.cut
        part = Part(headers, _mime(headers, default), body)
        if part.mime.startswith("multipart/"):
            self._children(part, depth)
        return part

    def _children(self, part: Part, depth: int) -> None:
        boundary = part.parameter("content-type", "boundary").rstrip()
        if not boundary or len(boundary) > 200:
            part.mime = "text/plain"
            self.unclosed = True
            return
        if depth >= MAX_DEPTH:
            self.too_deep = True
            part.mime = "application/octet-stream"
            return
        default = "message/rfc822" if part.mime == "multipart/digest" else "text/plain"
        for piece in self._pieces(part.body, boundary.encode("utf-8", "replace")):
            if self.count >= MAX_PARTS:
                self.too_many = True
                break
            part.children.append(self.read(piece, depth + 1, default))
        if not part.children:
            part.mime = "text/plain"
        else:
            part.body = b""

    def _pieces(self, body: bytes, boundary: bytes) -> list[bytes]:
        """The bytes between the boundary's lines. Without a closing line the last piece runs to the end."""
        pieces: list[bytes] = []
        start: int | None = None
        for begin, end, closing in _lines(body, b"--" + boundary):
            if start is not None:
                pieces.append(body[start : _before_break(body, start, begin)])
            start = end
            if closing or len(pieces) > MAX_PARTS:
                return pieces
        if start is not None and start < len(body):
            self.unclosed = True
            pieces.append(body[start:])
        return pieces


def _lines(body: bytes, marker: bytes) -> Iterator[tuple[int, int, bool]]:
    """Where lines that consist of `marker` begin and end, and whether each closes its multipart."""
    at = body.find(marker)
    while at >= 0:
        if at == 0 or body[at - 1] == 10:
            after = at + len(marker)
            line_end = body.find(b"\n", after)
            line_end = len(body) if line_end < 0 else line_end
            closing = body[after : after + 2] == b"--"
            if closing or not body[after:line_end].strip(b" \t\r"):
                yield at, min(line_end + 1, len(body)), closing
        at = body.find(marker, at + 1)


def _before_break(body: bytes, start: int, at: int) -> int:
    """The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1)."""
    if at > start and body[at - 1] == 10:
        at -= 1
        if at > start and body[at - 1] == 13:
            at -= 1
    return at


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body. A mail without an empty line is all header when it looks like one, else all body."""
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw[1:] if raw[:1] == b"\n" else raw[2:]
    end = _END.search(raw)
    if end is None:
        return (raw, b"") if _FIRST_FIELD.match(raw) else (b"", raw)
    return raw[: end.start()], raw[end.end() :]


def _mime(headers: Headers, default: str) -> str:
    value = headers.text("content-type").split(";")[0].strip().lower()
    return value if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,100}", value) else default


def content(part: Part) -> tuple[bytes, bool]:
    """The part's bytes after its transfer encoding, and whether that encoding was sound."""
    encoding = part.headers.text("content-transfer-encoding").split(";")[0].strip().lower()
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
