"""The disk is full: each thing a day needs says so with a remedy, nothing half is kept, all works once there is room.
A home that cannot be written says why. Both on a real file system of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import space
from tests.support.argos_package import make_package
from tests.support.cli import ROOT, quick
from tests.support.fresh import fresh
from tests.support.kill import Desk, street
from tests.support.mail import raw_mail

WORK = ("draft", "capture", "send", "note", "sync", "import", "install")   # after an import the log has room again


@pytest.fixture(autouse=True)
def _needs_a_namespace(tmp_path: Path) -> None:
    if not space.available(tmp_path):
        pytest.skip(space.MISSING)


def only(heard: list[dict[str, Any]], word: str) -> list[dict[str, Any]]:
    return [one for one in heard if one["word"] == word]


@pytest.mark.timeout(300)
def test_a_full_disk_refuses_each_thing_with_a_remedy_and_everything_works_again(tmp_path: Path, seed: int) -> None:
    make_package(tmp_path / "package", "xx", "en")
    with street(tmp_path, seed) as lived:
        lived.desk.close()
        lived.desk = Desk(space.small(lived.home, 12_000_000))
        lived.deliver()
        actions = ("fill", "intake", *WORK, "status", "tell", "free", "mail", *WORK, "quiet", "sync", "status", "tell")
        heard, status = lived.run(*actions)
        assert status == 0, lived.desk.trouble()
        problems = only(heard, "problem")
        assert [one["action"] for one in problems] == list(WORK)
        assert {one["kind"] for one in problems} == {"DiskFull"}
        assert all("full" in one["sentence"] and "ree some space" in one["sentence"] for one in problems)
        assert only(heard, "late") == []
        full, after = only(heard, "status")
        assert "full" in full["sentence"]
        assert [(state, "full" in sentence) for state, sentence in full["accounts"]] == [("offline", True)]
        assert (after["online"], after["sentence"], after["pending"], after["accounts"]) == (
            True, "", 0, [["online", ""]])
        before, end = only(heard, "state")
        assert (before["intact"], len(before["records"])) == (True, 2)   # the first day's capture and reply
        lived.check(end)
        lived.check_end(end)


_BACKLOG = """
import asyncio, itertools, sys
from pathlib import Path
from workstation.store import meta
from workstation.store.database import Database

async def fill():
    database = Database(Path(sys.argv[1]) / "workstation.db", b"k" * 32, lambda event: None)
    async with database.backlog():
        for number in itertools.count():
            await database.write(lambda unit: meta.put(unit.conn, str(number), "x" * 400_000))

try:
    asyncio.run(fill())
except Exception as problem:
    print(type(problem).__name__)
"""


def test_a_backlog_that_fills_the_disk_says_so_and_not_that_its_log_stayed_long(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    fresh(home / "workstation.db", b"k" * 32)
    command = [*space.small(home, 6_000_000), sys.executable, "-c", _BACKLOG, str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("DiskFull\n", "")


def test_a_home_that_cannot_be_written_is_read_and_says_why_it_is_not_changed(tmp_path: Path) -> None:
    cli = quick(tmp_path)
    (tmp_path / "mail.eml").write_bytes(raw_mail("a-parcel", body="Where is my parcel?"))
    cli("import", "mail", str(tmp_path / "mail.eml"))

    def on_a_fixed_disk(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*space.read_only(cli.home), *cli.command(*arguments)]
        environment = {**cli.variables({}), "PATH": os.environ["PATH"]}
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    before = {path: path.read_bytes() for path in cli.home.rglob("*") if path.is_file()}
    found = on_a_fixed_disk("search", "parcel", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert len(json.loads(found.stdout)) == 1
    refused = on_a_fixed_disk("sync")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "cannot be written" in refused.stderr
    assert "Make" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert {path: path.read_bytes() for path in cli.home.rglob("*") if path.is_file()} == before

    log = cli.home / "workstation.db-wal"   # what a crash left is not passed over: it may be somebody's last hour
    log.write_bytes(b"")
    refused = on_a_fixed_disk("search", "parcel", "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "cannot be written" in refused.stderr
