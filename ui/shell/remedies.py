"""What the button beside a failure does, wherever it is shown: one table from actions to what the window can do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.bridge import Bridge, Call
from ui.shell.actions import Actions
from workstation.domain.problem import Problem
from workstation.kernel.actions import Action
from workstation.kernel.errors import WorkstationError

if TYPE_CHECKING:
    from workstation.api import Core

MENU = {
    Action.SIGN_IN: "file.mailboxes", Action.OPEN_MAILBOX: "file.mailboxes", Action.CONNECT_HUB: "file.hub",
    Action.CONNECT_SOURCE: "file.source", Action.CHOOSE_MAIL: "file.import_mail",
    Action.CHOOSE_ORDERS: "file.import_orders", Action.SHOW_PROBLEMS: "view.problems",
    Action.OPEN_SETTINGS: "app.settings",
}
"""Actions that a line of the menu does."""
AT_THE_DOOR = {Action.RESTORE_BACKUP: "restore", Action.SALVAGE: "salvage"}
"""Actions that are done before a home is open (`ui.onboarding.repair.WAYS`): the program is begun anew for them."""


class Remedies(QObject):
    """`folder` is the home's; `open_conversation` shows one, `show_report` a report kept in a file, `show_languages`
    where a language is added; `leave_for` begins the program anew with a page before the inbox."""

    def __init__(
        self, bridge: Bridge, actions: Actions, folder: Path, open_conversation: Callable[[str], None],
        show_report: Callable[[Path], None], show_languages: Callable[[], None], leave_for: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._actions, self._folder = bridge, actions, folder
        self._open, self._report, self._languages = open_conversation, show_report, show_languages
        self._leave_for = leave_for
        self._unlocking: Call | None = None
        self._doers: dict[Action, Callable[[str, str], None]] = {
            Action.OPEN_CONVERSATION: self._open_conversation, Action.UNLOCK_KEYRING: self._unlock,
            Action.INSTALL_LANGUAGE: self._show_languages,
            Action.FREE_SPACE: self._show_folder, Action.OPEN_FOLDER: self._show_folder,
            Action.SHOW_FILE: self._show_file, Action.SHOW_REPORT: self._show_report,
            **{action: partial(self._menu, name) for action, name in MENU.items()},
            **{action: partial(self._to_the_door, way) for action, way in AT_THE_DOOR.items()},
        }

    def does(self, action: Action) -> bool:
        """Whether the window can do it without knowing which failure it is about."""
        return action in self._doers

    def do(self, action: Action, problem: Problem | None = None) -> None:
        """Do it. Raises KeyError for one that is the core's."""
        self._doers[action](problem.conversation_id if problem else "", problem.place if problem else "")

    def button(self, failure: WorkstationError) -> Callable[[], None] | None:
        """What the button beside this failure does; None when it has none."""
        action = failure.action
        if action is Action.RETRY:
            return partial(self._bridge.retry, failure) if self._bridge.can_retry(failure) else None
        return partial(self.do, action) if action is not None and self.does(action) else None

    def _menu(self, name: str, _conversation_id: str, _place: str) -> None:
        self._actions.action(name).trigger()

    def _to_the_door(self, way: str, _conversation_id: str, _place: str) -> None:
        self._leave_for(way)

    def _open_conversation(self, conversation_id: str, _place: str) -> None:
        self._open(conversation_id)

    def _show_languages(self, _conversation_id: str, _place: str) -> None:
        self._languages()

    def _unlock(self, _conversation_id: str, _place: str) -> None:
        """Once at a time: the prompt is on the screen until it is answered."""
        if self._unlocking is None:
            self._unlocking = self._bridge.call(_unlock_keyring, self._on_unlocked, self, self._on_still_locked)

    def _on_unlocked(self, _nothing: None) -> None:
        self._unlocking = None
        self._bridge.problems_changed.emit(None)

    def _on_still_locked(self, problem: WorkstationError) -> None:
        self._unlocking = None
        self._bridge.problem.emit(problem)

    def give_up(self) -> None:
        """The window closes: nobody waits for the keyring's prompt any more."""
        if self._unlocking is not None:
            self._unlocking.cancel()
            self._unlocking = None

    def _show_folder(self, _conversation_id: str, place: str) -> None:
        _show(Path(place) if place else self._folder)

    def _show_file(self, _conversation_id: str, place: str) -> None:
        _show(Path(place).parent)

    def show_report(self, file: Path) -> None:
        """A report kept in a file."""
        self._report(file)

    def _show_report(self, _conversation_id: str, place: str) -> None:
        self._report(Path(place))


async def _unlock_keyring(core: Core) -> None:
    """The system's own prompt; then what could not start without its password does."""
    if core.keys is not None:
        await core.keys.unlock_keyring()
    await core.accounts.fetch_now()


def _show(folder: Path) -> None:
    """In the system's file manager; the nearest folder that is still there."""
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), Path.home())
    from PySide6.QtCore import QUrl  # which the first paint would wait for
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(there)))
