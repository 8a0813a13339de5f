"""What the first-run assistant asks for before there is a core: making, opening, unlocking and recovering a home.

`ui.main` fulfils it with `workstation.app`, which nothing else of the window may import. Every call blocks (keyring,
Argon2, the disk) and is made on a thread of `ui.onboarding.background`; known failures are WorkstationErrors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from workstation.kernel.settings import Settings


class Home(Protocol):
    """A home whose key is at hand (`workstation.app.Opened`)."""

    @property
    def settings(self) -> Settings: ...

    @property
    def warnings(self) -> tuple[str, ...]: ...


class Beginning(Protocol):
    """A home that is being made: nothing is stored before its recovery key was proved."""

    @property
    def recovery(self) -> str:
        """The recovery key as a person copies it: groups of four, joined by dashes."""

    def save_to(self, path: Path) -> None:
        """Write it to a new file, down to the disk. Raises InputError (the file exists, it is inside the home),
        ReadOnly."""

    def finish(self, proof: str | Path) -> Home:
        """Make the home. `proof` is the recovery key as typed, or the file it was saved to, which is read again.
        Raises InputError, WrongKey, KeyringProblem, ReadOnly, StoreError; nothing is stored then."""

    def abandon(self) -> None:
        """Forget it. A file that was saved stays."""


class Door(Protocol):
    """The ways into a home. `root` is the home's folder."""

    def check_keyring(self) -> None:
        """Raises KeyringProblem with what is in the way."""

    def begin(self, root: Path, passphrase: str | None) -> Beginning:
        """Start making a home kept by the passphrase, or by the keyring (None). Raises InputError, KeyringProblem,
        StoreError, ReadOnly."""

    def open(self, root: Path) -> Home:
        """Open a home as it is kept. Raises NoHome, KeyringProblem and its kinds, StoreError and its kinds."""

    def unlock(self, root: Path, passphrase: str) -> Home:
        """Open a home that a passphrase keeps. Raises WrongKey when it is wrong, and as `open`."""

    def recover(self, root: Path, recovery: str, passphrase: str | None, new_device: bool) -> Home:
        """Let a new passphrase, or the keyring (None), open a home with its recovery key as typed or its file's text.
        Raises InputError (mistyped), WrongKey (another home's), KeyringProblem, StoreError; nothing is changed then."""

    def settle(self, root: Path, passphrase: str | None, copied: bool) -> Home:
        """Say whether a home that is elsewhere than before was moved, or copied and a device of its own now."""
