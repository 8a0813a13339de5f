"""The playbook beside the conversation: the next step is named with what it lacks, and keys do it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support import tree
from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakeplaybooks import STEPS, FakePlaybooks, late
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.playbooks.view import PlaybookSection
from ui.shell.window import MainWindow
from workstation.domain.events import ChecksChanged, PlaybookChanged
from workstation.playbooks.model import Course, State, Step
from workstation.runtime.thread import CoreThread


@pytest.fixture
def playbooks(world: World) -> FakePlaybooks:
    return FakePlaybooks(world)


@pytest.fixture
def bridge(
    lonely_bridge: Bridge, world: World, core_thread: CoreThread, playbooks: FakePlaybooks, qtbot: QtBot
) -> Bridge:
    lonely_bridge.attach(replace(make_core(world), playbooks=playbooks), core_thread)
    return lonely_bridge


@pytest.fixture
def section(window: MainWindow, qtbot: QtBot) -> PlaybookSection:
    window.open_conversation("c000000")
    shown = window.case.playbook
    qtbot.waitUntil(lambda: "step 2 of 5" in shown.text)
    window.list.list.setFocus()
    return shown


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)


SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_the_next_step_stands_first_with_what_it_lacks_and_what_gets_it(
    section: PlaybookSection, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    assert section.text.split("\n")[:4] == [
        "Late · step 2 of 5", "Capture the carrier’s page",
        "Its events disappear after some weeks, and a claim needs them.",
        "Needs a capture · No capture is kept in this case yet."]
    assert "Amazon: no outside tracking link in the message.\nNothing new for 14 days: to a supervisor" in section.text
    assert "Find the order" not in section.text, "the others are folded"
    assert section.current.get.text() == "Capture the screen"
    press(window, Qt.Key.Key_G, SHIFT)
    qtbot.waitUntil(lambda: bool(world.called("grab") or world.called("capture")))


def test_a_key_ticks_it_and_the_way_back_is_offered(
    section: PlaybookSection, window: MainWindow, world: World, bridge: Bridge, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    bridge.noticed.connect(notices.append)
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: "step 3 of 5" in section.text)
    assert world.called("mark") == [("proof", State.DONE, "")]
    qtbot.waitUntil(lambda: bool(notices))
    press(window, Qt.Key.Key_Z)
    qtbot.waitUntil(lambda: "step 2 of 5" in section.text)


def test_a_step_is_left_out_with_a_reason_only(
    section: PlaybookSection, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    press(window, Qt.Key.Key_F, SHIFT)
    field = section.current.reason
    qtbot.waitUntil(field.hasFocus)
    press(window, Qt.Key.Key_Return)
    press(window, Qt.Key.Key_Escape)
    assert field.isHidden()
    assert world.called("mark") == []
    press(window, Qt.Key.Key_F, SHIFT)
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "no page")
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "step 3 of 5" in section.text)
    assert world.called("mark") == [("proof", State.SKIPPED, "no page")]
    assert field.isHidden()


def test_asking_the_buyer_writes_into_the_draft_what_can_be_changed_and_undone(
    section: PlaybookSection, window: MainWindow, qtbot: QtBot
) -> None:
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: section.current.get.text() == "Ask the buyer")
    assert section.current.say.isHidden(), "one button is enough for it"
    press(window, Qt.Key.Key_G, SHIFT)
    body = window.middle.composer.body
    qtbot.waitUntil(lambda: body.toPlainText() == "Could you please send a picture of the damage?")
    assert body.hasFocus()
    body.undo()
    assert body.toPlainText() == ""
    window.list.list.setFocus()
    press(window, Qt.Key.Key_F)
    qtbot.waitUntil(lambda: "step 4 of 5" in section.text)
    body.setPlainText("Hello Ana,")
    body.moveCursor(body.textCursor().MoveOperation.End)
    section.current.say.setFocus()
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: body.toPlainText() == "Hello Ana,\nI have checked your parcel with the carrier.")


def test_all_steps_unfold_say_how_they_stand_and_are_taken_back_by_keys(
    section: PlaybookSection, window: MainWindow, world: World, qtbot: QtBot
) -> None:
    press(window, Qt.Key.Key_H)
    assert [row.step.id for row in section.rows] == [step.id for step in STEPS]
    assert "Order 702-1234567-1234567 is this buyer's (shop · loja-1)" in section.text
    assert "No refund before a supervisor agreed." in section.text
    assert section.rows[0].accessibleName().startswith("Step 1 of 5, satisfied by itself: Find the order. Order 702-")
    section.rows[1].setFocus()
    press(window, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "done by Ana" in section.text)
    assert section.rows[1].hasFocus(), "what was pressed is drawn anew, and the focus stays with it"
    press(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: world.called("mark") == [("proof", State.DONE, ""), ("proof", State.OPEN, "")])
    qtbot.waitUntil(lambda: "step 2 of 5" in section.text)
    section.fold.setFocus()
    press(window, Qt.Key.Key_Space)
    assert section.rows == []


def test_another_playbook_is_chosen_by_keys(
    section: PlaybookSection, window: MainWindow, world: World, bridge: Bridge, playbooks: FakePlaybooks, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    bridge.noticed.connect(notices.append)
    playbooks.wrong = ("The playbook in vip2.toml cannot be used: step.1.id: no.",)
    press(window, Qt.Key.Key_P, SHIFT)
    qtbot.waitUntil(lambda: section.menu is not None and section.menu.isVisible())
    menu = section.menu
    assert menu is not None
    assert [line.text() for line in menu.actions()] == ["&L  Late", "&D  Damaged", "Regulars && friends"]
    assert [line.isChecked() for line in menu.actions()] == [True, False, False]
    assert [notice.text for notice in notices] == list(playbooks.wrong), "what of one's own is wrong is said here"
    QTest.keyClick(menu, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: "Damaged · step 2 of 5" in section.text)
    assert world.called("choose") == [("c000000", "damaged")]


def test_where_nobody_said_what_it_is_about_a_playbook_can_be_chosen(
    window: MainWindow, playbooks: FakePlaybooks, qtbot: QtBot
) -> None:
    playbooks.courses["c000001"] = Course("c000001")
    window.open_conversation("c000001")
    section = window.case.playbook
    qtbot.waitUntil(lambda: "Nobody said yet what this is about." in section.text)
    assert section.choice.text() == "Choose a playbook"
    assert section.current.isHidden()
    assert section.fold.isHidden()
    window.list.list.setFocus()
    for key in (Qt.Key.Key_F, Qt.Key.Key_H):
        press(window, key)
    press(window, Qt.Key.Key_F, SHIFT)
    press(window, Qt.Key.Key_G, SHIFT)
    done = replace(late("c000001"), steps=tuple(replace(step, state=State.DONE) for step in STEPS))
    playbooks._set(done)
    qtbot.waitUntil(lambda: "Late · all 5 steps are done" in section.text)


def test_leafing_past_asks_nothing_and_news_of_others_is_not_ours(
    window: MainWindow, world: World, qtbot: QtBot
) -> None:
    for number in range(6):
        window.open_conversation(f"c{number:06}")
    section = window.case.playbook
    qtbot.waitUntil(lambda: "step 2 of 5" in section.text)
    assert world.called("course") == ["c000005"]
    world.bus.publish(PlaybookChanged("c000001"))
    world.bus.publish(ChecksChanged("c000005"))
    qtbot.waitUntil(lambda: world.called("course") == ["c000005", "c000005"])


def test_a_screen_reader_finds_all_of_it(section: PlaybookSection, window: MainWindow) -> None:
    section.toggle()
    assert a11y.unnamed(section) == []
    found = tree.text(section)
    for line in ("Follow another playbook", "Done: Capture the carrier’s page", "Capture the screen",
                 "Leave out: Capture the carrier’s page", "Step 4 of 5, open: Tell the buyer where it is"):
        assert line in found


def test_long_words_of_ones_own_are_wrapped_and_not_believed(
    section: PlaybookSection, window: MainWindow, playbooks: FakePlaybooks, qtbot: QtBot
) -> None:
    long = Step("x", "Wort" * 90 + " \u05d0\u05d1 <b>bold</b>", "W" * 400, missing="<img src='file:///x'>")
    playbooks._set(replace(late("c000000"), steps=(long,), never=("N" * 400,)))
    qtbot.waitUntil(lambda: "step 1 of 1" in section.text)
    section.toggle()
    assert "<b>bold</b>" in section.current.title.text()
    assert section.current.title.textFormat() is Qt.TextFormat.PlainText
    assert section.minimumSizeHint().width() <= 240
