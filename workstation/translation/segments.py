"""Cuts a text into what an engine can translate well, one sentence at a time, and keeps all that stands between.

Sentence models forget what follows their first few hundred characters and flatten lines, so lines, quote marks,
bullets and smileys never reach them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 320
"""Characters of a segment. The shipped models lose track of sentences much longer than this."""

_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?)*[ \t]*(?:(?:[-*•·–—]|\d{1,2}[.)])[ \t]+)?")
_BREAK = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[^\sa-zà-öø-ÿ])|(?<=[。！？])(?![」』”])")
_ABBREVIATION = re.compile(
    r"(?:\b(?i:Sr|Sra|Dr|Dra|Mr|Mrs|Ms|St|No|Nr|Nro|Art|vs|Ex|Tel|Ref|approx|aprox|Av)|Nº|\b[A-Z])\.$")
_SMILEY = re.compile("([\U0001F000-\U0001FAFF\u2600-\u27BF\u2B50\u2B55\uFE0F\u200D]+)")
_CUTS = (re.compile(r"[;:,，；：、]\s*"), re.compile(r"\s+"))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a text. Only parts with `words` go to an engine."""

    text: str
    words: bool


def split(text: str) -> tuple[Segment, ...]:
    """`text` in segments; joined they give the text again, but for lines that were only wrapped."""
    segments: list[Segment] = []
    for line in re.split(r"(\r?\n)", unwrap(text)):
        segments += _line(line)
    return tuple(segment for segment in segments if segment.text)


def unwrap(text: str) -> str:
    """Join lines that a mail program wrapped: a long line that goes on in lower case on the next."""
    return re.sub(r"(?m)^([^>\n].{49,}[^\s.!?:;>])[ \t]?\r?\n(?=[a-zà-öø-ÿ])", r"\1 ", text)


def _line(line: str) -> Iterator[Segment]:
    if not line.strip():
        yield Segment(line, words=False)
        return
    prefix = _PREFIX.match(line)
    end = prefix.end() if prefix else 0
    yield Segment(line[:end], words=False)
    for index, part in enumerate(_SMILEY.split(line[end:])):
        if index % 2:
            yield Segment(part, words=False)
        else:
            yield from _sentences(part)


def _sentences(text: str) -> Iterator[Segment]:
    start = 0
    for match in _BREAK.finditer(text):
        if _ABBREVIATION.search(text[start:match.start()]):
            continue
        yield from _bounded(text[start:match.end()])
        start = match.end()
    yield from _bounded(text[start:])


def _bounded(sentence: str) -> Iterator[Segment]:
    """Cut what is too long at a comma, else at a space, else anywhere; spaces at the edges stay outside."""
    while len(sentence) > LONGEST:
        at = _cut(sentence)
        yield from _trimmed(sentence[:at])
        sentence = sentence[at:]
    yield from _trimmed(sentence)


def _cut(sentence: str) -> int:
    for pattern in _CUTS:
        ends = [match.end() for match in pattern.finditer(sentence, LONGEST // 2, LONGEST)]
        if ends:
            return ends[-1]
    return LONGEST


def _trimmed(text: str) -> Iterator[Segment]:
    body = text.strip()
    if not body:
        yield Segment(text, words=False)
        return
    start = text.index(body)
    yield Segment(text[:start], words=False)
    yield Segment(body, words=True)
    yield Segment(text[start + len(body):], words=False)
