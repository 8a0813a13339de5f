"""Text as the full-text index takes it, and words as it is asked for them. Pure.

unicode61 folds accents but cuts Chinese and Japanese badly (13 % of two-character words found), so runs of such
characters are split into overlapping pairs before indexing and before asking.
"""

from __future__ import annotations

import re
from operator import add

MOST_BODY = 100_000
MOST_WORD = 200
"""Characters of one word or phrase of a query that are looked at."""

# Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Myanmar: scripts written without spaces, or nearly so.
DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
DENSE_RUN = re.compile(f"[{DENSE}]+")


def pairs(run: str) -> str:
    """A run of dense script as overlapping pairs: 退货单 → "退货 货单". A single character stays."""
    return run if len(run) < 2 else " ".join(map(add, run, run[1:]))


def prepare(text: str) -> str:
    """Text as it goes into the index."""
    if text.isascii() or _is_western(text):
        return text[:MOST_BODY]
    return DENSE_RUN.sub(lambda match: f" {pairs(match.group())} ", text[:MOST_BODY])


def _is_western(text: str) -> bool:
    """Whether every character is in Latin-1, which has no dense script: told ten times as fast as by looking."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def expression(words: str, *, typing: bool = False, columns: str = "") -> str:
    """One word or phrase as an FTS5 expression: its parts in this order, the last one as far as it was typed when
    `typing`. `columns`: where it must stand, "subject people"; "" anywhere.

    Everything is quoted, so no character is an operator. "" when there is nothing to look for.
    """
    # FTS5 reads a string to its first NUL; a character that is no part of a word only parts words.
    prepared = " ".join(prepare(words[:MOST_WORD]).replace('"', " ").replace("\x00", " ").split())
    if not any(character.isalnum() for character in prepared):
        return ""
    lone = len(prepared) == 1
    # A single letter of an alphabet is no beginning worth following: a tenth of all words start with it.
    open_end = DENSE_RUN.fullmatch(prepared) is not None if lone else typing
    asked = f'"{prepared}"' + (" *" if open_end else "")
    return f"{{{columns}}} : {asked}" if columns else asked
