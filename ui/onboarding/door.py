"""What the first-run assistant asks for before there is a core: making, opening, unlocking and recovering a home.

`ui.main` fulfils it with `workstation.app`, which nothing else of the window may import. Every call blocks (keyring,
Argon2, the disk) and is made on a thread of `ui.onboarding.background`; known failures are WorkstationErrors.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workstation.kernel import paths
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from PySide6.QtCore import QObject

    from ui.bridge import CoreRunner
    from ui.shell.program import Program
    from workstation.api import Core


class Home(Protocol):
    """A home whose key is at hand (`workstation.app.Opened`)."""

    @property
    def home(self) -> paths.Home: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def warnings(self) -> tuple[str, ...]: ...


class Seat(Protocol):
    """An opened home in use by this window, and by no other."""

    @property
    def thread(self) -> CoreRunner:
        """The core thread."""

    def start(
        self, parent: QObject, ready: Callable[[Core], None], failed: Callable[[BaseException], None],
        on_loop: Callable[[AbstractEventLoop, dict[str, Any]], None], front: Callable[..., None],
    ) -> None:
        """Build the core; `ready` or `failed` is called on its thread, `front` when the window is started again."""

    def shutdown(self) -> None:
        """End the core and let go of the home. Blocks."""

    def inbox(self, core: Core | None) -> Inbox:
        """Show the inbox. `core` was built already, or is built behind it."""


class Inbox(Protocol):
    """The inbox's own run (`ui.main.Run`)."""

    @property
    def program(self) -> Program: ...

    def end(self) -> None:
        """After the last event."""


class Beginning(Protocol):
    """A home that is being made: nothing is stored before its recovery key was proved."""

    recovery: str
    """The recovery key as a person copies it: groups of four, joined by dashes."""
    saved: Path | None
    """Where it was saved, if it was."""

    def save_to(self, path: Path) -> None:
        """Write it to a new file and read it back from the disk. Raises InputError (the file exists, or is inside the
        home), ReadOnly, WrongKey."""

    def finish(self, proof: str) -> Home:
        """Make the home, given the recovery key as typed or as its file's text. Raises InputError when it is not this
        one, KeyringProblem, StoreError; nothing is stored then and it can be given again."""

    def abandon(self) -> None:
        """Forget the keys and delete the recovery key's file: there is no home it would open."""


class Found(Protocol):
    """What a backup says of itself before anything opens it."""

    @property
    def made_at(self) -> int:
        """Unix milliseconds."""

    @property
    def bytes(self) -> int: ...

    @property
    def passphrase(self) -> bool:
        """Its home was kept by a passphrase, or else by a keyring."""


class Rescued(Protocol):
    """A home that was made from a backup or from a damaged one."""

    @property
    def home(self) -> Home: ...

    @property
    def lines(self) -> tuple[str, ...]:
        """What came of it, for a person."""

    @property
    def aside(self) -> Path | None:
        """Where the home that was there before is kept."""


class Door(Protocol):
    """The ways into a home. `root` is the home's folder."""

    def keyring_name(self) -> str:
        """What keeps keys on this system. Raises KeyringProblem with what is in the way."""

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

    def place(self, root: Path, passphrase: str | None, copied: bool) -> Home:
        """Say of a home that is elsewhere than before: it was moved, or it was copied and is a device of its own now.
        Raises KeyMissing, PassphraseNeeded, WrongKey and as `open`."""

    def look(self, backup: Path) -> Found:
        """What is in a backup's folder. Raises InputError, NewerSchema, StoreError."""

    def restore(
        self, backup: Path, root: Path, recovery: str, old: str, passphrase: str | None,
        report: Callable[[int, int], None],
    ) -> Rescued:
        """Make a home from a backup. Its recovery key opens it, or the passphrase `old` of the home it is of, or (both
        empty) this computer's keyring; the new home is kept by `passphrase`, or by the keyring (None). `report` stops
        it by raising. Raises InputError, WrongKey, Tampered, KeyringProblem, NewerSchema, DiskFull, ReadOnly, Busy;
        everything is as it was then."""

    def salvage(self, root: Path, passphrase: str, report: Callable[[int, int], None]) -> Rescued:
        """Make a home of everything that can be read of a damaged one. Raises PassphraseNeeded, WrongKey,
        KeyringProblem, DiskFull, StoreError, Busy; everything is as it was then."""

    def sit(self, home: Home) -> Seat | None:
        """Take the home for this window; None when another window has it and was brought to the front. Raises Busy,
        ReadOnly, StoreError."""
