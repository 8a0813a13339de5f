"""A Wayland desktop for a test: headless sway with two outputs, a D-Bus session and the real portal with its wlr part.

sway refuses to run as root and is given to nobody; all else runs as whoever runs the test, because the portal serves
its own user only. Everything lives in one folder and ends with it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
SECONDS = 15.0
_NEEDED = ("sway", "swaymsg", "swaybg", "grim", "pipewire", "dbus-daemon", "setpriv")
_SERVICES = Path("/usr/share/dbus-1/services")
_NAMES = (
    "org.freedesktop.portal.Desktop", "org.freedesktop.impl.portal.desktop.wlr",
    "org.freedesktop.impl.portal.desktop.gtk", "org.freedesktop.impl.portal.PermissionStore",
)
_PORTALS = Path("/usr/share/xdg-desktop-portal/portals")
_BUS = """<busconfig><type>session</type><listen>unix:path={bus}</listen><auth>EXTERNAL</auth>
<servicedir>{services}</servicedir><policy context="default"><allow user="*"/>
<allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


@dataclass(frozen=True)
class Desktop:
    """A running desktop: the address of its bus and the path of its Wayland socket."""

    bus: str
    display: str
    environment: dict[str, str]


def missing() -> str:
    """What this machine lacks for a Wayland desktop, "" when nothing."""
    lacks = [name for name in _NEEDED if shutil.which(name) is None]
    lacks += [name for name in _NAMES if not (_SERVICES / f"{name}.service").exists()]
    return ", ".join(lacks)


@contextmanager
def desktop(outputs: Sequence[str]) -> Iterator[Desktop]:
    """A desktop with these outputs, each as sway's configuration says it. Skips the test by name when it cannot be."""
    import pytest

    if lacks := missing():
        pytest.skip(f"a Wayland desktop needs {lacks}")
    with _alone(), tempfile.TemporaryDirectory(prefix="workstation-wayland-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        running: list[subprocess.Popen[bytes]] = []
        try:
            yield _start(folder, outputs, running)
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait(10)


@contextmanager
def _alone() -> Iterator[None]:
    """One desktop at a time, whichever process of a run has it: the wlr portal writes every picture to /tmp/out.png."""
    with (Path(tempfile.gettempdir()) / "workstation-wayland.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(folder: Path, outputs: Sequence[str], running: list[subprocess.Popen[bytes]]) -> Desktop:
    home, bus = folder / "sway", folder / "bus"
    home.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    lines = [f"output HEADLESS-{number} {line}" for number, line in enumerate(outputs, 1)]
    (home / "config").write_text("\n".join([*lines, f"exec echo up > {home}/up", ""]))
    clean = {name: value for name, value in os.environ.items()
             if name not in {"DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"}}
    running.append(_sway(home, len(outputs), clean))
    address, display = f"unix:path={bus}", str(home / "wayland-1")
    around = {
        **clean, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "XDG_CURRENT_DESKTOP": "sway",
        "WAYLAND_DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": address,
        "XDG_DESKTOP_PORTAL_DIR": str(_portals(folder)),
    }
    running.append(_quiet(["pipewire"], around))   # the wlr portal does not begin without it
    _until((home / "up").exists, "sway")
    (folder / "bus.conf").write_text(_BUS.format(bus=bus, services=_services(folder)))
    running.append(_quiet(["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork"], around))
    _until(bus.exists, "dbus-daemon")
    _until((folder / "pipewire-0").exists, "pipewire")
    _start_wlr(address, around, running)
    return Desktop(address, display, around)


def _start_wlr(bus: str, around: dict[str, str], running: list[subprocess.Popen[bytes]]) -> None:
    """Not by activation: a call that waits for the wlr part while it begins is read and forgotten by it (0.7)."""
    from jeepney import message_bus
    from jeepney.io.blocking import open_dbus_connection

    name = _NAMES[1]
    lines = (_SERVICES / f"{name}.service").read_text().splitlines()
    running.append(_quiet(next(line for line in lines if line.startswith("Exec="))[5:].split(), around))
    with open_dbus_connection(bus) as connection:
        _until(lambda: connection.send_and_get_reply(message_bus.NameHasOwner(name)).body[0], "the wlr portal")


def _sway(home: Path, outputs: int, clean: dict[str, str]) -> subprocess.Popen[bytes]:
    given = {
        **clean, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "WLR_BACKENDS": "headless",
        "WLR_HEADLESS_OUTPUTS": str(outputs), "WLR_RENDERER": "pixman", "WLR_LIBINPUT_NO_DEVICES": "1",
    }
    command = ["sway", "-c", str(home / "config")]
    if os.geteuid() == 0:
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    return _quiet(command, given, home)


def _quiet(command: list[str], environment: dict[str, str], folder: Path | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _services(folder: Path) -> Path:
    """Only what the portal needs can be started; the system's own would start a keyring, and wait for it."""
    services = folder / "services"
    services.mkdir()
    for name in _NAMES:
        text = (_SERVICES / f"{name}.service").read_text()
        (services / f"{name}.service").write_text(
            "\n".join(line for line in text.splitlines() if not line.startswith("SystemdService")))
    return services


def _portals(folder: Path) -> Path:
    portals = folder / "portals"
    portals.mkdir()
    for name in ("wlr.portal", "gtk.portal"):
        shutil.copy(_PORTALS / name, portals)
    return portals


def _until(done: Callable[[], bool], what: str) -> None:
    """Poll for what a program of others brings about. Raises RuntimeError when it takes too long."""
    end = time.monotonic() + SECONDS
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not start")
        time.sleep(0.01)
