"""Every queue can be read whatever it counts, and the bar says how many rows are marked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World, make_row
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_team import ME, FakeTeam
from ui.bridge import Bridge
from ui.inbox import queues
from ui.shell import columns
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from workstation.inbox.listing import Queue
from workstation.kernel import i18n
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

NAMES = {"breaching": "Breaching", "unassigned": "Unassigned", "unanswered": "Unanswered"}
MANY = tuple(Queue(key, title, 134_562) for key, title in NAMES.items())
STORE = Queue("store:x", "Loja do Norte e de todas as coisas", 12, "stores")


def inner(width: int) -> int:
    return width - 2 * queues.BESIDE


def test_the_column_is_as_wide_as_the_names_of_the_queues(window: MainWindow, qtbot: QtBot) -> None:
    before = window.queues.width()
    window.inbox.queues = (*MANY, STORE)
    window.inbox.queues_changed.emit()
    qtbot.waitUntil(lambda: window.queues.width() > max(before, columns.MINIMUM[columns.QUEUES]))
    for queue in MANY:
        assert queues.shown(queue, inner(window.queues.width())) == (queue.title, "134,562")
    assert window.width() == 1_280
    widened = window.queues.width()
    window.inbox.queues = tuple(replace(queue, count=1) for queue in MANY)
    window.inbox.queues_changed.emit()
    qtbot.wait(1)
    assert window.queues.width() == widened, "a count that falls moves nothing"


def test_what_people_named_widens_it_less() -> None:
    assert queues.wish(MANY) < queues.wish((*MANY, STORE)) == queues.NAMED < queues.WIDEST
    assert queues.wish((Queue("open", "W" * 200, 5),)) == queues.WIDEST


@pytest.mark.parametrize(("language", "short"), [("en", "135K"), ("zh_CN", "13万")])
def test_in_a_narrow_column_the_name_stays_and_the_count_is_short(language: str, short: str, qtbot: QtBot) -> None:
    i18n.use_language(language)
    narrow = inner(columns.MINIMUM[columns.QUEUES])
    for queue in MANY:
        assert queues.shown(queue, narrow) == (queue.title, short)


def test_a_long_name_loses_its_middle_and_the_tip_has_the_whole(qtbot: QtBot) -> None:
    title, count = queues.shown(STORE, inner(columns.MINIMUM[columns.QUEUES]))
    assert title.startswith("Loja")
    assert "…" in title[3:-3]
    assert count == "12"
    model = queues.QueueModel()
    model.show((STORE,))
    assert model.index(1).data(Qt.ItemDataRole.ToolTipRole) == f"{STORE.title} 12"


def test_the_smallest_window_keeps_its_columns(window: MainWindow, qtbot: QtBot) -> None:
    window.inbox.queues = MANY
    window.inbox.queues_changed.emit()
    window.resize(1_024, 700)
    qtbot.wait(1)
    assert window.width() == 1_024
    assert window.queues.isVisible()


def test_the_bar_counts_before_there_is_a_core(
    lonely_bridge: Bridge, actions: Actions, settings: Settings, qtbot: QtBot,
) -> None:
    window = MainWindow(lonely_bridge, actions, settings)
    qtbot.addWidget(window)
    window.inbox.show_first([make_row(number) for number in range(7)])
    window.resize(1_280, 800)
    window.show()
    window.complete()
    window.list.list.select_all()
    bar = window.list.bar
    assert bar is not None
    qtbot.waitUntil(bar.isVisible)
    qtbot.wait(1)
    assert bar.text == "All 7 selected"
    assert bar._words.text() == "All 7 selected", "on the screen as well"
    window.resize(1_400, 800)
    qtbot.wait(1)
    assert bar._words.text() == "All 7 selected"
    window.list.list.show_row(2)
    window.list.list.toggle()
    assert bar.text == "6 selected"


def test_after_a_change_of_language_the_team_is_known_again(
    lonely_bridge: Bridge, actions: Actions, settings: Settings, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    """The window is built anew over a core that is there already."""
    world.rows = [make_row(0, assignee=ME)]
    lonely_bridge.attach(replace(make_core(world), team=FakeTeam(world)), core_thread)
    window = MainWindow(lonely_bridge, actions, settings)
    qtbot.addWidget(window)
    assert window.inbox.initials(ME) == "", "no letters of an id while the names are not known"
    window.show()
    window.start_again()
    qtbot.waitUntil(lambda: window.inbox.initials(ME) == "WE")
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 1)
    qtbot.wait(20)
