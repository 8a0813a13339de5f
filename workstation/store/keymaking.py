"""Making a home in steps a person can stand between: the keys exist, the recovery key is shown and proved, and only
then anything is stored. The order and its reasons are in docs/adr/0001-keys-and-start.md.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from workstation.kernel.errors import InputError, StoreError, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription, keyrecovery
from workstation.store.keepers import Keeper, Lock
from workstation.store.keydescription import KEYRING, RECOVERY, Description
from workstation.store.machine import place_of
from workstation.store.vault import OpenedHome, open_with_recovery


class NewHome:
    """A home that is about to be: its keys are in this object and nowhere else."""

    def __init__(self, home: Home, keeper: Keeper) -> None:
        """Raises InputError (there is a home already, no passphrase), KeyringProblem, StoreError."""
        refuse_existing(home)
        self._home = home
        self._lock = Lock.of(keeper)
        self._lock.check()
        self._key, self._recovery = os.urandom(keybox.KEY_BYTES), keyrecovery.new_recovery_key()
        self._description = self._lock.close(self._key, _first_description(self._key, self._recovery))
        self._was_there = home.root.exists()
        self.saved: Path | None = None

    @property
    def recovery(self) -> str:
        """The recovery key as a person reads and types it."""
        return keyrecovery.to_words(self._recovery)

    def save_recovery(self, path: Path) -> None:
        """Write the recovery key to a new file, down to the disk. Raises InputError, ReadOnly."""
        refuse_inside(self._home, path)
        keyrecovery.write_recovery_file(path, self._recovery, self._description.home_id)
        self.saved = path

    def prove(self, recovery: bytes) -> None:
        """What will be in `home.json`, opened with what the person has. Raises WrongKey."""
        stored = keydescription.parse(self._description.to_bytes())
        if open_with_recovery(stored, recovery) != self._key:
            raise WrongKey(_("The recovery key that was written does not open the home; nothing was stored."),
                       _("Write it to another place and try again."))

    def settle(self) -> OpenedHome:
        """Store the home. When that fails, nothing of it stays. Raises InputError, KeyringProblem, StoreError."""
        description = self._description
        try:
            self._make_folder()
            description = replace(description, place=place_of(self._home.root, description.home_id)).marked(self._key)
            self._lock.keep(self._key, description)
            _name(self._home, description)
        except BaseException:
            if not _is_settled(self._home, description):  # the folder's fsync may fail after the home has its name
                self._lock.forget(description)
                self._drop_folder()
            raise
        return OpenedHome(self._home, self._key, description.home_id, description.device_id, description.keeper,
                          created=True, recovery_file=self.saved, warnings=self._lock.warnings())

    def unsave(self) -> None:
        """Delete the recovery key's file: the home it would open was not stored."""
        if self.saved is not None and not _is_settled(self._home, self._description):
            self.saved.unlink(missing_ok=True)
            self.saved = None

    def _make_folder(self) -> None:
        try:
            self._home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            keydescription.clear_leftovers(self._home.root)
        except OSError as problem:
            raise keydescription.unwritable(self._home.root) from problem

    def _drop_folder(self) -> None:
        if not self._was_there and self._home.root.is_dir() and not any(self._home.root.iterdir()):
            self._home.root.rmdir()


def create_home(home: Home, *, keeper: Keeper, recovery_out: Path) -> OpenedHome:
    """Make a new home; nothing is stored before the recovery key on the disk was read back and opened the home.

    Raises InputError (there is a home already, the recovery file exists), KeyringProblem, ReadOnly, StoreError.
    """
    refuse_existing(home)
    refuse_inside(home, recovery_out)
    new = NewHome(home, keeper)
    new.save_recovery(recovery_out)
    try:
        new.prove(keyrecovery.read_recovery_file(recovery_out))
        return new.settle()
    except BaseException:
        new.unsave()
        raise


def refuse_existing(home: Home) -> None:
    if home.description.exists():
        raise _occupied(home)
    if home.database.exists():
        raise StoreError(
            _("{path} holds a store whose home.json is missing; nothing was changed.").format(path=home.root),
            _("Put home.json back from a backup, or choose another folder with --home."),
        )


def refuse_inside(home: Home, recovery_out: Path) -> None:
    if recovery_out.resolve().is_relative_to(home.root.resolve()):
        raise InputError(
            _("A recovery key inside the home it opens protects nothing; nothing was stored."),
            _("Name a file outside the home with --recovery-out, best on another disk."),
        )


def _first_description(key: bytes, recovery: bytes) -> Description:
    home_id = new_id()
    box = keybox.seal(keybox.recovery_wrap(recovery, home_id), key, home_id, RECOVERY)
    now = time.time_ns() // 1_000_000
    return Description(home_id, new_id(), KEYRING, {RECOVERY: box}, recovery_made=now, recovery_tested=now)


def _name(home: Home, description: Description) -> None:
    try:
        keydescription.store(home.description, description, replace=False)
    except FileExistsError as problem:
        raise _occupied(home) from problem


def _is_settled(home: Home, description: Description) -> bool:
    try:
        found = keydescription.load(home.description)
    except StoreError:
        return False
    return found is not None and found.home_id == description.home_id


def _occupied(home: Home) -> InputError:
    return InputError(
        _("There is a home in {path} already; it was not touched.").format(path=home.root),
        _("Choose another folder with --home, or open this one."),
    )
