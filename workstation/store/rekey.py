"""A new data key for a home: the store is copied under it beside the old one, and takes its place by a rename.

Whatever instant the program or the power ends at, the home opens; the order is what makes that so:

1. the new recovery key is on paper or on another disk, and proved;
2. the copy of the store is whole, compared and down on the disk, as `workstation.db.rekey`;
3. the keyring, if it is the keeper, holds the new key beside the old one, under a name of its own;
4. `home.json` is renamed into place: it opens with the new key, and holds the old one sealed under it ("former");
5. the copy is renamed over the store;
6. the old key's entry leaves the keyring; `home.json` without "former" is renamed into place.

Before 4 the old key opens the old store. From 4 on whoever opens the home goes on at 5 first (`finish_rekey`).
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from workstation.kernel.errors import Busy, KeyringProblem, StoreError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription, keyfile, vault
from workstation.store.engine import connect, translate_error
from workstation.store.files import sync_file, sync_folder
from workstation.store.keepers import Keeper, Lock, entry_name
from workstation.store.keychange import Renewal, with_recovery
from workstation.store.keydescription import FORMER, KEYRING, Description
from workstation.store.keyfile import Passphrase
from workstation.store.keyrings import system_ring
from workstation.store.lock import HomeLock

COPY = "workstation.db.rekey"
_PATIENCE_MS = 300   # a reader beside is a command of milliseconds, or stays


class Rekey(Renewal):
    """A new data key and the new recovery key that comes with it. `finish` may take as long as copying the store.

    Whoever calls holds the home's lock, and nobody has the store open.
    """

    def __init__(self, home: Home, given: Path | Passphrase | None) -> None:
        """Raises as `vault.open_home`."""
        source = keyfile.passphrase_file(given)
        super().__init__(home, vault.unlock(vault.described(home), source))
        keeper: Keeper = "keyring" if self._description.keeper == KEYRING or source is None else source
        self._lock = Lock.of(keeper)
        self._lock.check()

    def _take(self) -> None:
        copy = self._home.root / COPY
        new_key = os.urandom(keybox.KEY_BYTES)
        changed = self._described(new_key)
        try:
            if self._home.database.exists():
                _copy_store(self._home.database, self._key, copy, new_key)
            self._lock.keep(new_key, changed)
            keydescription.store(self._home.description, changed, replace=True)
        except BaseException:
            if not self.took_place():   # as large as the store, and on a disk that may be full
                copy.unlink(missing_ok=True)
                with suppress(KeyringProblem):
                    self._lock.forget(changed)
            raise
        complete(self._home, changed, new_key)

    def _described(self, new_key: bytes) -> Description:
        before = vault.described(self._home)
        boxes = {**before.boxes, FORMER: keybox.seal(new_key, self._key, before.home_id, FORMER)}
        fresh = replace(before, boxes=boxes, generation=before.generation + 1)
        return with_recovery(self._lock.close(new_key, fresh), new_key, self._recovery)


def finish_rekey(home: Home, description: Description, key: bytes) -> Description:
    """Finish what was cut short, and return what `home.json` says then. Raises Busy when another process does it."""
    with HomeLock(home.root):
        now = keydescription.load(home.description)
        return complete(home, now or description, key)


def drop_leftovers(home: Home) -> None:
    """Delete the copy of a change that never came to its new key. The caller holds the lock."""
    described = keydescription.load(home.description)
    if described is not None and FORMER not in described.boxes:
        (home.root / COPY).unlink(missing_ok=True)


def complete(home: Home, description: Description, key: bytes) -> Description:
    """The steps from 5 on, as far as they are not done. The caller holds the lock."""
    box = description.boxes.get(FORMER)
    if box is None:
        return description
    former = keybox.unseal(key, box, description.home_id, FORMER)
    copy = home.root / COPY
    if copy.exists():
        _drain(home.database, former)
        copy.replace(home.database)
        sync_folder(home.root)
    if description.keeper == KEYRING:
        _forget(replace(description, generation=description.generation - 1))
    boxes = {name: each for name, each in description.boxes.items() if name != FORMER}
    final = replace(description, boxes=boxes).marked(key)
    keydescription.store(home.description, final, replace=True)
    return final


def _forget(old: Description) -> None:
    """A keyring that is not there now, as in a recovery, keeps an entry that opens nothing any more."""
    with suppress(KeyringProblem):
        system_ring().delete(old.home_id, entry_name(old))


def _drain(database: Path, key: bytes) -> None:
    """Leave nothing beside the store that could be taken for the new one's journal."""
    if database.exists():
        connection = connect(database, key)
        try:
            _checkpoint(connection)
        finally:
            connection.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _copy_store(database: Path, key: bytes, copy: Path, new_key: bytes) -> None:
    copy.unlink(missing_ok=True)
    connection = connect(database, key)
    try:
        _checkpoint(connection)
        _export(connection, copy, new_key)
    except BaseException as problem:
        copy.unlink(missing_ok=True)
        if isinstance(problem, _database_errors()):
            raise translate_error(problem) from problem
        raise
    finally:
        connection.close()
    _compare(database, key, copy, new_key)
    descriptor = os.open(copy, os.O_RDWR)
    try:
        sync_file(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(copy.parent)


def _export(connection: Any, copy: Path, new_key: bytes) -> None:
    """sqlcipher_export copies all but what is in the file's head (SQLCipher API, "sqlcipher_export")."""
    connection.execute("ATTACH DATABASE ? AS fresh KEY ?", (str(copy), f"x'{new_key.hex()}'"))
    copy.chmod(0o600)
    connection.execute("PRAGMA fresh.secure_delete = ON")
    connection.execute("SELECT sqlcipher_export('fresh')")
    for name in ("user_version", "application_id"):
        connection.execute(f"PRAGMA fresh.{name} = {connection.execute(f'PRAGMA main.{name}').fetchone()[0]}")
    connection.execute("DETACH DATABASE fresh")


def _compare(database: Path, key: bytes, copy: Path, new_key: bytes) -> None:
    """Raises StoreError when the copy lacks a table or a row."""
    if _contents(database, key) != _contents(copy, new_key):
        copy.unlink(missing_ok=True)
        raise StoreError(_("The copy of the store under the new key is not whole; the old key stays."),
                         _("Run workstation doctor, then try again."))


def _contents(database: Path, key: bytes) -> list[tuple[str, str, int]]:
    connection = connect(database, key, read_only=True)
    try:
        named = connection.execute("SELECT type, name FROM sqlite_master ORDER BY type, name").fetchall()
        return [(kind, name, _rows(connection, name) if kind == "table" else 0) for kind, name in named]
    finally:
        connection.close()
        for suffix in ("-wal", "-shm"):
            if database.name == COPY:
                Path(f"{database}{suffix}").unlink(missing_ok=True)


def _rows(connection: Any, table: str) -> int:
    quoted = table.replace('"', '""')
    return int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608 — a table's own name


def _checkpoint(connection: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Busy(_("Another process is using the store; the key was not changed."),
                   _("Close it, or wait a moment and try again."))


def _database_errors() -> tuple[type[BaseException], ...]:
    from sqlcipher3 import dbapi2

    return (dbapi2.Error,)
