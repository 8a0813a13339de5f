"""The home itself: its keys and its store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workstation.api.common import Progress


@dataclass(frozen=True, slots=True)
class KeyState:
    """How the home's key is kept, for a person to read. Times are milliseconds of UTC, 0 when not known."""

    keeper: str
    """"keyring" or "passphrase"."""
    keeper_name: str
    """The keyring's own name, empty for a passphrase."""
    home_id: str
    device_id: str
    folder: Path
    machine: str
    """This computer's name."""
    recovery_made: int = 0
    recovery_tested: int = 0


class NewRecovery(Protocol):
    """A new recovery key, in memory only. The old one opens the home until `finish`."""

    @property
    def recovery(self) -> str:
        """As a person reads and types it: nine groups of four."""

    async def save_to(self, path: Path) -> None:
        """Write it to a new file and read that back. Raises InputError, ReadOnly."""

    async def finish(self, proof: str) -> None:
        """Let it take the old one's place, given retyped or as its file's text. Raises InputError, WrongKey, NotFound
        (it was abandoned)."""

    async def abandon(self) -> None:
        """Forget it, and delete the files it was saved to unless it took place: they would open nothing."""


class KeysApi(Protocol):
    async def state(self) -> KeyState: ...

    async def change_passphrase(self, old: str, new: str) -> None:
        """Raises WrongKey, InputError (too short, or the keyring keeps the key); nothing is changed then."""

    async def check_recovery(self, text: str) -> None:
        """Prove that a recovery key, as typed or as its file's text, opens this home. Raises InputError, WrongKey."""

    async def renew_recovery(self) -> NewRecovery: ...

    async def unlock_keyring(self) -> None:
        """Raise the system keyring's own prompt and wait until it is answered. Cancelled, the prompt goes away.

        Raises KeyringLocked when it stays locked, KeyringProblem.
        """


@dataclass(frozen=True, slots=True)
class BackupState:
    """When the home was last backed up (milliseconds of UTC, 0 never) and into which folder."""

    last_at: int
    place: str


@dataclass(frozen=True, slots=True)
class BackupDone:
    """A backup: `copied` of its `files` sealed files were new in its folder; the home does not have the `missing` ones
    whole (addresses)."""

    folder: Path
    made_at: int
    bytes: int
    files: int
    copied: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes of the store before and after."""

    before: int
    after: int


BACKUP_JOB, COMPACT_JOB = "store backup", "store compact"


class StoreApi(Protocol):
    """The store as a whole. Each of its works is a job, which `jobs.cancel` stops: BACKUP_JOB, COMPACT_JOB."""

    async def backup_state(self) -> BackupState: ...

    async def back_up(self, folder: Path, progress: Progress | None = None) -> BackupDone:
        """Back the home up into a folder, encrypted as it is; into the same folder again only what is new is copied.

        Raises InputError (the folder holds something else), DiskFull, ReadOnly, StoreError; an earlier backup in the
        folder stays as it was then.
        """

    async def compact(self, progress: Progress | None = None) -> Compacted:
        """Write the store anew without what was deleted. Changes wait meanwhile. Raises DiskFull, Busy, StoreError."""
