"""One writer for a home: the window, or one command. The lock dies with its process, so a crash leaves none behind."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import IO

from workstation.kernel.errors import Busy, ReadOnly
from workstation.kernel.i18n import _


class HomeLock:
    """Held while this process may change the home. The operating system releases it when the process ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: IO[bytes] | None = None

    def acquire(self) -> HomeLock:
        """Raises Busy when another process holds it, ReadOnly when the folder cannot be written."""
        try:
            file = self._path.open("ab")
        except OSError as problem:
            raise ReadOnly(_("The home folder cannot be written."), _("Make it writable or use --home.")) from problem
        try:
            _lock(file)
        except OSError as problem:
            file.close()
            raise Busy(_("The window is open and writes to this home; nothing was changed."),
                       _("Do it in the window, or close it first.")) from problem
        self._file = file
        return self

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> HomeLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
