"""The composition root: the only place that names concrete classes (docs/adr/0004-two-halves-of-the-root.md).

This half is light: it needs neither SQLAlchemy nor the network, so that the window paints before `app.wiring` loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workstation.inbox.listing import ConversationRow
from workstation.inbox.rows import first_page
from workstation.kernel.clock import SystemClock
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.store import vault
from workstation.store.engine import connect
from workstation.store.secrets import forget_device

if TYPE_CHECKING:
    from workstation.app.wiring import Parts, Running

__all__ = ["Opened", "build", "create_home", "open_home", "recover_home"]


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
        """The first rows of the open queue by plain SQL; empty for a fresh home. Raises StoreError."""
        if not self.home.database.exists():
            return ()
        connection = connect(self.home.database, self.vault.key, read_only=True)
        try:
            return first_page(connection, SystemClock().now() if now is None else now)
        finally:
            connection.close()


def open_home(home: Home, passphrase_file: Path | None = None) -> Opened:
    """Open a home, or make one where a passphrase file allows it. Raises as `store.vault.open_home`."""
    return Opened(vault.open_home(home, passphrase_file=passphrase_file), Settings(home.settings))


def create_home(home: Home, passphrase_file: Path | None, recovery_out: Path) -> Opened:
    """Make a home kept by the keyring, or by the passphrase in a file. Raises as `store.vault.create_home`."""
    keeper: vault.Keeper = passphrase_file if passphrase_file is not None else "keyring"
    return Opened(vault.create_home(home, keeper=keeper, recovery_out=recovery_out), Settings(home.settings))


def recover_home(home: Home, recovery: str, passphrase_file: Path | None, new_device: bool = False) -> Opened:
    """Let the keyring, or a passphrase file, open a home again with its recovery key as typed or read from its file.

    `new_device`: the home was copied, and the copy is a device of its own from now on: with another id, and without
    the signing key and the hub's token that a passphrase home carries along.
    """
    keeper: vault.Keeper = passphrase_file if passphrase_file is not None else "keyring"
    recovered = vault.recover(home, recovery, keeper=keeper, new_device=new_device)
    if new_device:
        forget_device(recovered)
    return Opened(recovered, Settings(home.settings))


async def build(opened: Opened, parts: Parts | None = None) -> Running:
    """Put the whole product together on the running loop. Nothing is watched, sent or synced before `Running.start`."""
    from workstation.app import wiring

    return await wiring.build(opened, parts or wiring.Parts())
