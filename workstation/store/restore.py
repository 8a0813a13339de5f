"""A home made again from a backup: checked as a whole first, then copied into a new folder that takes its name last.

What was restored is older than what was lost, and nobody can know what the lost home did after the backup was made. So
it is a device of its own, as a copy is (`vault`): the lost one's evidence chain is not forked and no hub takes one for
the other. And a reply that waited to be sent then may have left since: it is of unknown outcome, looked for and never
sent again by itself.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workstation.kernel.errors import DiskFull, InputError, NewerSchema
from workstation.kernel.failing import of_disk
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.paths import Home
from workstation.store import backup, keydescription, keyfile, keyrecovery, vault
from workstation.store.backup import Manifest
from workstation.store.engine import SCHEMA_VERSION, connect
from workstation.store.files import sync_folder, write_synced
from workstation.store.keepers import Keeper
from workstation.store.keydescription import KEYRING, PASSPHRASE, Description
from workstation.store.keyfile import Passphrase
from workstation.store.pages import Report
from workstation.store.vault import OpenedHome

_ROOM = 8 * 1024 * 1024
_SHARES = 100
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Seen:
    """What a backup says of itself before anything opens it: when it was made (Unix milliseconds), its bytes, and
    whether its home was kept by a passphrase (or else by a keyring)."""

    made_at: int
    bytes: int
    passphrase: bool


@dataclass(frozen=True, slots=True)
class Way:
    """What opens a backup: its recovery key as typed or as its file's text, or else its passphrase, or else (both
    empty) this computer's keyring."""

    recovery: str = ""
    passphrase: Path | Passphrase | None = None


def restore(folder: Path, home: Home, way: Way, keeper: Keeper, report: Report) -> OpenedHome:
    """Make `home` from a backup, kept by `keeper` from then on. Blocks; `report` stops it by raising.

    Raises InputError (no backup there, the home's folder is not empty, a mistyped key), WrongKey, Tampered (says what),
    KeyringProblem, NewerSchema, DiskFull, ReadOnly. Nothing is left in the home's folder then.
    """
    refuse_full(home)
    manifest = _manifest(folder)
    description, key = unlock(manifest, way)
    backup.check_seal(manifest, key)
    part = home.root.with_name(f".{home.root.name}.restoring-{new_id()}")
    sweep(home, "restoring")
    try:
        _need_room(home.root.parent, manifest)
        part.mkdir(mode=0o700, parents=True)
        opened = _fill(folder, manifest, Home(part), description, key, keeper, report)
        take_name(part, home.root)
    except OSError as problem:
        raise of_disk(problem) or problem from problem
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return replace(opened, home=home)


def look(folder: Path) -> Seen:
    """What is in a backup's folder. Raises InputError (there is none, it cannot be read), NewerSchema, StoreError."""
    manifest = _manifest(folder)
    keeper = keydescription.parse(manifest.files.get("home.json", "").encode()).keeper
    return Seen(manifest.made_at, manifest.store_size + manifest.sealed_bytes, keeper == PASSPHRASE)


def _manifest(folder: Path) -> Manifest:
    manifest = backup.read_manifest(folder)
    if manifest.schema > SCHEMA_VERSION:
        raise NewerSchema(_("This backup was made by a newer version of Workstation; nothing was restored."),
                          _("Update the program, then restore it."))
    return manifest


def refuse_full(home: Home) -> None:
    """Raises InputError unless the home's folder is empty or not there."""
    if home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir())):
        raise InputError(_("{path} is not empty; nothing was restored.").format(path=home.root),
                         _("Choose an empty folder, or a new one."))


def unlock(manifest: Manifest, way: Way) -> tuple[Description, bytes]:
    """What the backup's `home.json` says, and the data key. Raises InputError, WrongKey, KeyringProblem, StoreError."""
    description = keydescription.parse(manifest.files.get("home.json", "").encode())
    if way.recovery:
        return description, vault.open_with_recovery(description, keyrecovery.from_words(way.recovery))
    return description, vault.unlock(description, keyfile.passphrase_file(way.passphrase))


