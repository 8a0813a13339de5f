"""Real desktops and real hubs for tests of sync: an encrypted store each, a hub on a free port, HTTP between them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlcipher3 import dbapi2 as sqlite

from tests.support.fresh import fresh
from tests.support.secrets import MemorySecrets
from workstation.hub import commands
from workstation.hub.server import HubServer
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.events import Event
from workstation.runtime.jobs import Jobs
from workstation.store import outbox
from workstation.store import tables as _store_tables
from workstation.store.blobs import BlobFiles, record
from workstation.store.database import Database
from workstation.store.outbox import Json
from workstation.store.tables import BlobRow, OutboxRow, table
from workstation.sync import repo
from workstation.sync import tables as _sync_tables
from workstation.sync.client import HttpHubs
from workstation.sync.ports import Collection
from workstation.sync.service import SyncService
from workstation.sync.wire import DeviceCard

TABLES = (_store_tables, _sync_tables)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something is so; fail when it never is."""
    for _try in range(round(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


@dataclass
class Desktop:
    """One person's computer: its store, its files and its sync. `close` and `reopen` are a restart."""

    root: Path
    name: str
    clock: Clock = field(default_factory=SystemClock)
    collections: tuple[Collection, ...] = ()
    interval: float = 30.0
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    events: list[Event] = field(default_factory=list)
    key: bytes = b"k" * 32

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.open()

    def open(self) -> None:
        fresh(self.root / "workstation.db", self.key)
        self.database = Database(self.root / "workstation.db", self.key, self.publish)
        self.files = BlobFiles(self.root / "blobs")
        self.http = httpx.AsyncClient()
        self.jobs = Jobs(self.publish)
        self.rewire()

    def rewire(self) -> None:
        """Build sync over `http` as it is now."""
        self.sync = SyncService(
            self.database, self.files, HttpHubs(self.http, self.clock), self.secrets, self.clock, self.jobs,
            self.publish, self.card, self.collections, self.interval,
        )

    def card(self) -> DeviceCard:
        return DeviceCard(self.name, f"{self.name}'s computer", hashlib.sha256(self.name.encode()).digest())

    def publish(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, outbox.EventQueued):
            self.sync.on_queued(event)

    async def append(self, collection: str, entity_id: str, kind: str, body: Json) -> str:
        now = self.clock.now()
        return await self.database.write(lambda unit: outbox.append(unit, collection, entity_id, kind, body, now))

    async def seal(self, content: bytes, blob_id: str) -> str:
        sealed = self.files.seal(blob_id, content)
        await self.database.write(lambda unit: record(unit.conn, sealed, upstream=True))
        return sealed.address

    async def secured(self) -> set[str]:
        blob = table(BlobRow)
        return await self.database.read(
            lambda conn: {row.address for row in conn.execute(blob.select()) if row.secured_at is not None}
        )

    async def outbox(self) -> list[tuple[str, str]]:
        """(event id, refusal) of what is still there."""
        rows = table(OutboxRow)
        return await self.database.read(
            lambda conn: [(row.event_id, row.refused) for row in conn.execute(rows.select().order_by(rows.c.seq))]
        )

    async def bodies(self, collection: str) -> dict[str, Any]:
        """What this desktop holds of a collection that no feature keeps."""
        ids = await self.database.read(lambda conn: list(repo.mirrored_range(conn, collection, "", None)))
        found = {i: await self.database.read(lambda c, i=i: repo.kept_body(c, collection, i)) for i in ids}  # type: ignore[misc]
        return {entity_id: json.loads(body) for entity_id, body in found.items() if body is not None}

    async def close(self) -> None:
        await self.sync.shutdown()
        await self.jobs.shutdown()
        await self.http.aclose()
        self.database.close()


@dataclass
class HubHouse:
    """A hub's folder with a server that can be stopped and started on the same port."""

    folder: Path
    server: HubServer
    first_invite: str

    @property
    def url(self) -> str:
        return self.server.url

    def invite(self, role: str = "agent", url: str = "") -> str:
        return commands.invite(self.folder, role, url or self.url)

    def stop(self) -> None:
        self.server.stop()

    def restart(self) -> None:
        port = int(self.server.url.rsplit(":", 1)[1])
        self.server.stop()
        self.server = HubServer(self.folder, port=port)
        self.server.start()

    def back_up(self, to: Path) -> None:
        """Copy the stopped hub; it goes on afterwards."""
        self.stop()
        shutil.copytree(self.folder, to)
        self.restart()

    def restore(self, of: Path) -> None:
        """What was copied takes the place of what there is."""
        self.stop()
        shutil.rmtree(self.folder)
        shutil.copytree(of, self.folder)
        self.restart()

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """An independent reader of the hub's own file."""
        connection = sqlite.connect(str(self.folder / "hub.db"))
        try:
            return list(connection.execute(query, values))
        finally:
            connection.close()

    def entities(self, collection: str) -> dict[str, Any]:
        rows = self.rows("SELECT entity_id, body FROM entity WHERE collection = ?", collection)
        return {entity_id: json.loads(body) for entity_id, body in rows}

    def object_path(self, address: str) -> Path:
        return self.folder / "objects" / address[:2] / address


@contextmanager
def running_hub(folder: Path) -> Iterator[HubHouse]:
    first = commands.init(folder, "Test hub")
    server = HubServer(folder)
    house = HubHouse(folder, server, first)
    server.start()
    try:
        yield house
    finally:
        house.server.stop()


class HubProcess:
    """A hub in a process of its own, to be killed without warning. Use in `with`."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self._folder = folder
        self._process = self._spawn(port)
        self.url = self._announced()

    def _spawn(self, port: int) -> subprocess.Popen[str]:
        program = (
            "import sys; from pathlib import Path; from workstation.hub import commands\n"
            "commands.serve(Path(sys.argv[1]), port=int(sys.argv[2]), ready=lambda url: print(url, flush=True))"
        )
        return subprocess.Popen(
            [sys.executable, "-c", program, str(self._folder), str(port)], stdout=subprocess.PIPE, text=True,
        )

    def _announced(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def restart(self) -> None:
        self._process = self._spawn(int(self.url.rsplit(":", 1)[1]))
        self.url = self._announced()

    def _end(self) -> None:
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def __enter__(self) -> HubProcess:
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._end()
