"""The case binder over a core in memory: from the exhibits to the pack by keys alone, and nothing jumps on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QAccessible, QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.support.fakebinder import EXHIBITS, FACTS, LETTERS, CaseEvidence, FakeBinder, exhibit
from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import NOW, World
from ui import a11y
from ui.binder import words
from ui.binder.view import BinderWindow
from ui.binder.words import Step
from ui.bridge import Bridge
from workstation.domain.events import BinderChanged, ConnectivityChanged
from workstation.evidence.claims.model import CORRESPONDENCE, Exhibit, Fill, Mark, Need, Slot
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import DiskFull, InputError, NotFound
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
EBAY = "ebay", "PROOF_OF_DELIVERY"
ALT, CTRL, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier, (
    Qt.KeyboardModifier.ShiftModifier)
Key = Qt.Key


@dataclass
class Case:
    """An open binder, and the core behind it."""

    window: BinderWindow
    core: FakeBinder
    world: World
    thread: CoreThread
    bot: QtBot

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=8_000)

    def press(self, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """On whatever has the focus."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.window.pane.model.rows]

    @property
    def said(self) -> str:
        return self.window.said.text

    def settled(self) -> None:
        """Every edit is on disk, and what the core says is on the screen."""
        presenter = self.window.presenter
        self.until(lambda: not presenter._waiting and not presenter._running)
        self.until(lambda: [one.record_id for one in self.core.exhibits] == self.ids)


@pytest.fixture
def world() -> World:
    return case_world()


def opened(bridge: Bridge, thread: CoreThread, world: World, bot: QtBot, core: FakeBinder) -> Case:
    whole, _drafts, _translation = case_core(world)
    bridge.attach(replace(whole, binder=core, evidence=CaseEvidence(world)), thread)
    window = BinderWindow(bridge, "pt", clock=FixedClock(NOW))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    bot.addWidget(window)
    window.resize(1_180, 760)
    window.show()
    window.activateWindow()
    case = Case(window, core, world, thread, bot)
    case.until(lambda: window.presenter.loaded is not None)
    window.pane.list.setFocus()
    return case


@pytest.fixture
def case(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Case:
    return opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world, choice=EBAY))


def test_the_rows_in_words(case: Case) -> None:
    said = [row.spoken for row in case.window.pane.model.rows]
    assert said[0].startswith("1, Region of screen 1, 1180×760, Capture · ")
    assert said[0].endswith("The carrier's page: delivered on 18 November, For: Proof of delivery, time-stamped")
    assert said[2].startswith("left out, Screen 1, 1920×1080")
    assert "not a real screen" in said[2]
    assert [row.number for row in case.window.pane.model.rows] == [1, 2, 0, 3, 4]
    assert case.window.title.full_text.endswith("Cadê o meu pacote?\u2069")


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


def test_the_sheet_names_every_change_and_every_exhibit_that_stayed_out(case: Case, tmp_path: Path) -> None:
    case.window.presenter.compile(tmp_path / "out.zip")
    case.until(lambda: case.window.right.currentWidget() is case.window.sheet)
    text = "\n".join(case.window.sheet.lines)
    for part in ("2 files, 504 KB", "out-full.zip", "A file name was shortened.", "412 KB · 1,200 × 773",
                 "• converted from PNG to JPEG", "• scaled to 1200×773", "91 KB · 3 pages · field receipt",
                 "exhibit 1, ", "No room: this desk takes 1.75 MB in all."):
        assert part in text, part
    case.window.sheet.copied.emit("Text for the dispute", "Order 702")
    assert QGuiApplication.clipboard().text() == "Order 702"
    assert case.said == "Text for the dispute is copied."


def test_held_keys_move_an_exhibit_as_far_as_they_say(case: Case) -> None:
    for _time in range(3):
        case.press(Key.Key_Down, ALT)
    assert case.ids == ["r2", "r3", "r4", "r1", CORRESPONDENCE]      # at once
    case.settled()
    assert case.world.called("move") == [("r1", 1), ("r1", 2), ("r1", 3)]
    for _time in range(3):
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


