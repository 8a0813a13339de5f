"""A locked session is not captured; where nobody knows, the capture goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.evidence import PaintedScreen
from tests.support.portals import Portal
from workstation.connectors.screen.session import SeenCapture, Session
from workstation.kernel.errors import CaptureRefused, Unsupported


async def _grabbed(properties: dict[str, tuple[str, object]]) -> None:
    with Portal({}, properties) as bus:
        session = Session(bus.address)
        try:
            await SeenCapture(PaintedScreen(), session).grab(0)
        finally:
            session.close()
            session.close()


@pytest.mark.parametrize(("properties", "words"), [
    ({"LockedHint": ("b", True), "Active": ("b", True)}, "is locked"),
    ({"LockedHint": ("b", False), "Active": ("b", False)}, "Another session"),
], ids=["locked", "behind"])
async def test_what_nobody_sees_is_not_captured(properties: dict[str, tuple[str, object]], words: str) -> None:
    with pytest.raises(CaptureRefused, match=words) as caught:
        await _grabbed(properties)
    assert caught.value.remedy


@pytest.mark.parametrize(
    "properties", [{"LockedHint": ("b", False), "Active": ("b", True)}, {}], ids=["seen", "silent"])
async def test_what_is_seen_or_not_known_is_captured(properties: dict[str, tuple[str, object]]) -> None:
    await _grabbed(properties)


async def test_without_logind_captures_go_on(tmp_path: Path) -> None:
    capture = SeenCapture(PaintedScreen(), Session(f"unix:path={tmp_path}/nothing"))
    assert (await capture.grab(0)).width == 64
    assert capture.available() == ""
    assert await capture.screens() == ()
    with pytest.raises(Unsupported):
        await capture.windows()
    with pytest.raises(Unsupported):
        await capture.grab_window("1")
