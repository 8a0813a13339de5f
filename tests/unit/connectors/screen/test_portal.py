"""Wayland through the desktop's portal: exact on a real headless sway, and an error for every way it can fail."""

from __future__ import annotations

import io
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from tests.support.portals import Answer, Portal
from tests.support.wayland import desktop
from workstation.connectors.screen import pngfile, portal
from workstation.connectors.screen.portal import PortalCapture
from workstation.evidence.imaging import checked, crop
from workstation.evidence.model import Grab, Rect
from workstation.kernel.errors import CaptureRefused, Unsupported

LEFT, RIGHT = bytes((0x10, 0x20, 0x30, 255)), bytes((0xFF, 0x80, 0x00, 255))


async def test_a_real_wayland_desktop_is_one_canvas_with_the_colours_of_its_outputs() -> None:
    outputs = ("resolution 320x200 position 0,0 bg #102030 solid_color",
               "resolution 300x150 position 320,0 scale 1.5 bg #ff8000 solid_color")
    with desktop(outputs) as running:
        capture = PortalCapture(running.bus)
        grab = checked(await capture.grab(0))
        for _again in range(20):   # what paints the background is another program, and may be at it still
            if _pixel(grab, 200, 150) == LEFT and _pixel(grab, 600, 100) == RIGHT:
                break
            grab = checked(await capture.grab(0))
        left_over = [path for path in Path("/tmp").glob("out.png") if path.exists()]  # noqa: ASYNC240
    assert (grab.back_end, grab.canvas, grab.screen, grab.monitors) == ("wayland/portal", True, -1, ())
    assert grab.real_screen
    assert (grab.width, grab.height) == (780, 300), "200 logical columns of the second at the first scale that fits all"
    whole = crop(grab, Rect(40, 60, 400, 200))
    assert bytes(whole.rgba) == LEFT * (400 * 200)
    assert bytes(crop(grab, Rect(500, 20, 250, 110)).rgba) == RIGHT * (250 * 110)
    assert (_pixel(grab, 600, 250), grab.warnings) == (bytes((0, 0, 0, 255)), (portal.HOLES,)), "no screen is there"
    assert left_over == [], "the portal's file is not left lying about"


def _pixel(grab: Grab, x: int, y: int) -> bytes:
    return bytes(crop(grab, Rect(x, y, 1, 1)).rgba)


def _png(width: int = 3, height: int = 2, colour: tuple[int, ...] = (1, 2, 3, 255)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_decoded_to_opaque_rows() -> None:
    found = pngfile.decode(_png())
    assert (found.width, found.height, found.rgba, found.holes) == (3, 2, bytes((1, 2, 3, 255)) * 6, False)
    holes = pngfile.decode(_png(colour=(200, 100, 50, 0)))
    assert (holes.rgba, holes.holes) == (bytes((0, 0, 0, 255)) * 6, True)
    out = io.BytesIO()
    Image.new("RGB", (2, 1), (9, 8, 7)).save(out, "PNG")
    assert pngfile.decode(out.getvalue()).rgba == bytes((9, 8, 7, 255)) * 2


def _huge() -> bytes:
    whole = bytearray(_png())
    whole[16:24] = struct.pack(">II", 100_000, 100_000)
    return bytes(whole)


@pytest.mark.parametrize("content", [b"", b"GIF89a" + bytes(60), _png()[:40], _png()[:-20], _huge(),
                                     _png().replace(b"IDAT", b"IDAX")])
def test_what_is_no_whole_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"picture|PNG|pixels"):
        pngfile.decode(content)


