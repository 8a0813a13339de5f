"""Language packages and a translation server by the command line, and the same home opened by the product."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.support.argos_package import make_package
from tests.support.cli import Cli, opened, quick
from tests.support.translation_server import translation_server
from tests.unit.translation.test_packages import FIREFOX, as_archive, zipped
from workstation.app.wiring import Running
from workstation.domain.events import EnginesChanged


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return quick(tmp_path)


def test_a_package_is_added_used_listed_and_removed(cli: Cli, tmp_path: Path) -> None:
    file = as_archive(make_package(tmp_path / "made"), tmp_path / "ja_en.argosmodel")
    line = cli.refused("translate", "--from", "ja", "--to", "en", stdin=b"x\n")
    assert "workstation language add" in line
    assert cli("language", "add", file).out.startswith("ja-en  argos")
    assert cli("translate", "--from", "ja", "--to", "en", "--json", stdin=b"parcel\n").json["engine"] == "argos"
    listed = {(p["source"], p["target"]): p["shipped"] for p in cli("language", "list", "--json").json}
    assert listed == {("ja", "en"): False, ("pt", "en"): True, ("en", "pt"): True}
    cli("language", "remove", "ja-en")
    assert "ja-en" not in cli("language", "list").out


def test_what_is_no_package_is_refused_in_one_line(cli: Cli, tmp_path: Path) -> None:
    assert "does not exist" in cli.refused("language", "add", tmp_path / "none.argosmodel")
    evil = zipped(tmp_path / "evil.zip", {**FIREFOX, "../../evil": b"!"})
    assert "outside" in cli.refused("language", "add", evil)
    assert "ja-en" in cli.refused("language", "remove", "ja-en")
    assert "ja-en" in cli.refused("language", "remove", "japanese")


def test_a_server_translates_what_no_package_does_and_sees_no_number(cli: Cli) -> None:
    asked: list[dict[str, Any]] = []
    with translation_server(asked) as address:
        assert "https://" in cli.refused("language", "server", "http://translate.example")
        cli("language", "server", address)
        done = cli("translate", "--from", "ja", "--to", "en", "--json", stdin=b"one two 702-1234567-7654321\n").json
    assert (done["engine"], done["lost"]) == ("http", [])
    assert "two one" in done["target"]
    assert "702-1234567" not in str(asked)
    cli("language", "server", "off")
    cli.refused("translate", "--from", "ja", "--to", "en", stdin=b"x\n")


async def names(running: Running) -> set[str]:
    """The engines that have Japanese to English."""
    return {e.name for e in await running.core.translation.engines() if (e.source, e.target) == ("ja", "en")}


async def test_the_running_product_learns_a_servers_pairs_and_announces_packages(cli: Cli, tmp_path: Path) -> None:
    heard: list[EnginesChanged] = []
    with translation_server([]) as address:
        await asyncio.to_thread(cli, "language", "server", address)
        async with opened(cli) as running:
            running.core.bus.subscribe(EnginesChanged, heard.append)
            await running.start()
            for _try in range(200):
                if heard:
                    break
                await asyncio.sleep(0.02)
            assert await names(running) == {"http"}
            await running.core.translation.install(zipped(tmp_path / "a.zip", FIREFOX))
            assert await names(running) == {"http", "firefox"}
            await running.core.translation.remove("ja", "en")
            assert [p for p in await running.core.translation.packages() if not p.shipped] == []
    assert len(heard) == 3
