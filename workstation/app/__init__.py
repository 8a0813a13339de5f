"""The composition root: the only place that names concrete classes (docs/adr/0004-two-halves-of-the-root.md).

This half is light: it needs neither SQLAlchemy nor the network, so that the window paints before `app.wiring` loads.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.inbox.listing import ConversationRow
from workstation.inbox.rows import first_page
from workstation.kernel.clock import SystemClock
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.store import vault
from workstation.store.engine import SCHEMA_VERSION, connect
from workstation.store.keyfile import chosen, typed
from workstation.store.lock import HomeLock

if TYPE_CHECKING:
    from workstation.app.beginning import Beginning
    from workstation.app.wiring import Parts, Running
    from workstation.evidence.model import VerifyReport
    from workstation.store import check, salvage

__all__ = ["Opened", "begin_home", "build", "check_pack", "create_home", "keyring_name", "open_home", "opened_home",
           "place_home", "recover_home", "restore_home", "salvage_home", "unlock_home", "unlock_keyring",
           "verify_backup"]


@dataclass(frozen=True, slots=True)
class Opened:
    """A home whose key is at hand."""

    vault: vault.OpenedHome
    settings: Settings

    @property
    def home(self) -> Home:
        return self.vault.home

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.vault.warnings

    def first_page(self, now: int | None = None) -> tuple[ConversationRow, ...]:
        """The first rows of the open queue by plain SQL; empty for a fresh home, and for a store of an older schema,
        which the core brings up to date first. Raises StoreError."""
        if not self.home.database.exists():
            return ()
        connection = connect(self.home.database, self.vault.key, read_only=True)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != SCHEMA_VERSION:
                return ()
            return first_page(connection, SystemClock().now() if now is None else now)
        finally:
            connection.close()


def open_home(home: Home, passphrase_file: Path | None = None) -> Opened:
    """Open a home, or make one where a passphrase file allows it. Raises as `store.vault.open_home`."""
    return opened_home(vault.open_home(home, passphrase_file=passphrase_file))


def unlock_home(home: Home, passphrase: str) -> Opened:
    """Open a home with its passphrase as typed. Raises WrongKey, NoHome, InputError and as `store.vault.open_home`."""
    return opened_home(vault.open_home(home, passphrase_file=typed(passphrase)))


def create_home(home: Home, passphrase_file: Path | None, recovery_out: Path) -> Opened:
    """Make a home kept by the keyring, or by the passphrase in a file. Raises as `store.vault.create_home`."""
    keeper: vault.Keeper = passphrase_file if passphrase_file is not None else "keyring"
    return opened_home(vault.create_home(home, keeper=keeper, recovery_out=recovery_out))


def begin_home(home: Home, passphrase: str | None) -> Beginning:
    """Begin a home kept by the keyring (None) or a passphrase as typed. Nothing is on the disk or in the keyring before
    `Beginning.finish`. Raises InputError, KeyringProblem and its relatives, StoreError."""
    from workstation.app.beginning import Beginning

    return Beginning(home, passphrase)


def keyring_name() -> str:
    """The name of the keyring that would keep a new home's key now. Raises KeyringLocked, KeyringProblem."""
    from workstation.app import beginning

    return beginning.keyring_name()


def recover_home(
    home: Home, recovery: str, passphrase_file: Path | None, new_device: bool = False, *, passphrase: str | None = None
) -> Opened:
    """Let the keyring, a passphrase file or a passphrase as typed open a home again with its recovery key as typed or
    read from its file.

    `new_device`: the home was copied, and the copy is a device of its own from now on: with another id, and without
    the signing key and the hub's token that a passphrase home carries along.
    """
    keeper: vault.Keeper = passphrase_file if passphrase_file is not None else "keyring"
    if passphrase is not None:
        keeper = chosen(passphrase)
    with _held(home):
        return opened_home(vault.recover(home, recovery, keeper=keeper, new_device=new_device))


