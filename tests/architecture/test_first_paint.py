"""The first painted list is early because of what is not loaded before it (docs/adr/0001-keys-and-start.md)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.bench.startup import make_store
from tests.support.source import ROOT

HEAVY = {
    "sqlalchemy", "sqlmodel", "alembic", "httpx", "cryptography", "typer", "keyring", "pydantic", "asyncio", "babel",
    "workstation.domain.events",
}
LATE = {"QStyle", "QGradient", "QMessageBox", "QGraphicsView", "QMouseEvent"}
"""Qt classes whose names take milliseconds to load, or that come in crowds with one of their kind."""
CHILD = """
import os, sys
from pathlib import Path
from PySide6 import QtCore, QtGui, QtWidgets
from tests.bench import startup_child

def said():
    loaded = {name.partition(".")[0] for name in sys.modules} | {name for name in sys.modules if "workstation." in name}
    classes = set().union(*(vars(module) for module in (QtCore, QtGui, QtWidgets)))
    sys.stdout.write(" ".join(["painted", *sorted(loaded | classes)]))
    sys.stdout.flush()
    os._exit(0)

startup_child._said = said
startup_child.product(Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What a fresh interpreter has loaded when the real window has painted its first rows."""
    home = tmp_path_factory.mktemp("start") / "home"
    home.mkdir()
    make_store(home, 60)
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CHILD, str(home)], cwd=ROOT, env=around, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = set(done.stdout.split())
    assert "painted" in said
    return said


def test_the_first_paint_needs_nothing_heavy(loaded: set[str]) -> None:
    assert loaded & HEAVY == set()


def test_the_first_paint_loads_no_crowd_of_qt_names(loaded: set[str]) -> None:
    assert loaded & LATE == set()


def test_what_is_loaded_is_seen(loaded: set[str]) -> None:
    """The check can fail: it names what the list does need."""
    assert {"sqlcipher3", "workstation", "ui", "QListView", "QPainter"} <= loaded
