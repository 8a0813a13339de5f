"""The list at 200,000 conversations, encrypted: a page of a queue, any place of it, frames while it scrolls and changes
arrive, and the time until it shows; beside the bare statement and a QListView of strings in the same run.

A frame is what the window's thread does for one step of the wheel: scroll, follow what arrived, paint with the real
delegate. Times are wall clock; `cpu` figures are the thread's own processor time, which a busy machine disturbs less.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QStringListModel
from PySide6.QtWidgets import QApplication, QListView, QWidget
from sqlalchemy import insert

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.store import ListedMails, NoClues, NoTranslations, SameLanguage
from ui.bridge import Bridge
from ui.inbox.presenter import PAGE, InboxPresenter
from ui.inbox.view import ListColumn
from ui.main import make_application
from ui.theme import theme
from workstation.domain.conversation import Channel
from workstation.domain.events import ConversationsChanged
from workstation.inbox.listing import NO_CLOCK, ListQuery
from workstation.inbox.prepare import Preparer
from workstation.inbox.repo import CONVERSATION
from workstation.inbox.rows import page_sql
from workstation.inbox.service import InboxService
from workstation.inbox.viewing import Views
from workstation.kernel.clock import HOUR, SystemClock
from workstation.kernel.events import Event
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.runtime.thread import CoreThread
from workstation.store import migrate
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.engine import connect
from workstation.store.unit import Unit

RUNS = 200
ROWS = 200_000
CHANGES = 1_000
STEP = 48
KEY = b"k" * 32
QUEUES = ("open", "breaching", "unanswered", "unassigned", "channel:amazon", "lang:pt", "tag:vip", "all")


def measure(runs: int, conversations: int = ROWS, keep: Path | None = None) -> dict[str, Any]:
    """`runs` jumps and pages for each queue, 2 × `runs` frames. Milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        path = home / f"inbox-{conversations}.db"
        if not path.exists():
            fill(path, conversations)
        pages = asyncio.run(_pages(path, runs))
        return {"conversations": conversations, "page_rows": PAGE, **pages, **_window(path, runs)}


def fill(path: Path, conversations: int) -> None:
    """So many conversations of the last two years, three in ten of them with a clock. Deterministic."""
    rng, now = random.Random(4), SystemClock().now()
    database = Database(path, KEY, _quiet)
    migrate.upgrade(database.writer)
    for begin in range(0, conversations, 10_000):
        numbers = range(begin, min(begin + 10_000, conversations))
        rows = [_row(rng, n, now - (conversations - n) * 300_000) for n in numbers]
        with database.writer.begin() as connection:
            connection.execute(insert(CONVERSATION), rows)
    database.close()


def _row(rng: random.Random, number: int, last_at: int) -> dict[str, Any]:
    due = last_at + rng.randrange(24 * HOUR, 800 * 24 * HOUR) if rng.random() < 0.3 else None
    state = rng.choices(("open", "snoozed", "resolved"), (90, 4, 6))[0]
    return {
        "id": f"{rng.getrandbits(128):032x}", "subject": f"Where is order 702-{number:07}-1234567?",
        "channel": rng.choice(tuple(Channel)), "customer_name": rng.choice(("Ana Souza", "田中 太郎", "محمد علي")),
        "customer_address": f"{number}@buyer.example", "language": rng.choice(("pt", "ja", "ar", "en")),
        "store": rng.choice(("EU Shop", "BR Shop")), "last_at": last_at, "due_at": due, "clock_ms": 24 * HOUR,
        "warn_at": due - 6 * HOUR if due is not None else None, "state": state, "snippet": "Onde está? " * 12,
        "unanswered_since": last_at if due is not None else None, "assignee": rng.choice(("", "", "m-ana", "m-ben")),
        "sort_key": due if due is not None and state != "resolved" else NO_CLOCK - last_at,
        "tags": rng.choice(("", "", "\nvip\n", "\nlate\nvip\n")), "issue": rng.choice(("late", "damaged", "")),
    }


