"""Making a home from the window: the recovery key is shown, kept by the person and proved before anything is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
        self._lock = threading.Lock()
        self._busy = self._given_up = False
        self._new: NewHome | None = NewHome(home, "keyring" if passphrase is None else chosen(passphrase))
        self.recovery = self._new.recovery
        """The recovery key as a person reads and types it: nine groups of four."""
        self.saved: Path | None = None
        """Where it was saved, if it was."""

    def save_to(self, path: Path) -> None:
        """Write the recovery key to a new file that only its owner can read, and read it back from the disk.

        Raises InputError (the file exists, or is inside the home), ReadOnly, WrongKey (it reads back wrong).
        """
        with self._working() as new:
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

        with self._working() as new:
            try:
                new.prove(keyrecovery.from_words(proof))
            except WrongKey as problem:
                raise InputError(
                    _("This is another recovery key than the one shown; nothing was stored."),
                    _("Type the key that is shown, or save it to a file."),
                ) from problem
            settled = new.settle()
            self._new = None   # from here on there is a home, and the file with its recovery key stays
            return opened_home(settled)

    def abandon(self) -> None:
        """Forget the keys and delete the recovery key's file. Nothing else was stored. May be called twice.

        While another thread makes the home it is up to that: made, the home keeps its recovery key's file.
        """
        with self._lock:
            self._given_up = True
            self._forget()

    def _forget(self) -> None:
        if self._busy:
            return
        if self._new is not None:
            self._new.unsave()
            self._new = None
        self.recovery = ""

    @contextmanager
    def _working(self) -> Iterator[NewHome]:
        """One thread at a time; given up meanwhile, nothing stays that no home needs."""
        with self._lock:
            new = self._new
            if new is None or self._given_up or self._busy:
                raise NotFound(_("This home was made or given up already."), _("Begin again."))
            self._busy = True
        try:
            yield new
        finally:
            with self._lock:
                self._busy = False
                if self._given_up:
                    self._forget()


def keyring_name() -> str:
    """What keeps keys on this system when nobody types a passphrase. Raises KeyringProblem when it cannot now."""
    ring = system_ring()
    ring.check()
    return ring.name