def test_the_meter_says_what_there_is_and_offers_the_next_thing(case: Case) -> None:
    meter = case.window.page.meter
    assert meter.text == "1 of 6 there, 2 weak, 3 missing"
    line = meter.line("tracking")
    assert line is not None
    assert line.text == "! Carrier and tracking number: Correios, LB123456785CN; last asked 2026-11-18"
    assert line.button.text() == "Fetch the order again"
    line.button.click()
    case.until(lambda: case.world.called("refresh") == ["pt"])
    delivery = meter.line("proof_of_delivery")
    assert delivery is not None
    delivery.show_button.click()
    assert case.window.pane.list.ids() == ("r1",)


def test_what_comes_in_for_a_requirement_stands_for_it(case: Case, tmp_path: Path) -> None:
    signature = case.window.page.meter.line("signature")
    assert signature is not None
    assert signature.button.text() == "Add files…"
    signature.button.click()
    chooser = case.window.chooser
    assert chooser is not None
    chooser.filesSelected.emit([str(tmp_path / "signed.pdf")])
    chooser.close()
    case.until(lambda: len(case.world.called("assign")) == 1)
    assert case.world.called("keep_file") == [("pt", tmp_path / "signed.pdf")]
    assert case.world.called("assign")[0][1] == "signature"  # type: ignore[index]


def test_a_region_is_taken_with_the_binder_out_of_the_way(case: Case) -> None:
    case.window.capture()
    assert not case.window.isVisible()
    case.until(lambda: case.window.taking.overlay is not None)
    overlay = case.window.taking.overlay
    assert overlay is not None
    QTest.keyClick(overlay, Key.Key_Return)
    case.until(lambda: case.said == "1 exhibit was kept.")
    assert case.window.isVisible()
    assert len(case.world.called("seal")) == 1


def test_giving_a_region_up_brings_the_binder_back(case: Case) -> None:
    case.window.capture()
    case.until(lambda: case.window.taking.overlay is not None)
    assert case.window.taking.overlay is not None
    QTest.keyClick(case.window.taking.overlay, Key.Key_Escape)
    case.until(case.window.isVisible)
    assert case.world.called("seal") == []


def test_what_is_pasted_or_dropped_joins_the_case(case: Case, tmp_path: Path) -> None:
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


def test_one_file_that_fails_stops_no_other_and_a_full_disk_stops_all(case: Case, tmp_path: Path) -> None:
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


def test_another_desk_is_remembered_and_what_was_written_is_kept_for_the_one_before(case: Case) -> None:
    page = case.window.page
    box = page.texts.box("explanation")
    assert box is not None
    box.field.setPlainText("My own words")
    page.bar.chosen.emit("stripe", "")
    case.until(lambda: case.core.choice[0] == "stripe")
    case.until(lambda: case.window.presenter.desk is not None and case.window.presenter.desk.id == "stripe")
    assert case.world.called("write") == [("ebay", "PROOF_OF_DELIVERY", "explanation", "My own words")]
    assert page.bar.desks.currentData() == "stripe"


def test_a_proposed_desk_is_said_to_be_one_and_chosen_with_the_first_edit(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot,
) -> None:
    world.rows = [row._replace(issue="late") for row in world.rows]
    case = opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world))
    case.until(lambda: case.window.presenter.desk is not None)
    assert case.window.presenter.desk is not None
    assert case.window.presenter.desk.id == "amazon_a_to_z"
    assert case.window.page.bar._proposed.isVisible()
    assert case.world.called("choose") == []
    case.press(Key.Key_Down, ALT)
    case.settled()
    assert [what[1] for what in case.world.called("choose")] == ["amazon_a_to_z"]  # type: ignore[index]
    assert not case.window.page.bar._proposed.isVisible()


def test_a_text_over_the_limit_is_counted_in_red_and_never_cut(case: Case) -> None:
    box = case.window.page.texts.box("explanation")
    assert box is not None
    box.field.setPlainText("x" * 1_003)
    assert box.counter == "1,003 of 1,000 characters: 3 too many"
    assert box._counter.property("role") == "error"
    box.keep()
    case.until(lambda: len(case.core.written.get("explanation", "")) == 1_003)
    case.until(box.back_button.isVisible)
    box.back_button.click()
    case.until(lambda: case.core.written["explanation"] == "")
    case.until(lambda: box.field.toPlainText().startswith("Order 702"))
    carrier = case.window.page.texts.box("shipping_carrier")
    assert carrier is not None
    assert carrier.counter.endswith("characters, limit not published")


