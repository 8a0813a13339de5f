"""Back up… in the File menu: begun in a folder, told how far it is, stopped, and said when it was last done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World
from tests.support.fakecore_rest import make_core
from ui.a11y import unnamed
from ui.bridge import Bridge
from ui.settings.backup import BackupDialog
from ui.settings.privacy_page import PrivacyPage
from workstation.api import BackupDone, BackupState, Compacted, Progress
from workstation.kernel.errors import DiskFull
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread


@dataclass
class Store:
    """A store that backs up when it is told to."""

    last: BackupState = field(default_factory=lambda: BackupState(0, ""))
    asked: list[Path] = field(default_factory=list)
    problem: DiskFull | None = None
    missing: tuple[str, ...] = ()
    waits: bool = False

    async def backup_state(self) -> BackupState:
        return self.last

    async def back_up(self, folder: Path, progress: Progress | None = None) -> BackupDone:
        self.asked.append(folder)
        if progress is not None:
            progress(40, 100)
        if self.waits:
            await asyncio.Event().wait()
        if self.problem is not None:
            raise self.problem
        self.last = BackupState(NOW, str(folder))
        return BackupDone(folder, NOW, 5_400_000, 3, 1, self.missing)

    async def compact(self, progress: Progress | None = None) -> Compacted:
        return Compacted(2, 1)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def dialog(
    store: Store, lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> Iterator[BackupDialog]:
    lonely_bridge.attach(replace(make_core(world), store=store), core_thread)
    made = BackupDialog(lonely_bridge)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.last.text() != "")
    yield made
    made.stop()


def test_a_home_that_never_was_says_so_quietly(dialog: BackupDialog) -> None:
    assert dialog.last.text() == "Not backed up yet."
    assert dialog.again_button.isHidden()
    assert unnamed(dialog) == []


def test_it_is_backed_up_into_the_folder_that_was_chosen(
    dialog: BackupDialog, store: Store, tmp_path: Path, qtbot: QtBot,
) -> None:
    dialog.folder_button.click()
    assert dialog.chooser is not None
    dialog.chooser.fileSelected.emit(str(tmp_path / "backup"))
    qtbot.waitUntil(lambda: "5 MB" in dialog.summary.text() or "6 MB" in dialog.summary.text())
    assert store.asked == [tmp_path / "backup"]
    qtbot.waitUntil(lambda: "Last backed up" in dialog.last.text())
    assert "backup" in dialog.again_button.text()
    dialog.again_button.click()
    qtbot.waitUntil(lambda: len(store.asked) == 2)
    dialog.chooser.close()


def test_files_that_are_missing_are_told(dialog: BackupDialog, store: Store, tmp_path: Path, qtbot: QtBot) -> None:
    store.missing = ("a", "b")
    dialog.begin(tmp_path)
    qtbot.waitUntil(lambda: "2 files are missing" in dialog.summary.text())


def test_what_went_wrong_is_said_and_it_can_be_tried_again(
    dialog: BackupDialog, store: Store, tmp_path: Path, qtbot: QtBot,
) -> None:
    store.problem = DiskFull("The backup needs 9 MB.", "Free some space.")
    dialog.begin(tmp_path)
    qtbot.waitUntil(lambda: "9 MB" in dialog.summary.text())
    assert dialog.folder_button.isEnabled()


def test_closing_it_stops_it(dialog: BackupDialog, store: Store, tmp_path: Path, qtbot: QtBot) -> None:
    store.waits = True
    dialog.begin(tmp_path)
    qtbot.waitUntil(lambda: len(store.asked) == 1)
    assert not dialog.folder_button.isEnabled()
    dialog.reject()
    assert not dialog.busy
    assert "Stopped" in dialog.summary.text()


def test_the_settings_have_a_line_about_it(
    store: Store, lonely_bridge: Bridge, world: World, core_thread: CoreThread, settings: Settings, qtbot: QtBot,
) -> None:
    store.last = BackupState(NOW, "/media/disk")
    lonely_bridge.attach(replace(make_core(world), store=store), core_thread)
    page = PrivacyPage(settings, lonely_bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: "/media/disk" in page.facts["backup"].text())
