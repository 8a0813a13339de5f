"""Making a home from the window: the recovery key is shown, kept by the person and proved before anything is stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workstation.kernel.errors import InputError, NotFound, WrongKey
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keyrecovery
from workstation.store.keyfile import chosen
from workstation.store.keymaking import NewHome
from workstation.store.keyrings import system_ring

if TYPE_CHECKING:
    from workstation.app import Opened


class Beginning:
    """A home that is about to be made. Its keys are in memory only; `finish` or `abandon` ends it, once."""

    def __init__(self, home: Home, passphrase: str | None) -> None:
        """Raises InputError (a home is there, the passphrase is too short), KeyringProblem, StoreError."""
        self._home = home
        self._new: NewHome | None = NewHome(home, "keyring" if passphrase is None else chosen(passphrase))
        self.recovery = self._new.recovery
        """The recovery key as a person reads and types it: nine groups of four."""
        self.saved: Path | None = None
        """Where it was saved, if it was."""

    def save_to(self, path: Path) -> None:
        """Write the recovery key to a new file that only its owner can read, and read it back from the disk.

        Raises InputError (the file exists, or is inside the home), ReadOnly, WrongKey (it reads back wrong).
        """
        new = self._here()
        new.save_recovery(path)
        try:
            new.prove(keyrecovery.read_recovery_file(path))
        except BaseException:
            new.unsave()
            raise
        self.saved = path

    def finish(self, proof: str) -> Opened:
        """Store the home, given the recovery key retyped or as its file's text. Raises InputError when it is not this
        one, and then nothing is stored and it can be given again; KeyringProblem, StoreError."""
        from workstation.app import opened_home

        new = self._here()
        try:
            new.prove(keyrecovery.from_words(proof))
        except WrongKey as problem:
            raise InputError(
                _("This is another recovery key than the one shown; nothing was stored."),
                _("Type the key that is shown, or save it to a file."),
            ) from problem
        made = opened_home(new.settle())
        self._new = None
        return made

    def abandon(self) -> None:
        """Forget the keys and delete the recovery key's file. Nothing else was stored. May be called twice."""
        if self._new is not None:
            self._new.unsave()
            self._new = None
        self.recovery = ""

    def _here(self) -> NewHome:
        if self._new is None:
            raise NotFound(_("This home was made or given up already."), _("Begin again."))
        return self._new


def keyring_name() -> str:
    """What keeps keys on this system when nobody types a passphrase. Raises KeyringProblem when it cannot now."""
    ring = system_ring()
    ring.check()
    return ring.name