def unlock_keyring(cancelled: Callable[[], bool], seconds: float = 120.0) -> None:
    """Raise the system keyring's own prompt and wait until a person answers. Blocks: call it from a thread of its own.

    `cancelled` is asked every 0.2 s. Raises KeyringLocked when it stays locked, KeyringProblem.
    """
    from workstation.store.keyrings import Asking, system_ring

    system_ring(Asking(seconds, cancelled)).check()


def place_home(home: Home, passphrase_file: Path | None, *, copied: bool, passphrase: str | None = None) -> Opened:
    """Answer OtherPlace: the home was moved here and stays this device, or it was `copied` and becomes a device of its
    own, with another id and without the original's signing key and hub token.

    Raises KeyMissing when its key stayed in another computer's keyring (then `recover_home` answers it too),
    PassphraseNeeded, WrongKey and as `store.vault.open_home`.
    """
    from workstation.store.keychange import become_a_copy

    given = passphrase_file if passphrase is None else typed(passphrase)
    if copied:
        with _held(home):
            return opened_home(become_a_copy(home, given))
    return opened_home(vault.open_home(home, passphrase_file=given, moved=True))


def restore_home(
    backup: Path, home: Home, recovery: str, passphrase_file: Path | None, *, passphrase: str | None = None,
    keyring: bool = False, report: Callable[[int, int], None] = lambda _done, _total: None,
) -> Opened:
    """Make a new home from a backup. Its recovery key, as typed or as its file's text, opens it; without one the
    passphrase file or this computer's keyring. The new home is kept by the passphrase file, a passphrase as typed, or
    the keyring. Blocks; `report` stops it by raising. Raises as `store.restore.restore`."""
    from workstation.store import restore

    keeper: vault.Keeper = "keyring" if keyring or passphrase_file is None else passphrase_file
    if passphrase is not None:
        keeper = chosen(passphrase)
    return opened_home(restore.restore(backup, home, restore.Way(recovery, passphrase_file), keeper, report))


def salvage_home(
    opened: Opened, target: Home, passphrase_file: Path | None, progress: check.Progress
) -> salvage.Salvaged:
    """A new home with everything that can still be read of a damaged one, kept as that is. Blocks; `progress` stops it
    by raising. Raises as `store.salvage.salvage`."""
    from workstation.app.keeping import mended
    from workstation.store import salvage
    from workstation.store.keyfile import passphrase_file as named

    given = None if opened.vault.keeper == "keyring" else named(passphrase_file)
    keeper: vault.Keeper = "keyring" if given is None else given
    return salvage.salvage(opened.home, opened.vault.key, target, keeper, mended, progress)


def verify_backup(backup: Path, recovery: str, passphrase_file: Path | None) -> None:
    """Whether a backup is whole and opens. Raises as `store.restore.restore`."""
    from workstation.store import restore

    restore.verify(backup, restore.Way(recovery, passphrase_file))


def check_pack(pack: Path) -> VerifyReport:
    """Verify a pack on a computer without a home, or whose home cannot be opened: nothing is said of whose key it is.
    Blocks. Raises InputError."""
    from workstation.evidence import pack_check

    return pack_check.check_pack(pack)


def _held(home: Home) -> HomeLock:
    """The home's lock: keys are not changed beneath another process. Raises NoHome; entering it raises Busy."""
    vault.described(home)
    return HomeLock(home.root)


def opened_home(opened: vault.OpenedHome) -> Opened:
    """With the preferences that are kept beside it."""
    return Opened(opened, Settings(opened.home.settings))


async def build(
    opened: Opened, parts: Parts | None = None, upgrading: Callable[[int, int], None] | None = None
) -> Running:
    """Put the whole product together on the running loop. Nothing is watched, sent or synced before `Running.start`.
    `upgrading` is called with (done, total) while a store of an older schema is brought up to date."""
    # httpx loads its own command line with rich and pygments when those are installed: a tenth of a command's start
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None: "not to be found", as import.c reads it
    from workstation.app import wiring

    return await wiring.build(opened, parts or wiring.Parts(), upgrading)
