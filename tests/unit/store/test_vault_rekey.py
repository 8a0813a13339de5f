"""A new data key: the store moves under it whole, and a home killed at any step opens with everything in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.source import ROOT
from workstation.app import keys
from workstation.kernel.errors import Busy, DiskFull, InputError, WrongKey
from workstation.kernel.paths import Home
from workstation.store import keychange, keydescription, keymove, rekey, vault
from workstation.store.engine import connect
from workstation.store.keybox import Argon
from workstation.store.lock import HomeLock

TABLES = """
    CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT);
    CREATE TABLE secret(name TEXT PRIMARY KEY, value BLOB);
    CREATE VIRTUAL TABLE found USING fts5(text, content='note', content_rowid='id');
    INSERT INTO note VALUES (7, 'the kettle leaks'), (70, 'nothing else');
    INSERT INTO found(rowid, text) SELECT id, text FROM note;
    PRAGMA user_version = 2;
"""


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))


@pytest.fixture
def made(tmp_path: Path) -> vault.OpenedHome:
    (tmp_path / "pass").write_text("one")
    (tmp_path / "pass").chmod(0o600)
    opened = vault.create_home(Home(tmp_path / "home"), keeper=tmp_path / "pass", recovery_out=tmp_path / "recovery")
    connection = connect(opened.home.database, opened.key)
    connection.executescript(TABLES)
    connection.close()
    return opened


def read(home: Home, key: bytes) -> tuple[object, ...]:
    connection = connect(home.database, key)
    try:
        hit = connection.execute("SELECT rowid FROM found WHERE found MATCH 'kettle'").fetchone()[0]
        return hit, connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def test_everything_is_there_under_the_new_key_and_the_old_opens_nothing(
    made: vault.OpenedHome, tmp_path: Path
) -> None:
    change = rekey.Rekey(made.home, tmp_path / "pass")
    change.save_to(tmp_path / "new-recovery")
    with pytest.raises(WrongKey):
        change.finish((tmp_path / "recovery").read_text())
    assert vault.open_home(made.home, passphrase_file=tmp_path / "pass").key == made.key
    change.finish((tmp_path / "new-recovery").read_text())
    again = vault.open_home(made.home, passphrase_file=tmp_path / "pass")
    assert again.key != made.key
    assert (again.home_id, again.device_id) == (made.home_id, made.device_id)
    assert read(made.home, again.key) == (7, 2)
    with pytest.raises(WrongKey):
        connect(made.home.database, made.key)
    with pytest.raises(WrongKey):
        vault.check_recovery(made.home, (tmp_path / "recovery").read_text())
    assert vault.check_recovery(made.home, (tmp_path / "new-recovery").read_text()) == again.key
    assert not (made.home.root / rekey.COPY).exists()
    assert b"kettle" not in made.home.database.read_bytes()


def test_a_reader_in_the_middle_of_the_journal_stops_the_change(made: vault.OpenedHome, tmp_path: Path) -> None:
    reader, writer = connect(made.home.database, made.key), connect(made.home.database, made.key)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM note").fetchone()
        writer.execute("INSERT INTO note VALUES (8, 'later')")
        change = rekey.Rekey(made.home, tmp_path / "pass")
        with pytest.raises(Busy, match="not changed"):
            change.finish(change.recovery)
    finally:
        reader.close()
        writer.close()
    assert vault.open_home(made.home, passphrase_file=tmp_path / "pass").key == made.key


def test_what_was_cut_short_waits_for_whoever_holds_the_home(made: vault.OpenedHome, tmp_path: Path) -> None:
    change = rekey.Rekey(made.home, tmp_path / "pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rekey, "complete", lambda *_args: None)
        change.finish(change.recovery)
    with HomeLock(made.home.root), pytest.raises(Busy):
        vault.open_home(made.home, passphrase_file=tmp_path / "pass")
    again = vault.open_home(made.home, passphrase_file=tmp_path / "pass")
    assert read(made.home, again.key) == (7, 2)


def test_a_recovery_finishes_what_was_cut_short(made: vault.OpenedHome, tmp_path: Path) -> None:
    change = rekey.Rekey(made.home, tmp_path / "pass")
    recovery = change.recovery
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rekey, "complete", lambda *_args: None)
        change.finish(recovery)
    (tmp_path / "another").write_text("two")
    back = vault.recover(made.home, recovery, keeper=tmp_path / "another")
    assert read(made.home, back.key) == (7, 2)


@pytest.mark.parametrize("change", ["copied", "moved", "renewed", "another passphrase"])
def test_whatever_is_done_next_finishes_what_was_cut_short(
    made: vault.OpenedHome, tmp_path: Path, change: str
) -> None:
    """The one who does it holds the home's lock, so that opening the home first would be refused."""
    cut = rekey.Rekey(made.home, tmp_path / "pass")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rekey, "complete", lambda *_args: None)
        cut.finish(cut.recovery)
    (tmp_path / "new").write_text("another one")
    with HomeLock(made.home.root):
        if change == "copied":
            keychange.become_a_copy(made.home, tmp_path / "pass")
        elif change == "another passphrase":
            vault.change_passphrase(made.home, tmp_path / "pass", tmp_path / "new")
        elif change == "moved":
            with pytest.raises(InputError, match="that way already"):
                keymove.move_keys(made.home, tmp_path / "pass", tmp_path / "new")
    if change == "renewed":
        keys.renew_recovery(made.home, tmp_path / "pass", tmp_path / "newer-recovery")
    with HomeLock(made.home.root):   # nothing is left to be finished
        name = "new" if change == "another passphrase" else "pass"
        again = vault.open_home(made.home, passphrase_file=tmp_path / name)
    assert read(made.home, again.key) == (7, 2)


