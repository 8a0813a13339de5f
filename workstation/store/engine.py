"""Opening the encrypted database: key, pragmas, version guard. See docs/adr/0001-keys-and-start.md.

`connect` needs nothing but sqlcipher3, so that the first page of the list can be read before SQLAlchemy loads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from workstation.kernel.errors import Busy, DiskFull, NewerSchema, ReadOnly, StoreError, WrongKey
from workstation.kernel.i18n import _

SCHEMA_VERSION = 4
"""Written to PRAGMA user_version by the migrations; a store with a higher one is refused."""

USUAL = (
    "PRAGMA cache_size = -32000",
    "PRAGMA wal_autocheckpoint = 4000",   # 16 MB: a long first reading copies a page once, not at every commit
)
MUCH = ("PRAGMA cache_size = -64000", "PRAGMA wal_autocheckpoint = 16000")
"""Room in memory and in the log as usual, and while a backlog is written: every batch of one touches most pages of the
indexes whose order is not that of time. Twice the room holds them, and each is copied into the store once for several
batches."""
_READING = ("PRAGMA cache_size = -64000", "PRAGMA query_only = ON")
"""Hits of a search lie far apart, each on pages of its own; the pool hands out the connection that read them last."""
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    *USUAL,
)


def connect(path: Path, key: bytes, *, read_only: bool = False) -> Any:
    """A DB-API connection with the 32-byte raw key set and the product's pragmas. Of a store in a folder that cannot be
    written everything can be read, and nothing else.

    Raises WrongKey, NewerSchema, ReadOnly, Busy, DiskFull, StoreError.
    """
    if len(key) != 32:
        raise ValueError("the data key is 32 bytes")
    fixed = _fixed(path)
    name = f"{path.absolute().as_uri()}?immutable=1" if fixed else str(path)
    try:
        connection = sqlcipher.connect(name, check_same_thread=False, isolation_level=None, uri=fixed)
    except sqlcipher.Error as problem:
        raise translate_error(problem) from problem
    try:
        _prepare(connection, key, read_only=read_only, fixed=fixed)
    except sqlcipher.Error as problem:
        connection.close()
        raise translate_error(problem) from problem
    except (NewerSchema, ReadOnly):
        connection.close()
        raise
    return connection


def _fixed(path: Path) -> bool:
    """Whether a whole store lies where nothing can be written. Reading WAL needs a file beside the store, unless SQLite
    is told that nobody changes it; a log that was left, or that somebody may be writing, would be passed over then."""
    if os.access(path.parent, os.W_OK) or not path.exists():
        return False
    return not any(path.with_name(path.name + end).exists() for end in ("-wal", "-shm"))


def execute_once(path: Path, key: bytes, statement: str, values: Sequence[object] = ()) -> Any:
    """Run one statement on a connection of its own and return its first row, if any. Raises what `connect` raises."""
    connection = connect(path, key)
    try:
        return connection.execute(statement, tuple(values)).fetchone()
    except sqlcipher.Error as problem:
        raise translate_error(problem) from problem
    finally:
        connection.close()


def _prepare(connection: Any, key: bytes, *, read_only: bool, fixed: bool) -> None:
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    connection.execute("PRAGMA busy_timeout = 5000")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:  # before anything that writes: WAL mode would
        raise NewerSchema(
            _("This store was written by a newer version of Workstation; nothing was changed."),
            _("Update the program, then open it again."),
        )
    if fixed and version != SCHEMA_VERSION:
        raise _cannot_be_written()
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    # SQLite's own lower() knows English letters only.
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    for pragma in _READING if read_only else ():
        connection.execute(pragma)


def translate_error(problem: BaseException) -> StoreError:
    """The known failure behind a database error."""
    text = str(problem).lower()
    if "not a database" in text or "file is encrypted" in text:
        return WrongKey(_("The key does not open this store; nothing was changed."),
                        _("Use the recovery key: workstation init --recover."))
    if "malformed" in text:
        from workstation.kernel.failing import damaged  # loads what TLS needs

        return damaged()
    if "disk is full" in text or "no space" in text:
        return DiskFull(_("The disk is full; the last change was not kept, everything before it was."),
                        _("Free some space and try again."))
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return _cannot_be_written()
    if "locked" in text or "busy" in text:
        return Busy(_("Another process is using the store."), _("Close it, or wait a moment and try again."))
    return StoreError(_("The store could not be used: {reason}.").format(reason=type(problem).__name__),
                      _("Run workstation doctor."))


def _cannot_be_written() -> ReadOnly:
    return ReadOnly(_("The store's folder cannot be written; nothing was changed."),
                    _("Make the folder writable or choose another with --home."))
