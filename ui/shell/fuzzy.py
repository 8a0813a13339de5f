"""How well a few typed letters fit a text: all of them in order, better at the starts of words and in a row."""

from __future__ import annotations

STRONG = 500
"""From here on the letters stand in the text as they were typed, in a row."""


def score(typed: str, text: str) -> int:
    """0 when the letters of `typed` do not all appear in order; the higher the better. Blanks are ignored."""
    wanted = typed.casefold().replace(" ", "")
    target = text.casefold()
    if not wanted:
        return 1
    if wanted in target.replace(" ", ""):
        return 1_000 + 500 * target.startswith(typed.casefold()) - len(target)
    total, at, previous = 0, 0, -2
    for letter in wanted:
        at = _best(target, letter, at)
        if at < 0:
            return 0
        total += 20 * _starts_word(target, at) + 10 * (at == previous + 1) + 1
        previous, at = at, at + 1
    return max(1, total - len(target) // 8)


def _best(target: str, letter: str, start: int) -> int:
    """The next place of `letter`, preferring the start of a word."""
    first = target.find(letter, start)
    at = first
    while at >= 0:
        if _starts_word(target, at):
            return at
        at = target.find(letter, at + 1)
    return first


def _starts_word(target: str, at: int) -> bool:
    return at == 0 or not target[at - 1].isalnum()
