"""One place that turns what the system, the store's driver, the network and TLS raise into the failures we know.

By number and by kind, never by importing the library that raised it: the kernel knows no driver. What cannot be told
for sure stays what it was, a bug: a wrong remedy is worse than a report.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator

from workstation.kernel.actions import Action
from workstation.kernel.errors import (
    BadAnswer,
    BadCertificate,
    Busy,
    Damaged,
    DiskFull,
    InputError,
    Offline,
    ReadOnly,
    StoreError,
    TimedOut,
    WorkstationError,
)
from workstation.kernel.i18n import _

FULL = (errno.ENOSPC, errno.EDQUOT)
LOCKED = (errno.EROFS, errno.EACCES, errno.EPERM)
NO_HANDLES = (errno.EMFILE, errno.ENFILE)
NO_NETWORK = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.ECONNREFUSED, errno.ECONNRESET)
_MOST_CAUSES = 8


def known(problem: BaseException) -> WorkstationError | None:
    """The known failure behind an exception or one of its causes; None when it is none of these."""
    for each in _chain(problem):
        found = _one(each)
        if found is not None:
            return found
    return None


def of_disk(problem: OSError) -> WorkstationError | None:
    """A failure of a disk or folder, by its number (POSIX errno)."""
    if problem.errno in FULL:
        return DiskFull(_("The disk is full; what was being written was not kept, everything before it was."),
                        _("Free some space and try again."))
    if problem.errno in LOCKED:
        return ReadOnly(_("A file or folder may not be written; nothing was changed."),
                        _("Make the folder writable, or choose another."))
    if problem.errno == errno.ENAMETOOLONG:
        return InputError(_("The name is too long for this disk; nothing was written."), _("Choose a shorter one."))
    if problem.errno in NO_HANDLES:
        return StoreError(_("The system gives no more open files; nothing was changed."),
                          _("Close other programs and try again."), action=Action.RETRY)
    if problem.errno == errno.EIO:
        return StoreError(_("The disk failed while it was read or written."),
                          _("Check the disk, and copy the home to another one."), action=Action.OPEN_FOLDER)
    return None


def of_store(problem: BaseException) -> WorkstationError | None:
    """A failure of the store's driver, by the words SQLite uses (sqlite3.h, sqlite3_errstr)."""
    text = str(problem).lower()
    if "disk is full" in text:
        return DiskFull(_("The disk is full; the last change was not kept, everything before it was."),
                        _("Free some space and try again."))
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return ReadOnly(_("The store's folder cannot be written; nothing was changed."),
                        _("Make the folder writable or choose another with --home."))
    if "is locked" in text:
        return Busy(_("Another process is using the store."), _("Close it, or wait a moment and try again."))
    if "malformed" in text:
        return damaged()
    if "disk i/o error" in text:
        return StoreError(_("The store is damaged or its disk fails; nothing was changed."),
                          _("Copy the home elsewhere, then run workstation doctor."), action=Action.OPEN_FOLDER)
    return None


def damaged() -> Damaged:
    return Damaged(_("A part of the store is damaged and cannot be read; nothing was changed."),
                   _("Run workstation store check: it says what is lost and what to do."))


def _chain(problem: BaseException) -> Iterator[BaseException]:
    each: BaseException | None = problem
    for _number in range(_MOST_CAUSES):
        if each is None:
            return
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _one(problem: BaseException) -> WorkstationError | None:
    if isinstance(problem, WorkstationError):
        return problem
    if isinstance(problem, ssl.SSLCertVerificationError):
        return BadCertificate(_("The other side could not prove who it is; nothing was sent."),
                              _("Check this computer's date and the address; do not go on over this network."))
    if isinstance(problem, ssl.SSLError):
        return BadAnswer(_("The other side does not speak TLS there; nothing was sent."), _("Check the port."))
    if isinstance(problem, OSError):
        return _network(problem) or of_disk(problem)
    kind = type(problem)
    package = kind.__module__.partition(".")[0]
    if package in ("sqlite3", "sqlcipher3") and kind.__name__ in ("OperationalError", "DatabaseError"):
        return of_store(problem)
    return _http(kind) if package in ("httpx", "httpcore") else None


def _network(problem: OSError) -> WorkstationError | None:
    if isinstance(problem, TimeoutError) and problem.errno in (None, errno.ETIMEDOUT):
        return TimedOut(_("The other side did not answer in time; what you did is kept."), _("Try again in a moment."))
    if problem.errno in NO_NETWORK:
        return Offline(_("The other side cannot be reached; what you did is kept."), _("Check the network."))
    return None


def _http(kind: type[BaseException]) -> WorkstationError | None:
    names = {each.__name__ for each in kind.__mro__}
    if "TimeoutException" in names:
        return TimedOut(_("The other side did not answer in time; what you did is kept."), _("Try again in a moment."))
    if "NetworkError" in names:
        return Offline(_("The other side cannot be reached; what you did is kept."), _("Check the network."))
    if "ProtocolError" in names or "DecodingError" in names:
        return BadAnswer(_("The other side broke off its answer; what you did is kept."), _("Try again in a moment."))
    return None
