"""A record up close: to the pixel, by keys alone, with what it says, its family, another one, and its sealed copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import NOW, World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_viewer import copy_of
from ui import a11y
from ui.bridge import Bridge
from ui.evidence.viewer import RecordWindow
from workstation.evidence.model import (
    Arrow,
    Crop,
    DeriveRequest,
    Handed,
    Kind,
    Number,
    RecordView,
    Rect,
    Redact,
    Words,
)
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
KEY = Qt.Key
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
FIRST = RecordView("r1", "pt", Kind.CAPTURE, "Screen 1, 800×600", NOW, 1, "ab" * 32, 1_234, "image/png", True, False,
                   True, 800, 600)
SECOND = replace(FIRST, id="r2", sequence=2, title="Track a parcel", sha256="ac" * 32)
REPLY = replace(FIRST, id="r3", sequence=3, kind=Kind.REPLY, title="Reply as sent", mime="message/rfc822", width=0,
                height=0)
VIDEO = replace(FIRST, id="r4", sequence=4, kind=Kind.FILE, title="broken.mp4", mime="video/mp4", width=0, height=0)
HOLD = replace(FIRST, id="r5", sequence=5, kind=Kind.HOLD, title="Legal hold", mime="", sha256="", size=0, width=0,
               height=0)


@dataclass
class Bench:
    """A viewer over a core that tests steer."""

    window: RecordWindow
    world: World
    bot: QtBot
    owner: QWidget

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=8_000)

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, times: int = 1) -> None:
        """Where the focus is, as a keyboard does."""
        for _one in range(times):
            QTest.keyClick(self.window.focusWidget() or self.window, key, held)

    def shown(self, record: RecordView) -> None:
        self.until(lambda: self.window.presenter.seen is not None and self.window.presenter.record.id == record.id
                   and not self.window.presenter.busy)

    def derived(self) -> DeriveRequest:
        self.until(lambda: len(self.world.called("derive")) == 1)
        request = self.world.called("derive")[0]
        assert isinstance(request, DeriveRequest)
        return request


Opens = Callable[..., Bench]


@pytest.fixture
def opens(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Opens:
    lonely_bridge.attach(make_core(world), core_thread)

    def make(record: RecordView = FIRST, *others: RecordView) -> Bench:
        world.records = [record, *others]
        owner = QWidget()
        qtbot.addWidget(owner)
        window = RecordWindow(lonely_bridge, record, owner)
        window.resize(1_000, 700)
        window.show()
        window.activateWindow()
        bench = Bench(window, world, qtbot, owner)
        bench.shown(record)
        return bench

    return make


def test_zoom_goes_to_the_pixel_and_back(opens: Opens) -> None:
    bench = opens()
    canvas = bench.window.canvas
    assert canvas.fits
    fitted = canvas.zoom
    assert fitted < 1
    bench.press(KEY.Key_2)
    assert canvas.zoom == 2
    grabbed, image = canvas.viewport().grab().toImage(), canvas.image
    assert image is not None
    for y in range(100, 200):
        assert grabbed.pixelColor(300, y) == image.pixelColor(*canvas.pixel(QPointF(300, y)))
    bench.press(KEY.Key_Plus)
    assert canvas.zoom == 3
    before = canvas.horizontalScrollBar().value()
    bench.press(KEY.Key_Right, SHIFT)
    assert canvas.horizontalScrollBar().value() > before
    bench.press(KEY.Key_Minus, times=40)
    assert canvas.zoom == pytest.approx(0.02)
    bench.press(KEY.Key_0)
    assert canvas.zoom == pytest.approx(fitted)


def test_above_a_hundred_percent_no_pixel_is_smoothed(opens: Opens) -> None:
    bench = opens()
    canvas = bench.window.canvas
    canvas.zoom_to(8)
    canvas.go_to(400, 300)
    grabbed = canvas.viewport().grab().toImage()
    colours = {grabbed.pixelColor(grabbed.width() // 2, y).name() for y in range(40, grabbed.height() - 40)}
    image = canvas.image
    assert image is not None
    assert colours <= {image.pixelColor(400, y).name() for y in range(600)}


def test_keys_go_through_the_case_and_every_kind_is_shown(opens: Opens) -> None:
    bench = opens(FIRST, SECOND, REPLY, VIDEO, HOLD)
    window = bench.window
    for record, page in ((SECOND, window.canvas), (REPLY, window.text), (VIDEO, window.file), (HOLD, window.file),
                         (FIRST, window.canvas)):
        bench.press(KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
        bench.shown(record)
        assert window.page is page
        assert a11y.unnamed(window) == []
    assert bench.world.called("look") == ["r1", "r2", "r3", "r4", "r1"], "a hold has no file to open"


def test_a_reply_reads_as_text_and_as_it_was_sealed(opens: Opens) -> None:
    bench = opens(REPLY)
    assert "Your parcel left on Monday." in bench.window.text.toPlainText()
    bench.window.toggle_source()
    assert bench.window.text.toPlainText().startswith("Subject: Hello")
    bench.window.mark()
    assert not bench.window.marking
    assert "Only pictures" in bench.window.bar.said


def test_the_panel_tells_what_is_proved_recorded_and_claimed(opens: Opens) -> None:
    bench = opens()
    everything = "\n".join(one.text() for one in bench.window.facts.findChildren(QLabel))
    for said in ("Proved by the seal", "Recorded by the device", "Only claimed", "DP-1, 1 of 1, 2560 × 1440 pixels",
                 "asked of the window system", "typed by a person", "device time only", "os_user", "-12 ms",
                 " ".join(["abababab"] * 8)):
        assert said in everything
    assert everything.index("Proved by the seal") < everything.index("Only claimed")


def test_an_original_and_its_copies_are_one_key_apart(opens: Opens) -> None:
    copy = copy_of(FIRST, 6, "redact 1,1,9,9", "arrow 1,1,5,5 #d4002a 4")
    bench = opens(FIRST, copy)
    bench.press(KEY.Key_O)
    assert bench.window.bar.said == "This record is an original."
    bench.press(KEY.Key_C)
    bench.shown(copy)
    assert bench.window.windowTitle() == "Redacted and annotated copy"
    bench.press(KEY.Key_O)
    bench.shown(FIRST)


def test_a_redaction_is_placed_by_keys_to_the_pixel_and_sealed(opens: Opens) -> None:
    bench = opens()
    window = bench.window
    window.canvas.setFocus()
    bench.press(KEY.Key_R)
    assert window.marking
    assert window.marks.sketch.draft == Redact(Rect(300, 225, 200, 150))
    bench.press(KEY.Key_Right)
    bench.press(KEY.Key_Up, CONTROL, times=2)
    bench.press(KEY.Key_Left, SHIFT | CONTROL, times=5)
    bench.press(KEY.Key_Down, SHIFT)
    bench.press(KEY.Key_Return)
    bench.press(KEY.Key_X)
    bench.press(KEY.Key_Return)
    bench.press(KEY.Key_S, CONTROL)
    request = bench.derived()
    assert request == DeriveRequest("r1", (Redact(Rect(301, 205, 150, 151)), Crop(Rect(300, 225, 200, 150))))
    bench.until(lambda: window.presenter.record.id == "r2" and window.canvas.image is not None)
    assert not window.marking
    assert "number 2" in window.bar.said
    image = window.canvas.image
    assert image is not None
    assert (image.width(), image.height()) == (200, 150)
    assert image.pixelColor(10, 10).name() == "#000000"
    assert image.pixelColor(190, 10).name() != "#000000"


def test_undo_redo_pick_and_remove(opens: Opens) -> None:
    bench = opens()
    marks = bench.window.marks
    bench.window.canvas.setFocus()
    for key in (KEY.Key_N, KEY.Key_N, KEY.Key_A):
        bench.press(key)
        bench.press(KEY.Key_Return)
    assert [type(one) for one in marks.sketch.done] == [Number, Number, Arrow]
    last = marks.sketch.done[-1]
    bench.press(KEY.Key_Z, CONTROL)
    assert len(marks.sketch.done) == 2
    bench.press(KEY.Key_Z, CONTROL | SHIFT)
    assert marks.sketch.done[-1] is last
    bench.press(KEY.Key_Comma)
    assert marks.sketch.draft is last
    bench.press(KEY.Key_Comma)
    bench.press(KEY.Key_Left, times=3)
    bench.press(KEY.Key_Return)
    assert list(marks.sketch.done[1:]) == [Number(397, 300, 2, 18), last]
    bench.press(KEY.Key_Delete)
    assert len(marks.sketch.done) == 2
    bench.press(KEY.Key_B)
    bench.press(KEY.Key_Escape)
    assert marks.sketch.draft is None
    bench.press(KEY.Key_Escape)
    assert bench.window.marking, "what was placed is not thrown away by a key"
    bench.window.marks.end()
    assert bench.world.called("derive") == []


def test_words_are_typed_then_moved_and_placed(opens: Opens) -> None:
    bench = opens()
    window = bench.window
    window.canvas.setFocus()
    bench.press(KEY.Key_T)
    assert window.focusWidget() is window.marks.words
    QTest.keyClicks(window.marks.words, "delivered")
    bench.press(KEY.Key_Return)
    assert window.focusWidget() is window.canvas
    bench.press(KEY.Key_Down, CONTROL)
    bench.press(KEY.Key_Return)
    assert window.marks.sketch.done == (Words(300, 310, "delivered", 12),)
    before = window.canvas.viewport().grab().toImage()
    window.marks.undo()
    assert window.canvas.viewport().grab().toImage() != before
    window.marks.end()


def test_the_mouse_draws_what_the_keys_can(opens: Opens) -> None:
    bench = opens()
    window = bench.window
    bench.press(KEY.Key_1)
    window.marks.begin()
    window.marks.choose(None)
    bench.press(KEY.Key_R)
    room = window.canvas.viewport()
    start, end = QPoint(100, 100), QPoint(160, 140)
    first, last = (window.canvas.pixel(place.toPointF()) for place in (start, end))
    QTest.mousePress(room, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(room, end)
    QTest.mouseRelease(room, Qt.MouseButton.LeftButton, pos=end)
    expected = Rect(first[0], first[1], last[0] - first[0] + 1, last[1] - first[1] + 1)
    assert window.marks.sketch.done == (Redact(expected),)
    window.marks.end()


def test_nothing_marked_is_lost_without_a_word(opens: Opens) -> None:
    bench = opens(FIRST, SECOND)
    window = bench.window
    window.canvas.setFocus()
    bench.press(KEY.Key_N)
    bench.press(KEY.Key_Return)
    bench.press(KEY.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert window.presenter.record.id == "r1"
    assert "discard" in window.bar.said
    window.close()
    assert window.isVisible()
    assert window.question is not None
    discard = next(one for one in window.question.buttons() if one.text() == "Discard")
    discard.click()
    bench.until(lambda: not isValid(window) or not window.isVisible())
    assert bench.world.called("derive") == []


def test_two_are_compared_and_looked_at_as_one(opens: Opens) -> None:
    bench = opens(FIRST, SECOND, replace(SECOND, id="r9", sequence=9, width=640, height=480))
    window = bench.window
    window.canvas.setFocus()
    bench.press(KEY.Key_D)
    bench.until(lambda: window.page is window.compare)
    pane = window.compare
    assert bench.world.called("compare") == [("r1", "r2")]
    assert pane.state.text == "480,000 pixels differ in 1 region."
    pane.one.zoom_to(4)
    assert pane.other.zoom == 4
    pane.other.go_to(10, 10)
    assert pane.one.centre == pytest.approx(pane.other.centre, abs=1)
    plain = pane.other.viewport().grab().toImage()
    bench.press(KEY.Key_D)
    assert pane.marked
    bench.press(KEY.Key_BracketRight)
    assert pane.region == 0
    assert pane.other.viewport().grab().toImage() != plain
    pane.chosen.emit(bench.world.records[2])
    bench.until(lambda: len(bench.world.called("compare")) == 2 and "sizes differ" in pane.state.text)
    assert a11y.unnamed(window) == []
    bench.press(KEY.Key_Escape)
    assert window.page is window.canvas
    assert window.isVisible()


def test_pictures_and_hashes_are_copied(opens: Opens) -> None:
    bench = opens()
    bench.press(KEY.Key_C, CONTROL)
    bench.until(lambda: "clipboard" in bench.window.bar.said)
    assert bench.world.called("file") == [("r1", Handed.CLIPBOARD)]
    assert QGuiApplication.clipboard().image().size() == bench.window.canvas.image.size()  # type: ignore[union-attr]
    bench.press(KEY.Key_H)
    assert QGuiApplication.clipboard().text() == "ab" * 32


def test_another_program_gets_a_file_only_after_a_warning(opens: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[str] = []
    monkeypatch.setattr("ui.evidence.opening.QDesktopServices.openUrl", lambda url: handed.append(url.toLocalFile()))
    bench = opens(VIDEO)
    page = bench.window.file
    assert "broken.mp4" in [one.text() for one in page.findChildren(QLabel)]
    page.button.click()
    assert page.asked is not None
    assert bench.world.called("file") == []
    next(one for one in page.asked.buttons() if one.text() == "Open it").click()
    bench.until(lambda: len(handed) == 1)
    assert bench.world.called("file") == [("r4", Handed.PROGRAM)]
    assert handed[0].endswith("/000004.mp4")
    from pathlib import Path

    assert Path(handed[0]).stat().st_mode & 0o777 == 0o400
    bench.window.close()
    assert not Path(handed[0]).exists()


def test_programs_are_not_handed_to_anybody(opens: Opens) -> None:
    bench = opens(replace(VIDEO, mime="application/x-msdownload", title="order.exe"))
    assert bench.window.file.button.isHidden()


def test_a_record_that_does_not_match_its_seal_is_told(opens: Opens) -> None:
    bench = opens(FIRST, SECOND)
    bench.world.records = [FIRST]
    bench.window.presenter.open(SECOND)
    bench.until(lambda: bool(bench.window.presenter.problem))
    assert "no such record" in bench.window.bar.said
    assert bench.window.page is bench.window.file
