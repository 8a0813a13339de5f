"""What must come through a translation unchanged, how it is hidden from the engine, and how it is put back.

Pure rules. An engine that never sees an order number cannot change it: each survivor is replaced by a short token
that the models copy. Measured on the shipped English–Portuguese models: `AB-1`, `XQ1`, `X1X` and `[1]` came through
27 of 27 times both ways, `{1}`, `<1>`, `#1` and `⟦1⟧` never; around `AB-1` the sentence reads best ("o pedido AB-1
está aberto", where `X1X` swallowed the noun in three of twelve).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from workstation.domain.clues import find_order_clues, find_tracking_clues

Shape = Callable[[int], str]
SHAPES: tuple[Shape, ...] = (lambda n: f"AB-{n}", lambda n: f"XQ{n}", lambda n: f"X{n}X")
"""Token shapes in the order they are tried; numbering starts at 1."""

SOFT = frozenset({"number", "percent", "date", "time"})
"""Kinds an engine may see first, because a sentence reads better with its numbers; hidden when that goes wrong."""

_B, _E = r"(?<![0-9A-Za-z_])", r"(?![0-9A-Za-z_])"
# A stranger's text of a million letters must cost no more than a second: what may begin anywhere in a run looks only a
# bounded way ahead, and what is repeated gives nothing back.
_NUMBER = r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3}){1,9}(?:[.,]\d{1,2})?(?!\d)|\d++(?:[.,]\d{1,2})?(?!\d)"
# Every ISO 4217 code met in the trade's markets, the signs people type for them, and the words glued to numbers.
_CODE = ("USD|EUR|GBP|JPY|CNY|RMB|BRL|MXN|CAD|AUD|NZD|SGD|MYR|THB|VND|IDR|PHP|TWD|HKD|KRW|INR|PLN|SEK|DKK|NOK|CZK|CHF|"
         "TRY|RUB|SAR|AED|EGP|ILS|ZAR|CLP|COP|ARS|PEN")
_SIGN = r"R\$|(?:US|AU|CA|HK|NT|MX|NZ|A|C|S)\$|RM|Rp|kr|zł|Kč|[$€£¥￥₩₹₽₺฿₫₱₪]"
_AFTER = rf"{_SIGN}|{_CODE}|元|圆|円|원|đ|บาท|руб\.?"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple((kind, re.compile(pattern)) for kind, pattern in (
    ("link", r"(?:https?://|www\.)[^\s<>\"“”«»（）。，、]*[^\s<>\"“”«»（）。，、.;:!?)\]}',]"),
    ("link", _B + r"[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,9}+/[^\s<>\"“”]*[^\s<>\"“”.,;:!?)\]}']"),
    ("address", r"[A-Za-z0-9._%+-]{1,64}+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++"),
    ("placeholder", r"\{\{\s*[\w.]+\s*\}\}|\$?\{[\w.]*\}|%\(\w+\)[sd]|%[sd](?!\w)"),
    ("placeholder", r"<[A-Z][A-Z0-9_]*>|\[[A-Z][A-Z0-9_]+\]"),
    ("money", rf"(?<![0-9A-Za-z.,])(?:{_SIGN}|(?:{_CODE}))[ \u00a0\u202f]?(?:{_NUMBER})"),
    ("money", rf"(?<![0-9A-Za-z_.,])(?:{_NUMBER})[ \u00a0\u202f]?(?:{_AFTER})(?![0-9A-Za-z])"),
    ("date", _B + r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?" + _E),
    ("date", _B + r"(?:\d{1,2}([/.-])\d{1,2}\1\d{2,4}|\d{4}([/.])\d{1,2}\2\d{1,2}|\d{1,2}/\d{1,2})(?![0-9A-Za-z_/])"),
    ("time", _B + r"(?:\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\b\.?)?|\d{1,2}h\d{2}|\d{1,2} ?[AaPp][Mm])" + _E),
    ("phone", r"\+\d[\d ().-]{6,}\d|\(\d{2,4}\) ?\d{3,5}[- ]\d{3,4}|" + _B + r"\d{2,3} \d{4,5}-\d{4}" + _E),
    ("percent", _B + r"\d++(?:[.,]\d++)?[ \u00a0]?[%％]"),
    ("code", _B + r"(?=[0-9A-Za-z])(?=[0-9A-Za-z_/-]{0,99}\d)(?=[0-9A-Za-z_/-]{0,99}[A-Za-z])"
     r"[0-9A-Za-z]+(?:[-_/][0-9A-Za-z]+)*" + _E),
    ("code", _B + r"\d+(?:-\d+)+" + _E),
    ("number", _B + r"(?:\d{1,3}(?:[.,]\d{3})+(?:[.,]\d+)?|\d+[.,]\d+|\d{2,})" + _E),
))
_PROSE = re.compile(r"\d+(?:st|nd|rd|th)|\d+(?:-[a-z]+)+|[a-z]+(?:-[a-z]+)*-\d{1,2}")  # 15th, 30-day, plan-b-2
_TOKEN = re.compile(r"(?<![0-9A-Za-z_-])#?([0-9A-Za-z_-]++)")   # a number with all that is glued to it
_GREETING = re.compile(
    r"(?im)^(?:>|[^\S\n])*+(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|olá|ola|oi|prezad[oa]|car[oa]|"
    r"bom dia|boa tarde|boa noite|hola|estimad[oa]|hallo|liebe[r]?|bonjour|ciao)"
    r"[ ]+(?:(?:mr|mrs|ms|dr|sr|sra|dra)\.? +)?")
_NAME = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?: (?:d[aeo]s? |van |von )?[A-ZÀ-ÖØ-Þ][\w'’-]+){0,3}(?=\s*[,!.:;\n]|\s*$)")
_NOT_NAMES = frozenset({
    "Sir", "Madam", "Team", "Support", "Customer", "Seller", "Amazon", "All", "There", "Friend", "Buyer", "Everyone",
    "Customer Service", "Cliente", "Senhor", "Senhora", "Equipe", "Vendedor", "Tudo",
})


@dataclass(frozen=True, slots=True)
class Survivor:
    """A stretch of a text that must survive. `kind` names the rule that found it."""

    start: int
    end: int
    value: str
    kind: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with tokens in place of its survivors: `tokens` pairs each with what it stands for."""

    text: str
    tokens: tuple[tuple[str, str], ...]


