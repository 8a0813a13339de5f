"""Several desktops, one hub, a bad network, and a seed: a random walk whose end an oracle recomputes on its own.

The oracle knows what each desktop queued (its journal) and in which order the hub settled it (the hub's own table, by
row number). It replays that with three plain rules and compares: every status, every entity on the hub, and every base
row on every desktop. It shares no code with the product but the ids.
"""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import rfc8785
from sqlalchemy import Connection, text

from tests.support.hub import Desktop, HubHouse
from tests.support.proxy import CLEAN, Fault, Proxy
from workstation.kernel.errors import WorkstationError
from workstation.store import outbox
from workstation.store.unit import Unit
from workstation.sync.collections import MirrorCollection

ENTITIES = tuple(f"e{n}" for n in range(4))
FIELDS = ("state", "tag")
_FAULTS = (
    Fault(refuse=True), Fault(lose_reply=True), Fault(lose_reply=True), Fault(cut_up=120), Fault(cut_up=900),
    Fault(truncate=10), Fault(truncate=300), Fault(duplicate=True), Fault(duplicate=True), Fault(delay=0.01), CLEAN,
    CLEAN,
)


@dataclass
class Journal:
    """What was queued, by event id: (collection, entity id, kind, body)."""

    events: dict[str, tuple[str, str, str, dict[str, Any]]] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)


class BaseRows:
    """A feature's base rows: what a window would show. Its effect and its event share one transaction."""

    def __init__(self, desktop: Desktop, journal: Journal) -> None:
        self._desktop = desktop
        self._journal = journal

    async def create(self) -> None:
        await self._desktop.database.write(lambda unit: unit.conn.execute(text(
            "CREATE TABLE IF NOT EXISTS base (collection TEXT, id TEXT, body TEXT, PRIMARY KEY (collection, id))"
        )))

    async def all(self) -> dict[tuple[str, str], Any]:
        return await self._desktop.database.read(lambda conn: {
            (row[0], row[1]): json.loads(row[2]) for row in conn.execute(text("SELECT collection, id, body FROM base"))
        })

    async def put(self, entity_id: str, body: dict[str, Any]) -> None:
        await self._write("thing", entity_id, "put", body, body)

    async def append(self, entity_id: str, body: dict[str, Any]) -> None:
        await self._write("record", entity_id, "append", body, body)

    async def set(self, entity_id: str, name: str, value: Any) -> None:
        now = (await self.all()).get(("thing", entity_id), {})
        event = {"field": name, "old": now.get(name), "new": value}
        await self._write("thing", entity_id, "set", event, {**now, name: value})

    async def _write(self, collection: str, entity_id: str, kind: str, event: dict[str, Any], base: Any) -> None:
        def work(unit: Unit) -> str:
            store(unit.conn, collection, entity_id, base)
            return outbox.append(unit, collection, entity_id, kind, event, 1)

        event_id = await self._desktop.database.write(work)
        self._journal.events[event_id] = (collection, entity_id, kind, event)


def store(conn: Connection, collection: str, entity_id: str, body: Any) -> None:
    conn.execute(text("INSERT OR REPLACE INTO base VALUES (:c, :i, :b)"), {
        "c": collection, "i": entity_id, "b": json.dumps(body),
    })


def feature(name: str) -> MirrorCollection:
    return MirrorCollection(name, lambda unit, entity_id, body: store(unit.conn, name, entity_id, dict(body)))


