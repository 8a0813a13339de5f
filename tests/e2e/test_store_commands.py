"""store check | backup | restore | compact | salvage as a person types them, also beside an open window."""

from __future__ import annotations

from pathlib import Path

from tests.support.cli import Cli, prepared, window
from workstation import app
from workstation.kernel.paths import Home
from workstation.store.engine import execute_once
from workstation.store.pages import PAGE


def test_a_home_is_checked_backed_up_and_restored_elsewhere(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    assert cli("store", "check", "--json").json["whole"] is True
    made = cli("store", "backup", tmp_path / "backup", "--json").json
    assert made["missing"] == []
    assert "whole" in cli("store", "restore", tmp_path / "backup", "--verify").out
    elsewhere = Cli(tmp_path, tmp_path / "elsewhere", cli.environment)
    assert "device of its own" in elsewhere("store", "restore", tmp_path / "backup").out
    assert elsewhere("store", "check", "--json").json["whole"] is True
    assert "not empty" in elsewhere.refused("store", "restore", tmp_path / "backup")


def test_a_tampered_backup_is_the_answer_no(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    cli("store", "backup", tmp_path / "backup")
    store = next((tmp_path / "backup").glob("store-*"))
    content = bytearray(store.read_bytes())
    content[len(content) // 2] ^= 1
    store.write_bytes(content)
    assert "changed or damaged" in cli("store", "restore", tmp_path / "backup", "--verify", code=1).err


def test_a_damaged_home_is_the_answer_no_and_names_the_table(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    home = Home(cli.home)
    key = app.open_home(home, Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])).vault.key
    root = execute_once(home.database, key, "SELECT rootpage FROM sqlite_master WHERE name = 'message'")[0]
    with home.database.open("r+b") as file:
        file.seek((root - 1) * PAGE + 100)
        before = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([before ^ 1]))
    said = cli("store", "check", code=1).out
    assert "1 page is damaged" in said
    assert "Table message" in said
    assert "salvage" in said
    lost = cli("store", "salvage", tmp_path / "new", "--json", code=1).json
    assert [table["name"] for table in lost["tables"]] == ["message"]


def test_of_a_whole_home_everything_is_salvaged(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    made = cli("store", "salvage", tmp_path / "new", "--json").json
    assert made["whole"] is True
    assert Cli(tmp_path, tmp_path / "new", cli.environment)("store", "check", "--json").json["whole"] is True


def test_beside_an_open_window_a_backup_is_made_by_it(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    with window(cli):
        assert cli("store", "backup", tmp_path / "backup", "--json").json["missing"] == []
        assert "MB now" in cli("store", "compact").out
        assert cli("store", "check", "--json").json["whole"] is True
