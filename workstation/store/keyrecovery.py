"""The recovery key: what a person writes down so that a lost login, laptop or passphrase loses nothing.

Text form: Crockford's base32 (crockford.com/base32: no I, L, O, U; these are read as 1, 1, 0 and refused) in groups
of four; the last group is a checksum, so a slip of the pen is told apart from the key of another home.
"""

from __future__ import annotations

import os
from pathlib import Path

from workstation.kernel.errors import InputError, ReadOnly
from workstation.kernel.i18n import _, ngettext
from workstation.store.files import sync_folder, write_synced

RECOVERY_BYTES = 20
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("OIL", "011", " -\t\r\n\ufeff")
_CHECK_CHARS = 4
_MOST_FILE = 4096


def new_recovery_key() -> bytes:
    """160 random bits."""
    return os.urandom(RECOVERY_BYTES)


def to_words(key: bytes) -> str:
    """The key as a person copies it: nine groups of four."""
    text = _base32(key) + _checksum(key)
    return "-".join(text[i:i + 4] for i in range(0, len(text), 4))


def from_words(text: str) -> bytes:
    """The key from what a person typed, or from the whole recovery file (lines starting with # are skipped).

    Raises InputError that says whether it is too short, has a letter that never occurs, or was mistyped.
    """
    lines = (line for line in text.splitlines() if not line.lstrip("\ufeff ").startswith("#"))
    plain = "".join(lines).upper().translate(_READ_AS)
    expected = len(_base32(bytes(RECOVERY_BYTES))) + _CHECK_CHARS
    if len(plain) != expected:
        raise _mistyped(ngettext(
            "it has {n} character instead of {expected}", "it has {n} characters instead of {expected}", len(plain),
        ).format(n=len(plain), expected=expected))
    strange = next((letter for letter in plain if letter not in _ALPHABET), "")
    if strange:
        raise _mistyped(_("“{letter}” never occurs in one").format(letter=strange))
    key = _unbase32(plain[:-_CHECK_CHARS])
    if _checksum(key) != plain[-_CHECK_CHARS:]:
        raise _mistyped(_("its check letters do not fit"))
    return key


def write_recovery_file(path: Path, key: bytes, home_id: str) -> None:
    """Write a new file only its owner can read, down to the disk. Never overwrites. Raises InputError, ReadOnly."""
    text = (
        "# Workstation recovery key. It opens the home below without login or passphrase: keep it away from it.\n"
        f"# home {home_id}\n{to_words(key)}\n"
    )
    try:
        write_synced(path, text.encode())
        sync_folder(path.parent)
    except FileExistsError as problem:
        raise InputError(
            _("The file for the recovery key already exists: {path}. It was not touched.").format(path=path),
            _("Name another file with --recovery-out."),
        ) from problem
    except OSError as problem:
        raise ReadOnly(
            _("The recovery key could not be written to {path}; nothing was stored.").format(path=path),
            _("Name a file in a folder you can write, with --recovery-out."),
        ) from problem


def read_recovery_file(path: Path) -> bytes:
    """Read a recovery key back from the disk. Raises InputError."""
    try:
        with path.open("rb") as file:
            return from_words(file.read(_MOST_FILE).decode("utf-8", "replace"))
    except OSError as problem:
        raise InputError(
            _("The recovery key could not be read from {path}.").format(path=path),
            _("Check the name of the file and that you may read it."),
        ) from problem


def _base32(key: bytes) -> str:
    number = int.from_bytes(key, "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(len(key) * 8 - 5, -1, -5))


def _unbase32(text: str) -> bytes:
    number = 0
    for letter in text:
        number = number << 5 | _ALPHABET.index(letter)
    return number.to_bytes(RECOVERY_BYTES, "big")


def _checksum(key: bytes) -> str:
    from hashlib import sha256

    first = int.from_bytes(sha256(b"workstation recovery check" + key).digest()[:3], "big") >> 4
    return "".join(_ALPHABET[(first >> shift) & 31] for shift in (15, 10, 5, 0))


def _mistyped(reason: str) -> InputError:
    return InputError(
        _("This is not a recovery key: {reason}. Nothing was changed.").format(reason=reason),
        _("Type it again from your copy: nine groups of four."),
    )
