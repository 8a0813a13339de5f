"""Reading mail from files into the store: in bounded memory, with progress, to be broken off and gone on with."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import json
import os
import stat
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

from workstation.inbox.accounts import accounts
from workstation.inbox.model import Account, BadItem, ImportReport, IncomingMail
from workstation.inbox.ports import FiledMail, MailArchive, MailReader
from workstation.inbox.prepared import PreparedMail
from workstation.inbox.receiving import Receiving
from workstation.runtime.jobs import Progress
from workstation.store import meta
from workstation.store.database import Database

FIRST_BATCH, IMPORT_BATCH = 200, 2_000
IMPORT_BYTES = 16 * 1024 * 1024
"""At most so many mails, and about so many bytes of them, are a transaction; the first is a short one, so that somebody
who waits sees something at once. Of two thousand at once every page of an index is written half as often as of one."""
AHEAD = 2
"""Batches that are read while one is stored."""
PART = 250
"""Mails that one process reads at a time."""
_COLLECTED = (100_000, 50, 50)
_USUALLY_COLLECTED = gc.get_threshold()
MOST_BAD = 1_000
"""Bad items that are named; the report counts the rest."""

Item = IncomingMail | FiledMail | BadItem
Mail = IncomingMail | PreparedMail
Read = list[IncomingMail] | Future[list[PreparedMail]]
"""Mails that are read, or being read."""


class Importing:
    """One import. A batch is a transaction, and how far the files were read is kept with it: an import that was broken
    off goes on from there, as long as the same files are there."""

    def __init__(
        self, database: Database, archive: MailArchive, receiving: Receiving, reader: MailReader | None = None
    ) -> None:
        """Without a `reader` mails are read where they are stored."""
        self._database = database
        self._archive = archive
        self._receiving = receiving
        self._reader = reader

    async def run(self, path: Path, progress: Progress) -> ImportReport:
        """Cancelled, it keeps the batches already stored. Raises InputError when there is nothing to read."""
        with _seldom_collected():
            async with self._database.backlog():
                return await self._run(path, progress)

    async def _run(self, path: Path, progress: Progress) -> ImportReport:
        items: Iterator[Item] = iter(self._archive.raws(path) if self._reader else self._archive.read(path))
        owners = await self._database.read(accounts)
        total, print_, name = await asyncio.to_thread(_measure, path)
        done = await self._position(name, print_)
        seen = await asyncio.to_thread(_skip, items, done)
        new = more_bad = 0
        bad: list[BadItem] = []
        progress(seen, total)
        async for chunk, mails in self._read_ahead(items, begun=seen > 0):
            found = [item for item in chunk if isinstance(item, BadItem)]
            bad += found[: MOST_BAD - len(bad)]
            more_bad += len(found)
            seen += len(chunk)
            new += await self._store(mails, owners, (name, f"{print_} {seen}"))
            progress(seen, max(total, seen) if total else 0)
        await self._database.write(lambda unit: meta.put(unit.conn, name, ""))
        return ImportReport(seen=seen, new=new, updated=0, bad=tuple(bad), more_bad=more_bad - len(bad), resumed=done)

    async def _read_ahead(self, items: Iterator[Item], *, begun: bool) -> AsyncIterator[tuple[list[Item], list[Mail]]]:
        """Each chunk with its mails, while the next ones are being read. `begun`: somebody saw something already."""
        ahead: deque[tuple[list[Item], list[Read]]] = deque()
        most = IMPORT_BATCH if begun else FIRST_BATCH
        try:
            while chunk := await asyncio.to_thread(_next_chunk, items, most):
                most = IMPORT_BATCH
                ahead.append((chunk, self._begin(chunk)))
                if len(ahead) > (AHEAD if self._reader else 0):
                    yield await _ended(*ahead.popleft())
        except OSError:
            while ahead:   # they are whole, whatever became of the files behind them
                yield await _ended(*ahead.popleft())
            raise
        while ahead:
            yield await _ended(*ahead.popleft())

    def _begin(self, chunk: Sequence[Item]) -> list[Read]:
        if self._reader is None:
            return [[item for item in chunk if isinstance(item, IncomingMail)]]
        raws = [item for item in chunk if isinstance(item, tuple)]
        try:
            return [self._reader.submit(raws[start : start + PART]) for start in range(0, len(raws), PART)]
        except InterruptedError as closing:
            raise asyncio.CancelledError("the core is closing") from closing

    async def _store(self, mails: Sequence[Mail], owners: Sequence[Account], note: tuple[str, str]) -> int:
        """The position is kept with the last group: before that, only what is recognised again was stored."""
        groups = list(_by_owner(mails, owners).items())
        new = 0
        for place, (account_id, group) in enumerate(groups):
            last = place == len(groups) - 1
            new += await self._receiving.receive(account_id, group, note=note if last else None)
        return new

    async def _position(self, name: str, print_: str) -> int:
        """How many items of exactly these files are stored already."""
        kept = await self._database.read(lambda c: meta.get(c, name))
        before, _space, count = kept.rpartition(" ")
        return int(count) if before == print_ and count.isdigit() else 0


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Where Python collects by itself, that is, in a program without a window: looking for cycles among mails on their
    way, of which there are none, takes a tenth of an import."""
    if not gc.isenabled():
        yield
        return
    gc.freeze()
    gc.set_threshold(*_COLLECTED)
    try:
        yield
    finally:
        gc.set_threshold(*_USUALLY_COLLECTED)
        gc.unfreeze()


