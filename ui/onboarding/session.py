"""What the pages of the first run share: the ways into a home, the bridge, the languages, and what is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Signal

from ui.bridge import Bridge
from ui.onboarding.steps import AFTER_HOME, NAMES, Position, position, remember
from workstation.kernel import i18n
from workstation.kernel.errors import WorkstationError
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from ui.onboarding.background import Background
    from ui.onboarding.door import Beginning, Door, Home

ASSISTED = ("language", "agent_language")
"""Settings that are chosen before there is a file to keep them in."""


class Session(QObject):
    """One run of the assistant. `door` is None when it is opened again from the menu: the home is there then."""

    language_changed = Signal()
    home_made = Signal(object)
    """A Home: from now on there can be a core."""
    other_home = Signal(object)
    """The Path of a folder that has a home in it already: open that one instead."""
    restore_asked = Signal()
    """There is a backup to make the home of."""
    changed = Signal()

    def __init__(
        self, bridge: Bridge, root: Path, door: Door | None = None, settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.bridge, self.root, self.door, self.settings = bridge, root, door, settings
        self.passphrase: str | None = None
        self.beginning: Beginning | None = None
        self.agent_language = settings.text("agent_language") if settings else own_language()
        self.said: Callable[[WorkstationError], None] = _nobody
        where = position(settings) if settings is not None else None
        self.begun_at = where.step if where is not None else "language"
        self.done: set[str] = set(where.done) if where is not None else set()
        self.notes: dict[str, str] = {}
        self.no_keyring = ""
        self._background: Background | None = None

    @property
    def background(self) -> Background:
        """Loaded when it is first asked for: the first page needs none."""
        from ui.onboarding.background import Background

        if self._background is None:
            self._background = Background(self)
        return self._background

    def of_home(self) -> Settings:
        """The settings of the home, which is there before any page that asks the core."""
        if self.settings is None:
            raise LookupError("there is no home yet")
        return self.settings

    def use_language(self, language: str) -> None:
        """The interface speaks `language` from now on."""
        if language != i18n.language():
            i18n.use_language(language)
            self._keep("language", language)
            self.language_changed.emit()

    def use_agent_language(self, language: str) -> None:
        self.agent_language = language
        self._keep("agent_language", language)
        self.changed.emit()

    def start_over(self, root: Path) -> None:
        """Another folder: whatever was begun for the first one is forgotten."""
        self.root = root
        self._abandon()

    def begun(self, beginning: Beginning, passphrase: str | None) -> None:
        """A home is being made; nothing is stored yet."""
        self._abandon()
        self.beginning, self.passphrase = beginning, passphrase

    def _abandon(self) -> None:
        if self.beginning is not None:
            self.beginning.abandon()
        self.beginning, self.passphrase = None, None

    def made(self, home: Home) -> None:
        """The home is on the disk: what was chosen before goes into its settings, and the core can be built."""
        self.settings, self.passphrase, self.beginning = home.settings, None, None
        self.done |= {"language", "home", "key"}
        self._keep("language", i18n.language())
        self._keep("agent_language", self.agent_language)
        self.at(AFTER_HOME)
        self.home_made.emit(home)

    def finish_step(self, name: str, note: str = "") -> None:
        """The work of a step is done; `note` says in words what came of it."""
        self.done.add(name)
        if note:
            self.notes[name] = note
        self.changed.emit()

    def at(self, step: str) -> None:
        """The assistant is at this step now; a crash continues here."""
        if self.settings is not None and self.door is not None and step in NAMES:
            self._write(Position(step, frozenset(self.done)))

    def finished(self) -> None:
        """Nothing is left to continue."""
        if self.settings is not None and self.door is not None:
            self._write(None)

    def _write(self, where: Position | None) -> None:
        if self.settings is None:
            return
        try:
            remember(self.settings, where)
        except WorkstationError as problem:
            self.said(problem)

    def _keep(self, name: str, value: str) -> None:
        if self.settings is None:
            return
        try:
            self.settings.set(name, value)
        except WorkstationError as problem:
            self.said(problem)


def own_language() -> str:
    """The language of this computer, if it is one an agent can choose; English otherwise."""
    from ui.onboarding.languages import AGENT_LANGUAGES

    code = QLocale.system().name().partition("_")[0]
    code = "zh" if i18n.language() == "zh_CN" else code
    return code if code in AGENT_LANGUAGES else "en"


def _nobody(_problem: WorkstationError) -> None:
    """Before the assistant is on the screen there is nothing to say it on."""
