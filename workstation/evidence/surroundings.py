"""What the computer says about itself at the moment of sealing. Empty means the system did not say, never a guess."""

from __future__ import annotations

import getpass
import os
import platform
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ZONE_FILE = Path("/etc/localtime")


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment: wall clock in milliseconds since the epoch, UTC, and the monotonic clock in nanoseconds."""

    wall: int
    monotonic_ns: int


def monotonic_ns() -> int:
    return time.monotonic_ns()


@cache
def boot_id() -> str:
    """What makes monotonic readings comparable: the same id, the same boot. Linux says it; others give ""."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def zone() -> str:
    """The IANA name of the local zone, "" when the system does not tell."""
    named = os.environ.get("TZ", "")
    if named:
        return named
    try:
        return str(_ZONE_FILE.readlink()).partition("zoneinfo/")[2]
    except OSError:
        return ""


def utc_offset_s(wall: int) -> int:
    """Seconds the local clock is ahead of UTC at `wall` (ms)."""
    offset = datetime.fromtimestamp(wall / 1_000).astimezone().utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def session_type() -> str:
    """"x11", "wayland", "tty", the system's name elsewhere, or "none"."""
    if sys.platform != "linux":
        return sys.platform
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "x11" if os.environ.get("DISPLAY") else os.environ.get("XDG_SESSION_TYPE") or "none"


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version(), "system": platform.platform()}
