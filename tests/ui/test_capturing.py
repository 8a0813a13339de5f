"""The ways to capture: each by its action, for the case that was open, never on a guess of which screen is meant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import World
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.evidence import where
from ui.evidence.capturing import Capturing
from ui.evidence.countdown import Countdown
from ui.evidence.last_region import Region
from ui.evidence.presenter import EvidencePresenter
from ui.evidence.region import RegionOverlay
from ui.evidence.view import EvidenceStrip
from ui.evidence.where import Where
from ui.evidence.window_picker import WindowPicker, words
from ui.shell.actions import Actions
from workstation.evidence.model import CaptureRequest, Grab, Monitor, OpenWindow, Rect
from workstation.kernel.errors import CaptureRefused
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@dataclass
class Desk:
    """A strip, what it captures with, and what its core was asked."""

    strip: EvidenceStrip
    actions: Actions
    world: World
    bot: QtBot
    notices: list[Notice]

    @property
    def capturing(self) -> Capturing:
        return self.strip.capturing

    def do(self, name: str) -> None:
        self.actions.action(name).trigger()

    def until_called(self, name: str, times: int = 1) -> list[CaptureRequest]:
        self.bot.waitUntil(lambda: len(self.world.called(name)) >= times, timeout=8_000)
        return [one for one in self.world.called(name) if isinstance(one, CaptureRequest)]

    def overlay(self) -> RegionOverlay:
        self.bot.waitUntil(lambda: self.capturing.overlay is not None, timeout=8_000)
        assert self.capturing.overlay is not None
        return self.capturing.overlay


@pytest.fixture
def desk(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Desk:
    world = case_world()
    lonely_bridge.attach(case_core(world)[0], core_thread)
    strip = EvidenceStrip(lonely_bridge, actions)
    notices: list[Notice] = []
    lonely_bridge.noticed.connect(notices.append)
    qtbot.addWidget(strip)
    strip.show()
    strip.show_conversation("pt")
    return Desk(strip, actions, world, qtbot, notices)


def test_a_window_is_chosen_by_keys_and_captured(desk: Desk) -> None:
    desk.do("evidence.window")
    desk.bot.waitUntil(lambda: desk.capturing.picker is not None, timeout=8_000)
    picker = desk.capturing.picker
    assert picker is not None
    assert [picker.list.item(at).text() for at in range(2)] == [
        "Parcel 42: delivered\n300 × 180   ·   browser", "Notes\n! partly covered   ·   100 × 80"]
    assert a11y.unnamed(picker) == []
    QTest.keyClick(picker.list, Qt.Key.Key_Down)
    QTest.keyClick(picker.list, Qt.Key.Key_Return)
    request = desk.until_called("capture")[0]
    assert (request.case_id, request.window) == ("pt", "0x2")
    assert not isValid(picker)


def test_without_windows_there_is_nothing_to_accept(qtbot: QtBot) -> None:
    picker = WindowPicker(())
    qtbot.addWidget(picker)
    assert not picker.capture.isEnabled()
    assert words(OpenWindow("1", "A", "", 0, 0, 5, 4)) == "A\n5 × 4"


def test_the_last_region_is_captured_again_for_the_case_that_is_open_now(desk: Desk) -> None:
    desk.do("evidence.again")
    assert "No region" in desk.notices[-1].text
    desk.do("evidence.region")
    overlay = desk.overlay()
    QTest.keyClick(overlay, Qt.Key.Key_Right)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    desk.until_called("seal")
    desk.strip.show_conversation("ja")
    desk.do("evidence.again")
    first, second = desk.until_called("seal", 2)
    assert (first.case_id, second.case_id) == ("pt", "ja")
    assert first.rect == second.rect == Rect(81, 50, 160, 100)


def test_one_region_is_chosen_at_a_time(desk: Desk) -> None:
    desk.do("evidence.region")
    overlay = desk.overlay()
    desk.do("evidence.region")
    assert desk.capturing.overlay is overlay
    assert len(desk.world.called("grab")) == 1
    QTest.keyClick(overlay, Qt.Key.Key_Escape)
    desk.bot.waitUntil(lambda: not isValid(overlay))
    desk.do("evidence.region")
    desk.until_called("grab", 2)


def test_a_delayed_capture_counts_can_be_cancelled_and_offers_the_whole_screen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.evidence.countdown.SETTLE_MS", 0)
    desk.do("evidence.in_3")
    counting = desk.capturing.countdown
    assert counting is not None
    assert counting.accessibleName() == "3 seconds"
    assert a11y.unnamed(counting) == []
    desk.do("evidence.in_3")
    assert desk.capturing.countdown is None
    desk.do("evidence.in_5")
    again = desk.capturing.countdown
    assert again is not None
    desk.strip.show_conversation("ja")
    for _second in range(4):
        again.tick()
    assert again.accessibleName() == "1 second"
    assert desk.world.called("grab") == []
    again.tick()
    assert not again.isVisible(), "it is not in the picture"
    overlay = desk.overlay()
    assert overlay.selection.rect == Rect(0, 0, 320, 200)
    QTest.keyClick(overlay, Qt.Key.Key_Return)
    request = desk.until_called("seal")[0]
    assert (request.case_id, request.rect) == ("pt", Rect(0, 0, 320, 200)), "the case it was asked for"


def _gone(widget: Countdown) -> bool:
    return not isValid(widget)


def test_escape_and_the_button_cancel_a_countdown(qtbot: QtBot) -> None:
    def by_key(one: Countdown) -> None:
        QTest.keyClick(one, Qt.Key.Key_Escape)

    def by_button(one: Countdown) -> None:
        one.button.click()

    for cancel in (by_key, by_button):
        counting = Countdown(3)
        ended: list[object] = []
        counting.ended.connect(partial(ended.append, "ended"))
        counting.begin()
        with qtbot.waitSignal(counting.cancelled):
            cancel(counting)
        qtbot.waitUntil(partial(_gone, counting))
        assert ended == []


def test_without_a_case_the_person_is_told(desk: Desk) -> None:
    desk.strip.show_conversation(None)
    for name in ("capture", "region", "window", "again", "in_3"):
        desk.do(f"evidence.{name}")
        assert "Open a conversation" in desk.notices[-1].text
        desk.notices.clear()
    assert desk.world.called("grab") == desk.world.called("capture") == desk.world.called("windows") == []


def test_all_is_chosen_by_a_key(qtbot: QtBot) -> None:
    monitor = Monitor("one", 0, 0, 40, 20, 40, 20, 1.0)
    overlay = RegionOverlay(Grab(40, 20, bytes(3200), (monitor,), 0, "x11/mss", True))
    qtbot.addWidget(overlay)
    QTest.keyClick(overlay, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert overlay.selection.rect == Rect(0, 0, 40, 20)


def _monitor(name: str, x: int, y: int = 0) -> Monitor:
    return Monitor(name, x, y, 100, 80, 100, 80, 1.0)


def test_screens_are_matched_by_their_corner_and_then_by_name() -> None:
    here = Where(1, "DP-2", 100, 0, only=False)
    assert where.number(here, ()) == 1
    assert where.number(here, [_monitor("DP-2", 100), _monitor("DP-1", 0)]) == 0
    assert where.number(here, [_monitor("A", 0), _monitor("B", 100)]) == 1
    assert where.number(here, [_monitor("A", 100), _monitor("DP-2", 100)]) == 1, "one shows what the other shows"
    with pytest.raises(CaptureRefused, match="which screen"):
        where.number(here, [_monitor("DP-2", 0), _monitor("B", 50)])


def test_a_region_is_not_captured_again_on_another_screen(qtbot: QtBot) -> None:
    grab = Grab(100, 80, bytes(32_000), (_monitor("A", 0), _monitor("B", 100)), 1, "x11/mss", True)
    region = Region.of(grab, Rect(1, 2, 3, 4))
    assert region.found(grab.monitors) == 1
    assert region.found([_monitor("B", 100), _monitor("A", 0)]) == 0
    for others in ([_monitor("A", 0)], [_monitor("B", 50)], [_monitor("C", 100)]):
        with pytest.raises(CaptureRefused, match="not the one"):
            region.found(others)
    larger = replace(grab, width=200, monitors=(grab.monitors[0], replace(grab.monitors[1], pixel_width=200)))
    assert Region.of(larger, region.rect) != region
    canvas = replace(grab, canvas=True, screen=-1, monitors=())
    assert Region.of(canvas, region.rect).found(()) == 0


async def test_the_screen_changed_between_two_captures_is_a_refusal() -> None:
    from ui.evidence.presenter import _again

    core = case_core(case_world())[0]
    grab = await core.evidence.grab(0)
    other = Region.of(replace(grab, width=640), Rect(0, 0, 10, 10))
    with pytest.raises(CaptureRefused, match="not the one"):
        await _again(other, "pt", False, core)


def test_the_presenter_remembers_no_region_at_first(lonely_bridge: Bridge) -> None:
    assert not EvidencePresenter(lonely_bridge).capture_again("pt")
