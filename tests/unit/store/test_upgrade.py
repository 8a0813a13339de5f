"""Opening a store of the first schema: told how far it is, stopped or killed at any moment, and gone on with."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.oldstore import old_store
from tests.support.source import ROOT
from workstation import app
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.store import migrate, watching
from workstation.store.check import recount
from workstation.store.database import make_engine
from workstation.store.engine import SCHEMA_VERSION, connect
from workstation.store.pages import Report
from workstation.store.vault import OpenedHome

KEY = bytes(range(32))
CONVERSATIONS, MESSAGES = 400, 2_000
CHILD = """
import sys
from pathlib import Path
from workstation.store import migrate, watching
from workstation.store.database import make_engine

watching._STEPS = 1_000
looks = 0

def report(done, total):
    global looks
    looks += 1
    if looks == int(sys.argv[2]):
        sys.stdout.write("here\\n")
        sys.stdout.flush()
        sys.stdin.read()          # until it is killed

migrate.upgrade(make_engine(Path(sys.argv[1]), bytes(range(32)), size=1), report)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    old_store(tmp_path / "workstation.db", KEY, CONVERSATIONS, MESSAGES)
    return tmp_path / "workstation.db"


def upgrade(path: Path, report: Report | None = None) -> None:
    engine = make_engine(path, KEY, size=1)
    try:
        migrate.upgrade(engine, report)
    finally:
        engine.dispose()


def ask(path: Path, query: str) -> int:
    connection = connect(path, KEY)
    try:
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


def test_an_upgrade_tells_how_far_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_STEPS", 1_000)
    said: list[tuple[int, int]] = []
    upgrade(path, lambda *at: said.append(at))
    assert len(said) > 10
    assert said == sorted(said)
    assert {total for _done, total in said} == {100}
    assert ask(path, "PRAGMA user_version") == SCHEMA_VERSION


@pytest.mark.parametrize("look", [1, 5, 25, 80])
def test_killed_at_any_moment_the_next_start_goes_on(path: Path, look: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(path), str(look)], cwd=ROOT, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"here\n"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(30)
        child.stdin.close()
        child.stdout.close()
    assert ask(path, "PRAGMA user_version") == 1
    assert ask(path, "SELECT count(*) FROM message") == MESSAGES
    upgrade(path)
    assert ask(path, "PRAGMA user_version") == SCHEMA_VERSION
    assert ask(path, "SELECT count(*) FROM message") == MESSAGES
    assert ask(path, "SELECT sum(n) FROM queue_span WHERE queue = 'open'") == CONVERSATIONS
    assert ask(path, recount()) == 0


def test_stopped_it_leaves_the_old_store(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        pass

    def report(_done: int, _total: int) -> None:
        raise Enough

    monkeypatch.setattr(watching, "_STEPS", 1_000)
    with pytest.raises(Enough):
        upgrade(path, report)
    assert ask(path, "PRAGMA user_version") == 1
    upgrade(path)
    assert ask(path, "PRAGMA user_version") == SCHEMA_VERSION


def test_the_window_paints_before_an_old_store_is_upgraded(path: Path) -> None:
    opened = app.Opened(OpenedHome(Home(path.parent), KEY, "home", "device", "passphrase"), Settings(path.parent / "s"))
    assert opened.first_page() == ()
    upgrade(path)
    assert len(opened.first_page()) == 50


def test_a_fresh_store_has_nothing_to_tell(tmp_path: Path) -> None:
    said: list[int] = []
    upgrade(tmp_path / "workstation.db", lambda done, _total: said.append(done))
    assert said == []
