"""ISO-2022-JP as it is really sent: with the vendors' signs of row 13, half-width katakana and JIS X 0212.

Python's own codecs know each of these alone but none of them together, and stop at the first sign they lack.
Escape sequences: RFC 1468, RFC 2237, and ECMA-35's registry.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_ESCAPE = re.compile(rb"\x1b(\$\([A-Z@]|\$[A-Z@]|\([A-Z@])")
_PAIRS_OR_OTHERS = re.compile(rb"((?:[\x21-\x7e]{2})+)|([^\x21-\x7e]+|[\x21-\x7e])")
_STRAY = dict.fromkeys(range(0x21, 0x100), "\ufffd")


def decode(content: bytes) -> tuple[str, bool]:
    """The text, and whether every sign of it was known. Never raises."""
    pieces = _ESCAPE.split(content)
    out = [_single(pieces[0])]
    for escape, segment in zip(pieces[1::2], pieces[2::2], strict=True):
        out.append(_READERS.get(escape, _single)(segment))
    text = "".join(out)
    return text, "\ufffd" not in text


def _single(segment: bytes) -> str:
    """ASCII; eighth bits are half-width katakana here."""
    return segment.replace(b"\x1b", b"").decode("cp932", "replace")


def _katakana(segment: bytes) -> str:
    return "".join(chr(0xFF61 + byte - 0x21) if 0x21 <= byte <= 0x5F else chr(byte) for byte in segment)


def _pairs(segment: bytes, read: Callable[[bytes], str]) -> str:
    """Two bytes a sign; line ends and stray bytes stay what they are."""
    out: list[str] = []
    for found in _PAIRS_OR_OTHERS.finditer(segment):
        run, others = found.groups()
        out.append(read(run) if run else others.decode("latin-1").translate(_STRAY))
    return "".join(out)


def _kanji(segment: bytes) -> str:
    return _pairs(segment, _as_shift_jis)


def _as_shift_jis(run: bytes) -> str:
    out = bytearray()
    for first, second in zip(run[::2], run[1::2], strict=True):
        lead = ((first - 0x21) >> 1) + 0x81
        out.append(lead + 0x40 if lead > 0x9F else lead)
        out.append(second + (0x20 if second >= 0x60 else 0x1F) if first & 1 else second + 0x7E)
    return out.decode("cp932", "replace")


def _through(codec: str, prefix: bytes = b"") -> Callable[[bytes], str]:
    def read(run: bytes) -> str:
        high = bytes(byte | 0x80 for byte in run)
        if prefix:
            high = b"".join(prefix + high[at : at + 2] for at in range(0, len(high), 2))
        return high.decode(codec, "replace")

    return lambda segment: _pairs(segment, read)


_READERS: dict[bytes, Callable[[bytes], str]] = {
    b"(B": _single, b"(J": _single, b"(H": _single, b"(I": _katakana,
    b"$@": _kanji, b"$B": _kanji, b"$(@": _kanji, b"$(B": _kanji,
    b"$(D": _through("euc_jp", b"\x8f"),                                   # JIS X 0212
    b"$(O": _through("euc_jis_2004"), b"$(Q": _through("euc_jis_2004"),    # JIS X 0213, first plane
    b"$(P": _through("euc_jis_2004", b"\x8f"),                             # JIS X 0213, second plane
    b"$A": _through("gb2312"), b"$(C": _through("euc_kr"),
}
