"""What screens are built from: the in-memory core with the case's people, at one fixed moment, and what is owned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.support.fakecase import ORDER, CaseDrafts, CaseTranslation, case_core, case_world
from tests.support.fakecore import NOW, World
from tests.support.fakecore_rest import FakeProblems
from ui.bridge import Bridge
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from workstation.inbox.model import Account, AccountSettings, Security, ServerSettings
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

PATIENCE_MS = 8_000
REPLY = f"Hello Ana, we refund R$ 129,90 for order {ORDER}."
MAILBOX = AccountSettings(
    "support@loja.example", "support", ServerSettings("mail.loja.example", 993, Security.TLS),
    ServerSettings("mail.loja.example", 587, Security.STARTTLS), store="Loja Azul")
ONLINE = Account("a1", MAILBOX, "online", "", NOW - 60_000)
REFUSED = Account("a2", replace(MAILBOX, address="second@loja.example"), "refused",
                  "The password was refused. Make an app password.")
OFFLINE = Account("a1", MAILBOX, "offline", "No network.", NOW - 60_000)
W = TypeVar("W", bound=QWidget)


@dataclass
class Stage:
    """Screens are shown here; `clear` lets go of them."""

    bridge: Bridge
    actions: Actions
    settings: Settings
    thread: CoreThread
    bot: QtBot
    folder: Path
    size: tuple[int, int] = (1_280, 800)
    world: World = field(default_factory=case_world)
    owned: list[QWidget] = field(default_factory=list)
    parts: Callable[[World], dict[str, Any]] = lambda _world: {}
    """What the core of this screen has besides, or instead."""
    drafts: CaseDrafts | None = None
    translation: CaseTranslation | None = None

    def attach(self) -> None:
        """Give the bridge its core. Mailboxes are those of the world, or one that is online."""
        core, self.drafts, self.translation = case_core(self.world)
        whole = replace(core, simulated=("shop", "carrier"), **self.parts(self.world))
        self.bridge.attach(whole, self.thread)

    @property
    def problems(self) -> FakeProblems:
        core = self.bridge.core
        assert core is not None
        assert isinstance(core.problems, FakeProblems)
        return core.problems

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=PATIENCE_MS)

    def show(self, widget: W) -> W:
        """On the screen and in front."""
        self.owned.append(widget)
        widget.show()
        widget.activateWindow()
        self.until(widget.isVisible)
        return widget

    def window(self, accounts: tuple[Account, ...] = (ONLINE,)) -> MainWindow:
        """The window with its list read."""
        self.world.accounts = list(accounts)
        self.attach()
        made = MainWindow(self.bridge, self.actions, self.settings)
        made.resize(*self.size)
        self.show(made)
        made.complete()
        made.start_again()
        state = made.status_presenter
        self.until(lambda: bool(made.inbox.queues) and not made.inbox.loading and bool(state.state.read_at))
        self.until(lambda: not made.status.text.startswith("starting"))
        self.until(lambda: made.inbox.model.rowCount() == len(self.world.rows))
        made.list.list.setFocus()
        return made

    def reading(self, conversation_id: str = "pt", accounts: tuple[Account, ...] = (ONLINE,)) -> MainWindow:
        """The window with a conversation open and its checks there."""
        made = self.window(accounts)
        made.open_conversation(conversation_id)
        timeline, panel = made.middle.conversation.timeline, self.world.panels.get(conversation_id)
        self.until(lambda: len(timeline.bubbles()) == len(self.world.messages.get(conversation_id, [])))
        self.until(lambda: made.middle.composer.presenter.editable)
        if panel is not None:
            case = made.case.panel
            self.until(lambda: case is not None and len(case.rows) == len(panel.checks))
        return made

    def clear(self) -> None:
        """Every screen is closed and gone."""
        for widget in reversed(self.owned):
            if isValid(widget):
                widget.close()
        if self.owned:
            self.bot.wait(60)  # what was asked of the core a moment ago comes back, or is let go of
        for widget in reversed(self.owned):
            if isValid(widget):
                widget.deleteLater()
        self.owned.clear()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@contextmanager
def staged(bridge: Bridge, actions: Actions, settings: Settings, thread: CoreThread, bot: QtBot, folder: Path,
           ) -> Iterator[Stage]:
    """A stage that is cleared again."""
    stage = Stage(bridge, actions, settings, thread, bot, folder)
    try:
        yield stage
    finally:
        stage.clear()
