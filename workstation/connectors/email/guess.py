"""Which charset unlabelled or wrongly labelled bytes are in, told by how each charset lays out its everyday signs.

East Asian charsets keep their common signs in known rows, and Cyrillic ones their small letters in known columns, so
a few dozen bytes are enough. Western text is recognised first: its accented letters stand between ASCII, alone or in
twos (the Portuguese "ÇÃO"), and its bullets and ruled lines repeat one sign.
"""

from __future__ import annotations

import re

SAMPLE = 4_096       # bytes that are looked at
FEWEST = 6           # different bytes beyond ASCII; fewer say nothing: a ruled line, "ÇÃO" again and again
WORD = 4             # such bytes beside each other; Western words hardly ever have more than two

_HIGH = re.compile(rb"[\x80-\xff]+")
_PAIR = re.compile(rb"[\x81-\xfe][\x30-\xfe]|[\x80-\xff]")
_LIKELY = 0.85


def guess(content: bytes) -> str | None:
    """A codec's name, None when the bytes look Western or like nothing in particular. UTF-8 is not considered."""
    sample = content[:SAMPLE]
    if _shift_jis(sample) and _decodes(sample, "cp932"):   # its katakana stand between ASCII, like accented letters
        return "cp932"
    runs = _HIGH.findall(sample)
    high = b"".join(runs)
    together = sum(len(run) for run in runs if len(run) >= WORD)
    if len(set(high)) < FEWEST or together < 0.5 * len(high):
        return None
    pairs = [pair for pair in _PAIR.findall(sample) if len(pair) == 2]
    for codec, likely in (("euc_jp", _euc_jp(pairs)), ("koi8-r", _koi8(high)),
                          ("cp1251", _cp1251(high)), ("cp949", _korean(pairs))):
        if likely and _decodes(sample, codec):
            return codec
    return _chinese(sample, pairs)


def _share(count: int, of: int) -> float:
    return count / of if of else 0.0


def _shift_jis(sample: bytes) -> bool:
    """Kana are two bytes that begin with 0x82 or 0x83."""
    pairs = re.findall(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]", sample)
    kana = sum((pair[0] == 0x82 and pair[1] >= 0x9F) or (pair[0] == 0x83 and pair[1] <= 0x96) for pair in pairs)
    return len(pairs) >= 3 and _share(kana, len(pairs)) > 0.25


def _euc_jp(pairs: list[bytes]) -> bool:
    """Kana are rows 4 and 5 (0xA4, 0xA5); Chinese text hardly ever uses the same rows of GB 2312."""
    return _share(sum(pair[0] in (0xA4, 0xA5) and pair[1] >= 0xA1 for pair in pairs), len(pairs)) > 0.25


def _koi8(high: bytes) -> bool:
    small = sum(0xC0 <= byte <= 0xDF for byte in high)
    vowels = sum(byte in b"\xcf\xc5\xc1\xc9" for byte in high)
    return _share(small, len(high)) > _LIKELY and _share(vowels, len(high)) > 0.2


def _cp1251(high: bytes) -> bool:
    small = sum(byte >= 0xE0 for byte in high)
    vowels = sum(byte in b"\xee\xe5\xe0\xe8" for byte in high)
    return _share(small, len(high)) > 0.7 and _share(vowels, len(high)) > 0.2


def _korean(pairs: list[bytes]) -> bool:
    """Syllables are rows 0xB0 to 0xC8; Chinese text needs the rows above as often."""
    syllables = sum(0xB0 <= pair[0] <= 0xC8 and pair[1] >= 0xA1 for pair in pairs)
    return len(pairs) >= 4 and _share(syllables, len(pairs)) > 0.95


def _chinese(sample: bytes, pairs: list[bytes]) -> str | None:
    simple = sum((0xB0 <= p[0] <= 0xD7 or p[0] in (0xA1, 0xA3)) and p[1] >= 0xA1 for p in pairs)
    traditional = sum(0xA4 <= p[0] <= 0xC6 or p[0] == 0xA1 for p in pairs)
    scores = {"gb18030": _share(simple, len(pairs)), "big5hkscs": _share(traditional, len(pairs))}
    best = max(scores, key=lambda codec: scores[codec])
    return best if scores[best] > _LIKELY and _decodes(sample, best) else None


def _decodes(sample: bytes, codec: str) -> bool:
    """Whether the sample is valid, save for a sign that its end may have cut."""
    for cut in range(4):
        try:
            sample[: len(sample) - cut].decode(codec)
        except UnicodeDecodeError:
            if len(sample) < SAMPLE:
                return False
            continue
        return True
    return False