def _fill(
    folder: Path, manifest: Manifest, home: Home, description: Description, key: bytes, keeper: Keeper, report: Report,
) -> OpenedHome:
    ticks = _Ticks(report, manifest.store_size + manifest.sealed_bytes)
    if not backup.copy_checked(folder / manifest.store, home.database, manifest.store_sha256, ticks.moved):
        raise backup.tampered([manifest.store])
    addresses = backup.sealed_files(home.database, key)
    if backup.digest_of(addresses) != manifest.sealed:
        raise backup.tampered([manifest.store])
    _copy_files(folder, home, addresses, set(manifest.missing), ticks)
    for name, text in manifest.files.items():
        write_synced(home.root / name, text.encode())
    _settle_replies(home, key)
    # The entries in the keyring are the lost home's own, which may be alive on this very computer: nothing takes them.
    opened = vault.rekeep(home, replace(description, keeper=PASSPHRASE, scope=""), key, keeper, new_device=True)
    sync_folder(home.root)
    if description.keeper != KEYRING:
        return opened
    lost = _("Mailbox passwords were kept in the keyring; enter them again.")
    return replace(opened, warnings=(*opened.warnings, lost))


class _Ticks:
    """How far the copying is, by its bytes."""

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self._done = report, max(1, total), 0

    def moved(self, size: int) -> None:
        self._done += size
        self._report(min(_SHARES, self._done * _SHARES // self._total), _SHARES)


def _copy_files(folder: Path, home: Home, addresses: Sequence[str], missing: set[str], ticks: _Ticks) -> None:
    """Raises Tampered with every file that is not there or does not hold what its name says."""
    wrong: list[str] = []
    for address in addresses:
        target = home.blobs / address[:2] / address
        target.parent.mkdir(parents=True, exist_ok=True)
        if not backup.copy_checked(folder / "blobs" / address[:2] / address, target, address, ticks.moved):
            wrong += [] if address in missing else [address]
    if wrong:
        raise backup.tampered(wrong)
    for each in {path.parent for path in home.blobs.glob("*/*")}:
        sync_folder(each)


def _settle_replies(home: Home, key: bytes) -> None:
    """As after a crash in the middle of sending: the sender looks for them and never sends them again by itself."""
    connection = connect(home.database, key)
    try:
        there = "SELECT 1 FROM sqlite_master WHERE name = 'outgoing'"
        if connection.execute(there).fetchone():
            connection.execute("UPDATE outgoing SET state = 'sending' WHERE state IN ('held', 'queued')")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def sweep(home: Home, what: str) -> None:
    """Remove what earlier ones left that were killed and cannot be going on: nothing in it changed for a day."""
    for part in home.root.parent.glob(f".{home.root.name}.{what}-*"):
        newest = max((path.lstat().st_mtime for path in (part, *part.rglob("*"))), default=0.0)
        if time.time() - newest > _DAY_SECONDS:
            shutil.rmtree(part, ignore_errors=True)


def take_name(part: Path, root: Path) -> None:
    """At once. An empty folder of that name gives way; one that was filled meanwhile does not."""
    if root.exists():
        root.rmdir()
    os.rename(part, root)  # noqa: PTH104 - unlike Path.replace it never replaces a folder on Windows
    sync_folder(root.parent)


def _need_room(folder: Path, manifest: Manifest) -> None:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    need = manifest.store_size + manifest.sealed_bytes + _ROOM
    free = shutil.disk_usage(there).free
    if free < need:
        raise DiskFull(_("The backup needs {n} MB and only {free} MB are free there; nothing was restored.").format(
            n=need // 1_000_000 + 1, free=free // 1_000_000), _("Free some space, or choose another disk."))


def verify(folder: Path, way: Way) -> Manifest:
    """Whether a backup is whole and opens, without restoring it. Raises as `restore`."""
    manifest = backup.read_manifest(folder)
    _description, key = unlock(manifest, way)
    backup.check_seal(manifest, key)
    if backup.sha256_of(folder / manifest.store) != manifest.store_sha256:
        raise backup.tampered([manifest.store])
    addresses = backup.sealed_files(folder / manifest.store, key)
    wrong = [address for address in addresses if address not in manifest.missing
             and backup.sha256_of(folder / "blobs" / address[:2] / address) != address]
    if wrong or backup.digest_of(addresses) != manifest.sealed:
        raise backup.tampered(wrong or [manifest.store])
    return manifest


