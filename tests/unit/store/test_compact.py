"""Compacting gives room back, loses nothing, and can be ended at any moment."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import ROOT
from tests.support.wholestore import MESSAGES, Whole, whole
from workstation.kernel.errors import DiskFull
from workstation.store import check, compact

CHILD = """
import os, sys
from pathlib import Path
from workstation.store import compact

def report(done, total):
    sys.stdout.write("at work\\n")
    sys.stdout.flush()
    sys.stdin.read(1)          # until it is killed here

compact._BYTES_A_TICK = 1
import workstation.store.watching
workstation.store.watching._STEPS = int(sys.argv[3])
compact.compact(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), report)
"""


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    made = whole(tmp_path)
    with made.connection() as connection:
        connection.exec_driver_sql("DELETE FROM mail_body WHERE rowid % 2 = 0")
        connection.exec_driver_sql("DELETE FROM thread_reference")
    return made


def test_the_room_of_deleted_rows_is_given_back(store: Whole) -> None:
    said: list[tuple[int, int]] = []
    done = compact.compact(store.home.database, store.key, lambda *at: said.append(at))
    assert done.gained > 0
    assert done.after == store.home.database.stat().st_size < done.before
    assert said[-1] == (100, 100)
    assert store.count("message") == MESSAGES
    assert check.check(store.home, store.key).whole


def test_wrong_counts_are_put_right(store: Whole) -> None:
    with store.connection() as connection:
        connection.exec_driver_sql("UPDATE queue_span SET n = n + 5 WHERE queue = 'open'")
    compact.compact(store.home.database, store.key, lambda _done, _total: None)
    assert check.check(store.home, store.key).whole


@pytest.mark.parametrize("steps", [50, 3_000, 20_000])
def test_killed_in_the_middle_it_is_as_before(store: Whole, steps: int) -> None:
    command = [sys.executable, "-c", CHILD, str(store.home.database), store.key.hex(), str(steps)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"at work\n"
        child.stdin.write(b"x" * (3 if steps < 20_000 else 0))
        child.stdin.flush()
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(30)
        child.stdin.close()
        child.stdout.close()
    assert store.count("message") == MESSAGES
    assert check.check(store.home, store.key).whole


def test_stopped_it_is_as_before(store: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        pass

    def report(_done: int, _total: int) -> None:
        raise Enough

    monkeypatch.setattr("workstation.store.watching._STEPS", 1_000)
    with pytest.raises(Enough):
        compact.compact(store.home.database, store.key, report)
    assert store.count("message") == MESSAGES
    assert check.check(store.home, store.key).whole


def test_without_room_nothing_is_begun(store: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(store.home.root)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    before = store.home.database.stat().st_size
    with pytest.raises(DiskFull, match="nothing was changed"):
        compact.compact(store.home.database, store.key, lambda _done, _total: None)
    assert store.home.database.stat().st_size == before
