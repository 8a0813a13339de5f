"""Parameters of a header field: `name=value`, quoted or not, and RFC 2231's charsets and continuations.

The standard library reads these by building a message for each question, which costs a third of parsing a mail.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from workstation.connectors.email.charset import decode

_PARAMETER = re.compile(r';\s*([^\s;="]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split(value: str, most: int) -> dict[str, str]:
    """The parameters of a field's text by lower-case name as written (`filename*0*` and so on); the
    first one counts."""
    found: dict[str, str] = {}
    for count, match in enumerate(_PARAMETER.finditer(value)):
        if count >= most:
            break
        quoted = match.group(2)
        text = match.group(3).strip() if quoted is None else _unescaped(quoted)
        found.setdefault(match.group(1).lower(), text)
    return found


def read(found: dict[str, str], name: str) -> str:
    """One parameter, put together and decoded. An encoded form is preferred to a plain one (RFC 6266, 4.3)."""
    if f"{name}*0*" in found or f"{name}*0" in found:
        return _continued(found, name)
    extended = found.get(f"{name}*")
    if extended is not None:
        charset, text = _marked(extended)
        return decode(_bytes(text), charset)[0]
    return found.get(name, "")


def _continued(found: dict[str, str], name: str) -> str:
    """Pieces `name*0`, `name*1*`, …: encoded ones are joined before they are decoded, characters may be cut in two."""
    charset = ""
    out: list[str] = []
    pending = b""
    for number in range(len(found)):
        encoded = found.get(f"{name}*{number}*")
        piece = found.get(f"{name}*{number}") if encoded is None else encoded
        if piece is None:
            break
        if encoded is None:
            out += [decode(pending, charset)[0], piece]
            pending = b""
            continue
        if number == 0:
            charset, piece = _marked(piece)
        pending += _bytes(piece)
    return "".join([*out, decode(pending, charset)[0]])


def _marked(text: str) -> tuple[str, str]:
    """Charset and text of `charset'language'text`; a sender who forgot the marks wrote the text alone."""
    pieces = text.split("'", 2)
    return (pieces[0], pieces[2]) if len(pieces) == 3 else ("", text)


def _bytes(text: str) -> bytes:
    return unquote_to_bytes(text.encode("utf-8", "replace"))


def _unescaped(text: str) -> str:
    """A Windows path is no escape: a backslash counts as one only before a quote or another backslash."""
    return _ESCAPED.sub(lambda found: found.group(1) if found.group(1) in '"\\' else found.group(0), text)
