"""`startup` with the key in a real Secret Service: GNOME Keyring on a session bus of its own.

The part that must run on that bus is this module, started again inside it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.keyring import UNLOCK, missing_peer

ROOT = Path(__file__).parents[2]


def measure(folder: Path, around: dict[str, str], runs: int) -> dict[str, Any]:
    """`secret_service_*` figures; null with the reason where this machine has no Secret Service."""
    missing = missing_peer()
    if missing:
        return {"secret_service_ratio": None, "secret_service_reason": f"{missing} is not installed"}
    place = folder / "k"
    place.mkdir(mode=0o700)
    own = {"XDG_DATA_HOME": str(place / "share"), "XDG_RUNTIME_DIR": str(place), "XDG_CACHE_HOME": str(place / "cache")}
    kept = {name: value for name, value in around.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
    command = f"{UNLOCK}exec {sys.executable} -m tests.bench.startup_keyring {place} {runs}"
    done = subprocess.run(["dbus-run-session", "--", "bash", "-c", command], env={**kept, **own}, cwd=ROOT,
                          capture_output=True, text=True, timeout=60 + 20 * runs, check=False)
    if done.returncode:
        return {"secret_service_ratio": None, "secret_service_reason": done.stderr.strip().splitlines()[-1]}
    figures: dict[str, Any] = json.loads(done.stdout)
    return {f"secret_service_{name}": value for name, value in figures.items()}


def inside(place: Path, runs: int) -> dict[str, Any]:
    """On the bus: make a home whose key the keyring keeps, and start it beside the bare window."""
    import os

    from tests.bench import startup
    from workstation.kernel.paths import Home
    from workstation.store import vault

    made, home = place / "run", place / "home"   # made where each run finds it: elsewhere it would be a copied home
    opened = vault.create_home(Home(made), keeper="keyring", recovery_out=place / "recovery")
    startup.make_store(made, startup.CONVERSATIONS, opened.key)
    shutil.copytree(made, home)
    sides = startup.in_turn(("bare", "keyring"), home, dict(os.environ), runs)
    shutil.rmtree(home)
    return startup.compared(sides, "keyring")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(inside(Path(sys.argv[1]), int(sys.argv[2]))))
