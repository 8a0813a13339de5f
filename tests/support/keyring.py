"""A real GNOME Keyring on a bus of its own, in another process: the tests speak to it as the product does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNLOCK = "echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "


def missing_peer() -> str:
    """The first program that is not installed, or an empty text."""
    return next((name for name in ("dbus-run-session", "gnome-keyring-daemon") if shutil.which(name) is None), "")


def run_with_keyring(
    script: str, folder: Path, *, unlocked: bool = True, screen: str = "", keyring: bool = True,
) -> str:
    """Run Python code on a fresh session bus with a keyring; returns what it printed. `screen`: the X display on which
    the keyring's own prompt appears. Without `keyring` the bus is empty."""
    file = folder / "script.py"
    file.write_text(textwrap.dedent(script), encoding="utf-8")
    command = f"{UNLOCK if unlocked and keyring else ''}{sys.executable} {file}"
    environment = {**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder / "share"),
                   "XDG_RUNTIME_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    environment.pop("DISPLAY", None)
    environment.update({"DISPLAY": screen} if screen else {})
    bus = [] if keyring else ["--config-file", str(_empty_bus(folder))]
    done = subprocess.run(["dbus-run-session", *bus, "--", "bash", "-c", command], env=environment, cwd=ROOT,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _empty_bus(folder: Path) -> Path:
    """A session bus that starts no service by itself."""
    file = folder / "bus.conf"
    file.write_text(
        f"<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>"
        '<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>'
        '<allow own="*"/></policy></busconfig>', encoding="utf-8")
    return file
