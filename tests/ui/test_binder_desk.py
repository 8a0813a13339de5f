"""The desk's side of the binder: what it wants, values and texts, the pack, and what is said of each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakebinder import FACTS, FakeBinder
from tests.support.fakecase import QUIET_PLATFORM, case_world
from tests.support.fakecore import NOW, World
from tests.support.openbinder import ALT, EBAY, Case, Key, opened
from ui import a11y
from ui.binder import words
from ui.binder.words import Step
from ui.bridge import Bridge
from workstation.domain.events import BinderChanged
from workstation.evidence.claims.model import Fact, Fill, Mark, Need, Slot
from workstation.kernel.errors import DiskFull
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@pytest.fixture
def world() -> World:
    return case_world()


@pytest.fixture
def case(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Case:
    return opened(lonely_bridge, core_thread, world, qtbot, FakeBinder(world, choice=EBAY))


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


def test_an_exhibit_is_shown_chosen_whatever_keys_are_held(case: Case) -> None:
    case.window.pane.show_exhibits(("r1",))
    QTest.keyPress(case.window, Qt.Key.Key_Control, Qt.KeyboardModifier.ControlModifier)   # to Qt's list a toggle
    try:
        case.window.pane.show_exhibits(("r1",))
        assert case.window.pane.list.ids() == ("r1",)
    finally:
        QTest.keyRelease(case.window, Qt.Key.Key_Control)


def test_what_there_is_what_is_unknown_and_the_next_thing(case: Case) -> None:
    text = case.window.page.facts.text
    assert "Delivered on: unknown" in text
    fact = FACTS[-1]
    assert words.source(fact, NOW) == "The carrier has not said that it was delivered."
    assert words.source(FACTS[2], NOW) == "simulated carrier · 3 d · stale"
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


def test_a_pack_that_cannot_be_made_says_what_to_do_and_making_one_can_be_stopped(case: Case, tmp_path: Path) -> None:
    case.world.failure = DiskFull("There is no room on the disk; nothing was written.", "Choose another disk.")
    case.window.presenter.compile(tmp_path / "out.zip")
    case.until(lambda: "Choose another disk." in case.said)
    assert case.window.said.button is not None
    assert case.window.said.button.text() == "Choose another place…"
    assert case.window.right.currentWidget() is case.window.page

    async def gate() -> asyncio.Event:
        return asyncio.Event()

    case.core.gate = case.thread.run(gate())
    case.window.presenter.compile(tmp_path / "out.zip")
    case.until(case.window.progress.isVisible)
    assert not case.window.compile_button.isEnabled()
    case.window.progress.cancelled.emit()
    assert case.said == "Cancelled; nothing was written."
    case.until(case.window.compile_button.isEnabled)


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


def test_a_translation_names_who_made_it(case: Case) -> None:
    case.window.translate(case.core.exhibits[1])
    nobody = case.window.translation
    assert nobody is not None
    nobody.text.setPlainText("The box")
    assert not nobody.save.isEnabled()
    assert nobody.said.text == "Say who translated it: the pack names them."
    nobody.editor.setText("Li Wei")
    assert nobody.save.isEnabled()
    nobody.reject()
    assert case.world.called("translate") == []

    case.window.pane.list.choose("r2")
    case.window.pane.translation.click()
    dialog = case.window.translation
    assert dialog is not None
    assert a11y.unnamed(dialog) == []
    dialog.read_button.click()
    case.until(lambda: dialog.said.text.startswith("This version cannot read text in pictures."))
    dialog.language.setCurrentIndex(dialog.language.findData("pt"))
    dialog.original.setPlainText("a caixa")
    dialog.translate_button.click()
    case.until(lambda: bool(dialog.text.toPlainText()))
    assert dialog.said.text.startswith("Machine translation by ")
    machine = dialog.text.toPlainText()
    dialog.save.click()
    case.until(lambda: case.core.exhibits[1].translation is not None)
    case.settled()
    made = case.core.exhibits[1].translation
    assert made is not None
    assert (made.text, made.machine, case.core.exhibits[1].language) == (machine, True, "pt")
    assert case.window.pane.model.rows[1].marks[-1] == ("warn", "machine translation")
    case.window.pane.translation.click()
    again = case.window.translation
    assert again is not None
    again.editor.setText("Li Wei")
    again.save.click()
    case.until(lambda: case.window.pane.model.rows[1].marks[-1] == ("pass", "translated"))
    case.window.presenter.undo()
    case.until(lambda: case.window.pane.model.rows[1].marks[-1] == ("warn", "machine translation"))


def test_no_line_lies_over_another_whatever_the_desk_wants(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot,
) -> None:
    """The page is as high as its words need: with many values, with none that is known, and for another desk."""
    more = tuple(Fact(f"more{n}", f"More {n}", "a value", "shop", NOW) for n in range(16))
    core = FakeBinder(world, facts=(*more, *FACTS), choice=("amazon_a_to_z", "not_received"))
    case = opened(lonely_bridge, core_thread, world, qtbot, core)
    desk = case.window.page

    def fits() -> bool:
        page = desk.scrolled.widget()
        assert page is not None
        return page.height() >= page.heightForWidth(page.width())

    def look() -> None:
        qtbot.wait(120)       # looked at once only: asking for a height also settles it
        assert fits()

    look()
    core.facts = tuple(replace(one, value="") for one in FACTS)
    world.bus.publish(BinderChanged("pt"))
    case.until(lambda: "More 1" not in desk.facts.text)
    look()
    desk.bar.chosen.emit("ebay", "")
    case.until(lambda: desk.meter.line("shipping") is None)
    look()