def test_an_unknown_value_says_unknown_and_why(case: Case) -> None:
    text = case.window.page.facts.text
    assert "Delivered on: unknown" in text
    fact = FACTS[-1]
    assert words.source(fact, NOW) == "The carrier has not said that it was delivered."
    assert words.source(FACTS[2], NOW) == "simulated carrier · 3 d · stale"


def test_a_pack_that_cannot_be_made_says_what_to_do(case: Case, tmp_path: Path) -> None:
    case.world.failure = DiskFull("There is no room on the disk; nothing was written.", "Choose another disk.")
    case.window.presenter.compile(tmp_path / "out.zip")
    case.until(lambda: "Choose another disk." in case.said)
    assert case.window.said.button is not None
    assert case.window.said.button.text() == "Choose another place…"
    assert case.window.right.currentWidget() is case.window.page


def test_making_a_pack_can_be_stopped(case: Case, tmp_path: Path) -> None:
    async def gate() -> asyncio.Event:
        return asyncio.Event()

    case.core.gate = case.thread.run(gate())
    case.window.presenter.compile(tmp_path / "out.zip")
    case.until(case.window.progress.isVisible)
    assert not case.window.compile_button.isEnabled()
    case.window.progress.cancelled.emit()
    assert case.said == "Cancelled; nothing was written."
    case.until(case.window.compile_button.isEnabled)


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


def test_a_screen_reader_gets_names_and_whole_sentences(case: Case) -> None:
    assert a11y.unnamed(case.window) == []
    interface = QAccessible.queryAccessibleInterface(case.window.pane.list)
    assert interface.role() == QAccessible.Role.List
    assert interface.child(2).text(QAccessible.Text.Name).startswith("left out, Screen 1")


def test_escape_keeps_what_was_written_and_closes(case: Case) -> None:
    box = case.window.page.texts.box("explanation")
    assert box is not None
    box.field.setPlainText("last words")
    case.press(Key.Key_Escape)
    assert not case.window.isVisible()
    case.until(lambda: case.core.written.get("explanation") == "last words")


@pytest.mark.parametrize(("fill", "slot", "letters", "step"), [
    (Fill.HAVE, "tracking", False, None), (Fill.MISSING, "tracking", False, Step.FETCH),
    (Fill.MISSING, "proof_of_delivery", False, Step.CAPTURE), (Fill.MISSING, "damage_photos", False, Step.KEEP),
    (Fill.MISSING, "communication", False, Step.INCLUDE), (Fill.MISSING, "communication", True, Step.CAPTURE),
    (Fill.MISSING, "a_kind_of_tomorrow", False, Step.FILE),
])
def test_the_next_step(fill: Fill, slot: str, letters: bool, step: Step | None) -> None:
    mark = Mark(Slot(slot, Need.REQUIRED, "Title", "Advice"), fill, "why", "todo")
    assert words.step(mark, letters=letters) is step


def test_of_a_group_one_is_enough() -> None:
    def mark(slot: str, fill: Fill, group: str = "") -> Mark:
        return Mark(Slot(slot, Need.REQUIRED, slot, "", group=group), fill, "", "")

    assert words.required_missing([mark("a", Fill.MISSING, "one"), mark("b", Fill.MISSING, "one")]) == 1
    assert words.required_missing([mark("a", Fill.MISSING, "one"), mark("b", Fill.HAVE, "one")]) == 0
    assert words.required_missing([mark("a", Fill.MISSING), mark("b", Fill.WEAK), mark("c", Fill.MISSING)]) == 2


def test_what_is_left_out_has_no_number() -> None:
    some: tuple[Exhibit, ...] = EXHIBITS[:4]
    assert [at for at, _one in words.numbered(some)] == [1, 2, 0, 3]
