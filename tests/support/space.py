"""A home on a file system of its own, in a mount namespace that dies with its process: a small one, or one that cannot
be written. Needs the right to make namespaces; where there is none, tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

MISSING = "mount namespaces are not allowed here (unshare --mount)"
_UNSHARE = ("unshare", "--mount") if os.geteuid() == 0 else ("unshare", "--user", "--map-root-user", "--mount")
_SMALL = 'mount -t tmpfs -o size="$1" tmpfs "$3" && cp -a "$2/." "$3" && mount --bind "$3" "$2" && shift 3 && exec "$@"'
_FIXED = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'


def available(folder: Path) -> bool:
    """Whether a namespace with a mount of its own can be made."""
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*read_only(folder), "true"], capture_output=True, check=False)
    return tried.returncode == 0


def small(home: Path, size: int) -> list[str]:
    """What to put before a command that shall find `home` on a disk of `size` bytes, with what is in it now."""
    beside = home.with_name("small")
    beside.mkdir(exist_ok=True)
    return [*_UNSHARE, "sh", "-c", _SMALL, "sh", str(size), str(home), str(beside)]


def read_only(home: Path) -> list[str]:
    """What to put before a command that shall find `home` on a disk that cannot be written."""
    return [*_UNSHARE, "sh", "-c", _FIXED, "sh", str(home)]
