"""A buyer's words as the classifier reads them: folded, without numbers and links, cut to what it looks at.

Pure and bounded: a text of any length costs no more than one of MOST characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from zlib import crc32

MOST = 2_400
"""Characters that are looked at. What a buyer wants stands at the beginning; longer mails carry forwarded pages."""
MOST_LINES = 80
MOST_FEATURES = 1_500
BUCKETS = 1 << 16
KINDS = "wb~1cd4"
"""The kinds of feature, by the first letter of their names; see `_names`."""

_LINK = re.compile(r"(?:https?://|www\.)\S{1,300}|[^\s@]{1,64}@[^\s@]{1,200}", re.IGNORECASE)
_NUMBER = re.compile(r"#?[a-z]{0,3}[0-9][0-9a-z#./:,_-]{2,}", re.ASCII)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CJK = re.compile(r"[\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f\u0e00-\u0e7f]")
_SPACES = re.compile(r"\s+")
_ARABIC = re.compile(r"[\u0620-\u064a]")
_BEFORE = ("وال", "فال", "بال", "كال", "ولل", "فلل", "ال", "لل", "و", "ف", "ب", "ل", "س")
_AFTER = ("وها", "وني", "كما", "هما", "ها", "هم", "كم", "نا", "ني", "ون", "ين", "ات", "ان", "وا", "ية",
          "ة", "ه", "ي", "ت", "ا")
"""What Arabic writes on to a word; the longer first."""
_SENTENCE = re.compile(r"(?<=[.!?;。！？；…\n])\s*")
_MARKS = dict.fromkeys(range(0x300, 0x370))   # not those of kana, which are other letters
_PLAIN = str.maketrans({
    "’": "'", "‘": "'", "`": "'", "´": "'", "ß": "ss", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي",
})


def folded(text: str) -> str:
    """Lower case, without accents, full-width letters as plain ones; Chinese and Japanese stay as they are."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_PLAIN)
    if plain.isascii():
        return plain
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", plain).translate(_MARKS))


def bare(word: str) -> str:
    """An Arabic word without what is written on to it (the, and, by, his); any other word as it is."""
    if _ARABIC.match(word) is None:
        return word
    for part in _BEFORE:
        if word.startswith(part) and len(word) - len(part) >= 3:
            word = word[len(part):]
            break
    for part in _AFTER:
        if word.endswith(part) and len(word) - len(part) >= 3:
            return word[:-len(part)]
    return word


def looked_at(text: str) -> str:
    """The part of a message that is read: its own first lines, folded, one sentence after another."""
    lines = [line for line in text[:MOST * 2].splitlines()[:MOST_LINES] if not line.lstrip().startswith((">", "|"))]
    kept = folded(_LINK.sub(" ", "\n".join(lines)[:MOST]))[:MOST]
    return _NUMBER.sub(" 0 ", kept)


def sentences(text: str, shortest: int = 28) -> list[str]:
    """Parts of a looked-at text that can stand alone; a short one joins the next."""
    parts: list[str] = []
    waiting = ""
    for piece in _SENTENCE.split(text):
        waiting = f"{waiting} {piece}".strip()
        if weight(waiting) >= shortest:
            parts.append(waiting)
            waiting = ""
    if waiting:
        parts = [*parts[:-1], f"{parts[-1]} {waiting}"] if parts and weight(waiting) < shortest // 2 else [
            *parts, waiting]
    return parts[:24]


def parts(text: str) -> tuple[frozenset[int], ...]:
    """Buckets of what a looked-at text is made of, kind by kind in the order of KINDS."""
    kinds: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for name in _names(text):
        kinds[name[0]].append(name)
    return tuple(hashed(names) for names in kinds.values())


def hashed(names: Iterable[str]) -> frozenset[int]:
    return frozenset([crc32(name.encode("utf-8", "replace")) % BUCKETS for name in names])


def content(text: str) -> frozenset[int]:
    """Words and pairs of words (of Chinese and Japanese: runs of letters) as numbers of 32 bits."""
    found: set[int] = set()
    for name in _names(text):
        if name[0] in "wbcd" and not name.startswith("w="):   # corrections were stored without these
            found.add(crc32(name.encode("utf-8", "replace")))
        if len(found) >= 400:
            break
    return frozenset(found)


def _names(text: str) -> Iterator[str]:
    """Every feature's name. The first letter is its kind: "w" a word, "b" two of them, "~" letters within one,
    "1", "c", "d", "4" one to four signs of a script without blanks."""
    given = 0
    before = "^"
    for word in _WORD.findall(text):
        if given > MOST_FEATURES:
            break
        joined = _CJK.search(word) is not None
        names = list(_runs(word) if joined else _latin(word, before))
        before = "^" if joined else word
        given += len(names)
        yield from names


def _latin(word: str, before: str) -> Iterator[str]:
    word = word[:24]
    yield f"w{word}"
    if (stem := bare(word)) != word:
        yield f"w={stem}"
    yield f"b{before[:24]} {word}"
    if len(word) > 4:
        padded = f"<{word}>"
        yield f"w{word[:5]}*"
        for start in range(len(padded) - 3):
            yield f"~{padded[start:start + 4]}"


def _runs(word: str) -> Iterator[str]:
    word = word[:400]
    for length, kind in enumerate("1cd4", 1):
        for start in range(len(word) - length + 1):
            yield f"{kind}{word[start:start + length]}"


def weight(text: str) -> int:
    """Length as read: a Chinese or Japanese sign says as much as three letters."""
    return len(text) if text.isascii() else len(text) + 2 * len(_CJK.findall(text))
