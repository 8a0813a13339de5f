"""Whether this computer runs on its battery, where the system says so at no cost. Reading pictures can wait for a plug.

Linux: the kernel's power supply class (Documentation/ABI/testing/sysfs-class-power). Windows: GetSystemPowerStatus.
macOS says so only to a program of its own, which would be started again and again: not asked.
"""

from __future__ import annotations

import sys
from pathlib import Path

_SUPPLIES = Path("/sys/class/power_supply")


def on_battery(supplies: Path = _SUPPLIES) -> bool:
    """True when a battery is being used up and nothing feeds the computer. False when it is not known."""
    if sys.platform == "win32":
        return _windows()
    return _discharging(supplies) and not _plugged(supplies)


def _discharging(supplies: Path) -> bool:
    """A battery of the computer itself; those of a mouse have the scope "Device"."""
    return any(_said(each / "type") == "Battery" and _said(each / "scope") != "Device"
               and _said(each / "status") == "Discharging" for each in _each(supplies))


def _plugged(supplies: Path) -> bool:
    return any(_said(each / "type") in {"Mains", "USB"} and _said(each / "online") == "1" for each in _each(supplies))


def _each(supplies: Path) -> list[Path]:
    try:
        return sorted(supplies.iterdir())
    except OSError:
        return []


def _said(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


def _windows() -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    status = (ctypes.c_ubyte * 12)()   # SYSTEM_POWER_STATUS: the first byte is ACLineStatus, 0 when unplugged
    return bool(ctypes.windll.kernel32.GetSystemPowerStatus(ctypes.byref(status))) and status[0] == 0
