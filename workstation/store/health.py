"""What `workstation doctor` asks about the store: each answer is ok or a problem with its remedy. Changes nothing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from workstation.kernel.errors import KeyringProblem, StoreError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home
from workstation.store import keydescription, keyfile
from workstation.store.keyrings import system_ring

_LEAST_FREE = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: `name` is the part asked about, `detail` a sentence, `remedy` empty when it is ok."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def keyring(home: Home, given: Path | None = None) -> Finding:
    """Whether keys can be kept the way this home keeps them (or, without a home, in the keyring)."""
    try:
        description = keydescription.load(home.description)
        if description is not None and description.keeper == keydescription.PASSPHRASE:
            return _passphrase(given)
        ring = system_ring()
        ring.check()
    except KeyringProblem as problem:
        if keyfile.passphrase_file(given) is not None:
            return _passphrase(given)
        return _problem("keyring", problem)
    except WorkstationError as problem:
        return _problem("keyring", problem)
    return Finding("keyring", True, _("{name} is open.").format(name=ring.name))


def home_folder(home: Home) -> Finding:
    """Whether there is a home and room for it. 500 MB is what a first mail sync and a day of captures take."""
    try:
        description = keydescription.load(home.description)
    except StoreError as problem:
        return _problem("home", problem)
    if description is None:
        return Finding("home", False, _("There is no home in {path} yet.").format(path=home.root),
                       _("Make one: workstation init --keyring --recovery-out F."))
    free = shutil.disk_usage(home.root).free
    if free < _LEAST_FREE:
        return Finding("home", False, _("Only {n} MB are free on the disk.").format(n=free // 1_000_000),
                       _("Free some space, or move the home folder and name it with --home."))
    return Finding("home", True, str(home.root))


def database(path: Path, key: bytes) -> Finding:
    """Whether every page of the store authenticates and its structure holds. Reads the whole file: may take seconds.

    `cipher_integrity_check` names pages whose HMAC is wrong (SQLCipher), `quick_check` looks at SQLite's structure.
    """
    from workstation.store.engine import connect

    try:
        connection = connect(path, key, read_only=True)
        try:
            broken = [row[0] for row in connection.execute("PRAGMA cipher_integrity_check")]
            checked = connection.execute("PRAGMA quick_check(1)").fetchone()[0] if not broken else broken[0]
        finally:
            connection.close()
    except WorkstationError as problem:
        return _problem("store", problem)
    if checked != "ok":
        return Finding("store", False, _("The store is damaged: {what}.").format(what=checked),
                       _("Restore the home folder from a backup, or connect to the hub again."))
    return Finding("store", True, _("Every page is intact."))


def _passphrase(given: Path | None) -> Finding:
    file = keyfile.passphrase_file(given)
    if not isinstance(file, Path):
        return Finding("keyring", False, _("This home is opened by a passphrase file, and none was named."),
                       _("Set WORKSTATION_PASSPHRASE_FILE to the file that holds its passphrase."))
    try:
        keyfile.read_passphrase(file)
    except WorkstationError as problem:
        return _problem("keyring", problem)
    if keyfile.readable_by_others(file):
        sentence = _("Others on this computer can read the passphrase file {path}.").format(path=file)
        return Finding("keyring", False, sentence, _("Run chmod 600 on it."))
    return Finding("keyring", True, _("The passphrase file {path} is used.").format(path=file))


def _problem(name: str, problem: WorkstationError) -> Finding:
    return Finding(name, False, problem.sentence, problem.remedy)
