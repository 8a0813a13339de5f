"""A pack is verified where there is no home, or one that cannot be opened; nothing is made or written there."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.cli import Cli, prepared
from tests.support.evidence import flip, rewrite, small_pack
from workstation.evidence.verify import PARTS


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_pack(tmp_path_factory.mktemp("pack"))


def everything(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_without_a_home_none_is_made(pack: Path, tmp_path: Path) -> None:
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("with this any other command makes a home")
    passphrase.chmod(0o600)
    cli = Cli(tmp_path, tmp_path / "none", {"WORKSTATION_PASSPHRASE_FILE": str(passphrase)})
    before = everything(tmp_path)
    report = cli("evidence", "verify", pack, "--json").json
    assert (report["intact"], report["records"], report["files"]) == (True, 4, 3)
    assert everything(tmp_path) == before


def test_the_report_has_every_part_with_its_state(pack: Path, tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "none")
    parts = {part["name"]: part for part in cli("evidence", "verify", pack, "--json").json["parts"]}
    assert list(parts) == list(PARTS)
    states = {name: part["state"] for name, part in parts.items()}
    assert [states[name] for name in ("bag", "signatures", "commitments", "export")] == ["proved"] * 4
    assert (states["time"], states["keys"], states["store"]) == ("claimed", "claimed", "not present")
    changed = rewrite(pack, tmp_path / "changed.zip", {"data/report.html": flip})
    answer = cli("evidence", "verify", changed, "--json", code=1).json
    wrong = {part["name"]: part["findings"] for part in answer["parts"] if part["state"] == "wrong"}
    assert {finding["where"] for finding in wrong["bag"]} == {"data/report.html"}
    again = [one for each in wrong.values() for one in each]
    assert sorted(map(json.dumps, answer["findings"])) == sorted(map(json.dumps, again))
    assert answer["proved"] == []
    said = cli("evidence", "verify", changed, code=1).out
    assert "✕ data/report.html" in said
    assert "✓ Signatures" in said


def test_an_unpacked_pack_is_verified_where_it_lies(pack: Path, tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "none")
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    assert cli("evidence", "verify", folder, "--json").json["intact"] is True
    (page,) = folder.glob("data/report.html")
    page.write_bytes(flip(page.read_bytes()))
    assert "report.html" in cli("evidence", "verify", folder, code=1).out
    page.unlink()
    page.symlink_to("/etc/passwd")
    assert "link" in cli.refused("evidence", "verify", folder)


def test_a_home_that_does_not_open_is_said_and_not_needed(pack: Path, tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    before = everything(cli.home)
    locked = Cli(tmp_path, cli.home, {"WORKSTATION_PASSPHRASE_FILE": ""})
    told = locked("evidence", "verify", pack)
    assert "whose key it is" in told.err
    assert "not a key of this device" not in told.out
    description = cli.home / "home.json"
    description.write_text("{}")
    assert "whose key it is" in cli("evidence", "verify", pack).err
    assert set(everything(cli.home)) == set(before)
