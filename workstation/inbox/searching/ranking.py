"""The best of the newest hits, by two questions to the index and a look at the texts of a few.

FTS5's own bm25 walks through every message that has a word of the query, wherever it is, to learn how rare the word is:
of a common word a tenth of a second in a million messages. Each hit has every word of the query, so how rare one is
hardly tells them apart; where it stands and how often does. So hits whose subject, numbers, people or files say it come
first, and of the newest of both kinds the order is bm25's without rarity.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from itertools import chain, repeat
from typing import NamedTuple

from workstation.inbox.searching import snippets
from workstation.inbox.searching.hits import Index
from workstation.inbox.searching.plan import Plan
from workstation.inbox.searching.snippets import Wanted

RANKED = 2_000
"""Hits, the newest, among which the best are chosen."""
PORTION, PATIENCE = 100, 0.004
"""Hits that are looked for in one go, and the processor seconds after the first of these after which no more are: of a
common phrase each takes twenty times as long as of a word. What is behind them follows newest first."""
WEIGHED = 100
"""Of these the newest whose texts are looked at; the others follow, newest first."""
READ = 1_200
"""Characters of a text that are weighed."""

_EVERY = 1 << 62
_SUBJECT, _AUTHOR = 8.0, 4.0    # as `hits.WEIGHTS`; a word of the text weighs 1
_K, _B = 1.2, 0.75              # as FTS5's bm25
_ELSEWHERE = 1.7                # in people, files, numbers or translations, which are not read here: as in the author


class Ranked(NamedTuple):
    """Rowids, best first, of all hits from `low` on; `more`: there may be others before it."""

    rowids: list[int]
    low: int
    more: bool


def best(index: Index, plan: Plan, low: int | None = None) -> Ranked:
    """The best of the newest hits: at most RANKED of them, or those from `low` on, as an earlier page did."""
    hits, more = _newest(index, plan) if low is None else (list(chain.from_iterable(
        index.newest(plan, _EVERY, repeat(RANKED), low))), True)
    if len(hits) < 2:
        return Ranked(hits, hits[-1] if hits else 0, more)
    telling = index.telling(plan, hits[-1], hits[0]) if len(hits) > WEIGHED else set(hits)
    first = [rowid for rowid in hits if rowid in telling]
    rest = [rowid for rowid in hits if rowid not in telling]
    looked_at = first[:WEIGHED]
    looked_at += rest[:WEIGHED - len(looked_at)]
    weights = _weights(index, looked_at, snippets.pattern(plan.marks))
    return Ranked([*_sorted(first, weights), *_sorted(rest, weights)], hits[-1], more)


def _newest(index: Index, plan: Plan) -> tuple[list[int], bool]:
    """The newest hits, and whether there may be more."""
    hits: list[int] = []
    began = 0.0
    portion = min(PORTION, RANKED)
    for some in index.newest(plan, _EVERY, repeat(portion, RANKED // portion)):
        hits += some
        if len(some) < portion:
            return hits, False
        began = began or time.thread_time()   # to gather the words of a prefix takes its time before the first hit
        if time.thread_time() - began > PATIENCE:
            break
    return hits, bool(hits)


def _sorted(rowids: Sequence[int], weights: dict[int, float]) -> list[int]:
    """Newest first but for those that were weighed, which are in front. Python's sort keeps the order of equals."""
    return sorted(rowids, key=lambda rowid: -weights.get(rowid, 0.0))


def _weights(index: Index, rowids: Sequence[int], wanted: Wanted | None) -> dict[int, float]:
    if wanted is None:
        return {}
    found = index.run(_TEXTS_FIRST if index.first else _TEXTS, (json.dumps(rowids),)).fetchall()
    usual = sum(length for *_texts, length in found) / max(1, len(found))
    return {
        rowid: _weight(wanted, subject, author, text, length / max(1.0, usual))
        for rowid, subject, author, text, length in found
    }


def _weight(wanted: Wanted, subject: str, author: str, text: str, length: float) -> float:
    """`length`: of the whole text, 1.0 for a usual one. More than one: how much more than a hit in the text alone."""
    total = 0.0
    damp = _K * (1 - _B + _B * length)
    parts = ((_SUBJECT, subject), (_AUTHOR, author), (1.0, text))
    lower = [(weight, part.lower()) for weight, part in parts]
    for written, folded in zip(wanted.written, wanted.folded, strict=True):
        often = sum(weight * written.count(part) for weight, part in lower)
        if not often:   # folding costs ten times as much, and few words are written in two ways
            often = sum(weight * folded.count(snippets.fold(part)) for weight, part in parts if not part.isascii())
        total += often * (_K + 1) / (often + damp)
    return total or _ELSEWHERE


_COLUMNS = f"m.subject, m.author_name || ' ' || m.author_email, substr(m.text, 1, {READ}), length(m.text)"
_TEXTS = (
    f"SELECT p.place, {_COLUMNS} FROM json_each(?) j CROSS JOIN message_place p ON p.place = j.value "  # noqa: S608
    "CROSS JOIN message m ON m.seq = p.seq"
)
_TEXTS_FIRST = f"SELECT m.seq, {_COLUMNS} FROM json_each(?) j CROSS JOIN message m ON m.seq = j.value"  # noqa: S608
