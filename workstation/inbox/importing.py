"""Reading mail from files into the store: in bounded memory, with progress, to be broken off and gone on with."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from workstation.inbox.accounts import accounts
from workstation.inbox.model import Account, BadItem, ImportReport, IncomingMail
from workstation.inbox.ports import MailArchive
from workstation.inbox.receiving import Receiving
from workstation.runtime.jobs import Progress
from workstation.store import meta
from workstation.store.database import Database

IMPORT_BATCH = 200
IMPORT_BYTES = 32 * 1024 * 1024
"""At most so many mails, and about so many bytes of them, are in memory at once."""
MOST_BAD = 1_000
"""Bad items that are named; the report counts the rest."""

Item = IncomingMail | BadItem


class Importing:
    """One import. A batch is a transaction, and how far the files were read is kept with it: an import that was broken
    off goes on from there, as long as the same files are there."""

    def __init__(self, database: Database, archive: MailArchive, receiving: Receiving) -> None:
        self._database = database
        self._archive = archive
        self._receiving = receiving

    async def run(self, path: Path, progress: Progress) -> ImportReport:
        """Cancelled, it keeps the batches already stored. Raises InputError when there is nothing to read."""
        items = self._archive.read(path)
        owners = await self._database.read(accounts)
        total, print_, name = await asyncio.to_thread(_measure, path)
        done = await self._position(name, print_)
        seen = await asyncio.to_thread(_skip, items, done)
        new = more_bad = 0
        bad: list[BadItem] = []
        progress(seen, total)
        while chunk := await asyncio.to_thread(_next_chunk, items):
            found = [item for item in chunk if isinstance(item, BadItem)]
            bad += found[: MOST_BAD - len(bad)]
            more_bad += len(found)
            seen += len(chunk)
            mails = [item for item in chunk if isinstance(item, IncomingMail)]
            new += await self._store(mails, owners, (name, f"{print_} {seen}"))
            progress(seen, max(total, seen) if total else 0)
        await self._database.write(lambda unit: meta.put(unit.conn, name, ""))
        return ImportReport(seen=seen, new=new, updated=0, bad=tuple(bad), more_bad=more_bad - len(bad), resumed=done)

    async def _store(self, mails: Sequence[IncomingMail], owners: Sequence[Account], note: tuple[str, str]) -> int:
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


def _measure(path: Path) -> tuple[int, str, str]:
    """How many mails there are at most (0: not known, as in an mbox), what tells these files from others, and the fact
    that keeps how far they were read."""
    total = hashlib.sha256()
    files = 0
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        try:
            about = file.stat()
        except OSError:
            continue
        if file.is_file():
            files += 1
            total.update(f"{file}\0{about.st_size}\0{about.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    single = path.is_dir() and (path / "cur").is_dir()
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()
    return (files if single else 0), total.hexdigest(), f"import {name[:32]}"


def _skip(items: Iterator[Item], count: int) -> int:
    return sum(1 for _item in islice(items, count))


def _next_chunk(items: Iterator[Item]) -> list[Item]:
    chunk: list[Item] = []
    size = 0
    for item in islice(items, IMPORT_BATCH):
        chunk.append(item)
        size += len(item.raw) if isinstance(item, IncomingMail) else 0
        if size >= IMPORT_BYTES:
            break
    return chunk


def _by_owner(mails: Iterable[IncomingMail], owners: Sequence[Account]) -> dict[str, list[IncomingMail]]:
    """Mails by the mailbox they were sent to or from; "" for those of no connected mailbox."""
    by_address = {account.settings.address.lower(): account.id for account in owners}
    grouped: dict[str, list[IncomingMail]] = {}
    for mail in mails:
        people = (mail.author, *mail.to, *mail.cc)
        owner = next((by_address[p.email.lower()] for p in people if p.email.lower() in by_address), "")
        grouped.setdefault(owner, []).append(mail)
    return grouped
