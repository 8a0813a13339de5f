"""Buttons beside failures do what they say, wherever they are: toasts, the composer, the files of an import."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World
from ui.bridge import Bridge
from ui.errors.crash import ReportDialog
from ui.settings.dialog import SettingsDialog
from ui.shell.remedies import MENU
from ui.shell.window import MainWindow
from workstation.domain.events import DeliveryChanged
from workstation.domain.problem import Problem, ProblemKind
from workstation.domain.states import Delivery
from workstation.drafts.model import Draft, Mode, Outgoing
from workstation.kernel.actions import BY_CORE, Action
from workstation.kernel.errors import (
    AuthFailed,
    BadCertificate,
    Busy,
    InputError,
    KeyringLocked,
    NoEngine,
    Refused,
    WorkstationError,
)
from workstation.runtime.thread import CoreThread

IMPORT = Problem(
    "import:1", ProblemKind.IMPORT, "warn", "2 rows of a.csv could not be used.", "", "The rest is imported.",
    "Put these right.", NOW, (Action.SHOW_FILE, Action.CHOOSE_ORDERS, Action.DISMISS), place="/nowhere/a.csv")


class Opened(QObject):
    """Stands where the system's file manager stands."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        self.urls.append(url.toLocalFile())


@pytest.fixture
def file_manager() -> Iterator[Opened]:
    made = Opened()
    QDesktopServices.setUrlHandler("file", made, "take")  # type: ignore[arg-type]  # the stub says bytes, Qt takes text
    yield made
    QDesktopServices.unsetUrlHandler("file")


def test_every_action_is_wired_in_the_window(window: MainWindow) -> None:
    unwired = {action for action in Action if action not in BY_CORE and not window.remedies.does(action)}
    assert unwired == set()
    for name in MENU.values():
        assert window.actions_.action(name) is not None


TOASTS = (
    (AuthFailed("Wrong password.", "Again."), "Enter the password again"),
    (NoEngine("No engine.", "Add one."), "Add a language"),
    (AuthFailed("Not known.", "Again.", action=Action.CONNECT_HUB), "Connect to the hub"),
    (InputError("Not so.", "Otherwise."), ""), (BadCertificate("No proof.", "Stop."), ""), (Refused("No.", ""), ""),
)


def test_a_toast_offers_what_puts_it_right(window: MainWindow, bridge: Bridge) -> None:
    for failure, words in TOASTS:
        bridge.problem.emit(failure)
        assert window.toast.remedy == words
        assert window.toast.text == str(failure)


def test_a_missing_language_leads_to_where_one_is_added(window: MainWindow, bridge: Bridge) -> None:
    bridge.problem.emit(NoEngine("No engine.", "Add one."))
    window.toast.act()
    dialog = next(found for found in window.findChildren(SettingsDialog) if found.isVisible())
    assert dialog.languages_page is not None
    assert dialog.languages_page.file_button.isVisible()
    dialog.reject()


