"""Bytes to text, whatever the mail claims: declared charsets are trusted from a list only, the rest is guessed."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

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
_SURROGATES = re.compile("[\ud800-\udfff]")


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

    Never raises. Without a label, and for "us-ascii" that is not, UTF-8 is tried before Windows-1252.
    """
    if content.isascii() and not _stateful(label):
        return content.decode("ascii"), not label or known(label) is not None
    codec = known(label) if label else None
    if codec not in (None, "ascii"):
        try:
            return _scrub(content.decode(_SUPERSET.get(str(codec), str(codec)))), True
        except UnicodeError:
            pass
    return _guess(content, label, codec)


def _guess(content: bytes, label: str, codec: str | None) -> tuple[str, bool]:
    trusted = not label or codec == "ascii"
    try:
        return content.decode("utf-8"), trusted
    except UnicodeDecodeError:
        fallback = _SUPERSET.get(codec, codec) if codec else "cp1252"
        return _scrub(content.decode(fallback, "replace")), False


def _stateful(label: str) -> bool:
    """Charsets whose bytes are all ASCII and yet are not ASCII text."""
    lowered = label.lower()
    return "2022" in lowered or lowered.startswith(("hz", "utf-16", "utf-32", "utf16"))


def _scrub(text: str) -> str:
    return _SURROGATES.sub("\ufffd", text)
