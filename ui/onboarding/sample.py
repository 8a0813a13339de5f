"""Sample data to look around with: the demo, in a process and a throw-away home of its own, never mixed with yours."""

from __future__ import annotations

import os
import signal
import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from workstation.kernel import i18n
from workstation.kernel.i18n import _

ENDED_MS = 12_000
"""How long a sample that is asked to end may take before it is killed; it keeps nothing anyway."""
TOLD = 2_000
"""Characters of its last words that are shown when it fails."""


class Sample(QObject):
    """At most one at a time. It ends with its window, or with this program."""

    opened = Signal()
    """Its process runs; its window comes when mail has arrived in it."""
    ended = Signal(str)
    """It was closed (""), or could not run: the sentence that says why."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._asked_to_end = False

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Open it; a second call while it runs does nothing."""
        if self._process is not None:
            return
        program, arguments = command()
        self._asked_to_end = False
        self._process = process = QProcess(self)
        surroundings = QProcessEnvironment.systemEnvironment()
        surroundings.insert("LANGUAGE", i18n.language())
        process.setProcessEnvironment(surroundings)
        process.setProgram(program)
        process.setArguments(arguments)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.started.connect(self.opened)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        process.start()

    def stop(self) -> None:
        """End it, from the assistant's button or because the program ends."""
        if self._process is not None:
            self._asked_to_end = True
            if os.name == "nt":
                self._process.terminate()
            else:  # as Ctrl+C on a terminal: it deletes its things wherever it is just now
                os.kill(self._process.processId(), signal.SIGINT)
            QTimer.singleShot(ENDED_MS, self._process, self._process.kill)

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        words = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip()[-TOLD:]
        process.deleteLater()
        well = self._asked_to_end or (code == 0 and status == QProcess.ExitStatus.NormalExit)
        last = words.splitlines()[-1] if words else _("It ended by itself.")
        self.ended.emit("" if well else _("The sample could not be shown: {reason}").format(reason=last))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            process, self._process = self._process, None
            reason = process.errorString()
            process.deleteLater()
            self.ended.emit(_("The sample could not be shown: {reason}").format(reason=reason))


def command() -> tuple[str, list[str]]:
    """This program's own demo: of a frozen build itself, otherwise of this interpreter."""
    if getattr(sys, "frozen", False):
        return sys.executable, ["demo"]
    return sys.executable, ["-m", "workstation.cli", "demo"]
