"""The case binder over a core in memory: from the exhibits to the pack by keys alone, and nothing jumps on the way."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPersistentModelIndex, QUrl
from PySide6.QtGui import QAccessible, QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakebinder import EXHIBITS, LETTERS, CaseEvidence, FakeBinder, exhibit
from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import NOW, World
from tests.support.openbinder import ALT, CTRL, EBAY, SHIFT, Case, Key, opened
from ui import a11y
from ui.binder import order, words
from ui.binder.list_model import ExhibitModel, Row
from ui.bridge import Bridge
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from workstation.domain.events import BinderChanged, ConnectivityChanged
from workstation.evidence.claims.model import CORRESPONDENCE, Exhibit
from workstation.kernel.errors import DiskFull, InputError, NotFound
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@pytest.fixture
def world() -> World:
    return case_world()


@pytest.fixture
def case(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Case:
    return opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world, choice=EBAY))


def test_the_rows_in_words_and_for_a_screen_reader(case: Case) -> None:
    said = [row.spoken for row in case.window.pane.model.rows]
    assert said[0].startswith("1, Region of screen 1, 1180×760, Capture · ")
    assert said[0].endswith("The carrier's page: delivered on 18 November, For: Proof of delivery, time-stamped")
    assert said[2].startswith("left out, Screen 1, 1920×1080")
    assert "not a real screen" in said[2]
    assert [row.number for row in case.window.pane.model.rows] == [1, 2, 0, 3, 4]
    assert case.window.title.full_text.endswith("Cadê o meu pacote?\u2069")
    assert a11y.unnamed(case.window) == []
    interface = QAccessible.queryAccessibleInterface(case.window.pane.list)
    assert interface.role() == QAccessible.Role.List
    assert interface.child(2).text(QAccessible.Text.Name).startswith("left out, Screen 1")


def test_the_whole_way_by_keys(case: Case, tmp_path: Path) -> None:
    """Order, caption, slot, left out and back in, the desk's text, the pack and what it says of itself."""
    press = case.press
    press(Key.Key_Down)
    press(Key.Key_Up, ALT)
    case.settled()
    assert case.ids[:2] == ["r2", "r1"]
    press(Key.Key_F2)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "The box")
    press(Key.Key_Return)
    case.until(lambda: case.core.exhibits[0].caption == "The box")
    case.settled()
    assert QApplication.focusWidget() is case.window.pane.list
    press(Key.Key_Space)
    case.settled()
    assert not case.core.exhibits[0].included
    press(Key.Key_Z, CTRL)
    case.settled()
    assert case.core.exhibits[0].included
    press(Key.Key_Tab)
    assert QApplication.focusWidget() is case.window.pane.slots
    press(Key.Key_Down)
    case.settled()
    assert case.world.called("assign") == [("r2", case.window.pane.slots.itemData(1))]
    press(Key.Key_F6)
    assert case.window.page.isAncestorOf(QApplication.focusWidget() or case.window)
    box = case.window.page.texts.box("explanation")
    assert box is not None
    while QApplication.focusWidget() is not box.field:
        press(Key.Key_Tab)
    press(Key.Key_A, CTRL)
    QTest.keyClicks(box.field, "It was delivered.")
    press(Key.Key_Return, CTRL)
    case.until(lambda: case.core.written.get("explanation") == "It was delivered.")
    chooser = case.window.chooser
    assert chooser is not None
    chooser.fileSelected.emit(str(tmp_path / "out.zip"))
    chooser.close()
    case.window.activateWindow()     # as a window manager does
    case.until(lambda: case.window.right.currentWidget() is case.window.sheet)
    assert QApplication.focusWidget() is case.window.sheet.folder
    assert case.world.called("compile") == [("ebay", "PROOF_OF_DELIVERY", tmp_path / "out.zip")]
    press(Key.Key_F6)
    case.window.sheet.back.setFocus()
    press(Key.Key_Space)
    assert QApplication.focusWidget() is case.window.pane.list


def test_held_keys_move_an_exhibit_as_far_as_they_say(case: Case) -> None:
    for _time in range(3):
        case.press(Key.Key_Down, ALT)
    assert case.ids == ["r2", "r3", "r4", "r1", CORRESPONDENCE]      # at once
    case.settled()
    assert case.world.called("move") == [("r1", 1), ("r1", 2), ("r1", 3)]
    for _time in range(4):               # one more than there is to take back
        case.press(Key.Key_Z, CTRL)
    case.settled()
    assert case.ids == [one.record_id for one in EXHIBITS]
    assert not case.window.presenter.can_undo
    case.press(Key.Key_Z, CTRL | SHIFT)
    case.settled()
    assert case.ids == ["r2", "r1", "r3", "r4", CORRESPONDENCE]
    assert case.window.presenter.can_redo


