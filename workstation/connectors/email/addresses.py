"""Addresses in a header field (RFC 5322, obsolete forms included), read by one pass that cannot be made to recurse."""

from __future__ import annotations

import re
from functools import lru_cache

from workstation.connectors.email.headers import SHORT, decode_words
from workstation.connectors.email.limits import MAX_ADDRESSES, MAX_DISPLAY_NAME
from workstation.domain.conversation import Address

_COMMENT = re.compile(r"\(([^()]*)\)")
_GROUP = re.compile(r"^[^<@\"(]*:")
_ANGLE = re.compile(r"<([^<>]*)>")
# No control characters, and none that are not seen or turn the reading direction: they disguise an address.
_UNSEEN = "\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_WORD = rf"[^\s<>()\",;:@{_UNSEEN}]+"
_ADDRESS = re.compile(rf"{_WORD}@{_WORD}|\"[^\"{_UNSEEN}]{{1,64}}\"@{_WORD}")


def parse_addresses(text: str) -> tuple[Address, ...]:
    """The addresses of a To, Cc, From or Reply-To field; what holds no address is left out."""
    if not text:
        return ()
    return _short(text) if len(text) <= SHORT else _found(text)


def _found(text: str) -> tuple[Address, ...]:
    found = (_one(chunk) for chunk in _split(text)[:MAX_ADDRESSES])
    return tuple(address for address in found if address is not None)


_short = lru_cache(maxsize=4_096)(_found)   # the shop's own address, and buyers who write again


def _split(text: str) -> list[str]:
    """Cut at commas and semicolons that stand outside quotes, comments and angle brackets."""
    if '"' not in text and "(" not in text:
        return re.split(r"[,;]", text)
    chunks: list[str] = []
    start, quoted, depth, skip = 0, False, 0, False
    for index, char in enumerate(text):
        if skip:
            skip = False
        elif char == "\\":
            skip = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
        elif char in ",;" and not depth:
            chunks.append(text[start:index])
            start = index + 1
    return [*chunks, text[start:]]


def _one(chunk: str) -> Address | None:
    chunk = chunk.strip()
    if '"' not in chunk:
        chunk = _GROUP.sub("", chunk).strip()
    angles = list(_ANGLE.finditer(chunk))
    if angles:
        last = angles[-1]
        email = _tidy(last.group(1))
        name = chunk[: last.start()]
    else:
        email = _tidy(_COMMENT.sub(" ", chunk))
        comment = _COMMENT.search(chunk)
        name = comment.group(1) if comment else ""
    return Address(email, _name(name)) if email else None


def _tidy(text: str) -> str:
    found = _ADDRESS.search(text.strip()[:1_000])
    if not found:
        return ""
    local, _, domain = found.group(0).rpartition("@")
    return f"{local}@{domain.lower()}"[:320]


def _name(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return decode_words(text).strip("\"' ")[:MAX_DISPLAY_NAME]
