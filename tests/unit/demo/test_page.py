"""The demo's own screen has something on it, which a capture needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.connectors.screen.x11 import MssCapture
from workstation.demo import display, page
from workstation.evidence.capturing import uniform
from workstation.evidence.model import Picture


async def test_the_demos_screen_shows_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with display.screen(tmp_path) as number:
        if not number:
            pytest.skip("Xvfb is not installed")
        capture = MssCapture(number)
        grab, windows = await capture.grab(0), await capture.windows()
        with page.shown(number, "Ümlaut 好", ["x" * 400, "好"]):
            titles = [one.title for one in await capture.windows()]
        capture.close()
    assert not uniform(Picture(grab.width, grab.height, grab.rgba))
    assert [one.title for one in windows] == ["Demo: a simulated delivery page"]
    assert "Ümlaut ?" in titles


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match="X server"), page.shown(":4095", "title", []):
        raise AssertionError("nothing can be shown there")