def _inbox(database: Database, folder: Path) -> InboxService:
    """The product's own service; only what reads and writes mail is left out."""
    blobs = BlobFiles(folder / "blobs")
    return InboxService(
        database, blobs, SystemClock(), Jobs(_quiet), rules=(), archive=ListedMails(), clues=NoClues(),
        preparer=Preparer(blobs, lambda text: (text, ""), SameLanguage()),
        views=Views(NoTranslations(), (), lambda _text: (), lambda: "en"),
    )


async def _pages(path: Path, runs: int) -> dict[str, Any]:
    """Through the service, as the window asks, beside the statement on a bare connection."""
    database = Database(path, KEY, _quiet)
    inbox, rng = _inbox(database, path.parent), random.Random(5)
    figures: dict[str, Any] = {}
    for queue in QUEUES:
        size = await inbox.size(ListQuery(queue))
        first = [await _timed(partial(inbox.page, ListQuery(queue, limit=PAGE))) for _run in range(runs)]
        places = [rng.randrange(max(1, size)) for _run in range(runs)]
        asked = [ListQuery(queue, limit=PAGE, position=at) for at in places]
        jumps = [await _timed(partial(inbox.page, query)) for query in asked]
        sizes = [await _timed(partial(inbox.size, ListQuery(queue))) for _run in range(runs)]
        named = {"first": first, "jump": jumps, "size": sizes}
        figures[queue] = {"rows": size, **{name: _spread(times) for name, times in named.items()}}
    counts = [await _timed(inbox.queues) for _run in range(min(runs, 50))]
    await asyncio.to_thread(database.close)
    raw = _raw(path, runs)
    ratio = figures["open"]["first"]["p95"] / max(raw["p95"], 0.001)
    return {"queues": figures, "counts": _spread(counts), "raw_first": raw, "first_beside_raw": round(ratio, 2)}


def _raw(path: Path, runs: int) -> dict[str, float]:
    """The first page's statement by itself: no threads, no values of ours."""
    connection = connect(path, KEY, read_only=True)
    sql, values = page_sql(ListQuery(limit=PAGE), 0)
    times = []
    for _run in range(runs):
        begun = time.perf_counter()
        connection.execute(sql, values).fetchall()
        times.append((time.perf_counter() - begun) * 1_000)
    connection.close()
    return _spread(times)


