"""Where a home lives: noticed when a copy of it is opened elsewhere, so that two live copies never sign one chain.

The marks in `home.json` are HMAC-SHA-256 over the home's id and the place, the computer's keyed with its machine id as
machine-id(5) asks of applications: nobody reads from them which computer or folder it was, and two homes have nothing
in common. A clone of a whole virtual machine, its id included, cannot be told from the original.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_UUID_BYTES = 16
_MARK_CHARS = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Marks of the computer, of the folder's name and of the folder itself. An unknown one is empty."""

    machine: str
    path: str
    node: str

    def is_here(self, here: Place) -> bool:
        """Whether a home with these marks, found `here`, is still in its place.

        A renamed folder keeps its node, a restored or remounted one its path; a copy has neither.
        """
        if self.machine and here.machine and self.machine != here.machine:
            return False
        return self.path == here.path or self.node == here.node


def place_of(root: Path, home_id: str) -> Place:
    """The marks of a home that is in `root` on this computer."""
    machine = machine_id()
    return Place(
        _mark(machine, home_id, "machine") if machine else "",
        _mark("", home_id, f"path {root.resolve()}"),
        _mark("", home_id, f"node {_node(root)}"),
    )


def machine_id() -> str:
    """What this system calls itself for good, empty where it does not (many containers)."""
    if sys.platform == "win32":
        return _windows_id()
    if sys.platform == "darwin":
        return _mac_id()
    return next(filter(None, map(_content, _FILES)), "")


def _content(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            found = file.read(64).strip()
    except (OSError, ValueError):
        return ""
    return found if len(found) == 2 * _UUID_BYTES else ""  # "uninitialized" before the first boot


def _windows_id() -> str:
    import winreg

    try:
        with winreg.OpenKey(  # type: ignore[attr-defined,unused-ignore]
            winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography",  # type: ignore[attr-defined,unused-ignore]
        ) as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0])  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return ""


def _mac_id() -> str:
    """gethostuuid(2)."""
    import ctypes

    found, at_once = (ctypes.c_ubyte * _UUID_BYTES)(), (ctypes.c_long * 2)(1, 0)
    try:
        failed = ctypes.CDLL(None).gethostuuid(found, at_once)
    except (OSError, AttributeError):
        return ""
    return "" if failed else bytes(found).hex()


def _node(root: Path) -> str:
    try:
        return str(root.stat().st_ino)
    except OSError:
        return ""


def _mark(machine: str, home_id: str, what: str) -> str:
    import hmac

    message = f"workstation place 1\x00{home_id}\x00{what}".encode("utf-8", "surrogateescape")
    return hmac.digest(machine.encode(), message, "sha256").hex()[:_MARK_CHARS]
