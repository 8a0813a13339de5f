"""State of what was read in one picture."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.events import PictureRead
from workstation.evidence.reading.model import PictureText
from workstation.kernel.errors import WorkstationError


class ReadTextPresenter(QObject):
    """Asks the core; the panel shows. `there`: there is a picture, and something that reads."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = ""
        self.there = False
        self.told: PictureText | None = None
        self.busy = False
        self.problem = ""
        self._bridge = bridge
        bridge.picture_read.connect(self._on_picture_read)

    def show(self, source: str) -> None:
        """Turn to the picture of a record or an attachment, or to none ("")."""
        if source != self.source:
            self.source, self.told, self.there, self.busy, self.problem = source, None, False, False, ""
            self.changed.emit()
            self._ask()

    @Slot()
    def read(self) -> None:
        """Read it now, again if it was read before."""
        if self.source and not self.busy:
            self.busy, self.problem = True, ""
            self.changed.emit()
            self._bridge.call(partial(_read, self.source), self._on_told, self, self._on_problem, "read")

    def _ask(self) -> None:
        if self.source:
            self._bridge.call(partial(_of, self.source), self._on_known, self, self._on_problem, "of")

    def _on_known(self, found: tuple[bool, str, PictureText | None]) -> None:
        there, source, told = found
        if source == self.source:
            self.there, self.told = there, told
            self.changed.emit()

    def _on_told(self, told: PictureText | None) -> None:
        if told is not None and told.source == self.source:
            self.told, self.busy = told, False
            self.changed.emit()

    def _on_problem(self, problem: WorkstationError) -> None:
        self.problem, self.busy = str(problem), False
        self.changed.emit()

    @Slot(object)
    def _on_picture_read(self, event: PictureRead) -> None:
        if event.source == self.source and not self.busy:
            self._ask()


async def _of(source: str, core: Core) -> tuple[bool, str, PictureText | None]:
    """Whether anything reads here, and what is known of this picture."""
    return core.reading is not None, source, await core.reading.of(source) if core.reading is not None else None


async def _read(source: str, core: Core) -> PictureText | None:
    return await core.reading.read(source, again=True) if core.reading is not None else None
