"""The text that was read in a picture: shown, copied, read anew, and its numbers as ways to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import NOW, World
from tests.support.fakecore_rest import make_core
from ui.bridge import Bridge
from ui.evidence.read_text import ReadText
from ui.shell.status import parts
from ui.shell.window import MainWindow
from workstation.domain.events import JobChanged, PictureRead
from workstation.evidence.model import Kind, RecordView
from workstation.evidence.reading.model import Backlog, FoundNumber, PictureText, State
from workstation.evidence.reading.service import JOB
from workstation.kernel.errors import WorkstationError
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
RECORD = RecordView("r1", "c1", Kind.CAPTURE, "Screen 1", NOW, 1, "ab" * 32, 1_234, "image/png", True, False, True)
READ = PictureText("r1", State.READ, "Order 702-5512873-9046218\nLX473124829CN", numbers=(
    FoundNumber("order", "702-5512873-9046218", "amazon", known=True), FoundNumber("tracking", "LX473124829CN")))


@dataclass
class FakeReading:
    """Reads what the test says."""

    told: dict[str, PictureText] = field(default_factory=dict)
    next: PictureText = READ
    problem: WorkstationError | None = None
    asked: list[tuple[str, bool]] = field(default_factory=list)

    async def of(self, source: str) -> PictureText | None:
        return self.told.get(source)

    async def read(self, source: str, *, again: bool = False) -> PictureText:
        self.asked.append((source, again))
        if self.problem is not None:
            raise self.problem
        self.told[source] = replace(self.next, source=source)
        return self.told[source]

    async def backlog(self) -> Backlog:
        return Backlog(0, 0)


@dataclass
class Bench:
    panel: ReadText
    reading: FakeReading
    world: World
    bot: QtBot

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=8_000)


@pytest.fixture
def here(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Bench:
    reading = FakeReading()
    lonely_bridge.attach(replace(make_core(world), reading=reading), core_thread)
    panel = ReadText(lonely_bridge)
    qtbot.addWidget(panel)
    return Bench(panel, reading, world, qtbot)


def test_text_and_numbers_are_shown_and_said_to_be_no_evidence(here: Bench) -> None:
    here.reading.told["r1"] = READ
    here.panel.show_record(RECORD)
    here.until(lambda: len(here.panel.numbers) == 2)
    assert here.panel.isVisible()
    assert here.panel.text.toPlainText() == READ.text
    assert here.panel._note.text() == "Read by a machine; it may be wrong. The picture is the evidence, this is not."
    assert [button.text() for button in here.panel.numbers] == ["✓ 702-5512873-9046218", "LX473124829CN"]
    assert here.panel.numbers[0].accessibleName() == "702-5512873-9046218: Open this order"
    QTest.keyClick(here.panel.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == READ.text


def test_a_number_leads_to_its_conversations_by_keys(here: Bench) -> None:
    unknown = replace(READ.numbers[0], known=False)
    here.reading.told["r1"] = replace(READ, numbers=(unknown, READ.numbers[1]))
    here.panel.show_record(RECORD)
    here.until(lambda: len(here.panel.numbers) == 2)
    wanted: list[str] = []
    here.panel.presenter._bridge.search_wanted.connect(wanted.append)
    for button in here.panel.numbers:
        QTest.keyClick(button, Qt.Key.Key_Space)
    assert wanted == ['order:"702-5512873-9046218"', 'parcel:"LX473124829CN"']


def test_it_is_read_on_demand_and_appears_when_it_was_read_behind(here: Bench) -> None:
    here.panel.show_record(RECORD)
    here.until(here.panel.isVisible)
    assert here.panel.state.text == "Not read yet."
    assert here.panel.text.isHidden()
    QTest.keyClick(here.panel.again, Qt.Key.Key_Space)
    here.until(lambda: bool(here.panel.text.toPlainText()))
    assert here.reading.asked == [("r1", True)]
    assert here.panel.again.text() == "Read again"
    here.reading.told["r1"] = PictureText("r1", State.NOTHING)
    here.world.bus.publish(PictureRead("c1", "m1", "r1"))
    here.until(lambda: here.panel.state.text == "No text was found.")
    assert here.panel.text.isHidden()
    assert here.panel.numbers == []


def test_what_failed_says_why_and_can_be_tried_again(here: Bench) -> None:
    here.reading.told["r1"] = PictureText("r1", State.FAILED, why="It stopped.")
    here.panel.show_record(RECORD)
    here.until(lambda: here.panel.state.text == "It stopped.")
    here.reading.problem = WorkstationError("The engine is missing.", "Install it.")
    here.panel.presenter.read()
    here.until(lambda: "The engine is missing." in here.panel.state.text)
    assert here.panel.again.isEnabled()
    here.reading.told["r2"] = PictureText("r2", State.UNFIT, why="Too large.")
    here.panel.show_record(replace(RECORD, id="r2"))
    here.until(lambda: here.panel.state.text == "Too large.")
    assert here.panel.again.isHidden(), "trying again is of no use"


def test_what_could_not_be_read_is_said_with_the_scripts_that_can(here: Bench) -> None:
    here.reading.told["r1"] = replace(READ, unread=2)
    here.panel.show_record(RECORD)
    here.until(lambda: here.panel._unread.text() == "2 lines could not be read.")
    assert "Arabic" in here.panel._unread.toolTip()


def test_there_is_nothing_to_read_in_a_reply_and_nothing_of_the_last_record_stays(here: Bench) -> None:
    here.reading.told["r1"] = READ
    here.panel.show_record(RECORD)
    here.until(here.panel.isVisible)
    here.panel.show_record(replace(RECORD, id="r3", mime="message/rfc822"))
    assert here.panel.isHidden()
    assert here.panel.text.toPlainText() == ""
    here.panel.show_record(RECORD)
    here.until(here.panel.isVisible)
    here.panel.set_open(False)
    assert here.panel.isHidden()


def test_the_main_window_comes_forward_and_searches_everywhere(window: MainWindow) -> None:
    window.bridge.search_wanted.emit('order:"702-5512873-9046218"')
    assert window.list.search.text() == 'order:"702-5512873-9046218"'
    assert window.inbox.queue == "all"


def test_many_pictures_are_told_in_the_status_line_and_a_few_are_not(window: MainWindow) -> None:
    state = window.status_presenter.state
    window.bridge.job_changed.emit(JobChanged(JOB, "Reading", 0, 0, "running"))
    assert window.status_presenter.state == state
    window.bridge.job_changed.emit(JobChanged(JOB, "Reading", 12, 40, "running"))
    assert "reading pictures: 12 of 40" in [part.text for part in parts(window.status_presenter.state)]
    window.bridge.job_changed.emit(JobChanged(JOB, "Reading", 1, 1, "done"))
    assert window.status_presenter.state.reading == (0, 0)
