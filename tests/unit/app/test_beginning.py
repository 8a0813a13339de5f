"""Making a home from the window: nothing is stored before the recovery key came back."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from workstation import app
from workstation.kernel.errors import DiskFull, InputError, NoHome, NotFound, PassphraseNeeded, WrongKey
from workstation.kernel.paths import Home
from workstation.store import keyrecovery
from workstation.store.keybox import Argon
from workstation.store.keymaking import NewHome
from workstation.store.vault import OpenedHome

PASSPHRASE = "korrekt häst batteri"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "data" / "home")


def test_nothing_is_on_the_disk_before_the_key_came_back(home: Home, tmp_path: Path) -> None:
    beginning = app.begin_home(home, PASSPHRASE)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="another recovery key"):
        beginning.finish(keyrecovery.to_words(bytes(20)))
    with pytest.raises(InputError, match="not a recovery key"):
        beginning.finish("what?")
    assert list(tmp_path.iterdir()) == []
    made = beginning.finish(beginning.recovery.lower().replace("-", " "))
    assert app.unlock_home(home, PASSPHRASE).vault.key == made.vault.key
    with pytest.raises(NotFound):
        beginning.finish(beginning.recovery)
    beginning.abandon()
    assert home.description.exists()


def test_a_saved_key_is_for_its_owner_and_proves_itself(home: Home, tmp_path: Path) -> None:
    beginning = app.begin_home(home, PASSPHRASE)
    file = tmp_path / "usb" / "recovery.txt"
    file.parent.mkdir()
    beginning.save_to(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = beginning.finish(file.read_text())
    assert made.vault.recovery_file == file
    beginning.abandon()
    assert file.exists(), "the home is made: its key is not taken away"
    assert app.recover_home(home, file.read_text(), None, passphrase="another one").vault.key == made.vault.key


def test_what_is_given_up_leaves_nothing(home: Home, tmp_path: Path) -> None:
    beginning = app.begin_home(home, PASSPHRASE)
    beginning.save_to(tmp_path / "recovery.txt")
    beginning.abandon()
    beginning.abandon()
    assert beginning.recovery == ""
    assert list(tmp_path.iterdir()) == []


def test_a_key_inside_its_home_and_a_short_passphrase_are_refused(home: Home, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too short"):
        app.begin_home(home, "1234567")
    with pytest.raises(InputError, match="protects nothing"):
        app.begin_home(home, PASSPHRASE).save_to(home.root / "recovery.txt")
    assert list(tmp_path.iterdir()) == []


def test_the_same_letters_open_however_they_were_typed(home: Home) -> None:
    beginning = app.begin_home(home, PASSPHRASE)
    beginning.finish(beginning.recovery)
    decomposed = PASSPHRASE.replace("ä", "a\u0308")
    assert app.unlock_home(home, decomposed).home == home
    with pytest.raises(WrongKey, match="This passphrase does not open"):
        app.unlock_home(home, "something else")


def test_the_window_is_told_which_dialog_to_show(home: Home) -> None:
    with pytest.raises(NoHome):
        app.open_home(home)
    with pytest.raises(NoHome):
        app.unlock_home(home, PASSPHRASE)
    beginning = app.begin_home(home, PASSPHRASE)
    beginning.finish(beginning.recovery)
    with pytest.raises(PassphraseNeeded):
        app.open_home(home)


def test_given_up_while_it_is_made_the_home_keeps_its_recovery_key(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window is closed in the second between "Make my home" and the inbox."""
    file = tmp_path / "recovery.txt"
    beginning = app.begin_home(home, PASSPHRASE)
    beginning.save_to(file)
    settle = NewHome.settle

    def closing(new: NewHome) -> OpenedHome:
        made = settle(new)
        beginning.abandon()
        return made

    monkeypatch.setattr(NewHome, "settle", closing)
    beginning.finish(file.read_text())
    assert home.description.exists()
    assert app.recover_home(home, file.read_text(), None, passphrase="another one").home == home


def test_given_up_while_it_fails_to_be_made_nothing_stays(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beginning = app.begin_home(home, PASSPHRASE)
    beginning.save_to(tmp_path / "recovery.txt")

    def failing(_new: NewHome) -> OpenedHome:
        beginning.abandon()
        raise DiskFull("The disk is full.")

    monkeypatch.setattr(NewHome, "settle", failing)
    with pytest.raises(DiskFull):
        beginning.finish(beginning.recovery)
    assert beginning.recovery == ""
    assert list(tmp_path.iterdir()) == []
