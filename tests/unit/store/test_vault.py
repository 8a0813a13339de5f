"""A home is made once, opened only by its keeper, and always by its recovery key."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from workstation.kernel.errors import (
    InputError,
    KeyringProblem,
    NewerSchema,
    NotFound,
    ReadOnly,
    StoreError,
    WorkstationError,
    WrongKey,
)
from workstation.kernel.paths import Home
from workstation.store import keyrecovery, vault
from workstation.store.keybox import Argon
from workstation.store.keyrings import system_ring

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "WORKSTATION_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of a thousandth of the cost: what it costs is tested with the box."""
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    return write_passphrase(tmp_path / "pass", PASSPHRASE + "\n")


@pytest.fixture
def made(tmp_path: Path, passphrase: Path) -> vault.OpenedHome:
    return vault.create_home(Home(tmp_path / "home"), keeper=passphrase, recovery_out=tmp_path / "recovery")


def write_passphrase(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_home_opens_again_with_the_same_key(made: vault.OpenedHome, passphrase: Path) -> None:
    again = vault.open_home(made.home, passphrase_file=passphrase)
    assert (again.key, again.home_id, again.device_id) == (made.key, made.home_id, made.device_id)
    assert len(made.key) == 32
    assert made.created
    assert not again.created


def test_the_key_is_nowhere_in_clear(made: vault.OpenedHome) -> None:
    text = made.home.description.read_text()
    assert made.key.hex() not in text
    assert made.key.hex() not in repr(made)
    assert PASSPHRASE not in text


def test_one_trailing_newline_is_not_part_of_the_passphrase(made: vault.OpenedHome, tmp_path: Path) -> None:
    bare = write_passphrase(tmp_path / "bare", PASSPHRASE)
    spaced = write_passphrase(tmp_path / "spaced", PASSPHRASE + " \n")
    assert vault.open_home(made.home, passphrase_file=bare).key == made.key
    with pytest.raises(WrongKey):
        vault.open_home(made.home, passphrase_file=spaced)


def test_a_wrong_passphrase_is_one_clear_sentence(made: vault.OpenedHome, tmp_path: Path) -> None:
    wrong = write_passphrase(tmp_path / "wrong", "something else")
    before = made.home.description.read_bytes()
    with pytest.raises(WrongKey, match="does not open this home") as caught:
        vault.open_home(made.home, passphrase_file=wrong)
    assert "init --recover" in caught.value.remedy
    assert made.home.description.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 70_000])
def test_an_empty_or_endless_passphrase_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "pass"
    file.write_bytes(content)
    with pytest.raises(InputError):
        vault.create_home(Home(tmp_path / "home"), keeper=file, recovery_out=tmp_path / "recovery")
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "recovery").exists()


def test_the_recovery_file_is_for_its_owner_only(made: vault.OpenedHome, tmp_path: Path) -> None:
    mode = (tmp_path / "recovery").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(made.home.root.stat().st_mode) == 0o700


def test_an_existing_recovery_file_is_never_overwritten(tmp_path: Path, passphrase: Path) -> None:
    out = tmp_path / "recovery"
    out.write_text("precious")
    with pytest.raises(InputError, match="already exists"):
        vault.create_home(Home(tmp_path / "home"), keeper=passphrase, recovery_out=out)
    assert out.read_text() == "precious"
    assert not (tmp_path / "home").exists()


def test_a_recovery_key_inside_its_home_is_refused(tmp_path: Path, passphrase: Path) -> None:
    with pytest.raises(InputError, match="protects nothing"):
        vault.create_home(Home(tmp_path / "home"), keeper=passphrase, recovery_out=tmp_path / "home" / "recovery")
    assert not (tmp_path / "home").exists()


def test_nothing_is_stored_when_the_written_recovery_key_reads_back_wrong(
    tmp_path: Path, passphrase: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = keyrecovery.write_recovery_file

    def bad_disk(path: Path, key: bytes, home_id: str) -> None:
        honest(path, bytes([key[0] ^ 1, *key[1:]]), home_id)

    monkeypatch.setattr(keyrecovery, "write_recovery_file", bad_disk)
    with pytest.raises(WrongKey):
        vault.create_home(Home(tmp_path / "home"), keeper=passphrase, recovery_out=tmp_path / "recovery")
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "recovery").exists()


