"""A passphrase: in the file of a machine without a keyring, or as a person typed it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

VARIABLE = "WORKSTATION_PASSPHRASE_FILE"
_MOST_BYTES = 65_536
LEAST_TYPED = 8
"""Characters of a passphrase that a person chooses (NIST SP 800-63B, 5.1.1.1)."""


@dataclass(frozen=True, slots=True, repr=False)
class Passphrase:
    """A passphrase as typed. `repr` does not show it."""

    value: bytes

    def __repr__(self) -> str:
        return "Passphrase(…)"


def typed(text: str) -> Passphrase:
    """The same bytes whichever keyboard or input method wrote the letters (NFC, Unicode annex 15). Raises InputError
    when it is empty or has more than 65,536 bytes."""
    from unicodedata import normalize

    value = normalize("NFC", text).encode("utf-8", "surrogatepass")
    if not value or len(value) > _MOST_BYTES:
        raise InputError(_("The passphrase is empty or too long."), _("Type a passphrase of several words."))
    return Passphrase(value)


def chosen(text: str) -> Passphrase:
    """A new passphrase. Raises InputError when it is too short to be one."""
    if len(text.strip()) < LEAST_TYPED:
        raise InputError(
            _("This passphrase is too short; nothing was stored."),
            _("Choose at least {n} characters; four unrelated words are good.").format(n=LEAST_TYPED),
        )
    return typed(text)


def read(given: Path | Passphrase) -> bytes:
    """The passphrase's bytes. Raises InputError."""
    return given.value if isinstance(given, Passphrase) else read_passphrase(given)


def passphrase_file(given: Path | Passphrase | None) -> Path | Passphrase | None:
    """What was given, or else the file the environment names; None when there is neither."""
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
