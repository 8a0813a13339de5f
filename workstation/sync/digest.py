"""Do both sides hold the same? Compared at one position of the feed, so a busy hub is not taken for a wrong one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.store.database import Database
from workstation.sync import facts, repo
from workstation.sync.ports import Collection, Hub
from workstation.sync.wire import Digests

_TRIES = 4
Find = Callable[[str], Collection]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`equal` is None when the hub moved on faster than we could follow. `records`: evidence the hub holds.

    `agreed`: what both sides had when they were equal.
    """

    equal: bool | None
    unequal: tuple[str, ...] = ()
    records: int = 0
    agreed: Digests | None = None


async def compare(
    database: Database, hub: Hub, find: Find, catch_up: Callable[[], Awaitable[object]], agreed: Digests | None = None
) -> Verdict:
    """Ask the hub, and compute the same here; `catch_up` reads the feed when the hub is ahead of us.

    A hub that still says exactly what was `agreed` is not computed against again: our side changes only with its feed.
    """
    records = 0
    for _try in range(_TRIES):
        theirs = await hub.digests()
        records = next((d.count for d in theirs.collections if d.collection == "evidence"), 0)
        if await database.read(facts.cursor) == theirs.cursor:
            if theirs == agreed:
                return Verdict(True, (), records, agreed)
            unequal = await database.read(lambda conn, theirs=theirs: _unequal(conn, find, theirs))  # type: ignore[misc]
            return Verdict(not unequal, unequal, records, None if unequal else theirs)
        await catch_up()
    return Verdict(None, (), records)


def _unequal(connection: Connection, find: Find, theirs: Digests) -> tuple[str, ...]:
    held = {digest.collection: (digest.count, digest.digest) for digest in theirs.collections}
    names = set(held) | repo.collections(connection)
    return tuple(sorted(name for name in names if held.get(name) != find(name).digest(connection)))
