"""Where passwords, tokens and the device's signing key are: beside the data key in the keyring, or, without one, in a
table of the encrypted database. Implements `kernel.secrets.Secrets`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workstation.kernel.paths import Home
from workstation.kernel.secrets import Secrets
from workstation.store.keydescription import KEYRING
from workstation.store.keyrings import Ring, system_ring
from workstation.store.vault import OpenedHome

DEVICE_SECRETS = ("device-key", "hub-token")
"""Names of `evidence.signing.SECRET_NAME` and `sync.facts.TOKEN_SECRET`, which this layer cannot import."""
_PREFIX = "secret:"  # so that no name can be the data key's


class KeyringSecrets:
    """Secrets in the system's keyring, by home id and name. `scope`: the device id of a copy on the same computer."""

    def __init__(self, home_id: str, ring: Ring | None = None, scope: str = "") -> None:
        self._home_id = home_id
        self._prefix = f"{_PREFIX}{scope}:" if scope else _PREFIX
        self._ring = ring or system_ring()

    def get(self, name: str) -> bytes | None:
        return self._ring.get(self._home_id, self._prefix + name)

    def set(self, name: str, value: bytes) -> None:
        self._ring.set(self._home_id, self._prefix + name, value)

    def delete(self, name: str) -> None:
        self._ring.delete(self._home_id, self._prefix + name)

    def names(self) -> tuple[str, ...]:
        """Of every secret that is kept."""
        found = (name.removeprefix(self._prefix) for name in self._ring.names(self._home_id)
                 if name.startswith(self._prefix))
        return tuple(name for name in found if self._prefix != _PREFIX or not _is_scoped(name))


class SealedSecrets:
    """Secrets in the table `secret`, each call on a connection of its own, so any thread may ask.

    Raises StoreError and its relatives. The table is there once the migrations have run.
    """

    def __init__(self, database: Path, key: bytes) -> None:
        self._database = database
        self._key = key

    def get(self, name: str) -> bytes | None:
        row = self._run("SELECT value FROM secret WHERE name = ?", name)
        return None if row is None else bytes(row[0])

    def set(self, name: str, value: bytes) -> None:
        self._run(
            "INSERT INTO secret(name, value) VALUES (?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value",
            name, value,
        )

    def delete(self, name: str) -> None:
        self._run("DELETE FROM secret WHERE name = ?", name)

    def all(self) -> dict[str, bytes]:
        """Every secret by its name."""
        with self._connected() as connection:
            return {str(name): bytes(value) for name, value in connection.execute("SELECT name, value FROM secret")}

    def replace_all(self, values: Mapping[str, bytes]) -> None:
        """Keep these and no others, at once or not at all."""
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM secret")
            connection.executemany("INSERT INTO secret(name, value) VALUES (?, ?)", list(values.items()))
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        from sqlcipher3 import dbapi2

        from workstation.store.engine import connect, translate_error

        connection = connect(self._database, self._key)
        try:
            yield connection
        except dbapi2.Error as problem:
            raise translate_error(problem) from problem
        finally:
            connection.close()

    def _run(self, statement: str, *values: object) -> Any:
        from workstation.store.engine import execute_once

        return execute_once(self._database, self._key, statement, values)


def _is_scoped(name: str) -> bool:
    """Whether a name is a copy's: device id and colon before it. Ids are UUIDs."""
    head = name.partition(":")[0]
    return len(head) == 36 and head.count("-") == 4


def forget_device(home: Home, key: bytes) -> None:
    """Drop what makes a copied passphrase home pass for the device it was copied from. What a keyring keeps stays the
    original's own: the copy has entries under its own device id."""
    if not home.database.exists():
        return
    sealed = SealedSecrets(home.database, key)
    for name in DEVICE_SECRETS:
        sealed.delete(name)


def secrets_for(opened: OpenedHome) -> Secrets:
    """The secrets of an opened home, kept the way its key is."""
    if opened.keeper == KEYRING:
        return KeyringSecrets(opened.home_id, scope=opened.scope)
    return SealedSecrets(opened.home.database, opened.key)
