"""Writing that survives a power cut: down to the disk, then into place, then the folder."""

from __future__ import annotations

import os
from pathlib import Path


def sync_file(descriptor: int) -> None:
    """Force a file to the disk; macOS needs F_FULLFSYNC for that (fsync(2) there says so)."""
    try:
        import fcntl
    except ImportError:
        os.fsync(descriptor)
        return
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(descriptor)
    else:
        fcntl.fcntl(descriptor, full)


def sync_folder(folder: Path) -> None:
    """Force a rename to the disk. Windows has no handle for folders; NTFS journals the rename itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_synced(path: Path, content: bytes, mode: int = 0o600) -> None:
    """A new file, down to the disk, or none. Raises FileExistsError when there is one already, and other OSErrors."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            sync_file(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def publish(temporary: Path, target: Path, *, replace: bool) -> None:
    """Give a synced file its name, at once or not at all. Without `replace` an existing file wins (FileExistsError)."""
    if replace:
        temporary.replace(target)
    else:
        _move_beside_none(temporary, target)
    sync_folder(target.parent)


def _move_beside_none(temporary: Path, target: Path) -> None:
    if os.name == "nt":
        temporary.rename(target)  # refuses an existing target there
        return
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # no hard links on this file system: the check and the rename are two steps there
        if target.exists():
            raise FileExistsError(target) from None
        temporary.rename(target)
    temporary.unlink(missing_ok=True)
