"""What is decided on Windows and macOS, with the systems' answers given by the test: exact, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from workstation.connectors.screen import choice, macos, windows
from workstation.connectors.screen.macos import QuartzCapture
from workstation.connectors.screen.portal import PortalCapture
from workstation.connectors.screen.session import SeenCapture
from workstation.connectors.screen.windows import GdiCapture, Screen
from workstation.connectors.screen.x11 import MssCapture
from workstation.evidence.imaging import checked
from workstation.evidence.model import Monitor
from workstation.evidence.ports import SeesDesktop
from workstation.kernel.errors import CaptureRefused, Unsupported


@dataclass
class FakeWindows:
    """`windows.System`."""

    sees_pixels: bool = True
    is_locked: bool = False
    found: list[Screen] = field(default_factory=lambda: [
        Screen("screen-1", 0, 0, 6, 4, 96), Screen("screen-2", 6, -2, 9, 6, 144)])
    fails: bool = False
    short: int = 0

    def aware(self) -> bool:
        return self.sees_pixels

    def locked(self) -> bool:
        return self.is_locked

    def screens(self) -> list[Screen]:
        return self.found

    def pixels(self, screen: Screen) -> tuple[int, int, bytearray]:
        if self.fails:
            raise OSError("refused")
        return screen.width, screen.height, bytearray(b"\x03\x02\x01\x00" * (screen.width * screen.height - self.short))


async def test_windows_gives_physical_pixels_and_each_monitors_own_scale() -> None:
    grab = checked(await GdiCapture(FakeWindows()).grab(1))
    assert (grab.width, grab.height, grab.back_end, grab.real_screen) == (9, 6, "windows/gdi", True)
    assert bytes(grab.rgba[:4]) == b"\x01\x02\x03\xff"
    said = [(one.scale, one.width, one.pixel_width, one.y) for one in grab.monitors]
    assert said == [(1.0, 6, 6, 0), (1.5, 6, 9, -2)]
    assert len(await GdiCapture(FakeWindows()).screens()) == 2


@pytest.mark.parametrize(("system", "words"), [
    (FakeWindows(sees_pixels=False), "real sizes"), (FakeWindows(is_locked=True), "locked"),
    (FakeWindows(fails=True), "did not give"), (FakeWindows(found=[]), "no screen 0"),
], ids=["unaware", "locked", "fails", "none"])
async def test_windows_refuses_with_a_remedy(system: FakeWindows, words: str) -> None:
    with pytest.raises(CaptureRefused, match=words) as caught:
        await GdiCapture(system).grab(0)
    assert caught.value.remedy


async def test_a_scale_windows_does_not_say_is_no_evidence() -> None:
    grab = await GdiCapture(FakeWindows(found=[Screen("screen-1", 0, 0, 6, 4, 0)])).grab(0)
    with pytest.raises(CaptureRefused, match="scale is unknown"):
        checked(grab)
    with pytest.raises(CaptureRefused, match="incomplete"):
        checked(await GdiCapture(FakeWindows(short=1)).grab(0))


@dataclass
class FakeMac:
    """`macos.System`."""

    may: bool = True
    sleeps: bool = False
    shown: tuple[int, int] = (12, 8)
    fails: bool = False
    asked: int = 0

    def permitted(self) -> bool:
        return self.may

    def ask(self) -> None:
        self.asked += 1

    def asleep(self) -> bool:
        return self.sleeps

    def screens(self) -> Sequence[Mapping[str, object]]:
        whole = {"left": 0, "top": 0, "width": 16, "height": 4}
        return [whole, {**whole, "width": 6}, {**whole, "left": 6, "width": 10}]

    def pixels(self, place: Mapping[str, object]) -> tuple[int, int, bytearray]:
        if self.fails:
            raise OSError("refused")
        width, height = self.shown
        return width, height, bytearray(b"\x03\x02\x01\x00" * (width * height))


async def test_macos_counts_the_pixels_of_the_captured_display() -> None:
    grab = checked(await QuartzCapture(FakeMac()).grab(0))
    assert (grab.width, grab.height, grab.back_end) == (12, 8, "macos/quartz")
    assert [(one.scale, one.width, one.pixel_width) for one in grab.monitors] == [(2.0, 6, 12), (0.0, 10, 0)]


@pytest.mark.parametrize(("system", "words"), [
    (FakeMac(may=False), "wallpaper"), (FakeMac(sleeps=True), "is off"), (FakeMac(fails=True), "did not give"),
], ids=["no-permission", "asleep", "fails"])
async def test_macos_refuses_with_a_remedy(system: FakeMac, words: str) -> None:
    with pytest.raises(CaptureRefused, match=words) as caught:
        await QuartzCapture(system).grab(0)
    assert caught.value.remedy


async def test_a_picture_stretched_one_way_only_is_no_evidence() -> None:
    with pytest.raises(CaptureRefused, match="scale is unknown"):
        checked(await QuartzCapture(FakeMac(shown=(12, 4))).grab(0))


def test_without_the_permission_macos_is_asked_and_the_person_told() -> None:
    system = FakeMac(may=False)
    assert "Screen Recording" in QuartzCapture(system).available()
    assert system.asked == 1
    assert QuartzCapture(FakeMac()).available() == ""


async def test_windows_of_others_are_not_guessed_there() -> None:
    for capture in (GdiCapture(FakeWindows()), QuartzCapture(FakeMac())):
        with pytest.raises(Unsupported, match="windows are open"):
            await capture.windows()
        with pytest.raises(Unsupported, match="windows are open"):
            await capture.grab_window("1")


def test_measured_never_divides_what_does_not_agree() -> None:
    listed = [Monitor("one", 0, 0, 1512, 982, 1512, 982, 1.0)]
    assert macos.measured(listed, 0, 3024, 1964)[0].scale == 2.0
    assert macos.measured(listed, 0, 3024, 1900)[0].scale == 0.0


@pytest.mark.parametrize(("system", "environment", "kind"), [
    ("linux", {"DISPLAY": ":0"}, MssCapture),
    ("linux", {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, PortalCapture),
    ("linux", {}, MssCapture), ("win32", {}, GdiCapture), ("darwin", {}, QuartzCapture),
], ids=["x11", "wayland", "none", "windows", "macos"])
def test_the_session_decides_who_sees_the_screen(system: str, environment: dict[str, str], kind: type) -> None:
    chosen = choice.choose(system, environment)
    seer = chosen.back_end.inner if isinstance(chosen.back_end, SeenCapture) else chosen.back_end
    assert isinstance(seer, kind)
    assert isinstance(chosen.back_end, SeesDesktop)
    assert chosen.reason


def test_dots_per_inch_become_a_scale() -> None:
    assert windows.monitors([Screen("a", 0, 0, 3840, 2160, 144)])[0].width == 2560
    assert windows.monitors([Screen("a", 0, 0, 3840, 2160, 0)])[0].scale == 0
