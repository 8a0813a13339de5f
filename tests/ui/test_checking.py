"""Checking a pack from a file: real packs, what is said of each, by keys alone and as text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.evidence import flip, rewrite, small_pack
from tests.support.fakecore import World
from tests.support.fakecore_rest import FakeEvidence, make_core
from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel
from ui.evidence.checking import CheckDialog
from ui.widgets.marks import Mark
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack_check import check_pack
from workstation.runtime.thread import CoreThread

Open = Callable[[Path], CheckDialog]


class Checking(FakeEvidence):
    """An in-memory core that checks packs for real."""

    async def verify(self, pack: Path | None = None) -> VerifyReport:
        return await (super().verify() if pack is None else asyncio.to_thread(check_pack, pack))


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_pack(tmp_path_factory.mktemp("pack"))


@pytest.fixture
def opened(lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot) -> Open:
    lonely_bridge.attach(replace(make_core(world), evidence=Checking(world)), core_thread)

    def open_it(path: Path) -> CheckDialog:
        dialog = CheckDialog(lonely_bridge, path)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: "Checking" not in " ".join(lines(dialog)), timeout=8_000)
        return dialog

    return open_it


def lines(dialog: CheckDialog) -> list[str]:
    shown = dialog.findChildren(WrapLabel)
    return [one.text().replace("\u200e\u2068", "").replace("\u2069", "") for one in shown]


def marks(dialog: CheckDialog) -> list[tuple[str, str]]:
    return [(mark.state, mark.accessibleName()) for mark in dialog.findChildren(Mark)]


def test_an_intact_pack_is_said_to_be_part_by_part(opened: Open, pack: Path) -> None:
    dialog = opened(pack)
    said = lines(dialog)
    assert said[:3] == ["case.zip", "Nothing is wrong.", "4 records, 3 files"]
    assert "Signatures" in said
    assert any(line.startswith("When it happened: device time only") for line in said)
    assert said[-1].startswith("Not present, so not checked: ")
    assert "fail" not in {state for state, _name in marks(dialog)}
    assert ("pass", "proved") in marks(dialog)
    assert ("unknown", "claimed") in marks(dialog)


def test_what_is_wrong_is_said_first_with_where_and_copied_as_text(opened: Open, pack: Path, tmp_path: Path) -> None:
    changed = rewrite(pack, tmp_path / "changed.zip", {"data/report.html": flip})
    dialog = opened(changed)
    said = lines(dialog)
    assert said[1] == "1 thing is wrong."
    assert any(line.startswith("data/report.html: the file was changed") for line in said)
    assert ("fail", "wrong") in marks(dialog)
    dialog.copy.setFocus()
    QTest.keyClick(dialog.copy, Qt.Key.Key_Space)
    text = QGuiApplication.clipboard().text()
    assert text == dialog.text()
    assert ("✕ The pack as it was written\n  ✕ data/report.html: the file was changed (manifest-sha256.txt, "
            "manifest-sha512.txt)") in text
    assert "– The hub's log: not present" in text


def test_what_is_no_pack_is_said_with_what_to_do(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK no")
    dialog = opened(tmp_path / "torn.zip")
    assert lines(dialog)[1:] == [
        "This could not be checked.", "The pack cannot be read: it is not a complete zip file.",
        "Ask for the pack again, or give another file."]
    assert not dialog.copy.isEnabled()


def test_it_is_read_and_left_by_keys_and_by_a_screen_reader(opened: Open, pack: Path, qtbot: QtBot) -> None:
    dialog = opened(pack)
    assert a11y.unnamed(dialog) == []
    scroll = dialog.area
    assert "Nothing is wrong." in scroll.accessibleDescription()
    dialog.resize(420, 240)
    scroll.setFocus()
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() > 0)
    QTest.keyClick(scroll, Qt.Key.Key_PageDown)
    assert scroll.verticalScrollBar().value() > 0
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
