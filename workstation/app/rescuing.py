"""A home made anew where one is already: by restoring a backup, or from what can be read of a damaged one.

The new one is made beside it and then takes its name, so that the program finds it at the next start. What was there is
renamed and kept: nothing of it is changed or deleted here.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workstation import app
from workstation.app.failing.damage import salvage_lines
from workstation.kernel.failing import of_disk
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keyfile, restore, salvage
from workstation.store.check import through
from workstation.store.files import sync_folder
from workstation.store.keepers import Keeper
from workstation.store.lock import HomeLock

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rescued:
    """The home that was made; `lines` say for a person what came of it, `aside` where the one before is kept."""

    home: app.Opened
    lines: tuple[str, ...]
    aside: Path | None = None


def look(backup: Path) -> restore.Seen:
    """What a backup says of itself. Raises InputError, NewerSchema, StoreError."""
    return restore.look(backup)


def restored(
    backup: Path, home: Home, recovery: str, old: str, passphrase: str | None, report: Report,
) -> Rescued:
    """Restore a backup, opened by its recovery key, or its passphrase `old`, or (both empty) this computer's keyring.
    The new home is kept by `passphrase`, or by the keyring (None). Blocks; `report` stops it by raising. Raises as
    `store.restore.restore`, and Busy when the home that is there is in use."""
    way = restore.Way(recovery, keyfile.typed(old) if old and not recovery else None)
    keeper: Keeper = "keyring" if passphrase is None else keyfile.chosen(passphrase)

    def make(target: Home) -> app.Opened:
        return app.opened_home(restore.restore(backup, target, way, keeper, report))

    opened, aside = _instead(home, make)
    lines = _("It is a device of its own: connect it to the hub with an invite of its own. Replies that waited to be "
              "sent are looked for, and not sent again by themselves.")
    return Rescued(opened, (lines, *opened.warnings), aside)


def salvaged(home: Home, passphrase_file: Path | None, passphrase: str, report: Report) -> Rescued:
    """Everything that can still be read of a damaged home, in a new one that takes its name, kept as it was.
    `passphrase` is the one typed, "" where the keyring or the file opens it. Blocks; `report` stops it by raising.
    Raises as `store.salvage.salvage`, and PassphraseNeeded, WrongKey, KeyringProblem, Busy."""
    from workstation.app.keeping import mended

    given = keyfile.typed(passphrase) if passphrase else keyfile.passphrase_file(passphrase_file)
    damaged = app.unlock_home(home, passphrase) if passphrase else app.open_home(home, passphrase_file)
    found: list[str] = []

    def make(target: Home) -> app.Opened:
        keeper: Keeper = "keyring" if damaged.vault.keeper == "keyring" or given is None else given
        done = salvage.salvage(home, damaged.vault.key, target, keeper, mended, through(report))
        found.extend(salvage_lines(done))
        return app.unlock_home(target, passphrase) if passphrase else app.open_home(target, passphrase_file)

    opened, aside = _instead(home, make)
    return Rescued(opened, tuple(found), aside)


def _instead(home: Home, make: Callable[[Home], app.Opened]) -> tuple[app.Opened, Path | None]:
    """Make a home; where there is something already, beside it, and then in its place."""
    root = home.root
    if not home.description.exists() and not home.database.exists():
        return make(home), None
    new, lock = Home(_free(root, "new")), HomeLock(root)
    with lock:
        made = make(new)
    aside = _free(root, "before")
    try:
        os.rename(root, aside)  # noqa: PTH104 - as below
        try:
            os.rename(new.root, root)  # noqa: PTH104 - unlike Path.replace it never replaces a folder on Windows
        except OSError:
            os.rename(aside, root)  # noqa: PTH104 - as above
            raise
        sync_folder(root.parent)
    except OSError as problem:
        raise of_disk(problem) or problem from problem
    return app.opened_home(replace(made.vault, home=home)), aside


def _free(root: Path, word: str) -> Path:
    """A name beside the home that nothing has."""
    number = 1
    while (path := root.with_name(f"{root.name}-{word}{f'-{number}' if number > 1 else ''}")).exists():
        number += 1
    return path