def test_the_toasts_button_does_it(window: MainWindow, bridge: Bridge, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QDialog

    bridge.problem.emit(AuthFailed("Not known.", "Again.", action=Action.CONNECT_HUB))
    window.toast.act()
    dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
    assert "hub" in dialog.windowTitle().lower()
    dialog.reject()
    assert window.toast.remedy == ""


def test_try_again_repeats_the_command_that_failed(window: MainWindow, world: World, qtbot: QtBot) -> None:
    world.failure = Busy("Another process is using the store.", "Wait.")
    window.bridge.call(lambda core: core.sync.run(), lambda _report: None, window)
    qtbot.waitUntil(lambda: window.toast.remedy == "Try again")
    assert len(world.called("sync")) == 1
    window.toast.act()
    qtbot.waitUntil(lambda: len(world.called("sync")) == 2)


def test_files_and_folders_are_shown_where_they_are(
    window: MainWindow, file_manager: Opened, tmp_path: Path, qtbot: QtBot,
) -> None:
    there = tmp_path / "orders" / "a.csv"
    there.parent.mkdir()
    there.write_text("x")
    window.remedies.do(Action.SHOW_FILE, replace(IMPORT, place=str(there)))
    window.remedies.do(Action.OPEN_FOLDER)
    window.remedies.do(Action.SHOW_FILE, replace(IMPORT, place=str(tmp_path / "gone" / "deeper" / "a.csv")))
    assert file_manager.urls == [str(there.parent), str(tmp_path), str(tmp_path)]


def test_the_last_runs_report_opens(window: MainWindow, tmp_path: Path) -> None:
    report = tmp_path / "last-crash.txt"
    report.write_text("what happened")
    window.remedies.do(Action.SHOW_REPORT, replace(IMPORT, place=str(report)))
    dialog = window.findChild(ReportDialog)
    assert dialog is not None
    assert dialog.text == "what happened"
    dialog.reject()


class Prompt:
    """Keys whose keyring asks a person."""

    def __init__(self) -> None:
        self.asked, self.over = 0, 0
        self.answer = asyncio.Event()
        self.answered: WorkstationError | None = None

    async def unlock_keyring(self) -> None:
        self.asked += 1
        try:
            await self.answer.wait()
        finally:
            self.over += 1
        if self.answered is not None:
            raise self.answered


@pytest.fixture
def prompt(window: MainWindow, bridge: Bridge) -> Prompt:
    made = Prompt()
    assert bridge.core is not None
    bridge._core = replace(bridge.core, keys=made)  # type: ignore[arg-type]
    return made


def test_unlocking_raises_the_systems_own_prompt_and_mail_is_fetched_then(
    window: MainWindow, world: World, prompt: Prompt, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    window.remedies.do(Action.UNLOCK_KEYRING)
    window.remedies.do(Action.UNLOCK_KEYRING)
    qtbot.waitUntil(lambda: prompt.asked == 1)
    assert not world.called("fetch_now")
    core_thread.loop.call_soon_threadsafe(prompt.answer.set)
    qtbot.waitUntil(lambda: bool(world.called("fetch_now")))
    assert prompt.asked == 1, "one prompt, however often the button is pressed"


def test_a_prompt_nobody_answers_is_said_and_can_be_raised_again(
    window: MainWindow, world: World, prompt: Prompt, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    prompt.answered = KeyringLocked("The keyring stayed locked.", "Try again.")
    core_thread.loop.call_soon_threadsafe(prompt.answer.set)
    window.remedies.do(Action.UNLOCK_KEYRING)
    qtbot.waitUntil(lambda: window.toast.remedy == "Unlock the keyring")
    assert not world.called("fetch_now")
    window.toast.act()
    qtbot.waitUntil(lambda: prompt.asked == 2)


def test_closing_the_window_takes_the_prompt_away(window: MainWindow, prompt: Prompt, qtbot: QtBot) -> None:
    window.remedies.do(Action.UNLOCK_KEYRING)
    qtbot.waitUntil(lambda: prompt.asked == 1)
    window.close()
    qtbot.waitUntil(lambda: prompt.over == 1)


def test_a_refused_reply_is_told_where_the_next_would_be_written(
    window: MainWindow, world: World, qtbot: QtBot,
) -> None:
    sent = Outgoing("o1", "c000003", "<m>", "", Delivery.FAILED, 0, 1, "550 no such user.")
    world.outgoing = [sent]
    window.open_conversation("c000003")
    composer = window.middle.composer
    bar = composer.unsent_bar
    qtbot.waitUntil(bar.isVisible)
    assert bar.text.full_text == "Your reply was not sent: 550 no such user."
    assert [b.isVisible() for b in (bar.retry, bar.take_back, bar.look, bar.more)] == [True, True, False, False]
    bar.retry.click()
    qtbot.waitUntil(lambda: world.called("retry") == ["o1"])
    world.calls.append(("send", replace(world.drafts.get(("c000003", Mode.REPLY), Draft("c000003")), body="As it was")))
    bar.take_back.click()
    qtbot.waitUntil(lambda: world.called("undo_send") == ["o1"])
    qtbot.waitUntil(lambda: composer.body.toPlainText() == "As it was")
    world.outgoing = [replace(sent, state=Delivery.UNKNOWN)]
    world.bus.publish(DeliveryChanged("c000003", "o1", Delivery.UNKNOWN))
    qtbot.waitUntil(bar.look.isVisible)
    assert not bar.retry.isVisible(), "never repeated from here"
    bar.more.click()
    assert window.drawer.isVisible()
    world.outgoing = []
    world.bus.publish(DeliveryChanged("c000003", "o1", Delivery.DONE))
    qtbot.waitUntil(lambda: not bar.isVisible())
