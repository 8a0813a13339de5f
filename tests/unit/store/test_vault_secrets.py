"""Secrets of a home without a keyring are in its encrypted database and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.store.conftest import KEY, Store
from workstation.kernel.errors import WrongKey
from workstation.kernel.paths import Home
from workstation.store.secrets import KeyringSecrets, SealedSecrets, secrets_for
from workstation.store.vault import OpenedHome


def test_a_secret_is_kept_changed_and_forgotten(store: Store) -> None:
    secrets = SealedSecrets(store.path, KEY)
    assert secrets.get("mail") is None
    secrets.set("mail", b"one\x00")
    secrets.set("mail", b"two\x00")
    assert SealedSecrets(store.path, KEY).get("mail") == b"two\x00"
    secrets.delete("mail")
    secrets.delete("mail")
    assert secrets.get("mail") is None


def test_a_secret_is_not_in_the_file(store: Store) -> None:
    SealedSecrets(store.path, KEY).set("mail", b"very secret words")
    written = b"".join(path.read_bytes() for path in store.path.parent.iterdir())
    assert b"very secret words" not in written


def test_another_key_reads_nothing(store: Store) -> None:
    with pytest.raises(WrongKey):
        SealedSecrets(store.path, bytes(32)).get("mail")


def test_secrets_follow_the_keeper(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert isinstance(secrets_for(OpenedHome(home, KEY, "h", "d", "passphrase")), SealedSecrets)
    assert isinstance(secrets_for(OpenedHome(home, KEY, "h", "d", "keyring")), KeyringSecrets)
