"""A backup of a home in a folder of its own: encrypted as the home is, sealed as a whole, made while it is in use.

    manifest.json      what belongs to it, with an HMAC under the data key; renamed into place last. Inside it are
                       home.json (how the key is kept; the recovery key opens it on any computer) and settings.json
    store-TIME.db      a consistent copy of the store under the same key (VACUUM INTO, from one moment)
    blobs/ab/ab…       sealed files, named by the SHA-256 of what they hold

A backup into the same folder again copies only files that are new; what it replaces stays until the new manifest is in
its place, so a crash or a full disk leaves the earlier backup as it was. A folder without a manifest is none.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workstation.kernel.errors import DiskFull, InputError, StoreError, Tampered, WorkstationError
from workstation.kernel.failing import of_disk
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.paths import Home
from workstation.store import keybox, keydescription
from workstation.store.engine import SCHEMA_VERSION, connect, translate_error
from workstation.store.files import publish, sync_file, sync_folder, write_synced
from workstation.store.keydescription import FORMER
from workstation.store.pages import PAGE, Report
from workstation.store.watching import watched

FORMAT = 1
MANIFEST = "manifest.json"
BESIDE = ("home.json", "settings.json", "clocks.toml")
_MOST_MANIFEST = 64 * 1024 * 1024
_PIECE = 1024 * 1024
_MADE = re.compile(rf"{re.escape(MANIFEST)}(\.[0-9a-f-]+\.tmp)?|store-[0-9a-f-]+\.db(-journal|-wal|-shm)?")
_SEALED = re.compile(r"[0-9a-f]{2}(/[0-9a-f]{64}(\.[0-9a-f-]+)?(\.tmp)?)?")
"""Names a backup gives: its own files, and below "blobs" sealed files by address, perhaps half copied."""
_ROOM = 8 * 1024 * 1024
"""Bytes that are to be left free."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What belongs to a backup. `files`: the texts of files beside the store; `sealed`: SHA-256 of the addresses of all
    sealed files in order; `missing`: addresses that the home itself did not have whole."""

    format: int
    home_id: str
    device_id: str
    made_at: int
    schema: int
    store: str
    store_size: int
    store_sha256: str
    files: dict[str, str]
    sealed: str
    sealed_count: int
    sealed_bytes: int
    missing: tuple[str, ...] = ()
    mac: str = ""

    def marked(self, key: bytes) -> dict[str, Any]:
        """As it is written: with the HMAC over everything else."""
        plain = {**asdict(self), "missing": list(self.missing), "mac": ""}
        return {**plain, "mac": keybox.backup_mark(key, _canonical(plain))}


@dataclass(frozen=True, slots=True)
class Backup:
    """What was made: `copied` of `files` sealed files were new; `missing` ones the home does not have whole."""

    folder: Path
    made_at: int
    bytes: int
    files: int
    copied: int
    missing: tuple[str, ...] = ()


def make(home: Home, key: bytes, folder: Path, now: int, report: Report) -> Backup:
    """Back the home up. Blocks; `report` stops it by raising. The home may be in use; its key must not change.

    Raises InputError (the folder holds something else, or is inside the home), DiskFull, ReadOnly, StoreError (the
    store is damaged); nothing that looks like a new backup is left then.
    """
    description = _fit(home, key, folder)
    try:
        return _Making(home, key, folder, now, report).run(description)
    except OSError as problem:
        raise of_disk(problem) or problem from problem


def read_manifest(folder: Path) -> Manifest:
    """Raises InputError when the folder holds no finished backup."""
    try:
        path = folder / MANIFEST
        if path.stat().st_size > _MOST_MANIFEST:
            raise ValueError(MANIFEST)
        stored = json.loads(path.read_text(encoding="utf-8"))
        if stored["format"] > FORMAT:
            raise InputError(_("This backup was made by a newer version of Workstation."), _("Update the program."))
        return _parsed(stored)
    except FileNotFoundError as problem:
        raise InputError(_("There is no finished backup in {path}.").format(path=folder),
                         _("Choose the folder that holds manifest.json.")) from problem
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InputError(_("The backup in {path} cannot be read.").format(path=folder),
                         _("Take another backup.")) from problem


def check_seal(manifest: Manifest, key: bytes) -> None:
    """Raises Tampered when the manifest is not what this key sealed."""
    if not keybox.same(manifest.marked(key)["mac"], manifest.mac) or set(manifest.files) - set(BESIDE):
        raise tampered([MANIFEST])


def sealed_files(store: Path, key: bytes) -> list[str]:
    """The addresses of the sealed files that a copy of the store knows, in order. Raises StoreError."""
    from sqlcipher3 import dbapi2

    connection = None
    try:
        # Read as it is: a connection as usual would make a journal beside it.
        connection = dbapi2.connect(f"{store.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        connection.execute("PRAGMA cipher_log_level = NONE")
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        return [str(row[0]) for row in connection.execute("SELECT DISTINCT address FROM blob ORDER BY address")]
    except dbapi2.Error as problem:
        raise translate_error(problem) from problem
    finally:
        if connection is not None:
            connection.close()


def used(connection: Any) -> int:
    """Bytes of the pages that hold something."""
    pages, free = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    return int(pages - free) * PAGE


def digest_of(addresses: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(addresses).encode()).hexdigest()


def copy_checked(source: Path, target: Path, sha256: str, moved: Callable[[int], None] = lambda _bytes: None) -> bool:
    """Copy a file down to the disk if it holds what it should. False, and no file, when it does not or is not there.
    `moved` is told of each piece's bytes, and stops it by raising."""
    temporary = target.with_name(f"{target.name}.{new_id()}.tmp")
    try:
        hashed = hashlib.sha256()
        with source.open("rb") as read, temporary.open("xb") as written:
            temporary.chmod(0o600)
            for piece in _pieces(read):
                hashed.update(piece)
                written.write(piece)
                moved(len(piece))
            written.flush()
            sync_file(written.fileno())
        if hashed.hexdigest() == sha256:
            temporary.replace(target)
            return True
    except FileNotFoundError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return False