def test_several_go_together_and_come_back_with_one_step(case: Case) -> None:
    rows = case.window.pane.list
    case.press(Key.Key_Down, SHIFT)
    assert rows.ids() == ("r1", "r2")
    case.window.pane.model.moved.emit(("r1", "r2"), 5)
    assert case.ids == ["r3", "r4", CORRESPONDENCE, "r1", "r2"]
    case.settled()
    assert rows.ids() == ("r1", "r2"), "what was chosen stays chosen"
    case.window.presenter.undo()
    case.settled()
    assert case.ids == [one.record_id for one in EXHIBITS]


def test_news_from_elsewhere_move_neither_the_choice_nor_the_list(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot,
) -> None:
    many = [exhibit(number, f"File {number}") for number in range(1, 201)]
    case = opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world, many, choice=EBAY))
    rows, model = case.window.pane.list, case.window.pane.model
    rows.choose("r120")
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().value() - 40)
    top = rows.visualRect(rows.currentIndex()).top()
    asked = len(case.world.called("thumbnail"))
    assert asked < 60, "only what is looked at is asked for"
    with qtbot.assertNotEmitted(model.modelReset):
        case.core.exhibits = [exhibit(300, "New"), *case.core.exhibits[5:]]
        world.bus.publish(BinderChanged("pt"))
        case.settled()
    assert rows.current() is not None
    assert rows.ids() == ("r120",)
    assert rows.visualRect(rows.currentIndex()).top() == top


def test_a_caption_that_is_being_written_survives_news(case: Case) -> None:
    case.press(Key.Key_F2)
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClicks(field, "half a cap")
    case.core.exhibits.append(exhibit(9, "New"))
    case.world.bus.publish(BinderChanged("pt"))
    case.settled()
    assert QApplication.focusWidget() is field
    assert field.text() == "half a cap"
    case.press(Key.Key_Escape)
    assert case.world.called("caption") == []
    assert case.window.isVisible()


def test_a_refused_edit_is_told_and_the_screen_says_what_is_true(case: Case) -> None:
    case.world.failure = NotFound("There is no such exhibit in this binder.", "Open the binder again.")
    case.press(Key.Key_Down, ALT)
    case.until(lambda: case.said == "There is no such exhibit in this binder. Open the binder again.")
    case.settled()
    assert case.ids == [one.record_id for one in EXHIBITS]
    assert not case.window.presenter.can_undo


def test_a_region_is_taken_with_the_binder_out_of_the_way_or_given_up(case: Case) -> None:
    case.window.capture()
    case.until(lambda: case.window.taking.overlay is not None)
    assert case.window.taking.overlay is not None
    QTest.keyClick(case.window.taking.overlay, Key.Key_Escape)
    case.until(case.window.isVisible)
    assert case.world.called("seal") == []
    case.window.capture()
    assert not case.window.isVisible()
    case.until(lambda: case.window.taking.overlay is not None)
    overlay = case.window.taking.overlay
    assert overlay is not None
    QTest.keyClick(overlay, Key.Key_Return)
    case.until(lambda: case.said == "1 exhibit was kept.")
    assert case.window.isVisible()
    assert len(case.world.called("seal")) == 1


def test_what_is_pasted_or_dropped_joins_the_case_and_a_full_disk_stops_it(case: Case, tmp_path: Path) -> None:
    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.jpg")), QUrl.fromLocalFile(str(tmp_path / "b.jpg"))])
    assert case.window.adding.pasted(held)
    case.until(lambda: case.said == "2 exhibits were kept.")
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    QGuiApplication.clipboard().setImage(image)
    case.press(Key.Key_V, CTRL)
    case.until(lambda: case.said == "1 exhibit was kept.")
    assert len(case.world.called("keep_picture")) == 1
    QGuiApplication.clipboard().setText("words")
    case.press(Key.Key_V, CTRL)
    assert case.said == "There is no picture and no file in the clipboard."
    case.world.calls.clear()
    paths = [tmp_path / name for name in ("a", "b", "c")]
    case.world.failure = InputError("a is empty and was not kept.")
    case.window.adding.files(paths)
    case.until(lambda: case.said == "2 exhibits were kept. a is empty and was not kept.")
    case.world.failure = DiskFull("The disk is full.", "Make room.")
    case.window.adding.files(paths)
    case.until(lambda: case.said == "The disk is full. Make room.")
    assert len(case.world.called("keep_file")) == 4


def test_attachments_of_the_messages_are_chosen_and_kept(case: Case) -> None:
    case.window.keep()
    dialog = case.window.keeping
    assert dialog is not None
    case.until(lambda: dialog.model.rowCount() == 2)
    assert dialog.keep.text() == "Keep 2 files"
    QTest.keyClick(dialog.list, Key.Key_Space)
    assert dialog.keep.text() == "Keep 1 file"
    assert a11y.unnamed(dialog) == []
    QTest.keyClick(dialog.list, Key.Key_Return)
    case.until(lambda: case.world.called("keep_attachment") == [("m1", 0)])


