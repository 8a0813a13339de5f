"""Before the core is there nothing is claimed that nobody has read: lists and conversations say that they load."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World, make_row
from tests.support.fakecore_rest import make_core
from ui.bridge import Bridge
from ui.errors.catcher import Catcher
from ui.inbox.search_help import SearchHelp
from ui.shell.actions import Actions
from ui.shell.program import Program
from ui.shell.window import MainWindow
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import ElidedChip
from workstation.kernel.errors import StoreError
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread


@pytest.fixture
def window(lonely_bridge: Bridge, actions: Actions, settings: Settings, qtbot: QtBot) -> MainWindow:
    """As it stands before there is a core."""
    made = MainWindow(lonely_bridge, actions, settings)
    made.resize(1_280, 800)
    qtbot.addWidget(made)
    made.show()
    made.complete()
    return made


def test_an_empty_first_page_claims_nothing(
    window: MainWindow, lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    """A store of an older program is read by the core only."""
    window.inbox.show_first(())
    assert window.list.empty.sentence in ("", "Loading conversations…")
    qtbot.waitUntil(lambda: window.list.empty.sentence == "Loading conversations…")
    world.rows = []
    lonely_bridge.attach(make_core(world), core_thread)
    qtbot.waitUntil(lambda: window.list.empty.sentence == "Nobody is waiting for an answer.")


def test_a_core_that_never_comes_is_no_endless_wait(settings: Settings, qtbot: QtBot) -> None:
    program = Program(settings, Catcher())
    try:
        program.show(())
        inbox = program.window.inbox
        assert inbox.loading
        program.core_failed(StoreError("The store cannot be read.", "Restore a backup."))
        qtbot.waitUntil(lambda: not inbox.loading)
        assert "cannot be read" in program.window.list.empty.sentence
    finally:
        program.bridge.close()
        program.window.close()
        program.window.deleteLater()
        program.deleteLater()


def test_a_conversation_that_takes_long_says_so(
    window: MainWindow, lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    window.inbox.show_first([make_row(number) for number in range(3)])
    window.list.list.show_row(1)
    view = window.middle.conversation
    assert view._empty.sentence == "", "a short wait is not spoken of"
    qtbot.waitUntil(lambda: view._empty.sentence == "Loading the conversation…")
    assert window.case.panel.isVisible()
    lonely_bridge.attach(make_core(world), core_thread)
    qtbot.waitUntil(lambda: len(view.timeline.bubbles()) == 1)
    qtbot.wait(20)


def test_without_a_conversation_there_is_nothing_to_check(window: MainWindow) -> None:
    assert not window.case.panel.isVisible()
    assert window.case.empty.sentence == "What is known of the order, the parcel and the buyer stands here."


def test_chips_go_on_in_the_next_line_and_none_is_cut(window: MainWindow, qtbot: QtBot) -> None:
    window.list.focus_search()
    window.list.search.setText("is:unanswered before:soon -channel:ebay from:ana")
    window.list._help_search("")
    help_ = window.list.help
    assert isinstance(help_, SearchHelp)
    qtbot.waitUntil(lambda: help_.height() > 40)
    for made in help_._made:
        assert made.text() == made.full_text
    tops = {made.geometry().top() for made in help_._made}
    assert len(tops) > 1
    wrong = [made.full_text for made in help_._made if made.property("role") == "chip-warn"]
    assert wrong == ["before: soon"]


def test_a_chip_wider_than_its_line_is_shortened(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    flow = FlowLayout(host)
    for text in ("short", "a tag that is much longer than the line that it stands in"):
        flow.addWidget(ElidedChip(text))
    host.resize(150, flow.heightForWidth(150))
    host.show()
    first, second = (flow.itemAt(at).widget() for at in range(2))  # type: ignore[union-attr]
    assert isinstance(second, ElidedChip)
    assert second.text().endswith("…")
    assert second.toolTip() == second.full_text
    assert first is not None
    assert second.geometry().right() <= 150
    assert second.geometry().top() > first.geometry().bottom()
    flow.takeAt(0)
    assert flow.count() == 1
