"""The store's part of `doctor` tells a healthy home from each way it can be ill."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.store.conftest import KEY, Store
from workstation.kernel.paths import Home
from workstation.store import health, vault


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "WORKSTATION_PASSPHRASE_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_machine_without_a_keyring_is_told_what_to_do(tmp_path: Path) -> None:
    found = health.keyring(Home(tmp_path / "home"))
    assert not found.ok
    assert "workstation init --passphrase-file" in found.remedy
    assert not health.home_folder(Home(tmp_path / "home")).ok


def test_a_passphrase_home_is_healthy_when_its_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pass"
    file.write_text("words")
    file.chmod(0o600)
    home = Home(tmp_path / "home")
    vault.create_home(home, keeper=file, recovery_out=tmp_path / "recovery")
    assert not health.keyring(home).ok
    monkeypatch.setenv("WORKSTATION_PASSPHRASE_FILE", str(file))
    assert health.keyring(home).ok
    assert health.home_folder(home).ok
    file.chmod(0o644)
    assert "chmod 600" in health.keyring(home).remedy
    file.unlink()
    assert not health.keyring(home).ok


def test_every_page_is_checked(store: Store) -> None:
    store.database.close()
    assert health.database(store.path, KEY).ok
    assert not health.database(store.path, bytes(32)).ok
    content = bytearray(store.path.read_bytes())
    content[-2_000] ^= 1
    store.path.write_bytes(bytes(content))
    found = health.database(store.path, KEY)
    assert not found.ok
    assert found.remedy


def test_a_damaged_description_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "home.json").write_text("{")
    assert not health.home_folder(Home(tmp_path)).ok
    assert not health.keyring(Home(tmp_path)).ok
