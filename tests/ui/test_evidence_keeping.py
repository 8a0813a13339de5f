"""Files, pictures and answers join the case by button, key, paste, drop; the original's bytes where there are any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import NOW, World
from ui.bridge import Bridge, Notice
from ui.conversation.attachments import AttachmentFiles, AttachmentRow
from ui.evidence import words
from ui.evidence.view import EvidenceStrip
from ui.shell.actions import Actions
from workstation.domain.conversation import Attachment
from workstation.evidence.model import Kind, RecordView
from workstation.kernel.clock import FixedClock
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
PNG = b"\x89PNG\r\n\x1a\n and the rest of it"


@dataclass
class Strip:
    view: EvidenceStrip
    world: World
    actions: Actions
    bot: QtBot
    said: list[Notice]

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)

    def trigger(self, name: str) -> None:
        self.actions.action(name).trigger()

    def calls(self, name: str) -> list[object]:
        return [what for called, what in self.world.calls if called == name]


@pytest.fixture
def strip(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Strip:
    world = case_world()
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(core, core_thread)
    view = EvidenceStrip(lonely_bridge, actions, clock=FixedClock(NOW))
    qtbot.addWidget(view)
    view.show()
    view.show_conversation("pt")
    made = Strip(view, world, actions, qtbot, [])
    lonely_bridge.noticed.connect(made.said.append)
    return made


def put(held: QMimeData) -> None:
    QGuiApplication.clipboard().setMimeData(held)


def picture() -> QImage:
    image = QImage(8, 6, QImage.Format.Format_ARGB32)
    image.fill(QColor("teal"))
    return image


def test_chosen_files_join_the_case_one_after_another(strip: Strip, tmp_path: Path) -> None:
    strip.trigger("evidence.add_file")
    dialog = strip.view.keeping.dialog
    assert dialog is not None
    dialog.filesSelected.emit([str(tmp_path / "a.pdf"), str(tmp_path / "b.mov")])
    strip.until(lambda: len(strip.calls("keep_file")) == 2 and strip.view.list.count() == 2)
    assert strip.calls("keep_file") == [("pt", tmp_path / "a.pdf"), ("pt", tmp_path / "b.mov")]
    assert "2 in all" in strip.said[-1].text
    dialog.close()


def test_a_pasted_file_is_the_file_and_a_pasted_picture_its_own_bytes(strip: Strip, tmp_path: Path) -> None:
    held = QMimeData()
    held.setUrls([QUrl.fromLocalFile(str(tmp_path / "photo.heic")), QUrl("https://elsewhere.example/x.png")])
    put(held)
    strip.trigger("evidence.paste")
    strip.until(lambda: strip.calls("keep_file") == [("pt", tmp_path / "photo.heic")])
    held = QMimeData()
    held.setData("image/png", PNG)
    put(held)
    strip.view.list.setFocus()
    QTest.keyClick(strip.view.list, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    strip.until(lambda: len(strip.calls("keep_picture")) == 1)
    assert strip.calls("keep_picture") == [("pt", "Pasted picture", False)]


def test_bare_pixels_are_encoded_and_said_to_be(strip: Strip) -> None:
    held = QMimeData()
    held.setImageData(picture())
    put(held)
    strip.trigger("evidence.paste")
    strip.until(lambda: strip.calls("keep_picture") == [("pt", "Pasted picture", True)])


def test_what_cannot_be_kept_is_said(strip: Strip) -> None:
    put(QMimeData())
    strip.trigger("evidence.paste")
    assert "no file" in strip.said[-1].text
    strip.view.show_conversation(None)
    for name in ("evidence.add_file", "evidence.paste", "evidence.answers"):
        strip.trigger(name)
        assert "Open a conversation" in strip.said[-1].text
    strip.view.show_conversation("pt")
    strip.trigger("evidence.answers")
    strip.until(lambda: "No answer" in strip.said[-1].text)


def test_a_drop_is_taken_and_foreign_words_are_not(strip: Strip, tmp_path: Path) -> None:
    def drop(held: QMimeData) -> bool:
        event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, held, Qt.MouseButton.LeftButton,
                           Qt.KeyboardModifier.NoModifier)
        return strip.view.keeping.eventFilter(strip.view, event)

    text = QMimeData()
    text.setText("only words")
    assert not drop(text)
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.pdf"))])
    assert drop(files)
    strip.until(lambda: strip.calls("keep_file") == [("pt", tmp_path / "a.pdf")])
    many = QMimeData()
    many.setUrls([QUrl.fromLocalFile(str(tmp_path / str(n))) for n in range(51)])
    assert drop(many)
    assert "too many" in strip.said[-1].text
    assert len(strip.calls("keep_file")) == 1


def test_a_file_of_a_message_is_kept_by_its_row(
    lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot
) -> None:
    world = case_world()
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(core, core_thread)
    files = AttachmentFiles(lonely_bridge, window := EvidenceStrip(lonely_bridge, actions))
    qtbot.addWidget(window)
    photo, other = Attachment("a1", "broken.jpg", "image/jpeg", 10), Attachment("a2", "x.pdf", "application/pdf", 5)
    files.place = lambda one: ("m1", 3) if one == photo else None
    row = AttachmentRow(photo, files)
    qtbot.addWidget(row)
    assert row.keep.accessibleName() == "Keep broken.jpg as evidence"
    QTest.mouseClick(row.keep, Qt.MouseButton.LeftButton)
    files.keep(other)
    qtbot.waitUntil(lambda: ("keep_attachment", ("m1", 3)) in world.calls, timeout=8_000)
    assert [name for name, _what in world.calls].count("keep_attachment") == 1


def test_an_erased_record_says_so_and_cannot_be_opened(strip: Strip) -> None:
    record = RecordView("r9", "pt", Kind.FILE, "File", NOW, 7, "ab" * 32, 1_234, "image/png", True, True, False)
    strip.world.records.append(replace(record, erased_at=NOW))
    strip.view.presenter.reload()
    strip.until(lambda: strip.view.list.count() == 1)
    strip.view.list.setCurrentRow(0)
    assert not strip.view._open.isEnabled()
    told = words.marks(replace(record, erased_at=NOW))
    assert told[0].startswith("✕ file erased on")
    assert words.marks(record) != told
