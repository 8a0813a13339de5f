"""A home that was copied says so before it is used; one that only moved stays itself."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from workstation.kernel.errors import OtherPlace
from workstation.kernel.paths import Home
from workstation.store import keychange, machine, vault
from workstation.store.engine import connect
from workstation.store.keybox import Argon
from workstation.store.secrets import DEVICE_SECRETS, SealedSecrets

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture(autouse=True)
def on_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))
    monkeypatch.setattr(machine, "machine_id", lambda: ONE)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "pass"
    file.write_text("one")
    file.chmod(0o600)
    return file


@pytest.fixture
def made(tmp_path: Path, secret: Path) -> vault.OpenedHome:
    return vault.create_home(Home(tmp_path / "home"), keeper=secret, recovery_out=tmp_path / "recovery")


def test_a_copy_is_asked_about_and_nothing_changes(made: vault.OpenedHome, secret: Path, tmp_path: Path) -> None:
    copy = Home(Path(shutil.copytree(made.home.root, tmp_path / "copy")))
    before = copy.description.read_bytes()
    with pytest.raises(OtherPlace, match="moved or copied") as caught:
        vault.open_home(copy, passphrase_file=secret)
    assert "--moved" in caught.value.remedy
    assert copy.description.read_bytes() == before
    assert vault.open_home(made.home, passphrase_file=secret).device_id == made.device_id


def test_a_renamed_folder_and_a_restored_one_stay_themselves(
    made: vault.OpenedHome, secret: Path, tmp_path: Path
) -> None:
    renamed = Home(made.home.root.rename(tmp_path / "renamed"))
    assert vault.open_home(renamed, passphrase_file=secret).device_id == made.device_id
    shutil.copytree(renamed.root, tmp_path / "backup")
    shutil.rmtree(renamed.root)
    shutil.copytree(tmp_path / "backup", renamed.root)
    assert vault.open_home(renamed, passphrase_file=secret).device_id == made.device_id
    assert vault.open_home(Home(renamed.root.rename(tmp_path / "again")), passphrase_file=secret).key == made.key


def test_another_computer_is_noticed_and_the_answer_is_kept(
    made: vault.OpenedHome, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "machine_id", lambda: TWO)
    with pytest.raises(OtherPlace):
        vault.open_home(made.home, passphrase_file=secret)
    assert vault.open_home(made.home, passphrase_file=secret, moved=True).device_id == made.device_id
    assert vault.open_home(made.home, passphrase_file=secret).device_id == made.device_id
    monkeypatch.setattr(machine, "machine_id", lambda: "")
    assert vault.open_home(made.home, passphrase_file=secret).device_id == made.device_id, "an unknown one is no other"


def test_a_copy_becomes_another_device_without_the_originals_key(
    made: vault.OpenedHome, secret: Path, tmp_path: Path
) -> None:
    connection = connect(made.home.database, made.key)
    connection.execute("CREATE TABLE secret(name TEXT PRIMARY KEY, value BLOB)")
    connection.close()
    for name in (*DEVICE_SECRETS, "mail"):
        SealedSecrets(made.home.database, made.key).set(name, b"k")
    copy = Home(Path(shutil.copytree(made.home.root, tmp_path / "copy")))
    other = keychange.become_a_copy(copy, secret)
    assert other.device_id != made.device_id
    assert sorted(SealedSecrets(copy.database, other.key).all()) == ["mail"]
    assert len(SealedSecrets(made.home.database, made.key).all()) == 3
    assert vault.open_home(copy, passphrase_file=secret).device_id == other.device_id


def test_the_marks_tell_nobody_which_computer_it_was(made: vault.OpenedHome, tmp_path: Path) -> None:
    text = made.home.description.read_text()
    assert ONE not in text
    assert str(tmp_path) not in text
    assert machine.place_of(made.home.root, "another home") != machine.place_of(made.home.root, made.home_id)


def test_this_computer_has_a_lasting_id_or_none() -> None:
    found = machine._content(Path("/etc/machine-id"))
    assert found == "" or len(found) == 32
