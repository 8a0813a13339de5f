"""One writer for a home: the window, or one command. The lock dies with its process, so a crash leaves none behind.

Who holds it is written into the file for the sentence that others show; only the lock says whether it is held.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from workstation.kernel.errors import Busy, ReadOnly
from workstation.kernel.i18n import _

WINDOW, COMMAND = "window", "command"
_FAR = 1 << 30
"""Where Windows locks a byte: not where the name of the holder is."""


class HomeLock:
    """Held while this process may change the home. The operating system releases it when the process ends."""

    def __init__(self, folder: Path, holder: str = COMMAND) -> None:
        self._path = folder / "lock"
        self._holder = holder
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
            raise self._busy() from problem
        self._file = file
        with suppress(OSError):  # a full disk keeps nobody from reading
            file.truncate(0)
            file.write(self._holder.encode())
            file.flush()
        return self

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def held(self) -> bool:
        """Whether some process holds it now. Changes nothing."""
        try:
            file = self._path.open("rb" if os.name != "nt" else "r+b")   # a home that only can be read may be asked too
        except OSError:
            return False
        with file:
            try:
                _lock(file)
            except OSError:
                return True
        return False

    def holder(self) -> str:
        """Who said it holds the home, or held it last."""
        try:
            with self._path.open("rb") as file:
                return WINDOW if file.read(32) == WINDOW.encode() else COMMAND
        except OSError:
            return COMMAND

    def _busy(self) -> Busy:
        if self.holder() == WINDOW:
            return Busy(_("The window is open and writes to this home, and it does not answer; nothing was changed."),
                        _("Wait until it has started, or close it. If it hangs, end it: what is saved is safe."))
        return Busy(_("Another command writes to this home; nothing was changed."),
                    _("Wait until it has finished, or give it longer with --wait SECONDS."))

    def __enter__(self) -> HomeLock:
        return self.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