class World:
    """One walk. `run` takes the steps, `heal` ends every fault and lets all settle, `check` asks the oracle."""

    def __init__(self, seed: int, hub: HubHouse, folder: Path, desktops: int = 3) -> None:
        self._random = random.Random(seed)
        self._hub = hub
        self._journal = Journal()
        self._count = 0
        self._proxies = [Proxy(hub.url) for _ in range(desktops)]
        self._desktops = [
            Desktop(folder / f"d{n}", f"d{n}", collections=(feature("thing"), feature("record")))
            for n in range(desktops)
        ]
        self._bases = [BaseRows(desktop, self._journal) for desktop in self._desktops]

    async def run(self, steps: int) -> None:
        for number, (desktop, proxy) in enumerate(zip(self._desktops, self._proxies, strict=True)):
            await proxy.plug_in()
            self._one_connection_a_request(desktop)
            await self._bases[number].create()
            await desktop.sync.connect(self._hub.invite(url=proxy.url))
        for _step in range(steps):
            await self._step(self._random.randrange(len(self._desktops)))

    async def heal(self) -> None:
        for _round in range(3):
            for desktop, proxy in zip(self._desktops, self._proxies, strict=True):
                proxy.forgive()
                await proxy.plug_in()
                assert (await desktop.sync.run()).digest_equal is True

    async def close(self) -> None:
        for desktop, proxy in zip(self._desktops, self._proxies, strict=True):
            await desktop.close()
            await proxy.unplug()

    async def check(self) -> None:
        oracle = Oracle(self._hub, self._journal)
        oracle.check_hub()
        for desktop, base in zip(self._desktops, self._bases, strict=True):
            assert [refusal for _event, refusal in await desktop.outbox() if not refusal] == []
            assert oracle.differences(await base.all()) == {}
            status = await desktop.sync.status()
            assert (status.pending, status.pending_blobs) == (0, 0)
        assert oracle.blobs() >= self._journal.blobs

    async def _step(self, who: int) -> None:
        chosen = self._random.choices(
            (self._write, self._sync, self._sync_while_writing, self._sync_and_die, self._restart, self._cable,
             self._hub_restarts, self._seal),
            weights=(45, 25, 15, 6, 3, 5, 2, 6),
        )[0]
        await chosen(who)

    async def _write(self, who: int) -> None:
        base, kind = self._bases[who], self._random.randrange(10)
        self._count += 1
        entity_id = self._random.choice(ENTITIES)
        if kind < 5:
            await base.set(entity_id, self._random.choice(FIELDS), self._random.randrange(4))
        elif kind < 7:
            await base.put(entity_id, {"state": self._random.randrange(4), "by": who})
        else:
            await base.append(f"r{self._count}", {"n": self._count, "文": "é"})

    async def _sync(self, who: int) -> None:
        self._proxies[who].next(*self._random.choices(_FAULTS, k=self._random.randrange(4)))
        try:
            await self._desktops[who].sync.run()
        except WorkstationError:
            return

    async def _sync_while_writing(self, who: int) -> None:
        """A person goes on working while it copies."""
        attempt = asyncio.ensure_future(self._sync(who))
        for _write in range(self._random.randrange(1, 5)):
            await asyncio.sleep(self._random.random() * 0.03)
            await self._write(who)
        await attempt

    async def _sync_and_die(self, who: int) -> None:
        """The program is ended in the middle of a cycle and started again."""
        attempt = asyncio.ensure_future(self._desktops[who].sync.run())
        await asyncio.sleep(self._random.random() * 0.08)
        await self._restart(who)
        await asyncio.gather(attempt, return_exceptions=True)

    async def _restart(self, who: int) -> None:
        await self._desktops[who].close()
        self._desktops[who].open()
        self._one_connection_a_request(self._desktops[who])

    async def _cable(self, who: int) -> None:
        await (self._proxies[who].unplug() if self._random.random() < 0.5 else self._proxies[who].plug_in())

    async def _hub_restarts(self, _who: int) -> None:
        await asyncio.to_thread(self._hub.restart)

    async def _seal(self, who: int) -> None:
        self._count += 1
        content = self._random.randbytes(self._random.choice((0, 10, 70_000)))
        self._journal.blobs.add(await self._desktops[who].seal(content, f"b{self._count}"))

    @staticmethod
    def _one_connection_a_request(desktop: Desktop) -> None:
        """So that every request can meet a fault of its own."""
        desktop.http = httpx.AsyncClient(limits=httpx.Limits(max_keepalive_connections=0))
        desktop.rewire()


class Oracle:
    """Replays the journal in the hub's order."""

    def __init__(self, hub: HubHouse, journal: Journal) -> None:
        self._hub = hub
        self._journal = journal
        self._state: dict[tuple[str, str], dict[str, Any]] = {}

    def check_hub(self) -> None:
        """Each queued event has exactly one receipt, with the status the rules give; the entities are as replayed."""
        settled = self._hub.rows("SELECT event_id, result FROM receipt ORDER BY rowid")
        assert sorted(event_id for event_id, _result in settled) == sorted(self._journal.events)
        for event_id, result in settled:
            assert json.loads(result)["status"] == self._replay(*self._journal.events[event_id]), event_id
        held = {key: self._hub.entities(key) for key in ("thing", "record")}
        assert {(c, i): body for c, bodies in held.items() for i, body in bodies.items()} == self._state

    def differences(self, base: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
        keys = set(base) | set(self._state)
        return {key: (base.get(key), self._state.get(key)) for key in keys if base.get(key) != self._state.get(key)}

    def blobs(self) -> set[str]:
        return {address for (address,) in self._hub.rows("SELECT address FROM stored_blob")}

    def _replay(self, collection: str, entity_id: str, kind: str, body: dict[str, Any]) -> str:
        key = (collection, entity_id)
        if kind != "set":
            self._state[key] = dict(body)
            return "applied"
        entity = self._state.get(key, {})
        now, old, new = (rfc8785.dumps(value) for value in (entity.get(body["field"]), body["old"], body["new"]))
        if now not in (old, new):
            return "conflict"
        if now == old:
            self._state[key] = {**entity, body["field"]: body["new"]}
        return "applied"