def test_an_existing_home_is_refused_and_untouched(made: vault.OpenedHome, passphrase: Path, tmp_path: Path) -> None:
    before = made.home.description.read_bytes()
    with pytest.raises(InputError, match="already"):
        vault.create_home(made.home, keeper=passphrase, recovery_out=tmp_path / "second")
    assert made.home.description.read_bytes() == before
    assert not (tmp_path / "second").exists()


def test_a_store_without_its_description_is_not_covered_by_a_new_one(tmp_path: Path, passphrase: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.database.write_bytes(b"ciphertext")
    with pytest.raises(StoreError, match=r"home\.json is missing"):
        vault.create_home(home, keeper=passphrase, recovery_out=tmp_path / "recovery")
    assert home.database.read_bytes() == b"ciphertext"


def test_what_a_crash_left_is_cleared_and_the_home_made(tmp_path: Path, passphrase: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    leftover = home.root / "home.json.0011.new"
    leftover.write_text("{")
    os.utime(leftover, (0, 0))
    vault.create_home(home, keeper=passphrase, recovery_out=tmp_path / "recovery")
    assert [path.name for path in home.root.iterdir()] == ["home.json"]


def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path: Path, passphrase: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReadOnly):
        vault.create_home(Home(tmp_path / "file" / "home"), keeper=passphrase, recovery_out=tmp_path / "recovery")
    assert not (tmp_path / "recovery").exists()


def test_every_flipped_bit_of_the_description_is_noticed(made: vault.OpenedHome, tmp_path: Path) -> None:
    """The expensive hash is asked once: the recovery key opens the same seals."""
    recovery = (tmp_path / "recovery").read_text()
    content = made.home.description.read_bytes()
    for position in range(len(content)):
        changed = bytearray(content)
        changed[position] ^= 1
        made.home.description.write_bytes(bytes(changed))
        with pytest.raises(WorkstationError):
            vault.check_recovery(made.home, recovery)
    made.home.description.write_bytes(content)
    vault.check_recovery(made.home, recovery)


def test_a_changed_device_id_is_noticed_by_the_passphrase_too(made: vault.OpenedHome, passphrase: Path) -> None:
    document = json.loads(made.home.description.read_text())
    document["device"] = document["home"]
    made.home.description.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="changed or damaged"):
        vault.open_home(made.home, passphrase_file=passphrase)


@pytest.mark.parametrize(("name", "value"), [("memory_kib", 1 << 30), ("passes", 1 << 20), ("lanes", 0)])
def test_hostile_costs_are_refused_before_they_are_paid(
    made: vault.OpenedHome, passphrase: Path, name: str, value: int
) -> None:
    document = json.loads(made.home.description.read_text())
    document["argon2id"][name] = value
    made.home.description.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="changed or damaged"):
        vault.open_home(made.home, passphrase_file=passphrase)


def test_boxes_cannot_stand_in_for_each_other(made: vault.OpenedHome, tmp_path: Path) -> None:
    document = json.loads(made.home.description.read_text())
    document["boxes"]["recovery"] = document["boxes"]["passphrase"]
    made.home.description.write_text(json.dumps(document))
    with pytest.raises(WrongKey):
        vault.check_recovery(made.home, (tmp_path / "recovery").read_text())


def test_a_newer_format_is_refused_and_untouched(made: vault.OpenedHome, passphrase: Path) -> None:
    document = json.loads(made.home.description.read_text())
    document["format"] = 2
    made.home.description.write_text(json.dumps(document))
    before = made.home.description.read_bytes()
    with pytest.raises(NewerSchema, match="newer version"):
        vault.open_home(made.home, passphrase_file=passphrase)
    assert made.home.description.read_bytes() == before


def test_recovery_opens_a_copied_home_with_a_new_passphrase(made: vault.OpenedHome, tmp_path: Path) -> None:
    copied = Home(tmp_path / "copy")
    shutil.copytree(made.home.root, copied.root)
    fresh = write_passphrase(tmp_path / "fresh", "a new one")
    recovered = vault.recover(copied, (tmp_path / "recovery").read_text(), keeper=fresh, new_device=True)
    assert recovered.key == made.key
    assert recovered.device_id != made.device_id
    assert vault.open_home(copied, passphrase_file=fresh).device_id == recovered.device_id
    assert vault.open_home(made.home, passphrase_file=tmp_path / "pass").device_id == made.device_id