def test_the_file_is_taken_once_and_only_from_its_owner(tmp_path: Path) -> None:
    mine, now = tmp_path / "out.png", time.time()
    mine.write_bytes(b"abc")
    assert pngfile.take(mine, os.geteuid(), now - 5) == b"abc"
    assert not mine.exists()
    mine.write_bytes(b"old")
    os.utime(mine, (now - 60, now - 60))
    with pytest.raises(ValueError, match="older"):
        pngfile.take(mine, os.geteuid(), now - 5)
    mine.write_bytes(b"theirs")
    with pytest.raises(ValueError, match="wrote"):
        pngfile.take(mine, os.geteuid() + 1, now - 5)
    assert mine.exists(), "what is not ours is not deleted"
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(OSError, match="symbolic"):
        pngfile.take(tmp_path / "link", os.geteuid(), now - 5)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="wrote"):
        pngfile.take(tmp_path / "pipe", os.geteuid(), now - 5)


@pytest.fixture
def portal_says() -> Iterator[Callable[..., Portal]]:
    """A portal whose Screenshot answers so."""
    with ExitStack() as stack:
        def make(answer: Answer, user: int | None = None) -> Portal:
            runs_as = os.geteuid() if user is None else user
            return stack.enter_context(Portal({"Screenshot": answer}, user=runs_as))

        yield make


async def test_a_picture_the_portal_names_is_taken_and_deleted(
    portal_says: Callable[..., Portal], tmp_path: Path
) -> None:
    def answer(_path: str) -> tuple[int, dict[str, tuple[str, str]]]:
        (tmp_path / "a b.png").write_bytes(_png(4, 3))
        return 0, {"uri": ("s", f"file://{tmp_path}/a%20b.png")}

    bus = portal_says(answer)
    grab = checked(await PortalCapture(bus.address).grab(0))
    assert (grab.width, grab.height, grab.canvas) == (4, 3, True)
    assert not (tmp_path / "a b.png").exists()
    assert bus.asked[0][1][1]["interactive"] == ("b", False)


@pytest.mark.parametrize(("answer", "words"), [
    ((1, {}), "cancelled"), ((2, {}), "did not allow"), ((0, {}), "can be used"),
    ((0, {"uri": ("s", "http://example.org/a.png")}), "can be used"),
    ((0, {"uri": ("s", "file://elsewhere/a.png")}), "can be used"),
    ((0, {"uri": ("s", "file:///nowhere/at/all.png")}), "can be used"),
    ("org.freedesktop.DBus.Error.ServiceUnknown", "no portal"),
    ("org.freedesktop.DBus.Error.UnknownMethod", "no portal"),
    ("org.freedesktop.portal.Error.NotAllowed", "did not allow"),
], ids=["cancelled", "denied", "no-uri", "http", "other-host", "no-file", "no-service", "no-method", "not-allowed"])
async def test_every_refusal_has_its_sentence_and_remedy(
    portal_says: Callable[..., Portal], answer: Answer, words: str
) -> None:
    with pytest.raises(CaptureRefused, match=words) as caught:
        await PortalCapture(portal_says(answer).address).grab(0)
    assert caught.value.remedy


async def test_a_portal_that_says_nothing_is_given_up(
    portal_says: Callable[..., Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "PERSON_SECONDS", 0.05)
    with pytest.raises(CaptureRefused, match="in time"):
        await PortalCapture(portal_says(None).address).grab(0)


async def test_a_file_of_another_user_is_no_evidence(portal_says: Callable[..., Portal], tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(_png())
    bus = portal_says((0, {"uri": ("s", f"file://{tmp_path}/x.png")}), user=os.geteuid() + 1)
    with pytest.raises(CaptureRefused, match="can be used"):
        await PortalCapture(bus.address).grab(0)
    assert (tmp_path / "x.png").exists()


async def test_no_bus_no_second_screen_and_no_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "D-Bus" in PortalCapture().available()
    capture = PortalCapture(f"unix:path={tmp_path}/nothing")
    assert capture.available() == ""
    with pytest.raises(CaptureRefused, match="does not answer"):
        await capture.grab(0)
    with pytest.raises(CaptureRefused, match="no screen 1"):
        await capture.grab(1)
    assert await capture.screens() == ()
    with pytest.raises(Unsupported, match="windows"):
        await capture.windows()
    with pytest.raises(Unsupported, match="windows"):
        await capture.grab_window("1")
