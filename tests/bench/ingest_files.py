"""Mail from a Maildir to stored, threaded, encrypted and searchable, beside `notmuch new` on the same folder, and
beside a file without a key that is given the same rows and the same index.

Everything in one run: the files are read once before anything is timed, then ours through the whole product, then
notmuch, then the bare database. With one worker everything happens in a single process; with two, two processes read.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlcipher3 import dbapi2 as sqlcipher

from tests.bench.corpus import corpus
from workstation.app.wiring import Running
from workstation.inbox.languages import Languages
from workstation.inbox.model import ListQuery
from workstation.store import search
from workstation.store.database import Database
from workstation.store.search import content
from workstation.store.search.shelves import COLUMNS

BATCH = 2_000
TOLD = 2_000
"""Messages that are looked at in the background to learn what that takes for each."""


def fill(top: Path, mails: int) -> int:
    """Write the corpus as a Maildir. Returns its bytes."""
    for name in ("cur", "new", "tmp"):
        (top / name).mkdir(parents=True)
    total = 0
    for number, mail in enumerate(corpus(mails)):
        path = top / "cur" / f"{int(mail.received.timestamp())}.M{number:07}P1.bench:2,"
        path.write_bytes(mail.raw)
        os.utime(path, (mail.received.timestamp(), mail.received.timestamp()))
        total += len(mail.raw)
    return total


def warm(top: Path) -> float:
    """Seconds that reading the files takes, once they are in memory."""
    for _round in range(2):
        began = time.perf_counter()
        for entry in os.scandir(top / "cur"):
            Path(entry.path).read_bytes()
    return time.perf_counter() - began


class Writing:
    """What the database's own thread spent in write transactions, commits included."""

    def __init__(self, database: Database) -> None:
        self.seconds = self.processor = 0.0
        write = database._write_now

        def timed(work: Callable[..., Any]) -> Any:
            began, used = time.perf_counter(), time.thread_time()
            try:
                return write(work)
            finally:
                self.seconds += time.perf_counter() - began
                self.processor += time.thread_time() - used

        database._write_now = timed  # type: ignore[method-assign]


async def ours(running: Running, top: Path, mails: int, processor: Callable[[], float]) -> dict[str, Any]:
    """The import through the product. `processor`: seconds of this process and its children that ended."""
    await running.start()
    writing = Writing(running.database)
    used, began = processor(), time.perf_counter()
    report = await running.core.inbox.import_mail(top)
    took = time.perf_counter() - began
    writes = (writing.seconds, writing.processor)
    if (report.new, len(report.bad)) != (mails, 0):
        raise RuntimeError(f"{report.new} of {mails} mails were stored")
    await asyncio.to_thread(running.reading.shutdown)   # whose processor time counts only then
    spent = processor() - used
    found = await running.core.inbox.page(ListQuery(queue="all", search="paquete"))
    pending = await running.languages.pending()
    each = await _looking(running.languages, max(0, pending - TOLD))
    return {
        "ours_s": round(took, 2), "ours_processor_s": round(spent, 2), "ours_writing_s": round(writes[0], 2),
        "ours_writing_processor_s": round(writes[1], 2), "search_finds": len(found.rows), "looked_at_later": pending,
        "look_ms_each": round(each * 1_000, 2),
    }


async def _looking(languages: Languages, until: int) -> float:
    """Processor seconds that a look takes at a message of a backlog: its language and its clues to orders, read from
    the store and kept in it. What else the program does meanwhile is in them."""
    waiting = await languages.pending()
    began = time.process_time()
    while (left := await languages.pending()) > until:  # noqa: ASYNC110 - measured from outside
        await asyncio.sleep(await languages.step())
    return (time.process_time() - began) / max(1, waiting - left)


async def floor(database: Database, path: Path) -> dict[str, Any]:
    """Seconds in which a database without a key takes the rows that ours holds now, by the same statements in the same
    batches and with the same index; reading them out of ours is nobody's time."""
    schema = await database.read(_schema)
    bare = sqlcipher.connect(str(path), isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = OFF", "temp_store = MEMORY",
                   "cache_size = -64000", "wal_autocheckpoint = 16000"):   # as ours has them meanwhile
        bare.execute(f"PRAGMA {pragma}")
    for statement in schema:
        bare.execute(statement)
    for option in (("automerge", 0), ("crisismerge", 64)):   # as `search.upkeep.settle`
        bare.execute("INSERT INTO message_index(message_index, rank) VALUES (?, ?)", option)
    took = used = 0.0
    count = 0
    last = await database.read(lambda c: int(c.exec_driver_sql("SELECT max(seq) FROM message").scalar_one()))
    for low, high in pairwise([*range(0, last, BATCH), last]):
        rows = await database.read(lambda c, low=low, high=high: list(_rows(c, low, high)))  # type: ignore[misc]
        began, spent = time.perf_counter(), time.process_time()
        bare.execute("BEGIN IMMEDIATE")
        for statement, values in rows:
            bare.executemany(statement, values)
        bare.execute("COMMIT")
        took += time.perf_counter() - began
        used += time.process_time() - spent
        count += high - low
    stored = bare.execute("SELECT count(*) FROM message").fetchone()[0]
    bare.close()
    if stored != count:
        raise RuntimeError(f"the bare database has {stored} of {count} messages")
    return {"bare_s": round(took, 2), "bare_processor_s": round(used, 2)}


def _schema(connection: Connection) -> list[str]:
    """The tables an import fills and their indexes, as our store has them; of the index's own tables none."""
    query = "SELECT sql, tbl_name FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
    found = [sql for sql, name in connection.exec_driver_sql(query) if name in _WHERE]
    return [*found, search.CREATE]


_MINE = "seq > :low AND seq <= :high"
_OF_MINE = f"message_id IN (SELECT id FROM message WHERE {_MINE})"  # noqa: S608
_BEGUN = (
    "IN (SELECT conversation_id FROM message GROUP BY conversation_id "
    "HAVING min(seq) > :low AND min(seq) <= :high)")
_WHERE = {
    "conversation": f"id {_BEGUN}", "message": _MINE, "mail_body": _OF_MINE, "attachment": _OF_MINE,
    "thread_reference": f"conversation_id {_BEGUN}", "order_mention": f"conversation_id {_BEGUN}",
    "buyer_address": f"conversation_id {_BEGUN}", "message_place": _MINE,
}
"""What an import fills, parents first, and which rows come with the messages of one batch; a conversation comes with
its first."""


def _rows(connection: Connection, low: int, high: int) -> Iterator[tuple[str, Sequence[tuple[Any, ...]]]]:
    """An insert for each table with the rows of the messages low < seq <= high."""
    between = {"low": low, "high": high}
    for table, where in _WHERE.items():
        found = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {where}", between)  # noqa: S608
        marks = ", ".join("?" * len(found.keys()))
        yield f"INSERT INTO {table} VALUES ({marks})", [tuple(row) for row in found]  # noqa: S608
    place = f"SELECT seq, place FROM message_place WHERE {_MINE}"  # noqa: S608
    places = {row[0]: row[1] for row in connection.exec_driver_sql(place, between)}
    words = content.of(connection, list(places))
    indexed = sorted((places[seq], *words[seq]) for seq in words)
    yield f"INSERT INTO message_index(rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", indexed  # noqa: S608
