"""Making a home and changing its keeper, killed at every step on the disk: never a home that nobody can open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.source import ROOT

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

SCRIPT = """
    import json, os, sys
    from pathlib import Path
    from workstation.kernel.paths import Home
    from workstation.store import files, keybox, keydescription, keyrecovery, vault

    keybox.Argon.__init__.__defaults__ = (1, 64, 1)   # cheap on purpose: the steps on the disk are under test
    folder, what = Path(sys.argv[1]), sys.argv[2]
    steps = 0

    def dying(name, call):
        def wrapped(*args, **kwargs):
            global steps
            for when in ("before", "after"):
                if when == "after":
                    result = call(*args, **kwargs)
                steps += 1
                if steps == dies_at:
                    os._exit(9)
            return result
        return wrapped

    def attempt(number, work):
        global dies_at, steps
        child = os.fork()
        if child == 0:
            dies_at, steps = number, 0
            for name in ("open", "fsync", "link", "unlink", "mkdir"):
                setattr(os, name, dying(name, getattr(os, name)))
            Path.replace = dying("replace", Path.replace)
            work()
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def make(place):
        vault.create_home(Home(place / "home"), keeper=place / "pass", recovery_out=place / "recovery")

    def change(place):
        vault.change_passphrase(Home(place / "home"), place / "pass", place / "new")

    def opens(place):
        home, found = Home(place / "home"), {}
        for name in ("pass", "new"):
            try:
                found[name] = vault.open_home(home, passphrase_file=place / name).created
            except Exception as problem:
                found[name] = type(problem).__name__
        return found

    told, number, code = [], 0, 9
    while code == 9:
        number += 1
        place = folder / str(number)
        place.mkdir()
        (place / "pass").write_text("one")
        (place / "new").write_text("two")
        if what == "change":
            make(place)
        code = attempt(number, (lambda: make(place)) if what == "make" else (lambda: change(place)))
        settled = (place / "home" / "home.json").exists()
        recovers = False
        if settled:
            vault.check_recovery(Home(place / "home"), (place / "recovery").read_text())
            recovers = True
        told.append({"code": code, "settled": settled, "recovers": recovers, **opens(place),
                     "left": sorted(p.name for p in (place / "home").iterdir())})
    print(json.dumps(told))
"""


def walk(folder: Path, what: str) -> list[dict[str, object]]:
    """Die before and after every step in turn; the last entry is the run that lived."""
    script = folder / "script.py"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    work = folder / "work"
    work.mkdir()
    done = subprocess.run([sys.executable, str(script), str(work), what], cwd=ROOT, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert done.returncode == 0, done.stderr
    told: list[dict[str, object]] = json.loads(done.stdout)
    return told


def test_a_home_is_whole_or_made_again(tmp_path: Path) -> None:
    told = walk(tmp_path, "make")
    assert len(told) > 15
    assert told[-1]["code"] == 0
    assert told[-1]["settled"]
    for entry in told:
        assert entry["recovers"] == entry["settled"]
        assert entry["pass"] is (not entry["settled"])   # opened, or made now by the same passphrase file
        assert "home.json" in entry["left"]  # type: ignore[operator]
    assert {entry["settled"] for entry in told} == {True, False}


def test_a_change_of_passphrase_leaves_exactly_one_way_in(tmp_path: Path) -> None:
    told = walk(tmp_path, "change")
    assert len(told) > 6
    ways = [(entry["pass"], entry["new"]) for entry in told]
    assert all(entry["recovers"] for entry in told)
    assert set(ways) == {(False, "WrongKey"), ("WrongKey", False)}
    turn = ways.index(("WrongKey", False))
    assert set(ways[turn:]) == {("WrongKey", False)}   # the rename is the moment; nothing flips back