def test_the_recovery_key_still_works_after_a_recovery(made: vault.OpenedHome, tmp_path: Path) -> None:
    words = keyrecovery.to_words(keyrecovery.read_recovery_file(tmp_path / "recovery"))
    vault.recover(made.home, words.lower().replace("-", " "), keeper=write_passphrase(tmp_path / "b", "b"))
    vault.check_recovery(made.home, words)


def test_another_homes_recovery_key_changes_nothing(made: vault.OpenedHome, tmp_path: Path, passphrase: Path) -> None:
    before = made.home.description.read_bytes()
    with pytest.raises(WrongKey, match="another home"):
        vault.recover(made.home, keyrecovery.to_words(bytes(20)), keeper=write_passphrase(tmp_path / "b", "b"))
    assert made.home.description.read_bytes() == before
    assert vault.open_home(made.home, passphrase_file=passphrase).key == made.key


def test_a_changed_passphrase_replaces_the_old_one(made: vault.OpenedHome, passphrase: Path, tmp_path: Path) -> None:
    fresh = write_passphrase(tmp_path / "fresh", "a new one")
    vault.change_passphrase(made.home, passphrase, fresh)
    assert vault.open_home(made.home, passphrase_file=fresh).key == made.key
    with pytest.raises(WrongKey):
        vault.open_home(made.home, passphrase_file=passphrase)


def test_a_wrong_old_passphrase_changes_nothing(made: vault.OpenedHome, passphrase: Path, tmp_path: Path) -> None:
    other = write_passphrase(tmp_path / "other", "other")
    with pytest.raises(WrongKey):
        vault.change_passphrase(made.home, other, other)
    assert vault.open_home(made.home, passphrase_file=passphrase).key == made.key


def test_the_variable_lets_any_command_make_and_reopen_homes(
    tmp_path: Path, passphrase: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSTATION_PASSPHRASE_FILE", str(passphrase))
    first = vault.open_home(Home(tmp_path / "one"))
    second = vault.open_home(Home(tmp_path / "two"))
    assert first.created
    assert first.recovery_file == tmp_path / "pass.recovery"
    assert second.recovery_file == tmp_path / "pass.recovery-2"
    assert vault.open_home(Home(tmp_path / "one")).key == first.key != second.key
    vault.check_recovery(first.home, first.recovery_file.read_text())


def test_a_passphrase_file_others_can_read_is_a_warning(tmp_path: Path, passphrase: Path) -> None:
    passphrase.chmod(0o644)
    opened = vault.open_home(Home(tmp_path / "home"), passphrase_file=passphrase)
    assert len(opened.warnings) == 1
    assert "chmod 600" in opened.warnings[0]


def test_with_neither_keyring_nor_passphrase_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyringProblem) as caught:
        vault.open_home(Home(tmp_path / "home"))
    assert "workstation init --passphrase-file F --recovery-out F" in caught.value.remedy
    with pytest.raises(KeyringProblem) as caught:
        vault.create_home(Home(tmp_path / "home"), keeper="keyring", recovery_out=tmp_path / "recovery")
    assert "workstation init --passphrase-file F --recovery-out F" in caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_home_with_a_passphrase_asks_for_it(made: vault.OpenedHome) -> None:
    with pytest.raises(KeyringProblem) as caught:
        vault.open_home(made.home)
    assert "WORKSTATION_PASSPHRASE_FILE" in caught.value.remedy


def test_recovering_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        vault.recover(Home(tmp_path / "none"), keyrecovery.to_words(bytes(20)), keeper=tmp_path / "pass")


def test_a_bus_that_is_gone_is_noticed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'gone'}")
    with pytest.raises(KeyringProblem, match="does not answer"):
        system_ring().check()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "tcp:host=localhost,port=1")
    with pytest.raises(KeyringProblem, match="no session bus"):
        system_ring().check()


def test_of_two_programs_that_make_a_home_at_once_one_wins(
    tmp_path: Path, passphrase: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    honest = keyrecovery.write_recovery_file
    winner: list[vault.OpenedHome] = []

    def slower(path: Path, key: bytes, home_id: str) -> None:
        monkeypatch.setattr(keyrecovery, "write_recovery_file", honest)
        winner.append(vault.create_home(home, keeper=passphrase, recovery_out=tmp_path / "winner"))
        honest(path, key, home_id)

    monkeypatch.setattr(keyrecovery, "write_recovery_file", slower)
    joined = vault.open_home(home, passphrase_file=passphrase)
    assert joined.key == winner[0].key
    assert not joined.created
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "pass", "winner"]
