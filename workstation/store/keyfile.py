"""The passphrase file of a machine without a keyring."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

VARIABLE = "WORKSTATION_PASSPHRASE_FILE"
_MOST_BYTES = 65_536


def passphrase_file(given: Path | None) -> Path | None:
    """The file named by the caller, or else by the environment; None when neither names one."""
    if given is not None:
        return given
    named = os.environ.get(VARIABLE, "")
    return Path(named).expanduser() if named else None


def read_passphrase(path: Path) -> bytes:
    """The passphrase: the file's bytes without one trailing newline. Raises InputError."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as problem:
        raise InputError(
            _("The passphrase file {path} could not be read.").format(path=path),
            _("Check its name and that you may read it."),
        ) from problem
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if not passphrase or len(content) > _MOST_BYTES:
        raise InputError(
            _("The passphrase file {path} is empty or too long.").format(path=path),
            _("Put a passphrase of at most 65,536 bytes in it."),
        )
    return passphrase


def readable_by_others(path: Path) -> bool:
    """Whether somebody else on this machine may read the file. A warning, not a refusal: see ADR 1."""
    if os.name == "nt":
        return False
    try:
        return bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False


def next_recovery_file(passphrase: Path) -> Path:
    """Where the recovery key of a home made without asking goes: `F.recovery`, or the first free `F.recovery-2`, …"""
    first = passphrase.with_name(passphrase.name + ".recovery")
    number = 2
    candidate = first
    while candidate.exists():
        candidate = first.with_name(f"{first.name}-{number}")
        number += 1
    return candidate
