"""The translation step: what this computer can translate, and adding a package from a file. Nothing is downloaded."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.bridge import Call
from ui.onboarding.drop import DropPlace
from ui.onboarding.languages import AGENT_LANGUAGES
from ui.onboarding.page import Page, Said
from ui.onboarding.session import Session
from ui.widgets.labels import label
from ui.widgets.progress import ProgressLine
from workstation.api import Core, Progress
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _
from workstation.translation.model import Engine, LanguagePackage


class PacksPage(Page):
    """Names the languages that can be read, those that cannot, and what would help."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Translation"), _(
            "Messages are translated on this computer; no word of a buyer is sent anywhere for it."))
        self.own = label(role="title", wrap=True)
        self.can = label(wrap=True)
        self.cannot = label(role="quiet", wrap=True)
        self.place = DropPlace(_("Drop a language package here (.argosmodel, or a zip with a Firefox model)"),
                               _("Add from a &file…"), _("Language packages (*.argosmodel *.zip);;Every file (*)"))
        self.progress = ProgressLine()
        self.said = Said()
        self._call: Call | None = None
        for part in (self.own, self.can, self.cannot, self.place, self.progress, self.said):
            self.body.addWidget(part)
        self.body.addStretch(1)
        self.place.dropped.connect(self.add)
        self.progress.cancelled.connect(self.stop)
        session.changed.connect(self.reload)
        session.bridge.engines_changed.connect(self.reload)
        self.reload()

    @property
    def ready(self) -> bool:
        return self._call is None

    @property
    def busy(self) -> bool:
        return self._call is not None

    def enter(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Ask again what there is."""
        self.session.bridge.call(_engines, self._on_engines, self, replaces="engines")

    def add(self, path: str) -> None:
        """Install a package from this file, whole or not at all."""
        self.said.clear()
        self.progress.start(_("Installing"))
        command = partial(_install, Path(path), self.session.bridge.progress(self.progress.set_progress))
        self._call = self.session.bridge.call(command, self._on_added, self, self._on_problem)
        self.changed.emit()

    def stop(self) -> None:
        if self._call is not None:
            self._call.cancel()
            self._end()
            self.said.say(_("Stopped; nothing was installed."))

    def first(self) -> QWidget | None:
        return None

    def _on_engines(self, engines: tuple[Engine, ...]) -> None:
        own = self.session.agent_language
        pairs = {(engine.source, engine.target) for engine in engines if engine.ready}
        readable = reachable(pairs, own)
        others = [code for code in AGENT_LANGUAGES if code not in (own, *readable)]
        self.own.setText(_("You read and write {language}").format(language=_name(own)))
        self.can.setText(_("Ready: {languages}").format(languages=", ".join(map(_name, readable))) if readable else _(
            "No pair with your language is installed; messages are shown as they were written."))
        self.cannot.setText(_("Not installed: {languages}. Add a package when a buyer writes in one of them.").format(
            languages=", ".join(map(_name, others))) if others else "")
        self.cannot.setVisible(bool(others))
        if readable:
            self.session.notes["packs"] = self.can.text()
            self.session.done.add("packs")
        self.changed.emit()

    def _on_added(self, package: LanguagePackage) -> None:
        self._end()
        self.said.say(_("{source} → {target} is installed.").format(
            source=_name(package.source), target=_name(package.target)), "pass")
        self.reload()

    def _on_problem(self, problem: WorkstationError) -> None:
        self._end()
        self.said.problem(problem)

    def _end(self) -> None:
        self._call = None
        self.progress.stop()
        self.changed.emit()


def reachable(pairs: set[tuple[str, str]], own: str) -> list[str]:
    """Languages that can be read in `own` and answered in, directly or by way of English, in the order of the table."""
    def goes(source: str, target: str) -> bool:
        return (source, target) in pairs or {(source, "en"), ("en", target)} <= pairs

    codes = dict.fromkeys([*AGENT_LANGUAGES, *sorted({source for source, _target in pairs})])
    return [code for code in codes if code != own and goes(code, own) and goes(own, code)]


def _name(code: str) -> str:
    return AGENT_LANGUAGES.get(code, code)


async def _engines(core: Core) -> tuple[Engine, ...]:
    return await core.translation.engines()


async def _install(path: Path, progress: Progress, core: Core) -> LanguagePackage:
    return await core.translation.install(path, progress)
