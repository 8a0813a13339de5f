"""Homes copied by a test that wants a fresh one fast: the copy says it was moved, as a person would."""

from __future__ import annotations

import shutil
from pathlib import Path

from workstation.kernel.paths import Home
from workstation.store import vault


def copy_home(source: Path, target: Path, passphrase_file: Path) -> Path:
    """A copy of a passphrase home that opens without asking whether it was moved or copied."""
    shutil.copytree(source, target)
    vault.open_home(Home(target), passphrase_file=passphrase_file, moved=True)
    return target
