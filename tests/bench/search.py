"""Searching the generated store: each kind of query through the product's own search service, beside a bare FTS5 query
of the same file and beside notmuch's library on the same messages.

Ours is everything a person waits for: reading the query, the hits, the rows of the first 50 conversations and what
matched in them. The bare query gives fifty rowids. notmuch gives sender, subject and date of fifty messages, newest
first, over its C library in this process, and no snippets. `python -m tests.bench search --messages 100000 --json`.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.bench import bigstore, bigtext
from tests.bench.searchpeer import Notmuch, missing
from workstation import app
from workstation.app.wiring import Parts, build
from workstation.inbox.model import ListQuery
from workstation.inbox.service import InboxService
from workstation.store import search as index
from workstation.store.engine import connect

RUNS = 20_000
"""Messages, when nothing else is said."""
QUERIES, REPEATS, PAGE = 40, 3, 50
MOST_FOR_NOTMUCH = 200_000
"""notmuch takes half an hour to index a million messages; beyond this it is left out, and the figures say so."""
KINDS = ("word", "two words", "phrase", "prefix as typed", "two Chinese characters", "order number")
PATHOLOGICAL = (
    "a", "x" * 10_000, " ".join("abcdefghijklmnopqrstuvwxyz"), "the " * 2_000, '"' + "the order is " * 300 + '"',
    "-a -b -c", " ".join(f"{letter}{other}" for letter in "aeiostr" for other in "aeiostr"), "的", '"the to my"',
    " ".join(f"-{word}" for word in bigtext.vocabulary("en")[0][:30]),
)

Queries = dict[str, list[str]]


def measure(messages: int, keep: Path | None = None) -> dict[str, Any]:
    with bigstore.shared(keep, max(1, messages // 5), messages) as store:
        asked = queries(store)
        opened = store.open()
        figures: dict[str, Any] = {
            "messages": messages, "store_seconds": store.seconds, "store_megabytes": store.megabytes,
            "queries_of_a_kind": QUERIES, "repeats": REPEATS, "page": PAGE,
            "ours": asyncio.run(_ours(opened, asked)), "bare_fts5": _bare(opened, asked),
            "chinese_pairs": _completeness(opened, asked["two Chinese characters"][:10]),
        }
    if messages > MOST_FOR_NOTMUCH or missing():
        figures["notmuch"] = missing() or f"left out beyond {MOST_FOR_NOTMUCH} messages"
        return figures
    with Notmuch(store.conversations, store.messages, store.seed) as peer:
        figures["notmuch_index_seconds"] = peer.seconds
        figures["notmuch"] = _timed_all(asked, lambda _kind, text: peer.newest(text, PAGE))
    figures["times_as_fast_as_notmuch"] = {
        kind: {at: round(figures["notmuch"][kind][at] / figures["ours"]["newest"][kind][at], 1)
               for at in ("p50_ms", "p95_ms")} for kind in KINDS if figures["notmuch"][kind]["p50_ms"]}
    return figures


# -- queries --------------------------------------------------------------------------------------------------------

def queries(store: bigstore.BigStore) -> Queries:
    """The same for the same store: words from what its messages really say, by how often they are met."""
    chance = random.Random(f"queries {store.seed}")
    western = ("en", "pt", "de")
    found: Queries = {kind: [] for kind in KINDS}
    while len(found["two words"]) < QUERIES:
        number = chance.randrange(store.conversations)
        about = bigtext.talk(store.seed, number)
        said = bigtext.text(store.seed, number, 0)
        words = said.replace(".", " ").split()
        if about.language in western and len(words) > 8:
            at = chance.randrange(2, len(words) - 6)
            found["two words"].append(f"{words[at]} {words[at + 4]} ")
            found["phrase"].append(f'"{words[at]} {words[at + 1]}"')
    for language in (*western, *western):
        listed = bigtext.vocabulary(language)[0]
        found["word"] += [f"{word} " for word in chance.sample(listed[:120], 5) + chance.sample(listed[120:3000], 3)]
        found["prefix as typed"] += [word[: chance.randint(2, 4)] for word in chance.sample(listed[:2000], 8)]
    glyphs = "".join(bigtext.vocabulary("zh")[0][:70])
    found["two Chinese characters"] = [glyphs[at : at + 2] for at in chance.sample(range(len(glyphs) - 1), QUERIES)]
    found["order number"] = [
        bigtext.order_number(chance.randrange(store.conversations))[: chance.randint(5, 19)] for _n in range(QUERIES)]
    return {kind: some[:QUERIES] for kind, some in found.items()}


# -- ours -----------------------------------------------------------------------------------------------------------

async def _ours(opened: app.Opened, asked: Queries) -> dict[str, Any]:
    running = await build(opened, Parts())
    try:
        inbox = running.inbox
        narrow, share = await _narrow_queue(inbox)
        figures = {
            "newest": await _each(asked, lambda text: inbox.page(_query(text))),
            "relevance": await _each(asked, lambda text: inbox.page(_query(text, relevance=True))),
            "filtered": await _each(asked, lambda text: inbox.page(_query(text, narrow)), inbox),
            "filtered_queue": narrow, "filtered_share": share,
            "filters_alone": await _each(
                {"filters": ["is:unanswered lang:pt", "tag:vip is:open", "assignee:m-ana is:unread", "channel:ebay",
                             "has:file", "is:breaching tag:late", "store:nobody", "before:400d is:open"]},
                lambda text: inbox.page(_query(text))),
            "pathological": await _cut_off(inbox),
        }
        await _settle(inbox)
        return figures
    finally:
        await running.shutdown()
        running.close()


def _query(text: str, queue: str = "all", *, relevance: bool = False) -> ListQuery:
    return ListQuery(queue=queue, search=text, limit=PAGE, relevance=relevance)


async def _each(
    asked: Queries, ask: Callable[[str], Awaitable[object]], settle: InboxService | None = None
) -> dict[str, dict[str, float]]:
    figures = {}
    for kind, texts in asked.items():
        for text in texts:
            await ask(text)   # once to warm the pages it needs
        if settle is not None:
            await _settle(settle)
        taken = []
        for _repeat in range(REPEATS):
            for text in texts:
                began = time.perf_counter()
                await ask(text)
                taken.append(time.perf_counter() - began)
        figures[kind] = _figures(taken)
    return figures


async def _settle(inbox: InboxService) -> None:
    await inbox.searching.members.settled()


async def _narrow_queue(inbox: InboxService) -> tuple[str, float]:
    """The smallest queue with some conversations in it, and its share of all."""
    whole = await inbox.size(ListQuery(queue="all"))
    sizes = {key: await inbox.size(ListQuery(queue=key)) for key in ("review", "failed", "assignee:m-ana", "tag:vip")}
    name = min((key for key, size in sizes.items() if size >= 20), key=sizes.__getitem__)
    return name, round(sizes[name] / whole, 4)


async def _cut_off(inbox: InboxService) -> dict[str, Any]:
    """The longest answer to a query that means harm, and how many were cut off with a word about it."""
    longest, noted = 0.0, 0
    for text in PATHOLOGICAL:
        for relevance in (False, True):
            began = time.perf_counter()
            page = await inbox.page(_query(text, relevance=relevance))
            longest = max(longest, time.perf_counter() - began)
            noted += bool(page.note)
    return {"asked": 2 * len(PATHOLOGICAL), "longest_ms": round(longest * 1e3, 1), "with_a_word_about_it": noted}


# -- beside it ------------------------------------------------------------------------------------------------------

def _bare(opened: app.Opened, asked: Queries) -> dict[str, dict[str, float]]:
    """Fifty rowids, newest first, by the same expression on the same file."""
    connection = connect(opened.home.database, opened.vault.key, read_only=True)
    sql = "SELECT rowid FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC LIMIT ?"

    def ask(kind: str, text: str) -> object:
        expressions = [index.expression(text.strip(' "'))] if kind == "phrase" else [
            index.expression(word, typing=not text.endswith(" ")) for word in text.split()]
        return connection.execute(sql, (" AND ".join(expressions), PAGE)).fetchall()

    try:
        return _timed_all(asked, ask)
    finally:
        connection.close()


def _completeness(opened: app.Opened, texts: Sequence[str]) -> dict[str, int]:
    """Messages that LIKE finds in subject or text, and how many of them the index finds."""
    connection = connect(opened.home.database, opened.vault.key, read_only=True)
    like = "SELECT seq FROM message WHERE text LIKE ?1 OR subject LIKE ?1"
    match = "SELECT p.seq FROM message_index i JOIN message_place p ON p.place = i.rowid WHERE message_index MATCH ?"
    there = here = 0
    try:
        for text in texts:
            wanted = {seq for (seq,) in connection.execute(like, (f"%{text}%",))}
            found = {seq for (seq,) in connection.execute(match, (index.expression(text),))}
            there, here = there + len(wanted), here + len(wanted & found)
    finally:
        connection.close()
    return {"like_finds": there, "of_these_found": here}


def _timed_all(asked: Queries, ask: Callable[[str, str], object]) -> dict[str, dict[str, float]]:
    figures = {}
    for kind, texts in asked.items():
        for text in texts:
            ask(kind, text)
        taken = []
        for _repeat in range(REPEATS):
            for text in texts:
                began = time.perf_counter()
                ask(kind, text)
                taken.append(time.perf_counter() - began)
        figures[kind] = _figures(taken)
    return figures


def _figures(taken: Sequence[float]) -> dict[str, float]:
    ordered = sorted(taken)
    return {"p50_ms": round(statistics.median(ordered) * 1e3, 2),
            "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1e3, 2), "worst_ms": round(ordered[-1] * 1e3, 2)}
