"""Opening and scrolling conversations of 5, 500 and 50,000 messages in the real column over a real encrypted store,
beside a bare QTextBrowser that shows thirty of the same messages.

`first` is from asking for a conversation to the first paint with a message in it; `settled` until nothing is left to be
made. A frame is one turn of the event loop while the view goes through the whole conversation in steps; `frame_worked`
is how much of it the main thread was at work, which other programs of the machine do not change. Milliseconds.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from tests.bench.corpus import LANGUAGES, _text
from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.store import NoClues, NoTranslations, SameLanguage
from ui.bridge import Bridge
from ui.conversation.view import ConversationView
from ui.shell.actions import Actions
from ui.theme import theme
from workstation.app.adapters import survivors
from workstation.inbox.model import ConversationView as Opened
from workstation.inbox.prepare import Preparer
from workstation.inbox.service import InboxService
from workstation.inbox.viewing import Views
from workstation.kernel.clock import SystemClock
from workstation.kernel.settings import Settings
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.runtime.thread import CoreThread
from workstation.store import search
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit

SIZES = (5, 500, 50_000)
RUNS = 20
STEPS = 240
PATIENCE = 20.0
SIZE = (760, 620)
Pair = tuple[float, float]
T0 = 1_780_000_000_000
_CONVERSATION = (
    "INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, language, "
    "market, store, snippet, unread, dismissed_at, clock_ms, last_at, issue, delivery, sort_key) VALUES "
    "(?, '', 'Hello', 'email', 'open', 'Ana Souza', 'ana@mail.example', 'pt', 'BR', 'casa', '', 0, 0, 0, ?, '', "
    "'done', 0)"
)
_MESSAGE = (
    "INSERT INTO message(id, conversation_id, direction, at, author_email, author_name, recipients, cc, reply_to, "
    "subject, text, quoted, language, message_id, content_key, automatic, problems, delivery, delivery_sentence, "
    "outgoing_id, original, original_language) VALUES (?, ?, ?, ?, 'ana@mail.example', 'Ana Souza', '[]', '[]', '', "
    "'s', ?, ?, ?, ?, ?, 0, '[]', 'done', '', '', '', '')"
)


@dataclass
class Painted(QObject):
    """Notes when a widget is painted."""

    seen: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.seen.append(time.perf_counter())
        return super().eventFilter(watched, event)


def measure(runs: int) -> dict[str, object]:
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme().apply("light")
    with tempfile.TemporaryDirectory() as folder, standing(Path(folder), application) as room:
        texts = room.texts(30)
        opened: dict[int, list[Pair]] = {size: [] for size in SIZES}
        peer: list[float] = []
        for _run in range(runs):
            for size in SIZES:
                opened[size].append(room.open(size))
            peer.append(room.browse(texts))
        frames = {size: room.scroll(size) for size in SIZES}
    return _figures(runs, opened, peer, frames)


def _figures(
    runs: int, opened: dict[int, list[Pair]], peer: Sequence[float], frames: dict[int, list[Pair]],
) -> dict[str, object]:
    found: dict[str, object] = {
        "runs": runs, "peer_browser_30_p50": _at(peer, 0.5), "peer_browser_30_p95": _at(peer, 0.95)}
    for size in SIZES:
        for name, values in zip(("first", "settled"), zip(*opened[size], strict=True), strict=True):
            found[f"{name}_{size}_p50"], found[f"{name}_{size}_p95"] = _at(values, 0.5), _at(values, 0.95)
        for kind, values in zip(("frame", "frame_worked"), zip(*frames[size], strict=True), strict=True):
            for part, name in ((0.5, "p50"), (0.95, "p95"), (1.0, "max")):
                found[f"{kind}_{size}_{name}"] = _at(values, part)
            found[f"{kind}_{size}_over_8.3_ms"] = f"{sum(one > 8.3 for one in values)} of {len(values)}"
    few, full, many = (median(pair[0] for pair in opened[size]) for size in SIZES)
    found["ratio_50000_to_5_first"] = round(many / few, 2)     # five messages do not fill the column
    found["ratio_50000_to_500_first"] = round(many / full, 2)
    settled = [median(pair[1] for pair in opened[size]) for size in (SIZES[0], SIZES[-1])]
    found["ratio_50000_to_5_settled"] = round(settled[1] / settled[0], 2)
    found["ratio_50000_to_browser"] = round(many / median(peer), 2)
    return found


def _at(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)


@dataclass
class Room:
    """The column, alone in a window, over a store on its own threads."""

    application: QApplication
    view: ConversationView
    inbox: InboxService
    thread: CoreThread
    paints: Painted

    def until(self, fact: Callable[[], bool]) -> None:
        end = time.perf_counter() + PATIENCE
        while not fact():
            self.application.processEvents()
            time.sleep(0)
            assert time.perf_counter() < end, "it never happened"

    def open(self, size: int) -> tuple[float, float]:
        """Milliseconds to the first paint of a message, and until nothing is left to be made."""
        timeline = self.view.timeline
        self.view.show_conversation(None)
        self.until(lambda: not timeline.bubbles())
        self.application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        begun = time.perf_counter()
        self.view.show_conversation(f"c{size}")
        self.until(lambda: bool(timeline.bubbles()))
        self.paints.seen.clear()
        self.until(lambda: bool(self.paints.seen))
        first = self.paints.seen[0]
        self.until(lambda: timeline.settled)
        return (first - begun) * 1_000, (time.perf_counter() - begun) * 1_000

    def scroll(self, size: int) -> list[Pair]:
        """The turns of the event loop while the view goes from the newest to the oldest message in STEPS steps: how
        long each took, and how much of that the main thread was at work."""
        self.open(size)
        bar, frames = self.view.timeline.verticalScrollBar(), list[tuple[float, float]]()
        for step in range(STEPS):
            bar.setValue(round(bar.maximum() * (1 - step / STEPS)))
            for _turn in range(3):
                begun, worked = time.perf_counter(), time.thread_time()
                self.application.processEvents()
                frames.append(((time.perf_counter() - begun) * 1_000, (time.thread_time() - worked) * 1_000))
                time.sleep(0.002)
        self.until(lambda: self.view.timeline.settled)
        return frames

    def texts(self, count: int) -> list[str]:
        view: Opened = self.thread.run(self.inbox.conversation(f"c{SIZES[-1]}"))
        return [message.text for message in view.messages[-count:]]

    def browse(self, texts: Sequence[str]) -> float:
        """The same words in a bare text browser, from nothing to painted."""
        begun = time.perf_counter()
        browser, paints = QTextBrowser(), Painted()
        browser.resize(*SIZE)
        browser.viewport().installEventFilter(paints)
        browser.setHtml("".join(f"<p><b>Ana Souza</b> 10:02</p><p>{escape(text)}</p>" for text in texts))
        browser.show()
        self.until(lambda: bool(paints.seen))
        browser.close()
        browser.deleteLater()
        return (paints.seen[0] - begun) * 1_000


@contextmanager
def standing(folder: Path, application: QApplication) -> Iterator[Room]:
    thread, bus = CoreThread(), EventBus()
    database = Database(folder / "workstation.db", b"k" * 32, bus.publish)
    inbox = thread.run(_filled(database, folder, bus))
    bridge = Bridge()
    bridge.attach(replace(make_core(World(bus=bus)), inbox=inbox, bus=bus), thread)
    settings = Settings(folder / "settings.json")
    view, paints = ConversationView(bridge, Actions(settings), settings=settings), Painted()
    view.resize(*SIZE)
    view.timeline.viewport().installEventFilter(paints)
    view.show()
    try:
        yield Room(application, view, inbox, thread, paints)
    finally:
        _close(view, bridge, application)
        thread.stop()
        database.close()


def _close(view: QWidget, bridge: Bridge, application: QApplication) -> None:
    view.close()
    view.deleteLater()
    bridge.close()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def _filled(database: Database, folder: Path, bus: EventBus) -> InboxService:
    from tests.support.tables import every_table

    every_table().create_all(database.writer)
    await database.write(lambda unit: unit.conn.exec_driver_sql(search.CREATE))
    for size in SIZES:
        await database.write(lambda unit, size=size: _fill(unit, size))  # type: ignore[misc]
    blobs = BlobFiles(folder / "blobs")
    return InboxService(
        database, blobs, SystemClock(), Jobs(bus.publish), rules=(), archive=_NoArchive(), clues=NoClues(),
        preparer=Preparer(blobs, lambda text: (text, ""), SameLanguage()),
        views=Views(NoTranslations(), (), survivors, lambda: "en"),
    )


class _NoArchive:
    def raws(self, path: Path) -> Iterator[Any]:
        return iter(())

    def read(self, path: Path) -> Iterator[Any]:
        return iter(())


def _fill(unit: Unit, size: int) -> None:
    """Messages of ten to two hundred words in six languages, a third of them ours, some with quoted history."""
    chance, name = Random(f"conversation {size}"), f"c{size}"
    unit.conn.exec_driver_sql(_CONVERSATION, (name, T0 + size * 1_000))
    unit.conn.exec_driver_sql(_MESSAGE, [
        (f"{name}-{n}", name, "out" if n % 3 == 2 else "in", T0 + n * 600_000, _words(chance),
         "On Monday you wrote:\n> the parcel left" if n % 4 == 1 else "", chance.choice(LANGUAGES),
         f"<{name}-{n}@mail.example>", f"{name}-{n}") for n in range(size)])


def _words(chance: Random) -> str:
    language = chance.choice(LANGUAGES)
    lines = [_text(chance, language, chance.randint(5, 40)) for _line in range(chance.randint(1, 5))]
    return "\n".join((*lines, f"702-{chance.randrange(10**7):07}-{chance.randrange(10**7):07}"))
