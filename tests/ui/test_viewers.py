"""Pictures up close and sources of any size: by keys alone, bounded, and with a sentence where something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support import hostile_seeds
from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import FakeInbox, World
from tests.support.fakecore_rest import FakeEvidence, make_core
from ui import a11y
from ui.bridge import Bridge
from ui.conversation.attachments import drawable
from ui.conversation.pictures import CLOSEST
from ui.conversation.saving import Saving
from ui.conversation.source import FIRST, SourceWindow
from ui.conversation.viewer import PictureWindow
from workstation.domain.conversation import Attachment
from workstation.kernel.errors import InputError
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


class Pictures(FakeInbox):
    """Serves what a test gives it."""

    content: dict[str, bytes] = {}  # noqa: RUF012  one test, one dictionary

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        return attachment_id, "image/png", self.content[attachment_id]


def png(width: int, height: int) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("navy"))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


@pytest.fixture
def served(lonely_bridge: Bridge, core_thread: CoreThread, world: World) -> Bridge:
    lonely_bridge.attach(replace(make_core(world), inbox=Pictures(world)), core_thread)
    return lonely_bridge


def window(bridge: Bridge, names: tuple[str, ...], qtbot: QtBot) -> PictureWindow:
    owner = QWidget()
    qtbot.addWidget(owner)
    files = [Attachment(name, f"{name}.png", "image/png", len(Pictures.content[name])) for name in names]
    made = PictureWindow(bridge, files, 0, Saving(bridge, owner), owner)
    made.show()
    return made


def until(qtbot: QtBot, fact: Callable[[], bool]) -> None:
    qtbot.waitUntil(fact, timeout=4_000)


def test_keys_alone_zoom_turn_and_walk_through_the_pictures(served: Bridge, qtbot: QtBot) -> None:
    Pictures.content = {"a": png(2_000, 1_000), "b": png(50, 30)}
    shown = window(served, ("a", "b"), qtbot)
    until(qtbot, lambda: 0 < shown.view.zoom < 1)
    fitted = shown.view.zoom
    for _press in range(30):
        QTest.keyClick(shown.view, Qt.Key.Key_Plus)
    assert shown.view.zoom == pytest.approx(CLOSEST)
    QTest.keyClick(shown.view, Qt.Key.Key_1)
    assert shown.view.zoom == 1
    QTest.keyClick(shown.view, Qt.Key.Key_0)
    assert shown.view.zoom == pytest.approx(fitted)
    QTest.keyClick(shown.view, Qt.Key.Key_R)
    assert shown.view.turned == 90
    assert shown.view.zoom < fitted
    shown.go(1)
    until(qtbot, lambda: shown.windowTitle() == "b.png" and shown.view.zoom == 1)
    assert shown.view.turned == 0
    assert a11y.unnamed(shown) == []
    QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    until(qtbot, lambda: not shown.isVisible())


@pytest.mark.qt_log_ignore("JPEG|jpeg|imageio|libpng|propagateSizeHints", extend=True)
def test_giant_and_broken_pictures_are_said_so_and_the_next_is_shown(served: Bridge, qtbot: QtBot) -> None:
    Pictures.content = {"giant": hostile_seeds.png(100_000, 100_000), "broken": b"\xff\xd8\xff\xe0", "good": png(9, 9)}
    shown = window(served, ("giant", "broken", "good"), qtbot)
    until(qtbot, lambda: "40 million" in shown.trouble)
    shown.go(1)
    until(qtbot, lambda: "not a picture" in shown.trouble)
    shown.go(1)
    until(qtbot, lambda: shown.trouble == "" and shown.view.zoom == 1)


class Phones(FakeEvidence):
    """Reads one photo of a phone, and no other."""

    async def plain_picture(self, content: bytes, side: int = 0) -> bytes:
        if content != PHOTO:
            raise InputError("The photo cannot be shown: it is damaged.", "Ask again.")
        return png(64, 96)


PHOTO = b"\0\0\0\x18ftypheic\0\0\0\0"


def test_a_phones_photo_is_shown_and_a_damaged_one_is_named(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot
) -> None:
    core = replace(make_core(world), inbox=Pictures(world), evidence=Phones(world))
    lonely_bridge.attach(core, core_thread)
    Pictures.content = {"IMG_1": PHOTO, "IMG_2": PHOTO + b"?", "scan": b"II*\0", "good": png(9, 9)}
    shown = window(lonely_bridge, ("IMG_1", "IMG_2", "scan", "good"), qtbot)
    until(qtbot, lambda: shown.view.sceneRect().height() == 96)
    for _place in range(2):
        shown.go(1)
        until(qtbot, lambda: "it is damaged" in shown.trouble)
        shown.view.clear()
    shown.go(1)
    until(qtbot, lambda: shown.trouble == "" and shown.view.zoom == 1)
    assert drawable(Attachment("x", "IMG_0421.HEIC", "application/octet-stream", 9))
    assert not drawable(Attachment("x", "run.exe", "application/octet-stream", 9))


def test_a_source_of_fifty_megabytes_opens_at_its_headers_and_is_found_in(served: Bridge, qtbot: QtBot) -> None:
    body = b"0123456789 line of a mail\r\n" * 2_000_000
    content = b"Subject: big\r\nX-Found: no\r\n\r\n" + body[:300_000] + b"needle here\r\n" + body + b"very last\r\n"
    source = SourceWindow(served, content)
    qtbot.addWidget(source)
    source.show()
    assert source.field.toPlainText().startswith("Subject: big\nX-Found: no\n")
    assert FIRST - 4_000 <= source.shown_bytes <= FIRST
    source.find_field.setText("NEEDLE")
    source.find_next()
    until(qtbot, lambda: source.field.textCursor().selectedText() == "needle")
    source.find_field.setText("very last")
    source._on_edited()
    source.find_next()
    until(qtbot, lambda: "beyond what is shown" in source.said.text())
    source.find_field.setText("nowhere at all")
    source._on_edited()
    source.find_next()
    until(qtbot, lambda: source.said.text() == "It does not stand here.")
    assert a11y.unnamed(source) == []


def test_a_source_is_saved_as_it_came(served: Bridge, qtbot: QtBot, tmp_path: Path) -> None:
    content = b"Subject: \xe9\r\n\r\n" + b"w" * 300_000
    source = SourceWindow(served, content)
    qtbot.addWidget(source)
    source.save_to(str(tmp_path / "message.eml"))
    until(qtbot, lambda: "message.eml" in source.said.text())
    assert (tmp_path / "message.eml").read_bytes() == content
    assert max(map(len, source.field.toPlainText().split("\n"))) <= 2_000
