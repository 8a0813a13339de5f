"""Bytes to text, whatever the mail claims: declared charsets are trusted from a list only, the rest is guessed."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from workstation.connectors.email import jis
from workstation.connectors.email.guess import guess

# What mail is really written in. Names as `codecs.lookup` normalises them. Codecs that run code paths with no
# business in mail (idna, unicode_escape, undefined, zip) never get a look.
_ALLOWED = frozenset({
    "ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk", "gb2312", "hz",
    "big5", "big5hkscs", "cp950", "cp936", "cp932", "shift_jis", "shift_jis_2004", "shift_jisx0213", "euc_jp",
    "euc_jis_2004", "euc_jisx0213",
    "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_jp_2004", "iso2022_kr",
    "euc_kr", "cp949", "johab", "koi8-r", "koi8-u", "koi8-t", "tis-620", "ptcp154", "kz1048", "mac-roman",
    "mac-cyrillic",
    "cp437", "cp850", "cp852", "cp855", "cp857", "cp858", "cp862", "cp866", "cp874", "cp1250", "cp1251", "cp1252",
    "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    *(f"iso8859-{n}" for n in (*range(1, 12), *range(13, 17))),
})
# WHATWG Encoding: labels that in practice mean a superset.
_SUPERSET = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "cp936": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "iso2022_jp": "iso2022_jp_ext", "big5": "big5hkscs",
    "tis-620": "cp874",
}
_ALIASES = {
    "x-gbk": "gb18030", "x-sjis": "cp932", "windows-31j": "cp932", "cp-850": "cp850", "x-mac-roman": "mac-roman",
    "unicode-1-1-utf-8": "utf-8", "utf8mb4": "utf-8", "ansi": "cp1252", "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949", "iso-2022-cn": "gb18030", "8bit": "utf-8", "binary": "utf-8",
}
_WESTERN = frozenset({"cp1252", "cp1254", "iso8859-15", "mac-roman", "cp437", "cp850", "cp858"})
_WIDE = frozenset({"gb18030", "hz", "big5hkscs", "cp950", "cp932", "shift_jis_2004", "shift_jisx0213", "euc_jp",
                   "euc_jis_2004", "euc_jisx0213", "cp949", "johab", "iso2022_kr"})
_SURROGATES = re.compile("[\ud800-\udfff]")
# A line end between the bytes of one character.
_FOLDED = re.compile(rb"([\xc2-\xf4][\x80-\xbf]{0,2})(\r?\n[ \t]?|[ \t])([\x80-\xbf]{1,3})")


@lru_cache(maxsize=256)
def known(label: str) -> str | None:
    """The codec for a charset label, None when it is not one that mail uses."""
    name = label.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return found if found in _ALLOWED else None


def decode(content: bytes, label: str) -> tuple[str, bool]:
    """Text of `content`, and whether it could be trusted: False when the charset was unknown or did not fit.

    Never raises. Without a label, and for "us-ascii" that is not, UTF-8 is tried before what the bytes look like.
    """
    if content.isascii() and not _stateful(label):
        if b"\x1b$" in content:
            return jis.decode(content)[0], not label
        return content.decode("ascii"), not label or known(label) is not None
    codec = known(label) if label else None
    if codec is not None and codec.startswith("iso2022_jp"):
        text, sound = jis.decode(content)
        return _scrub(text), sound
    if codec in (None, "ascii"):
        return _guess(content, "cp1252", not label or codec == "ascii")
    return _labelled(content, _SUPERSET.get(str(codec), str(codec)))


def decode_bare(content: bytes, hint: str) -> str:
    """Bytes of a header that nobody encoded: UTF-8, the charset of the mail's text, what they look like."""
    if content.isascii():
        return decode(content, "")[0]
    codec = known(hint) if hint else None
    if codec in (None, "ascii", "utf-8") or _stateful(hint):
        return decode(content, "")[0]
    return _labelled(content, _SUPERSET.get(str(codec), str(codec)))[0]


def _labelled(content: bytes, codec: str) -> tuple[str, bool]:
    """Text that says it is in `codec`. Senders say Latin-1 or GB 2312 and write UTF-8, seldom the other way round."""
    if codec == "utf-8":
        return _utf8(content)
    if codec in _WESTERN or _surely_utf8(content, codec):
        try:
            return content.decode("utf-8"), False
        except UnicodeDecodeError:
            better = guess(content)
            if better is not None:
                return _scrub(content.decode(better, "replace")), False
    try:
        return _scrub(content.decode(codec)), True
    except UnicodeError:
        return _guess(content, codec, False)


def _utf8(content: bytes) -> tuple[str, bool]:
    """UTF-8 with what breaks it: lines folded inside a character, and another charset altogether."""
    try:
        return content.decode("utf-8"), True
    except UnicodeDecodeError:
        mended = _mended(content)
    try:
        return mended.decode("utf-8"), True
    except UnicodeDecodeError:
        text = mended.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for letter in text if letter > "\x7f") - broken
    if broken * 3 > sound:
        better = guess(content)
        if better is not None or broken * 20 > len(text) or (not sound and broken > 1):
            return _scrub(content.decode(better or "cp1252", "replace")), False
    return text, False


def _guess(content: bytes, fallback: str, trusted: bool) -> tuple[str, bool]:
    try:
        return content.decode("utf-8"), trusted
    except UnicodeDecodeError:
        pass
    try:
        return _mended(content).decode("utf-8"), trusted
    except UnicodeDecodeError:
        return _scrub(content.decode(guess(content) or fallback, "replace")), False


def _mended(content: bytes) -> bytes:
    """Line ends that stand inside a character of UTF-8 put behind it."""
    return _FOLDED.sub(lambda found: found.group(1) + found.group(3) + found.group(2), content)


def _surely_utf8(content: bytes, codec: str) -> bool:
    """Whether bytes that claim another charset are valid UTF-8 with so many signs that it is no chance."""
    try:
        text = codecs.utf_8_decode(content[:4_096], "strict", False)[0]
    except UnicodeDecodeError:
        return False
    wide = codec in _WIDE
    return sum(letter > ("\u2fff" if wide else "\x7f") for letter in text) >= (3 if wide else 2)


def _stateful(label: str) -> bool:
    """Charsets whose bytes are all ASCII and yet are not ASCII text."""
    if not label:
        return False
    lowered = label.lower()
    return "2022" in lowered or lowered.startswith(("hz", "utf-16", "utf-32", "utf16"))


def _scrub(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)
