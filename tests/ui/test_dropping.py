"""Files dropped on the composer or the conversation go along; a text that is far too long is not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support.casedesk import Desk, make_desk
from tests.support.fakecase import QUIET_PLATFORM
from ui.bridge import Bridge, Notice
from ui.composer import editors
from ui.composer.dropping import FileDrop
from ui.shell.actions import Actions
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
COPY, LEFT, PLAIN = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def desk(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Desk:
    return make_desk(lonely_bridge, core_thread, actions, qtbot)


def drag(target: QWidget, mime: QMimeData) -> bool:
    """Bring it over `target`; whether it may be let go there."""
    event = QDragEnterEvent(QPoint(4, 4), COPY, mime, LEFT, PLAIN)
    event.ignore()
    QApplication.sendEvent(target, event)
    return event.isAccepted()


def drop(target: QWidget, mime: QMimeData) -> None:
    QApplication.sendEvent(target, QDropEvent(QPointF(4, 4), COPY, mime, LEFT, PLAIN))


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_files_dropped_on_the_composer_go_along(desk: Desk, tmp_path: Path) -> None:
    paths = tmp_path / "label.txt", tmp_path / "invoice.txt"
    for path in paths:
        path.write_text("LB123456785CN")
    frame = desk.composer._frame
    before = frame.property("role")
    assert drag(desk.composer, files(*paths))
    assert frame.property("role") == "drop"
    drop(desk.composer, files(*paths))
    assert frame.property("role") == before
    desk.until(lambda: len(desk.draft("pt").files) == 2)
    assert {file.name for file in desk.draft("pt").files} == {"label.txt", "invoice.txt"}


def test_what_is_no_file_is_not_taken(desk: Desk) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl("https://shop.example/label.txt")])
    assert not drag(desk.composer, mime)
    assert desk.composer._frame.property("role") != "drop"


def test_any_part_of_the_window_can_take_files(qtbot: QtBot, tmp_path: Path) -> None:
    over = QWidget()
    qtbot.addWidget(over)
    taken: list[object] = []
    hovering: list[bool] = []
    watch = FileDrop(over)
    watch.files.connect(taken.append)
    watch.hovering.connect(hovering.append)
    assert drag(over, files(tmp_path / "a.txt"))
    QApplication.sendEvent(over, QDragLeaveEvent())
    assert (taken, hovering) == ([], [True, False])
    drag(over, files(tmp_path / "a.txt"))
    drop(over, files(tmp_path / "a.txt"))
    assert taken == [(tmp_path / "a.txt",)]


def test_a_log_that_is_pasted_is_no_message(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[Notice] = []
    desk.bridge.noticed.connect(said.append)
    body = desk.composer.body
    mime = QMimeData()
    mime.setText("a line of a log\n" * 65_536)
    body.insertFromMimeData(mime)
    assert body.toPlainText() == ""
    assert len(said) == 1
    assert "1,048,576" in said[0].text
    monkeypatch.setattr(editors, "MOST_TYPED", 200)
    mime.setText("y" * 150)
    body.insertFromMimeData(mime)
    body.insertFromMimeData(mime)
    assert len(body.toPlainText()) == 150