async def _ended(chunk: list[Item], parts: Sequence[Read]) -> tuple[list[Item], list[Mail]]:
    """The chunk and what became of its mails, once they are read."""
    mails: list[Mail] = []
    for part in parts:
        if isinstance(part, list):
            mails.extend(part)
            continue
        try:
            read: list[PreparedMail] = await asyncio.wrap_future(part)
        except InterruptedError as closing:
            raise asyncio.CancelledError("the core is closing") from closing
        mails.extend(read)
    return chunk, mails


def _measure(path: Path) -> tuple[int, str, str]:
    """How many mails there are at most (0: not known, as in an mbox), what tells these files from others, and the fact
    that keeps how far they were read."""
    total = hashlib.sha256()
    files = 0
    for file, about in _files(path):
        files += 1
        total.update(f"{file}\0{about.st_size}\0{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    single = path.is_dir() and (path / "cur").is_dir()
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return (files if single else 0), total.hexdigest(), f"import {name[:32]}"


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files at or below `path`, in a stable order."""
    if not path.is_dir():
        with contextlib.suppress(OSError):
            about = path.stat()
            if stat.S_ISREG(about.st_mode):
                yield str(path), about
        return
    for folder, names, _files in os.walk(path):
        names.sort()
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            yield from sorted(
                ((each.path, each.stat()) for each in found if _is_regular(each)), key=lambda pair: pair[0])


def _is_regular(entry: os.DirEntry[str]) -> bool:
    """Also where a link leads to one. What is gone meanwhile is none."""
    try:
        return entry.is_file() and entry.stat() is not None
    except OSError:
        return False


def _skip(items: Iterator[Item], count: int) -> int:
    return sum(1 for _item in islice(items, count))


def _next_chunk(items: Iterator[Item], most: int) -> list[Item]:
    chunk: list[Item] = []
    size = 0
    for item in islice(items, most):
        chunk.append(item)
        size += 0 if isinstance(item, BadItem) else len(item.raw if isinstance(item, IncomingMail) else item[0])
        if size >= IMPORT_BYTES:
            break
    return chunk


def _by_owner(mails: Iterable[Mail], owners: Sequence[Account]) -> dict[str, list[Mail]]:
    """Mails by the mailbox they were sent to or from; "" for those of no connected mailbox."""
    by_address = {account.settings.address.lower(): account.id for account in owners}
    if not by_address:
        return {"": list(mails)}
    grouped: dict[str, list[Mail]] = {}
    for mail in mails:
        owner = next((by_address[person] for person in _people(mail) if person in by_address), "")
        grouped.setdefault(owner, []).append(mail)
    return grouped


def _people(mail: Mail) -> Iterator[str]:
    """The addresses of sender and recipients, in lower case."""
    if isinstance(mail, IncomingMail):
        yield from (person.email.lower() for person in (mail.author, *mail.to, *mail.cc))
        return
    yield mail.author[0].lower()
    for people in (mail.recipients, mail.cc):
        yield from (email.lower() for email, _name in json.loads(people))
