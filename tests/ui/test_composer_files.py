"""Files, exhibits, copies and drafts that changed elsewhere: nothing is lost, nothing is overwritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from tests.support.casedesk import Desk, make_desk
from tests.support.fakecase import QUIET_PLATFORM
from ui.bridge import Bridge
from ui.shell.actions import Actions
from workstation.drafts.model import DraftFile
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@pytest.fixture
def desk(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Desk:
    return make_desk(lonely_bridge, core_thread, actions, qtbot)


def test_pasted_pictures_all_stay_with_their_conversation(desk: Desk) -> None:
    for colour in ("red", "green", "blue"):
        image = QImage(4, 4, QImage.Format.Format_RGB32)
        image.fill(QColor(colour))
        mime = QMimeData()
        mime.setImageData(image)
        desk.composer.body.insertFromMimeData(mime)
    desk.composer.show_conversation("ja")
    desk.until(lambda: len(desk.draft("pt").files) == 3)
    names = {file.name for file in desk.draft("pt").files}
    assert len(names) == 3
    assert desk.draft("ja").files == ()


def test_a_file_is_attached_shown_and_left_out(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "label.txt"
    path.write_text("LB123456785CN")
    desk.composer._on_files_chosen([str(path)])
    desk.until(lambda: not desk.composer._files.isHidden())
    desk.until(lambda: len(desk.draft("pt").files) == 1)
    desk.composer._files.removed.emit(desk.draft("pt").files[0].id)
    desk.until(lambda: desk.draft("pt").files == ())


def test_a_file_that_is_too_large_is_refused_with_a_reason(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    with desk.bot.waitSignal(desk.bridge.problem) as said:
        desk.composer._on_files_chosen([str(path)])
    assert "25 MB" in str(said.args)


def test_a_draft_changed_elsewhere_is_offered_and_overwrites_nothing(desk: Desk) -> None:
    desk.type("mine")
    desk.until(lambda: desk.stored("pt") == "mine" and not desk.composer.presenter.unsaved)
    stored = desk.draft("pt")
    desk.drafts.put(replace(stored, body="theirs", revision=stored.revision + 5))
    desk.until(lambda: not desk.composer._conflict.isHidden())
    assert desk.composer.body.toPlainText() == "mine"
    desk.composer._conflict._keep.click()
    desk.until(lambda: desk.stored("pt") == "mine")
    assert desk.composer._conflict.isHidden()


def test_an_exhibit_added_elsewhere_joins_the_words_being_typed(desk: Desk) -> None:
    desk.type("see the picture")
    desk.until(lambda: desk.stored("pt") == "see the picture" and not desk.composer.presenter.unsaved)
    desk.type(" below")
    stored = desk.draft("pt")
    exhibit = DraftFile("f1", "capture.png", "image/png", 10, "r1")
    desk.drafts.put(replace(stored, files=(exhibit,), revision=stored.revision + 1))
    desk.until(lambda: desk.stored("pt") == "see the picture below")
    desk.until(lambda: desk.draft("pt").files == (exhibit,))
    assert desk.composer.body.toPlainText() == "see the picture below"
    assert desk.composer._conflict.isHidden()


def test_an_earlier_draft_can_be_walked_back_to(desk: Desk) -> None:
    desk.type("one")
    desk.until(lambda: desk.stored("pt") == "one")
    desk.type(" two")
    desk.until(lambda: desk.stored("pt") == "one two")
    earlier = next(draft for draft in desk.drafts.kept if draft.body == "one")
    desk.composer.presenter.walk_to(earlier)
    assert desk.composer.body.toPlainText() == "one"
    desk.until(lambda: desk.stored("pt") == "one")
    assert any(draft.body == "one two" for draft in desk.drafts.kept)


def test_a_wrong_cc_address_is_marked_and_a_right_one_is_kept(desk: Desk) -> None:
    desk.composer._top._cc.click()
    desk.composer._cc.setText("nobody")
    desk.composer._take_cc()
    assert desk.composer._cc.property("invalid") == "true"
    desk.composer._cc.setText("Mei <mei@example.test>; li@example.test")
    desk.composer._take_cc()
    desk.until(lambda: len(desk.draft("pt").cc) == 2)
    assert desk.composer._cc.property("invalid") == "false"
