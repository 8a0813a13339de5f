"""Verification of the whole store: rows, signatures, commitments, thumbnails, ciphertexts, the chain to its head."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from workstation.evidence import chain_check, checks, record, repo, signing, store_rows, verify
from workstation.evidence.model import VerifyReport
from workstation.evidence.record import Link, Private
from workstation.evidence.repo import Stored
from workstation.evidence.verify import CHAIN, HASHES, STORE, Checked, Tally
from workstation.kernel.errors import NotFound, StoreError, Tampered
from workstation.kernel.i18n import _
from workstation.store import blobs as blob_rows
from workstation.store.blobs import BlobFiles, SealedFile
from workstation.store.database import Database

_PAGE = 100
_TRIES = 3
_BEFORE_ALL = -(1 << 63)     # a row whose place was changed may stand before the first
_WORKERS = min(4, os.cpu_count() or 1)

Keys = Mapping[str, Ed25519PublicKey]
_Found: TypeAlias = tuple[str, int] | str     # SHA-256 and size of a plaintext, or what is wrong with it


@dataclass(frozen=True, slots=True)
class Held:
    """A row and everything that lies beside it."""

    stored: Stored
    private: tuple[Private, ...]
    thumbnail: bytes
    sealed: SealedFile | None


async def check_store(
    database: Database, files: BlobFiles, damaged_pages: Callable[[], Sequence[int]] | None = None
) -> VerifyReport:
    """Check every record of this store. Hashing runs in worker threads, a page of records at a time.

    `damaged_pages` reads the whole store's file and names the pages whose seal is wrong; it blocks. What is sealed or
    erased meanwhile makes nothing suspect: where the chain grew and something was found, it is looked at again.
    """
    damaged = None if damaged_pages is None else await asyncio.to_thread(damaged_pages)
    for again in range(_TRIES, 0, -1):
        tally, before = Tally(), await _mark(database)
        if damaged is not None:
            _judge_pages(tally, damaged)
        await _check_what_opens(tally, database, files)
        if not tally.findings or again == 1 or before == await _mark(database):
            break
    return await asyncio.to_thread(verify.report, tally)


async def _mark(database: Database) -> Link | None:
    """How far the chain is; None where that cannot be read, which reading all of it will say."""
    try:
        return await database.read(_head)
    except StoreError:
        return None


async def _check_what_opens(tally: Tally, database: Database, files: BlobFiles) -> None:
    """Raises StoreError when nothing can be read and nothing said why."""
    try:
        await _check_rows(tally, database, files)
    except StoreError as problem:
        if not tally.findings:
            raise
        tally.found(_("store"), problem.sentence, STORE)


async def _check_rows(tally: Tally, database: Database, files: BlobFiles) -> None:
    """Everything that is read through the database. Raises StoreError when it cannot be read."""
    last, keys = _BEFORE_ALL, await database.read(lambda conn: known_keys(conn, tally))
    with ThreadPoolExecutor(_WORKERS, "checking") as pool:
        while True:
            page, head = await database.read(lambda conn, start=last: (_page(conn, start), _head(conn)))  # type: ignore[misc]
            if not page:
                break   # so this head is the one of the page before
            await asyncio.to_thread(_check_page, tally, page, keys, files, pool)
            last = page[-1].stored.sequence
    await asyncio.to_thread(_check_chain, tally, head)
    for check in (*checks.STORES, store_rows.check):
        await check(database, files, tally)


def _judge_pages(tally: Tally, damaged: Sequence[int]) -> None:
    for number in damaged:
        what = _("the disk changed this page of the store (its seal does not hold)")
        tally.found(_("page {n}").format(n=number), what, STORE)
    tally.prove(STORE, _("Every page of the store is as it was sealed."))


def known_keys(connection: Connection, tally: Tally) -> dict[str, Ed25519PublicKey]:
    """The public keys of this store; one that does not hash to its id is a finding and is not used."""
    keys = {}
    for key_id, raw in repo.keys(connection).items():
        public = Ed25519PublicKey.from_public_bytes(raw) if len(raw) == 32 else None
        if public is None or signing.key_id(public) != key_id:
            tally.found(key_id, _("the stored public key is not the one its id names"), STORE)
        else:
            keys[key_id] = public
    return keys


def _page(connection: Connection, start: int) -> list[Held]:
    return held(connection, repo.after(connection, start, _PAGE))


def held(connection: Connection, rows: Sequence[Stored]) -> list[Held]:
    """These rows with what lies beside each."""
    ids = [row.id for row in rows]
    fields, small = repo.private(connection, ids), repo.thumbnails(connection, ids)
    return [
        Held(row, fields.get(row.id, ()), small.get(row.id, b""), _sealed(connection, row.blob_id)) for row in rows
    ]


def _sealed(connection: Connection, blob_id: str) -> SealedFile | None:
    try:
        return blob_rows.find(connection, blob_id) if blob_id else None
    except NotFound:
        return None


def _check_page(tally: Tally, page: list[Held], keys: Keys, files: BlobFiles, pool: ThreadPoolExecutor) -> None:
    """Files are opened on several threads; what they hold is hashed there and let go of."""
    for held, found in zip(page, pool.map(lambda held: _summed(held, files), page), strict=True):
        checked = check_record(tally, held, keys)
        if checked is None:
            continue
        _judge_file(tally, checked, held, found)
        for check in checks.RECORDS:
            check(tally, checked)
        verify.passed(tally, checked)


def _summed(held: Held, files: BlobFiles) -> _Found:
    opened = _open(held, files)
    if isinstance(opened, str):
        return opened
    return hashlib.sha256(opened).hexdigest(), len(opened)


def check_held(tally: Tally, held: Held, keys: Keys, files: BlobFiles) -> bytes:
    """Check one record and return the plaintext of its file (empty when there is none or it does not open)."""
    checked = check_record(tally, held, keys)
    if checked is None:
        return b""
    opened = _open(held, files)
    if isinstance(opened, str):
        _judge_file(tally, checked, held, opened)
        return b""
    _judge_file(tally, checked, held, (hashlib.sha256(opened).hexdigest(), len(opened)))
    return opened


def check_record(tally: Tally, held: Held, keys: Keys) -> Checked | None:
    """Everything about a record but the bytes of its file."""
    checked = verify.envelope(tally, held.stored.id, held.stored.envelope, keys)
    if checked is None:
        return None
    _check_columns(tally, checked, held.stored)
    verify.private(tally, checked, held.private)
    _check_thumbnail(tally, checked, held)
    return checked


def _check_columns(tally: Tally, checked: Checked, stored: Stored) -> None:
    """The row repeats parts of the statement for its indexes; they must agree."""
    statement = checked.statement
    said = (
        record.text(statement, "id"), checked.sequence, record.text(statement, "case"), record.text(statement, "kind"),
        checked.record_hash, checked.sealed_ns, stored.id if statement.get("file") else "",
    )
    columns = (
        stored.id, stored.sequence, stored.case_id, stored.kind, stored.record_hash, stored.at * 1_000_000,
        stored.blob_id,
    )
    names = ("id", "sequence", "case_id", "kind", "record_hash", "at", "blob_id")
    for name, says, column in zip(names, said, columns, strict=True):
        if says != column:
            what = _("the column “{name}” differs from the signed record").format(name=name)
            tally.found(stored.id, what, STORE)


def _check_thumbnail(tally: Tally, checked: Checked, held: Held) -> None:
    sealed = record.text(checked.file, "thumbnail_sha256")
    if held.thumbnail and hashlib.sha256(held.thumbnail).hexdigest() != sealed:
        tally.found(held.stored.id, _("the thumbnail is not the one that was sealed"), HASHES)


def _open(held: Held, files: BlobFiles) -> bytes | str:
    """The plaintext, or what is wrong with it; "" when the row of its key is not there."""
    if held.sealed is None:
        return ""
    try:
        return files.open(held.sealed)
    except (Tampered, ValueError):  # ValueError: the row's key or hash is not even one
        return _("the sealed file was changed on the disk, or its key is another")
    except NotFound:
        return _("the sealed file is missing from the disk")


def _judge_file(tally: Tally, checked: Checked, held: Held, found: _Found) -> None:
    if not checked.file:
        return
    where, sealed = held.stored.id, held.sealed
    if sealed is None:
        tally.missing[checked.id] = _("the key of its file is missing")
        return
    if record.text(checked.file, "ciphertext_sha256") != sealed.address:
        tally.found(where, _("the file's address differs from the signed record"), HASHES)
    said = (("blob.size", record.whole(checked.file, "size"), sealed.size),
            ("blob.sha256", record.text(checked.file, "sha256"), sealed.sha256))
    for name, signed, column in said:
        if signed != column:
            tally.found(where, _("the column “{name}” differs from the signed record").format(name=name), STORE)
    if isinstance(found, str) and record.text(checked.file, "sha256") != sealed.sha256:
        return   # no file opens with another hash than its own
    if isinstance(found, str):
        tally.found(where, found, HASHES)
    else:
        verify.content(tally, where, checked, *found)


def _check_chain(tally: Tally, head: Link) -> None:
    chain_check.check(tally, complete=True)
    chain_check.lineage(tally, whole=True)
    _check_head(tally, head)


def _head(connection: Connection) -> Link:
    try:
        return repo.head(connection)
    except Tampered:
        return Link(-1, "")


def _check_head(tally: Tally, head: Link) -> None:
    """The newest record must be the one the store last appended; otherwise the end of the chain was cut off."""
    newest = max(tally.checked, key=lambda checked: checked.sequence, default=None)
    reached = (newest.sequence, newest.record_hash) if newest else (0, record.GENESIS)
    if reached != (head.sequence, head.previous):
        what = _("the end of the chain is missing: the store last sealed record {n}").format(n=head.sequence)
        tally.found(newest.where if newest else _("chain"), what, CHAIN)
