"""The viewer over a real encrypted store: what keys redact is sealed, verified, and nowhere to be found again."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support.evidence import CASE, Bench, bench, make_grab
from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from ui.bridge import Bridge
from ui.evidence.viewer import RecordWindow
from workstation.evidence.model import RecordView, Rect, Redact, Words
from workstation.kernel.errors import DiskFull
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
KEY = Qt.Key


@pytest.fixture
def kept(tmp_path: Path, core_thread: CoreThread, lonely_bridge: Bridge, world: World) -> Iterator[Bench]:
    """A store with one capture of 400 × 300."""
    stack = AsyncExitStack()
    made = core_thread.run(stack.enter_async_context(bench(tmp_path)))
    made.screen.picture = make_grab(400, 300)
    core_thread.run(made.service.capture(made.request()))
    lonely_bridge.attach(replace(make_core(world), evidence=made.service), core_thread)
    yield made
    core_thread.run(stack.aclose())


def opened(kept: Bench, bridge: Bridge, core_thread: CoreThread, owner: QWidget, qtbot: QtBot) -> RecordWindow:
    (record,) = core_thread.run(kept.service.list(CASE))
    window = RecordWindow(bridge, record, owner)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: window.canvas.image is not None and not window.presenter.busy, timeout=8_000)
    return window


def shown(window: RecordWindow, qtbot: QtBot) -> RecordView:
    """The copy, once it is looked at."""
    qtbot.waitUntil(lambda: bool(window.presenter.record.derived_from) and window.canvas.image is not None,
                    timeout=8_000)
    return window.presenter.record


def test_keys_seal_a_copy_that_is_proved(
    kept: Bench, lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    window = opened(kept, lonely_bridge, core_thread, owner, qtbot)
    window.canvas.setFocus()
    for key in (KEY.Key_R, KEY.Key_Return, KEY.Key_T):
        QTest.keyClick(window.focusWidget() or window, key)
    window.marks.words.setText("已送达 تم التسليم")
    for key in (KEY.Key_Return, KEY.Key_Up, KEY.Key_Return):
        QTest.keyClick(window.focusWidget() or window, key)
    placed = window.marks.sketch.done
    assert placed == (Redact(Rect(150, 112, 100, 75)), Words(150, 148, "已送达 تم التسليم", 12))
    QTest.keyClick(window.canvas, KEY.Key_S, Qt.KeyboardModifier.ControlModifier)
    copy = shown(window, qtbot)
    assert copy.operations == ("redact 150,112,100,75", "text 150,148 #d4002a 12 annotation_1")
    report = core_thread.run(kept.service.verify())
    assert report.findings == ()
    with Image.open(io.BytesIO(core_thread.run(kept.service.open(copy.id)))) as image:
        above = image.convert("RGB").crop((150, 112, 250, 147))
    assert above.getcolors() == [(100 * 35, (0, 0, 0))]
    assert any("已送达 تم التسليم" in one.text() for one in window.facts.findChildren(QLabel))
    assert window.presenter.original() is not None
    window.close()


def test_what_could_not_be_kept_is_told_and_the_marks_stay(
    kept: Bench, lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = QWidget()
    qtbot.addWidget(owner)
    window = opened(kept, lonely_bridge, core_thread, owner, qtbot)
    window.mark()
    QTest.keyClick(window.canvas, KEY.Key_R)
    QTest.keyClick(window.canvas, KEY.Key_Return)

    def full(*_given: object) -> object:
        raise DiskFull("The disk is full; nothing was kept.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(type(kept.blobs), "seal", full)
        window.marks.save()
        qtbot.waitUntil(lambda: "disk is full" in window.bar.said, timeout=8_000)
    assert window.marking
    assert len(window.marks.sketch.done) == 1
    assert len(core_thread.run(kept.service.list(CASE))) == 1
    button = next(one for one in window.marks.findChildren(QPushButton) if one.text() == "Save copy")
    button.setFocus()
    QTest.keyClick(button, KEY.Key_Return)
    shown(window, qtbot)
    assert len(core_thread.run(kept.service.list(CASE))) == 2
    window.close()
