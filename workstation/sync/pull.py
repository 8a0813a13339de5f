"""Taking in what changed: effects and position in one transaction; a lost position rebuilds and keeps the outbox."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from workstation.kernel.clock import Clock
from workstation.store import outbox
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.sync import collections, facts, repo
from workstation.sync.mapper import odd
from workstation.sync.ports import Collection, CursorExpired, Hub
from workstation.sync.repo import Mirrored
from workstation.sync.wire import CONFLICTS, ChangePage, Entity, EntityPage

log = logging.getLogger(__name__)
PAGE = 200
Find = Callable[[str], Collection]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought. `rebuilt`: our position was unknown, everything was compared again."""

    changed: int
    rebuilt: bool = False


class Puller:
    """One hub's feed into one store."""

    def __init__(self, database: Database, hub: Hub, find: Find, clock: Clock) -> None:
        self._database = database
        self._hub = hub
        self._find = find
        self._clock = clock

    async def pull(self) -> Pulled:
        """Read the feed to its end."""
        try:
            return Pulled(await self._follow())
        except CursorExpired:
            log.warning("the hub does not know our position; comparing everything")
            changed = await self._rebuild()
            return Pulled(changed + await self._follow(), rebuilt=True)

    async def repull(self, name: str, *, renewed: bool = False) -> int:
        """Walk a whole collection on both sides. Returns how many entities differed.

        What the hub has otherwise is taken; what it lacks is handed in again. Nothing of ours is thrown away.
        `renewed`: its history is another one, so where ours was later, ours is handed in.
        """
        collection, after, differed = self._find(name), "", 0
        while True:
            page = await self._hub.entities(name, after, PAGE)
            differed += await self._database.write(
                lambda unit, page=page, after=after: self._compare(unit, collection, page, after, renewed)  # type: ignore[misc]
            )
            if not page.more:
                return differed
            if page.after == after:
                raise odd()
            after = page.after

    async def retry_parked(self) -> None:
        """Try what could not be applied before; a newer program may be able to."""
        await self._database.write(self._retry)

    def _retry(self, unit: Unit) -> None:
        for name, entity in repo.parked(unit.conn):
            collections.apply(unit, self._find(name), entity)

    async def _follow(self) -> int:
        changed = 0
        while True:
            cursor = await self._database.read(facts.cursor)
            page = await self._hub.changes(cursor, PAGE)
            if page.cursor != cursor:
                changed += await self._database.write(lambda unit, page=page: self._take(unit, page))  # type: ignore[misc]
            if not page.more:
                return changed
            if page.cursor == cursor:
                raise odd()

    def _take(self, unit: Unit, page: ChangePage) -> int:
        changed = 0
        for change in page.changes:
            if change.body is not None:
                entity = Entity(change.entity_id, change.kind, change.version, change.body)
                changed += collections.take(unit, self._find(change.collection), entity)
        facts.put_cursor(unit.conn, page.cursor)
        return changed

    async def _rebuild(self) -> int:
        """Base rows from the hub's entities, from a position noted before; the feed brings what changes meanwhile."""
        digests = await self._hub.digests()
        names = {digest.collection for digest in digests.collections} | await self._database.read(repo.collections)
        changed = 0
        for name in sorted(names):
            changed += await self.repull(name, renewed=True)

        def begin_anew(unit: Unit) -> None:
            facts.put_cursor(unit.conn, digests.cursor)
            facts.put_set_back(unit.conn, True)

        await self._database.write(begin_anew)
        return changed

    def _compare(self, unit: Unit, collection: Collection, page: EntityPage, after: str, renewed: bool) -> int:
        last = page.after if page.more else None
        ours = repo.mirrored_range(unit.conn, collection.name, after, last)
        differed = sum(self._replace(unit, collection, e, ours.pop(e.entity_id, None), renewed) for e in page.entities)
        for lost in ours.values():
            repo.unmirror(unit.conn, collection.name, lost.entity_id)
            self._hand_in(unit, collection, lost)
        return differed + len(ours)

    def _replace(
        self, unit: Unit, collection: Collection, theirs: Entity, ours: Mirrored | None, renewed: bool
    ) -> bool:
        differs = ours is None or ours.body_hash != repo.body_hash(theirs.body)
        if differs and renewed and ours is not None and ours.version > theirs.version and ours.kind == "put":
            self._hand_in(unit, collection, ours)
        repo.mirror(unit.conn, collection.name, theirs)
        if differs or theirs.kind == "put":   # a set of our own may have changed the base rows and not the mirror
            collections.apply(unit, collection, theirs)
        return differs

    def _hand_in(self, unit: Unit, collection: Collection, ours: Mirrored) -> None:
        if collection.name == CONFLICTS:
            return  # the hub's own; what lost is kept here
        body = collection.held(unit.conn, ours.entity_id)
        if body is None:
            log.warning("the hub lost an entity of %s and this desktop no longer holds it", collection.name)
            return
        outbox.append(unit, collection.name, ours.entity_id, ours.kind, json.loads(body), self._clock.now())