def test_a_change_that_fails_leaves_no_copy_of_the_store(
    made: vault.OpenedHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = rekey.Rekey(made.home, tmp_path / "pass")

    def full(*_args: object, **_more: object) -> None:
        raise DiskFull("The disk is full.", "Free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(keydescription, "store", full)
        with pytest.raises(DiskFull):
            change.finish(change.recovery)
    assert not (made.home.root / rekey.COPY).exists()
    assert vault.open_home(made.home, passphrase_file=tmp_path / "pass").key == made.key


def test_a_proof_that_is_no_key_changes_nothing(made: vault.OpenedHome, tmp_path: Path) -> None:
    before = made.home.description.read_bytes()
    with pytest.raises(InputError):
        rekey.Rekey(made.home, tmp_path / "pass").finish("something")
    assert made.home.description.read_bytes() == before


SCRIPT = """
    import json, os, shutil, sys
    from pathlib import Path
    from workstation.kernel.paths import Home
    from workstation.store import keybox, rekey, vault
    from workstation.store.engine import connect
    from workstation.store.machine import Place

    keybox.Argon.__init__.__defaults__ = (1, 64, 1)   # cheap on purpose: the steps on the disk are under test
    folder, tables = Path(sys.argv[1]), sys.argv[2]

    def dying(call):
        def wrapped(*args, **kwargs):
            global steps
            steps += 1
            if steps == dies_at:   # after the step before this one, too
                os._exit(9)
            return call(*args, **kwargs)
        return wrapped

    def attempt(number, place):
        global dies_at, steps
        child = os.fork()
        if child == 0:
            dies_at, steps = number, 0
            for name in ("open", "fsync", "unlink"):
                setattr(os, name, dying(getattr(os, name)))
            Path.replace = dying(Path.replace)
            rekey._export = dying(rekey._export)
            rekey._compare = dying(rekey._compare)
            change = rekey.Rekey(Home(place / "home"), place / "pass")
            change.save_to(place / "new-recovery")
            change.finish(change.recovery)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    Place.is_here = lambda self, here: True   # copies of one template
    (folder / "template").mkdir()
    (folder / "template" / "pass").write_text("one")
    template = vault.create_home(Home(folder / "template" / "home"), keeper=folder / "template" / "pass",
                                 recovery_out=folder / "template" / "recovery")
    connection = connect(template.home.database, template.key)
    connection.executescript(tables)
    connection.close()
    told, number, code = [], 0, 9
    while code == 9:
        number += 1
        place = folder / str(number)
        shutil.copytree(folder / "template", place)
        made = vault.opened(Home(place / "home"), template.key, vault.described(Home(place / "home")))
        code = attempt(number, place)
        opened = vault.open_home(made.home, passphrase_file=place / "pass")
        connection = connect(made.home.database, opened.key)
        rows = connection.execute("SELECT count(*) FROM note").fetchone()[0]
        hit = connection.execute("SELECT rowid FROM found WHERE found MATCH 'kettle'").fetchone()[0]
        connection.close()
        ways = []
        for name in ("recovery", "new-recovery"):
            try:
                vault.check_recovery(made.home, (place / name).read_text())
                ways.append(name)
            except Exception:
                pass
        told.append({"code": code, "new": opened.key != made.key, "rows": rows, "hit": hit, "ways": ways,
                     "former": "former" in made.home.description.read_text()})
    print(json.dumps(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_killed_at_every_step_it_opens_with_everything(tmp_path: Path) -> None:
    script, work = tmp_path / "script.py", tmp_path / "work"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    work.mkdir()
    done = subprocess.run([sys.executable, str(script), str(work), TABLES], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told) > 15
    assert {(entry["rows"], entry["hit"], entry["former"]) for entry in told} == {(2, 7, False)}
    assert [entry["new"] for entry in told] == sorted(entry["new"] for entry in told), "the turn is one rename"
    assert {entry["new"] for entry in told} == {False, True}
    assert all(entry["ways"] == (["new-recovery"] if entry["new"] else ["recovery"]) for entry in told)