def test_a_binder_without_exhibits_says_what_to_do(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot,
) -> None:
    case = opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world, [LETTERS], choice=EBAY))
    assert case.window.pane.hint.isVisible()
    case.core.exhibits.clear()
    world.bus.publish(BinderChanged("pt"))
    case.until(case.window.pane.empty.isVisible)
    assert case.window.pane.empty.sentence.startswith("No exhibits yet.")


def test_without_a_network_the_values_are_said_to_be_old(case: Case) -> None:
    case.world.bus.publish(ConnectivityChanged(False))
    case.until(lambda: case.window.offline.text.startswith("No network"))
    case.world.bus.publish(ConnectivityChanged(True))
    case.until(lambda: not case.window.offline.isVisible())


def test_escape_keeps_what_was_written_and_closes(case: Case) -> None:
    box = case.window.page.texts.box("explanation")
    assert box is not None
    box.field.setPlainText("last words")
    case.press(Key.Key_Escape)
    assert not case.window.isVisible()
    case.until(lambda: case.core.written.get("explanation") == "last words")


def test_what_is_left_out_has_no_number() -> None:
    some: tuple[Exhibit, ...] = EXHIBITS[:4]
    assert [at for at, _one in words.numbered(some)] == [1, 2, 0, 3]


def test_an_erased_exhibit_and_a_copy_say_so(case: Case) -> None:
    world = case.world
    world.records[1] = replace(world.records[1], erased_at=NOW)
    world.records[3] = replace(world.records[3], derived_from="r1", operations=("redact 0,0,40,12",))
    world.bus.publish(BinderChanged("pt"))
    case.until(lambda: case.window.pane.model.rows[1].erased)
    rows = case.window.pane.model.rows
    assert rows[1].marks[0] == ("failed", "erased")
    assert rows[3].facts.startswith("redacted copy of exhibit 1 · ")
    case.window.pane.list.choose("r2")
    assert not case.window.pane.open_button.isEnabled()


def test_rows_follow_any_other_order() -> None:
    def row(name: str) -> Row:
        return Row(name, 1, name, "", (), "", "", True)

    for before in permutations("abc"):
        for after in permutations("abcde", 4):
            model = ExhibitModel()
            model.show([row(name) for name in before])
            chosen = QPersistentModelIndex(model.index(0))
            model.show([row(name) for name in after])
            assert [one.id for one in model.rows] == list(after)
            if before[0] in after:
                assert model.row(chosen.row()) == row(before[0]), "a row keeps what points at it"
            else:
                assert not chosen.isValid()


def test_moves_lead_to_the_order_that_was_meant() -> None:
    every = ["a", "b", "c", "d", "e"]
    for count in range(1, 4):
        for ids in combinations(every, count):
            for place in range(6):
                rest = [one for one in every[:place] if one not in ids]
                meant = [*rest, *ids, *(one for one in every if one not in ids and one not in rest)]
                assert order.after(every, order.dropped(every, ids, place)) == meant
    assert order.shifted(every, ("a", "b"), -1) == []
    assert order.after(every, order.shifted(every, ("b", "c"), -1)) == ["b", "c", "a", "d", "e"]
    assert order.after(every, order.shifted(every, ("d", "e"), 1)) == every


def test_a_key_opens_the_binder_of_the_conversation_that_is_read(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot, actions: Actions, settings: Settings,
) -> None:
    """Once for each case; without a conversation it says what to do."""
    core, _drafts, _translation = case_core(world)
    whole = replace(core, binder=FakeBinder(world, choice=EBAY), evidence=CaseEvidence(world))
    lonely_bridge.attach(whole, core_thread)
    window = MainWindow(lonely_bridge, actions, settings)
    qtbot.addWidget(window)
    window.show()
    window.complete()
    window.start_again()
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() > 0)
    window.activateWindow()
    window.list.list.setFocus()
    QTest.keyClick(window, Key.Key_B, CTRL | SHIFT)
    qtbot.waitUntil(lambda: "Open a conversation first" in window.toast.text)
    window.open_conversation("pt")
    qtbot.waitUntil(lambda: window.case.panel.evidence.presenter.conversation_id == "pt")
    binders = window.case.panel.evidence.binder
    QTest.keyClick(window, Key.Key_B, CTRL | SHIFT)
    qtbot.waitUntil(lambda: list(binders.windows) == ["pt"])
    first = binders.windows["pt"]
    qtbot.waitUntil(lambda: first.pane.model.rowCount() == 5)
    window.activateWindow()
    QTest.keyClick(window, Key.Key_B, CTRL | SHIFT)
    assert binders.windows["pt"] is first
    QTest.keyClick(first, Key.Key_Escape)
    qtbot.waitUntil(lambda: not isValid(first))
    window.activateWindow()
    QTest.keyClick(window, Key.Key_B, CTRL | SHIFT)
    qtbot.waitUntil(lambda: binders.windows["pt"].pane.model.rowCount() == 5)