class _Making:
    """One backup on its way."""

    def __init__(self, home: Home, key: bytes, folder: Path, now: int, report: Report) -> None:
        self._home, self._key, self._folder, self._now = home, key, folder, now
        self._report = report
        self._store = folder / f"store-{now}.db"

    def run(self, description: keydescription.Description) -> Backup:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        finished = False
        try:
            self._snapshot()
            addresses = sealed_files(self._store, self._key)
            copied, size, missing = self._files(addresses)
            beside = {name: text for name in BESIDE if (text := _text(self._home.root / name))}
            manifest = Manifest(
                FORMAT, description.home_id, description.device_id, self._now, SCHEMA_VERSION, self._store.name,
                self._store.stat().st_size, sha256_of(self._store), beside, digest_of(addresses), len(addresses), size,
                tuple(missing))
            self._publish(json.dumps(manifest.marked(self._key), indent=1).encode())
            finished = True
        finally:
            if not finished:
                self._store.unlink(missing_ok=True)
        self._sweep(set(addresses))
        return Backup(self._folder, self._now, manifest.store_size + size, len(addresses), copied, tuple(missing))

    def _snapshot(self) -> None:
        from sqlcipher3 import dbapi2

        connection = connect(self._home.database, self._key)
        try:
            size = used(connection)
            _room(self._folder, size)
            with watched(connection, lambda: self._report(_size(self._store), size)):
                connection.execute("VACUUM INTO ?", (str(self._store),))
        except dbapi2.Error as problem:
            raise translate_error(problem) from problem
        finally:
            connection.close()
        self._store.chmod(0o600)
        with self._store.open("r+b") as file:
            sync_file(file.fileno())

    def _files(self, addresses: Sequence[str]) -> tuple[int, int, list[str]]:
        """How many were copied, the bytes of all, and those that are missing or do not hold what they should."""
        copied = size = 0
        missing: list[str] = []
        folders: set[Path] = set()
        for number, address in enumerate(addresses):
            source = self._home.blobs / address[:2] / address
            target = self._folder / "blobs" / address[:2] / address
            there = _size(target)
            if not there or there != _size(source):
                _room(self._folder, _size(source))
                target.parent.mkdir(parents=True, exist_ok=True)
                folders |= {target.parent, target.parent.parent}
                if not copy_checked(source, target, address):
                    missing.append(address)
                    continue
                copied += 1
            size += _size(target)
            self._report(number + 1, len(addresses))
        for each in folders:
            sync_folder(each)
        return copied, size, missing

    def _publish(self, content: bytes) -> None:
        sync_folder(self._folder)   # the store's own name first
        temporary = self._folder / f"{MANIFEST}.{new_id()}.tmp"
        write_synced(temporary, content)
        publish(temporary, self._folder / MANIFEST, replace=True)

    def _sweep(self, addresses: set[str]) -> None:
        """What the backup before had and this one does not, and what one that was cut short left."""
        stale = [path for path in self._folder.glob("store-*.db*") if path != self._store]
        stale += list(self._folder.glob(f"{MANIFEST}.*.tmp"))
        stale += [path for path in (self._folder / "blobs").glob("*/*") if path.name not in addresses]
        for path in stale:
            path.unlink(missing_ok=True)