def find(text: str, names: Sequence[str] = ()) -> tuple[Survivor, ...]:
    """Everything in `text` that must survive, in order, without overlaps. `names` are people's and products' names."""
    taken = bytearray(len(text))
    found: list[Survivor] = []
    for start, end, kind in _candidates(text, names):
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            found.append(Survivor(start, end, text[start:end], kind))
    return tuple(sorted(found, key=lambda s: s.start))


def mask(text: str, survivors: Sequence[Survivor], shape: Shape = SHAPES[0]) -> Masked:
    """Replace `survivors` (of this very text) by tokens that it does not hold. Neighbours that touch share one."""
    free = _free(text, shape)
    tokens, pieces, at = [], [], 0
    for start, end in _spans(text, survivors):
        token = next(free)
        tokens.append((token, text[start:end]))
        pieces += [text[at:start], token]
        at = end
    return Masked("".join([*pieces, text[at:]]), tuple(tokens))


def restore(text: str, tokens: Sequence[tuple[str, str]]) -> str | None:
    """Put the survivors back. None when a token is missing, doubled or damaged: nothing is guessed."""
    values = {token.lower(): value for token, value in tokens}
    if not values:
        return text
    longest_first = "|".join(map(re.escape, sorted(values, key=len, reverse=True)))
    pattern = re.compile(f"{_B}(?:{longest_first}){_E}", re.IGNORECASE)
    seen = [match.group().lower() for match in pattern.finditer(text)]
    if sorted(seen) != sorted(values):
        return None
    return pattern.sub(lambda match: values[match.group().lower()], text)


def pieces(text: str, survivors: Sequence[Survivor]) -> tuple[tuple[str, bool], ...]:
    """`text` cut around its survivors: (part, may be translated). Joined again it is the text."""
    parts, at = [], 0
    for start, end in _spans(text, survivors):
        parts += [(text[at:start], True), (text[start:end], False)]
        at = end
    return tuple(part for part in [*parts, (text[at:], True)] if part[0])


def _free(text: str, shape: Shape) -> Iterator[str]:
    """Tokens in order, without those that somebody wrote into the text."""
    written = text.casefold()
    return (token for token in map(shape, count(1)) if token.casefold() not in written)


def _candidates(text: str, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Possible survivors, the more certain rule first."""
    yield from _matches(text, _PATTERNS[:5])
    yield from _clues(text)
    yield from _matches(text, _PATTERNS[5:])
    yield from _names(text, names)


def _matches(text: str, patterns: Sequence[tuple[str, re.Pattern[str]]]) -> Iterator[tuple[int, int, str]]:
    for kind, pattern in patterns:
        for match in pattern.finditer(text):
            if kind != "code" or not _PROSE.fullmatch(match.group()):
                yield match.start(), match.end(), kind


def _clues(text: str) -> Iterator[tuple[int, int, str]]:
    """Every place where an order's or parcel's number stands, in one pass; the finders name each number once."""
    kinds = {clue.value: clue.kind for clue in (*find_order_clues(text), *find_tracking_clues(text))}
    for match in _TOKEN.finditer(text) if kinds else ():
        kind = kinds.get(match.group()) or kinds.get(match.group(1))
        if kind is not None:
            yield match.start() if match.group() in kinds else match.start(1), match.end(), kind


def _names(text: str, names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    for name in sorted(_parts(names), key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text):
            yield match.start(), match.end(), "name"
    for greeting in _GREETING.finditer(text):
        named = _NAME.match(text, greeting.end())
        if named and named.group() not in _NOT_NAMES:
            yield named.start(), named.end(), "name"


def _parts(names: Sequence[str]) -> set[str]:
    """The names and their capitalised words: who is called Beatriz da Costa signs as
    Beatriz, and "da" is no name."""
    words = {word for name in names for word in name.split() if len(word) > 2 and word[0].isupper()}
    return words | {name.strip() for name in names if len(name.strip()) > 1 and not name.islower()}


def _spans(text: str, survivors: Sequence[Survivor]) -> list[tuple[int, int]]:
    """Where tokens go: grown over letters that touch (a token glued to a letter is lost), merged when they meet."""
    spans: list[tuple[int, int]] = []
    for survivor in sorted(survivors, key=lambda s: s.start):
        start, end = _grow(text, survivor.start, survivor.end)
        if spans and start <= spans[-1][1]:
            start, end = spans[-1][0], max(end, spans[-1][1])
            spans.pop()
        spans.append((start, end))
    return spans


def _grow(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and _sticks(text[start - 1]):
        start -= 1
    while end < len(text) and _sticks(text[end]):
        end += 1
    return start, end


def _sticks(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
