"""Says when a response clock is about to break, and works all clocks out anew after their rules changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import astuple

from sqlalchemy import Connection

from workstation.domain.events import ClockNearing, ConversationsChanged
from workstation.inbox.lines import refresh
from workstation.inbox.model import ClockRule
from workstation.inbox.rows import OPEN, WARNED
from workstation.kernel.clock import DAY, Clock
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.unit import Unit

EVERY = 15.0
"""Seconds between two looks."""
BATCH = 500
RULES = "clock_rules"
POSITION = "clock_rules_position"
TENTH = 40 * DAY
"""No rule is longer than a year, and so no last tenth than this."""

# Each names its index: without statistics the planner takes that of all open conversations and reads every row.
_NEARING = (
    "SELECT id FROM conversation INDEXED BY conversation_warn_at "  # noqa: S608
    f"WHERE {WARNED} AND {OPEN} AND warn_at > ?1 AND warn_at <= ?2 ORDER BY warn_at LIMIT 1000"
)
_LAST = (   # of a running clock the place in the list is when it breaks
    "SELECT id FROM conversation INDEXED BY conversation_warn "  # noqa: S608
    f"WHERE {WARNED} AND {OPEN} AND sort_key > ?2 AND sort_key <= ?2 + {TENTH} AND warn_at <= ?2 "
    "AND due_at > ?2 AND due_at - clock_ms / 10 <= ?2 AND due_at - clock_ms / 10 > ?1 LIMIT 1000"
)
_OUTDATED = (
    "SELECT id FROM conversation WHERE unanswered_since IS NOT NULL AND id > ? ORDER BY id LIMIT ?"
)


class Alarms:
    """`step` is called again and again by the background jobs. What was overdue before the program started is in its
    queue already and raises no alarm; what comes near while it runs raises two, at a quarter and at a tenth."""

    def __init__(self, database: Database, clock: Clock, rules: Sequence[ClockRule]) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._looked = clock.now()
        self._checked = False

    async def follow_rules(self) -> None:
        """The rules changed: bring what waits already under them, a part at a time."""
        self._checked = False
        while not self._checked:
            self._checked = await self._database.write(self._follow_rules)

    async def step(self) -> float:
        """Look once. Returns the seconds until the next look."""
        if not self._checked:
            self._checked = await self._database.write(self._follow_rules)
            return 0.05 if not self._checked else 0.0
        before, now = self._looked, self._clock.now()
        if now <= before:   # the clock was set back: nothing came nearer
            self._looked = now
            return EVERY

        near, last = await self._database.read(
            lambda conn: (_ids(conn, _NEARING, before, now), _ids(conn, _LAST, before, now)))
        if near or last:
            await self._database.write(lambda unit: _tell(unit, near, last))
        self._looked = now
        return EVERY

    def _follow_rules(self, unit: Unit) -> bool:
        """Bring a part of the clocks under the rules that hold now; True when none is left."""
        digest = hashlib.sha256(repr([astuple(rule) for rule in self._rules]).encode()).hexdigest()
        if meta.get(unit.conn, RULES) == digest:
            return True
        done, _sep, position = meta.get(unit.conn, POSITION).partition(":")
        ids = _ids(unit.conn, _OUTDATED, position if done == digest else "", BATCH)
        refresh(unit.conn, ids, self._rules)
        if ids:
            meta.put(unit.conn, POSITION, f"{digest}:{ids[-1]}")
            unit.emit(ConversationsChanged(ids))
            return False
        meta.put(unit.conn, RULES, digest)
        return True


def _tell(unit: Unit, near: tuple[str, ...], last: tuple[str, ...]) -> None:
    for ids, is_last in ((near, False), (last, True)):
        if ids:
            unit.emit(ClockNearing(ids, is_last))


def _ids(connection: Connection, query: str, *values: object) -> tuple[str, ...]:
    return tuple(row[0] for row in connection.exec_driver_sql(query, values))
