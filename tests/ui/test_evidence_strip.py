"""The strip of proof: what is kept says how sure it is, a region is chosen to the pixel by mouse or keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, Qt
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM, CaseDrafts, case_core, case_world
from tests.support.fakecore import NOW, World
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.evidence import words
from ui.evidence.region import RegionOverlay
from ui.evidence.selection import SMALLEST, Selection
from ui.evidence.view import EvidenceStrip
from ui.shell.actions import Actions
from workstation.drafts.model import Draft, Mode
from workstation.evidence.model import (
    CaptureRequest,
    Finding,
    Grab,
    Kind,
    Monitor,
    RecordView,
    Rect,
    VerifyReport,
)
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import BlankScreen
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
RECORD = RecordView("r9", "pt", Kind.CAPTURE, "Capture of screen 1", NOW, 7, "ab" * 32, 1_234, "image/png", True, True,
                    True, 320, 200)


@dataclass
class Strip:
    """A strip over a core that tests steer."""

    view: EvidenceStrip
    world: World
    drafts: CaseDrafts
    bridge: Bridge
    bot: QtBot

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)

    def overlay(self) -> RegionOverlay:
        self.view.capturing.region()
        self.until(lambda: self.view.capturing.overlay is not None)
        assert self.view.capturing.overlay
        return self.view.capturing.overlay


@pytest.fixture
def strip(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Strip:
    world = case_world()
    core, drafts, _translation = case_core(world)
    lonely_bridge.attach(core, core_thread)
    view = EvidenceStrip(lonely_bridge, actions, clock=FixedClock(NOW))
    qtbot.addWidget(view)
    view.resize(340, 400)
    view.show()
    view.show_conversation("pt")
    return Strip(view, world, drafts, lonely_bridge, qtbot)


def test_a_capture_joins_the_case(strip: Strip) -> None:
    strip.view.capture()
    strip.until(lambda: strip.view.list.count() == 1)
    requests = strip.world.called("capture")
    assert isinstance(requests[0], CaptureRequest)
    assert (requests[0].case_id, requests[0].rect) == ("pt", None)


def test_a_screen_of_one_colour_is_kept_when_a_person_says_so(strip: Strip) -> None:
    notices: list[Notice] = []
    strip.bridge.noticed.connect(notices.append)
    strip.world.failure = BlankScreen("The whole screen shows a single colour.", "Wake it.")
    strip.view.capture()
    strip.until(lambda: bool(notices))
    assert (notices[0].text, notices[0].remedy) == ("The whole screen shows a single colour.", "Capture anyway")
    assert "single colour" in strip.view.presenter.problem
    assert strip.world.records == []
    assert notices[0].act is not None
    notices[0].act()
    strip.until(lambda: strip.view.list.count() == 1)
    assert [getattr(each, "blank", None) for each in strip.world.called("capture")] == [False, True]
    assert strip.view.presenter.problem == ""


def test_a_key_goes_to_the_records_or_to_the_way_of_adding_one(strip: Strip) -> None:
    window = strip.view.window()
    strip.view.focus_records()
    focused = window.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Add a file as evidence"
    strip.view.capture()
    strip.until(lambda: strip.view.list.count() == 1)
    strip.view.focus_records()
    assert window.focusWidget() is strip.view.list
    assert strip.view.list.currentRow() == 0


def test_the_chosen_record_s_picture_keeps_its_colours(strip: Strip) -> None:
    strip.view.capture()
    strip.until(lambda: strip.view.list.count() == 1)
    red = QPixmap(32, 20)
    red.fill(QColor("#cc2020"))
    png = QByteArray()
    buffer = QBuffer(png)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    red.save(buffer, "PNG")
    record = strip.view.presenter.records[0]
    strip.view._on_thumbnail(record.id, bytes(png.data()))
    icon = strip.view.list.item(0).icon()
    shown = [icon.pixmap(32, 20, mode).toImage().pixelColor(4, 4).name() for mode in (
        QIcon.Mode.Normal, QIcon.Mode.Selected)]
    assert shown == ["#cc2020", "#cc2020"]


def test_marks_say_what_must_not_be_overlooked() -> None:
    assert words.marks(RECORD) == ("✓ time-stamped", "✓ secured upstream")
    weak = replace(RECORD, real_screen=False, time_stamped=False, secured=False)
    assert words.marks(weak) == ("▮ not a real screen", "! device time only", "◌ not upstream yet")
    assert "not a real screen" in words.line(weak, NOW)


def test_a_region_is_chosen_by_keys_to_the_pixel(strip: Strip) -> None:
    overlay = strip.overlay()
    assert overlay.selection.rect == Rect(80, 50, 160, 100)
    QTest.keyClick(overlay, Qt.Key.Key_Right)
    QTest.keyClick(overlay, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(overlay, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert overlay.selection.rect == Rect(81, 40, 159, 100)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    strip.until(lambda: len(strip.world.called("seal")) == 1)
    request = strip.world.called("seal")[0]
    assert isinstance(request, CaptureRequest)
    assert (request.case_id, request.rect) == ("pt", Rect(81, 40, 159, 100))
    strip.until(lambda: strip.view.list.count() == 1)


def test_giving_up_keeps_nothing(strip: Strip) -> None:
    QTest.keyClick(strip.overlay(), Qt.Key.Key_Escape)
    strip.bot.wait(100)
    assert strip.world.called("seal") == []
    assert strip.world.records == []


def test_a_region_belongs_to_the_case_it_was_grabbed_for(strip: Strip) -> None:
    overlay = strip.overlay()
    strip.view.show_conversation("ja")
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    strip.until(lambda: len(strip.world.called("seal")) == 1)
    request = strip.world.called("seal")[0]
    assert isinstance(request, CaptureRequest)
    assert request.case_id == "pt"


def test_the_mouse_selects_physical_pixels(qtbot: QtBot) -> None:
    monitor = Monitor("one", 0, 0, 200, 100, 400, 200, 2.0)
    overlay = RegionOverlay(Grab(400, 200, bytes(400 * 200 * 4), (monitor,), 0, "x11/qt", True))
    qtbot.addWidget(overlay)
    overlay.resize(200, 100)
    overlay.show()
    QTest.mousePress(overlay, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    QTest.mouseMove(overlay, QPoint(60, 40))
    assert overlay.selection.rect == Rect(20, 20, 101, 61)


@given(st.integers(-50, 700), st.integers(-50, 500), st.integers(-50, 700), st.integers(-50, 500),
       st.lists(st.tuples(st.booleans(), st.integers(-900, 900), st.integers(-900, 900)), max_size=5))
def test_a_selection_never_leaves_the_image(
    x1: int, y1: int, x2: int, y2: int, steps: list[tuple[bool, int, int]]
) -> None:
    chosen = Selection.between((x1, y1), (x2, y2), 640, 400)
    for resize, dx, dy in steps:
        chosen = chosen.resized(dx, dy) if resize and chosen.x <= 640 - SMALLEST and chosen.y <= 400 - SMALLEST else (
            chosen.moved(dx, dy))
    assert chosen.x >= 0
    assert chosen.y >= 0
    assert chosen.x + chosen.width <= 640
    assert chosen.y + chosen.height <= 400
    assert chosen.width >= 1
    assert chosen.height >= 1


def test_a_record_opens_with_its_picture_and_facts(strip: Strip) -> None:
    strip.world.records = [RECORD]
    strip.view.presenter.reload()
    strip.until(lambda: strip.view.list.count() == 1)
    strip.view.list.setCurrentRow(0)
    QTest.keyClick(strip.view.list, Qt.Key.Key_Return)
    strip.until(lambda: strip.view.record is not None)
    opened = strip.view.record
    assert opened is not None
    strip.until(lambda: opened.canvas.image is not None)
    assert "Number in chain" in "".join(one.text() for one in opened.facts.findChildren(QLabel))
    assert strip.world.called("look") == ["r9"]


def test_a_record_joins_the_reply_as_an_exhibit(strip: Strip) -> None:
    strip.world.records = [RECORD]
    strip.world.drafts["pt", Mode.REPLY] = Draft("pt", body="see below", revision=3)
    strip.view.presenter.reload()
    strip.until(lambda: strip.view.list.count() == 1)
    strip.view.list.setCurrentRow(0)
    strip.view._add.click()
    strip.until(lambda: len(strip.world.drafts["pt", Mode.REPLY].files) == 1)
    draft = strip.world.drafts["pt", Mode.REPLY]
    assert (draft.body, draft.files[0].record_id) == ("see below", "r9")
    assert ("file", "r9") in strip.world.calls   # handed out of the house, which is more than a look at it


def test_export_and_verification_say_what_came_of_them(strip: Strip, tmp_path: Path) -> None:
    strip.view.export()
    assert "no evidence to export" in strip.view.result.text
    strip.world.records = [RECORD]
    strip.view.presenter.export(tmp_path / "pack.zip")
    strip.until(lambda: strip.world.called("export") == [(tmp_path / "pack.zip", "pt")])
    strip.view.presenter.verify()
    strip.until(lambda: strip.view.result.text == "1 record is intact.")


def test_a_tampered_record_is_told_with_its_place() -> None:
    state, sentence = words.report(VerifyReport(2, 1, (Finding("record r9", "the file does not match its hash"),)))
    assert state == "fail"
    assert sentence == "1 problem: record r9: the file does not match its hash"


def test_everything_that_takes_the_focus_has_a_name(strip: Strip) -> None:
    strip.world.records = [RECORD]
    strip.view.presenter.reload()
    strip.until(lambda: strip.view.list.count() == 1)
    assert a11y.unnamed(strip.view) == []
    assert strip.view.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Capture of screen 1, ")
