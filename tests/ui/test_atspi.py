"""What a screen reader on Linux gets over its real bus: the same names and roles as the window's own tree has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.evidence_x11 import xvfb
from tests.support.source import ROOT

pytestmark = [pytest.mark.timeout(90)]
SYSTEM_PYTHON = Path("/usr/bin/python3")
REGISTRY = Path("/usr/libexec/at-spi2-registryd")
BINDING = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
ROLES = {
    "List": "list", "EditableText": "text", "MenuBar": "menu bar", "ListItem": "list item", "Button": "push button",
}
"""Qt's roles and what AT-SPI calls them."""


OTHER_NAMES = {"button": "push button"}
"""What newer versions of AT-SPI call them."""


def missing() -> str:
    """What this machine lacks, "" when it has everything."""
    for tool in ("Xvfb", "dbus-run-session"):
        if shutil.which(tool) is None:
            return f"{tool} is not installed"
    if not REGISTRY.exists():
        return "at-spi2-core is not installed"
    if not SYSTEM_PYTHON.exists():
        return "python3-gi is not installed"
    found = subprocess.run([SYSTEM_PYTHON, "-c", BINDING], capture_output=True, timeout=20, check=False)
    return "" if found.returncode == 0 else "gir1.2-atspi-2.0 or python3-gi is not installed"


def test_a_screen_reader_gets_the_window_over_its_bus(tmp_path: Path) -> None:
    lack = missing()
    if lack:
        pytest.skip(lack)
    answer = tmp_path / "answer.json"
    with xvfb(1_300, 900) as display, tempfile.TemporaryDirectory() as runtime:
        environment = os.environ | {
            "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "XDG_RUNTIME_DIR": runtime, "GSETTINGS_BACKEND": "memory", "ATSPI_ANSWER": str(answer),
        }
        ran = subprocess.run(
            ["dbus-run-session", "--", sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider",
             "tests/ui/atspi_inside.py"],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=80, check=False)
    assert ran.returncode == 0, ran.stdout[-4_000:] + ran.stderr[-1_000:]
    heard = json.loads(answer.read_text())
    over_the_bus = {(OTHER_NAMES.get(role, role), name) for role, name in heard["bus"]}
    wanted = [(ROLES[role], name) for role, name in heard["tree"] if role in ROLES and name]
    assert len([role for role, _name in wanted if role == "list item"]) >= 3, "rows of the list"
    assert len([role for role, _name in wanted if role == "push button"]) >= 6
    assert ("text", "Your text") in wanted, "the composer"
    assert any("Checks" in name for _role, name in over_the_bus), "the checks"
    assert [one for one in wanted if one not in over_the_bus] == []
