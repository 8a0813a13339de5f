"""What the product stands on: the disk, the home's folder, the last run's end, packages, and work that runs by itself.

Looked at when asked, never stored: the disk and the files themselves are the truth.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from workstation.domain.problem import Problem, ProblemKind
from workstation.kernel.actions import Action
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import N_, _, ngettext
from workstation.kernel.paths import Home
from workstation.runtime.jobs import Jobs
from workstation.translation.catalogue import folders, model_of

LEAST_FREE = 200 * 1024 * 1024
"""Bytes. A day's mail and captures need less; below it the person is told before anything is refused."""
NO_ROOM = 16 * 1024 * 1024
WORKS = {
    "sender": N_("sending"), "snoozed": N_("waking what was snoozed"), "clocks": N_("watching the response clocks"),
    "problems": N_("looking for problems"), "customers": N_("telling customers apart"),
    "translation server": N_("asking the translation server"),
    "sources": N_("reading the shops' tokens from the keyring"), "languages": N_("telling languages"),
    "reading pictures": N_("reading text in pictures"),
}
"""What runs by itself, by the name `Jobs.keep_trying` was given."""
REPORT = "last-crash.txt"
"""In the logs folder: the redacted report of a run that ended unexpectedly (`ui.errors.lastrun` writes it)."""


class Ground:
    """Looks at the home's disk and folder, and at what runs by itself."""

    prefix = "home"

    def __init__(self, home: Home, jobs: Jobs) -> None:
        self._home = home
        self._jobs = jobs

    def forgets(self) -> bool:
        return False

    async def problems(self) -> tuple[Problem, ...]:
        return (*await asyncio.to_thread(self._look), *self._work())

    async def act(self, _name: str, action: Action) -> None:
        """RETRY only looks again, which listing does in any case."""
        if action is not Action.RETRY:
            raise Unsupported(_("This is put right outside the program."), _("Do what it says, then look again."))

    def _look(self) -> list[Problem]:
        found = [_full(self._home.root, shutil.disk_usage(self._home.root).free), _locked(self._home.root)]
        return [*(one for one in found if one is not None), *_packages(self._home.packages)]

    def _work(self) -> list[Problem]:
        return [
            Problem(
                f"home:work {name}", ProblemKind.WORK, "fail",
                _("Something that runs by itself fails again and again: {name}.").format(name=_(WORKS.get(name, name))),
                trouble.sentence,
                _("It is tried again by itself; what is saved is safe."),
                _("Start the program again. If it stays so, send us the report."), trouble.since, (Action.DISMISS,))
            for name, trouble in self._jobs.troubles.items() if trouble.tries > 1
        ]


class LastRun:
    """The report of a run that ended unexpectedly, until it is dismissed."""

    prefix = "crash"

    def __init__(self, home: Home) -> None:
        self._file = home.logs / REPORT

    def forgets(self) -> bool:
        return True

    async def problems(self) -> tuple[Problem, ...]:
        at = await asyncio.to_thread(_written, self._file)
        if at is None:
            return ()
        return (Problem(
            "crash:last", ProblemKind.CRASH, "warn", _("The program ended unexpectedly the last time."), "",
            _("Everything saved before is here. A reply that was just being sent is shown as of unknown outcome."),
            _("Nothing need be done. If it happens again, send us the report; it holds no buyer's text."), at,
            (Action.SHOW_REPORT, Action.DISMISS), place=str(self._file),
        ),)

    async def act(self, _name: str, _action: Action) -> None:
        await asyncio.to_thread(self._file.unlink, missing_ok=True)


def _written(file: Path) -> int | None:
    try:
        return file.stat().st_mtime_ns // 1_000_000
    except OSError:
        return None


def _full(root: Path, free: int) -> Problem | None:
    if free >= LEAST_FREE:
        return None
    what = _("The disk is full.") if free < NO_ROOM else _("The disk is nearly full: {n} MB are left.")
    return Problem(
        "home:disk", ProblemKind.STORE, "fail" if free < NO_ROOM else "warn", what.format(n=free // (1024 * 1024)), "",
        _("Everything saved so far is kept. What needs more room is refused, not half done."),
        _("Free some space on the disk that holds {folder}.").format(folder=root), None,
        (Action.FREE_SPACE, Action.RETRY), place=str(root),
    )


def _locked(root: Path) -> Problem | None:
    if os.access(root, os.W_OK):
        return None
    return Problem(
        "home:folder", ProblemKind.STORE, "fail", _("The program's folder cannot be written."), "",
        _("Everything saved so far is kept; nothing new can be."),
        _("Make {folder} writable.").format(folder=root), None, (Action.OPEN_FOLDER, Action.RETRY), place=str(root),
    )


def _packages(parent: Path) -> list[Problem]:
    broken = [folder for folder in folders(parent) if model_of(folder) is None]
    if not broken:
        return []
    n = len(broken)
    what = ngettext("{n} translation package cannot be used.", "{n} translation packages cannot be used.", n)
    return [Problem(
        "home:packages", ProblemKind.LANGUAGE, "warn", what.format(n=n), _("Its folder is not whole."),
        _("Other languages are translated as before."), _("Add the package again, and delete the broken folder."), None,
        (Action.INSTALL_LANGUAGE, Action.OPEN_FOLDER, Action.DISMISS), place=str(parent),
        details=tuple(folder.name for folder in broken[:20]),
    )]