async def _timed(call: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    await call()
    return (time.perf_counter() - begun) * 1_000


def _window(path: Path, runs: int) -> dict[str, Any]:
    """The real column over the real store, and a bare QListView of as many strings."""
    application = make_application()
    theme().apply("light")
    bus, thread, bridge = EventBus(), CoreThread(), Bridge()
    database = Database(path, KEY, bus.publish)
    bridge.attach(replace(make_core(World()), inbox=_inbox(database, path.parent), bus=bus), thread)
    presenter = InboxPresenter(bridge)
    column = ListColumn(presenter)
    column.resize(360, 800)
    presenter.reload()
    _until(application, lambda: not presenter.loading and presenter.model.rowCount() > 0)
    size = presenter.model.rowCount()
    shown = _show(application, column)
    quiet = list(_frames(application, column, runs * 2, presenter))
    work = thread.submit(_change(database, [row.id for row in presenter.model.loaded]))
    busy = list(_frames(application, column, runs * 2, presenter, work.done))
    changed = work.result()
    waits = [_jump(application, column, presenter, at) for at in _places(size, min(runs, 60))]
    bridge.close()
    thread.stop()
    database.close()
    peer = _bare(application, size, runs)
    return {
        "shows_ms": round(shown, 1), "frames_quiet": _both(quiet), "frames_while_changing": _both(busy),
        "changes": changed, "drag_to_loaded_ms": _spread(waits), **peer,
    }


def _show(application: QApplication, widget: QWidget) -> float:
    begun = time.perf_counter()
    widget.show()
    application.processEvents()
    widget.grab()
    return (time.perf_counter() - begun) * 1_000


def _frames(
    application: QApplication, column: ListColumn, least: int, presenter: InboxPresenter,
    done: Callable[[], bool] = lambda: True,
) -> Iterator[tuple[float, float]]:
    """Wheel steps at about sixty a second: wall and processor milliseconds of each."""
    bar, number = column.list.verticalScrollBar(), 0
    bar.setValue(0)
    _until(application, lambda: presenter.model.at(0) is not None)
    while number < least or not done():
        number += 1
        wall, cpu = time.perf_counter(), time.thread_time()
        bar.setValue(bar.value() + STEP)
        application.processEvents()
        yield (time.perf_counter() - wall) * 1_000, (time.thread_time() - cpu) * 1_000
        time.sleep(max(0.0, 0.016 - (time.perf_counter() - wall)))


async def _change(database: Database, ids: Sequence[str]) -> int:
    """A thousand changes as services make them: committed one by one, each announced. Half of them near what is seen,
    half anywhere; one in four moves to another place."""
    rng = random.Random(6)
    anywhere = await database.read(lambda c: [row[0] for row in c.exec_driver_sql(
        "SELECT id FROM conversation WHERE state = 'open' LIMIT 5000")])
    for number in range(CHANGES):
        one = rng.choice(ids if number % 2 else anywhere)
        change = "sort_key = sort_key + 600000" if number % 4 == 0 else "unread = 1 - unread"

        def work(unit: Unit, one: str = one, change: str = change) -> None:
            unit.conn.exec_driver_sql(f"UPDATE conversation SET {change} WHERE id = ?", (one,))  # noqa: S608
            unit.emit(ConversationsChanged((one,)))

        await database.write(work)
        await asyncio.sleep(0.004)
    return CHANGES


def _jump(application: QApplication, column: ListColumn, presenter: InboxPresenter, at: int) -> float:
    """From letting the scroll bar go to rows on the screen."""
    begun = time.perf_counter()
    column.list.verticalScrollBar().setValue(at * 64)
    _until(application, lambda: presenter.model.at(column.list.top_row()) is not None)
    return (time.perf_counter() - begun) * 1_000


def _places(size: int, number: int) -> list[int]:
    rng = random.Random(8)
    return [rng.randrange(max(1, size - 20)) for _place in range(number)]


def _bare(application: QApplication, size: int, runs: int) -> dict[str, Any]:
    view = QListView()
    view.setUniformItemSizes(True)
    view.setModel(QStringListModel([f"Where is order 702-{n:07}-1234567?" for n in range(size)]))
    view.resize(360, 800)
    shown = _show(application, view)
    times = []
    for _run in range(runs):
        wall, cpu = time.perf_counter(), time.thread_time()
        view.verticalScrollBar().setValue(view.verticalScrollBar().value() + STEP)
        application.processEvents()
        times.append(((time.perf_counter() - wall) * 1_000, (time.thread_time() - cpu) * 1_000))
    return {"bare_shows_ms": round(shown, 1), "bare_frames": _both(times)}


def _until(application: QApplication, fact: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not fact():
        application.processEvents()
        if time.monotonic() > end:
            raise TimeoutError("the list did not get there in 30 seconds")
        time.sleep(0.0005)


def _spread(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"p50": round(ordered[len(ordered) // 2], 2), "p95": round(ordered[int(len(ordered) * 0.95)], 2),
            "max": round(ordered[-1], 2)}


def _both(times: Sequence[tuple[float, float]]) -> dict[str, Any]:
    return {"frames": len(times), "wall": _spread([wall for wall, _cpu in times]),
            "cpu": _spread([cpu for _wall, cpu in times])}


def _quiet(_event: Event) -> None:
    """Nobody listens."""
