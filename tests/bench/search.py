"""Searching the generated store: each kind of query through the product's own search service, beside a bare FTS5 query
of the same file and beside notmuch's library on the same messages.

Ours is everything a person waits for: reading the query, the hits, the rows of the first 50 conversations and what
matched in them. The bare query gives fifty rowids. notmuch gives sender, subject and date of fifty messages, newest
first, over its C library in this process, and no snippets. The sides take turns at every query.

    python -m tests.bench search --messages 100000 --keep FOLDER --json
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.bench import bigstore, bigtext
from tests.bench.searchpeer import Notmuch, missing
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
FILTERS = ("is:unanswered lang:pt", "tag:vip is:open", "assignee:m-ana is:unread", "channel:ebay", "has:file",
           "is:breaching tag:late", "store:nobody", "before:400d is:open")
PATHOLOGICAL = (
    "a", "x" * 10_000, " ".join("abcdefghijklmnopqrstuvwxyz"), "the " * 2_000, '"' + "the order is " * 300 + '"',
    "-a -b -c", " ".join(f"{letter}{other}" for letter in "aeiostr" for other in "aeiostr"), "的", '"the to my"',
    " ".join(f"-{word}" for word in bigtext.vocabulary("en")[0][:30]),
)

Queries = dict[str, list[str]]
Raw = dict[str, list[tuple[str, float, float]]]
"""By side: the query, seconds, and seconds of all threads."""
Ask = Callable[[str, str], Awaitable[object]]
"""Asks a kind of query with a text."""


def measure(messages: int, keep: Path | None = None) -> dict[str, Any]:
    """`keep`: a folder for the store, the peer's Maildir and index, and every single time (search-raw.jsonl)."""
    with bigstore.shared(keep, max(1, messages // 5), messages) as store, ExitStack() as stack:
        why = missing() or (f"left out beyond {MOST_FOR_NOTMUCH} messages" if messages > MOST_FOR_NOTMUCH else "")
        peer = None if why else stack.enter_context(Notmuch(store.conversations, store.messages, store.seed, keep))
        figures: dict[str, Any] = {
            "messages": messages, "store_seconds": store.seconds, "store_megabytes": store.megabytes,
            "queries_of_a_kind": QUERIES, "repeats": REPEATS, "page": PAGE,
            "notmuch_index_seconds": peer.seconds if peer else why,
            **asyncio.run(_measured(store, peer, keep)),
        }
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


# -- side by side ---------------------------------------------------------------------------------------------------

async def _measured(store: bigstore.BigStore, peer: Notmuch | None, keep: Path | None) -> dict[str, Any]:
    opened, asked = store.open(), queries(store)
    connection = connect(opened.home.database, opened.vault.key, read_only=True)
    running = await build(opened, Parts())
    try:
        inbox = running.inbox
        narrow, share = await _narrow_queue(inbox)
        sides = _sides(inbox, narrow, connection, peer)
        raw = {kind: await _paired(sides, inbox, kind, texts) for kind, texts in asked.items()}
        if keep is not None:
            _keep_raw(keep / "search-raw.jsonl", raw)
        kinds = {kind: {side: _figures(times) for side, times in found.items()} for kind, found in raw.items()}
        alone: dict[str, Ask] = {"ours": lambda _kind, text: inbox.page(_query(text))}
        return {
            "kinds": kinds, "ratios_of_p95": {kind: _ratios(found) for kind, found in kinds.items()},
            "filtered_queue": narrow, "filtered_share": share,
            "filters_alone": _figures((await _paired(alone, inbox, "filters", FILTERS))["ours"]),
            "pathological": await _cut_off(inbox),
            "chinese_pairs": _completeness(connection, asked["two Chinese characters"][:10]),
        }
    finally:
        await running.shutdown()
        running.close()
        connection.close()


def _sides(inbox: InboxService, narrow: str, connection: Any, peer: Notmuch | None) -> dict[str, Ask]:
    sql = "SELECT rowid FROM message_index WHERE message_index MATCH ? ORDER BY rowid DESC LIMIT ?"

    async def bare(kind: str, text: str) -> object:
        """Fifty rowids, newest first, by the same expression on the same file."""
        expressions = [index.expression(text.strip(' "'))] if kind == "phrase" else [
            index.expression(word, typing=not text.endswith(" ")) for word in text.split()]
        return connection.execute(sql, (" AND ".join(expressions), PAGE)).fetchall()

    async def notmuch(_kind: str, text: str) -> object:
        return peer.newest(text, PAGE) if peer else None

    sides: dict[str, Ask] = {
        "newest": lambda _kind, text: inbox.page(_query(text)),
        "relevance": lambda _kind, text: inbox.page(_query(text, relevance=True)),
        "filtered": lambda _kind, text: inbox.page(_query(text, narrow)),
        "bare_fts5": bare,
    }
    return {**sides, "notmuch": notmuch} if peer else sides


async def _paired(sides: dict[str, Ask], inbox: InboxService, kind: str, texts: Sequence[str]) -> Raw:
    """Every side gets every text equally often, in turn, and another one begins each time. Once before that to warm the
    pages it needs."""
    for text in texts:
        for ask in sides.values():
            await ask(kind, text)
    await inbox.searching.members.settled()
    raw: Raw = {side: [] for side in sides}
    order = list(sides)
    for _repeat in range(REPEATS):
        for text in texts:
            order.append(order.pop(0))
            for side in order:
                began, cpu = time.perf_counter(), time.process_time()
                await sides[side](kind, text)
                raw[side].append((text, time.perf_counter() - began, time.process_time() - cpu))
    return raw


def _keep_raw(path: Path, raw: dict[str, Raw]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for kind, found in raw.items():
            for side, times in found.items():
                for text, seconds, cpu in times:
                    line = {"kind": kind, "side": side, "query": text, "ms": round(seconds * 1e3, 3),
                            "cpu_ms": round(cpu * 1e3, 3)}
                    lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def _ratios(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """How many times as long as ours, newest first, the others took; above 1 we are faster."""
    return {side: round(found[side]["p95_ms"] / found["newest"]["p95_ms"], 2)
            for side in ("notmuch", "bare_fts5") if side in found}


# -- ours -----------------------------------------------------------------------------------------------------------

def _query(text: str, queue: str = "all", *, relevance: bool = False) -> ListQuery:
    return ListQuery(queue=queue, search=text, limit=PAGE, relevance=relevance)


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


# -- figures --------------------------------------------------------------------------------------------------------

def _completeness(connection: Any, texts: Sequence[str]) -> dict[str, int]:
    """Messages that LIKE finds in subject or text, and how many of them the index finds."""
    like = "SELECT seq FROM message WHERE text LIKE ?1 OR subject LIKE ?1"
    match = "SELECT p.seq FROM message_index i JOIN message_place p ON p.place = i.rowid WHERE message_index MATCH ?"
    there = here = 0
    for text in texts:
        wanted = {seq for (seq,) in connection.execute(like, (f"%{text}%",))}
        found = {seq for (seq,) in connection.execute(match, (index.expression(text),))}
        there, here = there + len(wanted), here + len(wanted & found)
    return {"like_finds": there, "of_these_found": here}


def _figures(taken: Sequence[tuple[str, float, float]]) -> dict[str, float]:
    """What a person waits, and the time of all threads of this process for it."""
    figures: dict[str, float] = {}
    for name, ordered in (("", sorted(wall for _text, wall, _cpu in taken)),
                          ("cpu_", sorted(cpu for _text, _wall, cpu in taken))):
        figures |= {f"{name}p50_ms": round(statistics.median(ordered) * 1e3, 2),
                    f"{name}p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1e3, 2),
                    f"{name}worst_ms": round(ordered[-1] * 1e3, 2)}
    return figures
