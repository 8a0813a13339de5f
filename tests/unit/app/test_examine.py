"""Doctor: every part is named, and each fault that is made here is found with its remedy."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, prepared
from workstation.app import examine_system
from workstation.app.examine import examine
from workstation.inbox.model import AccountSettings, Security, ServerSettings
from workstation.kernel.paths import Home
from workstation.store import keydescription, rekey, vault
from workstation.store.engine import execute_once
from workstation.store.health import Finding

PARTS = {"system", "system library", "resources", "window", "display", "fonts", "writing", "clock", "keyring", "home",
         "log", "lock", "recovery key", "leftovers", "key", "store", "device key", "schema", "hub", "hub clock",
         "hub log", "time stamps", "mailboxes", "sources", "translation", "pictures"}


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return prepared(tmp_path)


def secret(cli: Cli) -> Path:
    return Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])


def found(cli: Cli, *, net: bool = False) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(Home(cli.home), secret(cli), net=net)}


def fault(cli: Cli, name: str) -> Finding:
    finding = found(cli)[name]
    assert not finding.ok, finding
    assert finding.remedy, f"{name} has no remedy"
    return finding


async def test_every_part_is_looked_at_and_every_problem_has_a_remedy(cli: Cli) -> None:
    async with opened(cli):
        pass
    everything = found(cli)
    assert everything.keys() >= PARTS
    assert [each for each in everything.values() if not each.ok and not each.remedy] == []
    assert all("\n" not in f"{each.detail}{each.remedy}" for each in everything.values())
    assert all(everything[name].ok for name in PARTS - {"display", "fonts", "translation", "writing", "window"})


async def test_faults_inside_the_store_are_found(cli: Cli) -> None:
    async with opened(cli):
        pass
    key = vault.open_home(Home(cli.home), passphrase_file=secret(cli)).key
    database = cli.home / "workstation.db"
    old = int(time.time() * 1_000) - 2 * 86_400_000
    execute_once(database, key, "INSERT INTO account(id, address, settings, created_at, last_sync_at) "
                 "VALUES ('a', 'shop@seller.example', '{}', 1, ?)", (old,))
    execute_once(database, key, "INSERT INTO meta VALUES ('hub_offset_ms', '-172800000')")
    assert "shop@seller.example" in fault(cli, "mailboxes").detail
    assert "172800" in fault(cli, "hub clock").detail
    execute_once(database, key, "INSERT INTO evidence_log_break VALUES ('b', 'o', 1, 'shrunk', 4, x'00', 'k', NULL, "
                 "'s')")
    assert "shorter than it was" in fault(cli, "hub log").detail
    execute_once(database, key, "INSERT INTO evidence_authority VALUES ('a', 'Stamps', 'u', x'00', 0, 1, NULL, 5, "
                 "'It refused.', 's')")
    assert found(cli)["time stamps"].ok   # nothing waits
    execute_once(database, key, "INSERT INTO evidence_record VALUES ('r', 1, 'c', 'view', 5, 'h', '', x'00')")
    assert "Stamps: It refused." in fault(cli, "time stamps").detail
    execute_once(database, key, "PRAGMA user_version = 1")
    assert "version 1" in fault(cli, "schema").detail


def test_faults_of_the_keys_are_found(cli: Cli, tmp_path: Path) -> None:
    home = Home(cli.home)
    opened_ = vault.open_home(home, passphrase_file=secret(cli))
    aged = replace(vault.described(home), recovery_tested=int(time.time() * 1_000) - 200 * 86_400_000)
    keydescription.store(home.description, aged.marked(opened_.key), replace=True)
    assert "200 days" in fault(cli, "recovery key").detail
    copy = Cli(tmp_path, Path(shutil.copytree(cli.home, tmp_path / "copy")), cli.environment)
    assert "--copied" in fault(copy, "place").remedy


def test_what_a_crash_left_is_found(cli: Cli) -> None:
    left = cli.home / rekey.COPY
    left.write_bytes(b"x")
    assert found(cli)["leftovers"].ok, "a program may be at work right now"
    os.utime(left, (0, 0))
    assert rekey.COPY in fault(cli, "leftovers").detail


def test_a_claims_desk_of_ones_own_that_cannot_be_read_is_found(cli: Cli) -> None:
    assert found(cli)["claims desks"].ok
    (cli.home / "claims").mkdir()
    (cli.home / "claims" / "mine.toml").write_text("nonsense")
    said = fault(cli, "claims desks").detail
    assert "mine.toml" in said
    assert str(cli.home / "claims") in said


def test_a_clock_set_back_is_found(cli: Cli) -> None:
    ahead = time.time() + 7_200
    os.utime(cli.home / "home.json", (ahead, ahead))
    assert "120 min" in fault(cli, "clock").detail


def test_faults_of_the_computer_are_found(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform.startswith("linux"):
        monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.31"))
        assert "2.31" in fault(cli, "system library").detail
        monkeypatch.setattr(examine_system, "_listed", lambda _program, code: code != "ja")
        monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/fc-list")
        assert "Japanese" in fault(cli, "fonts").detail
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "6.12.0")
    assert "6.12.0" in fault(cli, "window").detail
    monkeypatch.setattr(examine_system, "sync_file", _refuse)
    assert "No space" in fault(cli, "writing").detail


async def test_servers_are_reached_only_when_asked(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        up = listening.getsockname()[1]
        async with opened(cli) as running:
            down = _free_port()
            settings = AccountSettings(
                "shop@seller.example", "shop", ServerSettings("127.0.0.1", up, Security.PLAIN),
                ServerSettings("127.0.0.1", down, Security.PLAIN))
            await running.core.accounts.add(settings, "password")
        assert "imap 127.0.0.1" not in found(cli)
        reached = found(cli, net=True)
    assert reached["imap 127.0.0.1"].ok
    assert not reached["smtp 127.0.0.1"].ok
    assert str(down) in reached["smtp 127.0.0.1"].detail


def _refuse(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_missing_model_of_the_engine_that_reads_pictures_is_told(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Latin, Chinese and Japanese" in found(cli)["pictures"].detail

    def missing() -> None:
        raise FileNotFoundError

    monkeypatch.setattr("workstation.evidence.reading.worker.models", missing)
    assert "one of its models is missing" in fault(cli, "pictures").detail
