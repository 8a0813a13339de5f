"""From a bug to the one dialog: the same bug is counted, another one meanwhile too, and a bug in the dialog itself ends
on standard error, never in a second dialog."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.errors.catcher import Catcher, trace

if TYPE_CHECKING:
    from ui.errors.crash import CrashDialog

log = logging.getLogger("workstation.ui")
Signature = tuple[str, str, int]


def signature(bug: BaseException) -> Signature:
    """What makes two bugs the same: their kind and the innermost line."""
    frames = list(traceback.walk_tb(bug.__traceback__))
    frame, line = frames[-1] if frames else (None, 0)
    return type(bug).__qualname__, frame.f_code.co_filename if frame else "", line


class Crashes(QObject):
    """`host` gives the window to show it over, None while nothing may be shown; `save` keeps what is typed; `waiting`
    counts the replies that have not left."""

    restart = Signal()

    def __init__(
        self, catcher: Catcher, host: Callable[[], QWidget | None], save: Callable[[], None],
        waiting: Callable[[], int], parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._catcher, self._host, self._save, self._waiting = catcher, host, save, waiting
        self._times: dict[Signature, int] = {}
        self._others = 0
        self._shown: BaseException | None = None
        self._broken = False
        self.dialog: CrashDialog | None = None
        catcher.bug.connect(self.tell)

    def tell(self, bug: BaseException) -> None:
        """Show it, or count it."""
        if self._broken:
            return
        self._broken = True      # until this is done: what fails in here must not come back here
        try:
            self._tell(bug)
            self._broken = False
        except Exception as worse:
            log.exception("the crash dialog failed")
            if sys.stderr is not None:
                sys.stderr.write(f"{trace(bug)}\n{trace(worse)}\n")

    def _tell(self, bug: BaseException) -> None:
        mine = signature(bug)
        self._times[mine] = self._times.get(mine, 0) + 1
        if self.dialog is not None and self._shown is not None:
            self._others += mine != signature(self._shown)
            times = self._times[signature(self._shown)]
            self.dialog.show_report(self._report(self._shown, times))
            self.dialog.count(times, self._others)
            return
        host = self._host()
        if self._times[mine] == 1 and host is not None:
            self._open(bug, host)

    def _open(self, bug: BaseException, host: QWidget) -> None:
        from ui.errors.crash import CrashDialog

        self._save()
        self._shown, self._others = bug, 0
        self.dialog = CrashDialog(self._report(bug, 1), self._waiting(), host)
        self.dialog.restart.connect(self.restart)
        self.dialog.finished.connect(self._on_closed)
        self.dialog.open()

    def _report(self, bug: BaseException, times: int) -> str:
        from ui.errors.report import compose

        return compose(trace(bug), self._catcher.recent(), times)

    def _on_closed(self, _result: int) -> None:
        self.dialog = self._shown = None
