"""Work that blocks and is done before there is a core thread to do it: the keyring, a key from a passphrase, a file.

Replies come back on the main thread by a queued signal; each goes only to an owner that still lives.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from workstation.kernel.errors import WorkstationError

T = TypeVar("T")


class Task:
    """One piece of work. Dropping it drops its reply; what it does on the disk is whole or not at all anyway."""

    def __init__(self, owner: QObject, ok: Callable[..., None], error: Callable[[WorkstationError], None]) -> None:
        self.owner, self.ok, self.error = owner, ok, error
        self.value: object = None
        self.problem: Exception | None = None
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


class Background(QObject):
    """Lives on the main thread."""

    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._came.connect(self._deliver)

    def run(
        self, work: Callable[[], T], ok: Callable[[T], None], error: Callable[[WorkstationError], None],
        owner: QObject,
    ) -> Task:
        """Call `work` on a thread of its own; then `ok` with its result, or `error` with a known failure."""
        task = Task(owner, ok, error)

        def do() -> None:
            try:
                task.value = work()
            except Exception as problem:  # noqa: BLE001 - every outcome crosses; a bug is raised again over there
                task.problem = problem
            if isValid(self):
                self._came.emit(task)

        threading.Thread(target=do, name="at the door", daemon=True).start()
        return task

    def _deliver(self, task: Task) -> None:
        if task.problem is not None and not isinstance(task.problem, WorkstationError):
            raise task.problem  # reaches the crash dialog by way of the interpreter's hook
        if task.dropped or not isValid(task.owner):
            return
        if isinstance(task.problem, WorkstationError):
            task.error(task.problem)
        else:
            task.ok(task.value)