def _fit(home: Home, key: bytes, folder: Path) -> keydescription.Description:
    """What `home.json` says. Raises InputError when the folder is none for this backup, StoreError."""
    root, wanted = home.root.resolve(), folder.resolve()
    if wanted == root or root in wanted.parents or wanted in root.parents:
        raise InputError(_("A backup cannot be inside the home it is of, nor around it; nothing was written."),
                         _("Choose a folder elsewhere, best on another disk."))
    description = keydescription.load(home.description)
    if description is None or FORMER in description.boxes:
        raise StoreError(_("The home's key is just being changed; nothing was backed up."), _("Try again afterwards."))
    description.check(key)
    if folder.exists() and not folder.is_dir():
        raise InputError(_("{path} is a file; it was not touched.").format(path=folder), _("Name a folder."))
    there = {path.name for path in folder.iterdir()} if folder.exists() else set()
    if MANIFEST in there and read_manifest(folder).home_id != description.home_id:
        raise InputError(_("{path} holds the backup of another home; it was not touched.").format(path=folder),
                         _("Name a new folder."))
    if there and not all(_ours(path) for path in folder.iterdir()):
        raise InputError(_("{path} holds other files; nothing was written.").format(path=folder),
                         _("Name a new folder, or one that holds a backup of this home."))
    return description


def _ours(path: Path) -> bool:
    """Whether a backup made it: what is swept later must be nobody else's."""
    if path.name == "blobs" and path.is_dir():
        return all(_SEALED.fullmatch(one.relative_to(path).as_posix()) for one in path.rglob("*"))
    return _MADE.fullmatch(path.name) is not None and path.is_file()


def _parsed(stored: dict[str, Any]) -> Manifest:
    manifest = Manifest(**{**stored, "missing": tuple(stored["missing"]), "files": dict(stored["files"])})
    plain = {name: type(value) for name, value in asdict(manifest).items()}
    wanted = {name: type(value) for name, value in asdict(_SHAPE).items()}
    name = manifest.store
    if plain != wanted or not (name.startswith("store-") and name.endswith(".db") and Path(name).name == name):
        raise ValueError(MANIFEST)
    return manifest


_SHAPE = Manifest(1, "", "", 0, 0, "", 0, "", {}, "", 0, 0)


def _canonical(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def tampered(findings: Sequence[str]) -> WorkstationError:
    return Tampered(_("The backup was changed or damaged after it was made; nothing was restored."),
                    _("Take another backup."), findings)


def _room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size and free < size + _ROOM:
        raise DiskFull(
            _("The backup needs {n} MB and only {free} MB are free there; nothing was backed up.").format(
                n=(size + _ROOM) // 1_000_000 + 1, free=free // 1_000_000),
            _("Free some space, or choose another disk."))


def sha256_of(path: Path) -> str:
    hashed = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for piece in _pieces(file):
                hashed.update(piece)
    except FileNotFoundError:
        return ""
    return hashed.hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _pieces(file: Any) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
