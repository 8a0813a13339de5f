"""Who the person at this desk is to their team. Without a hub, or with one that knows no members yet, they go by the id
of this device; a hub says whose device it is, because of an invite and never because the device said so.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from workstation.domain.events import MembersChanged
from workstation.kernel.clock import Clock
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.team import repo

PRIVATE = "private/"
"""Collections of a hub that only the devices of one member see; the member's id follows."""
_FACT = "hub_member"
_KEEPS = "hub_keeps_private"      # "1": the hub that is connected knows members, and shows theirs to nobody else

Joined = Callable[[Unit, str, str], None]
"""In the transaction in which this device became another member's: who it was, and who it is."""


class Membership:
    """The member at this desk; called, it gives their id. Belongs to the core thread but for what takes a unit."""

    def __init__(self, database: Database, device_id: str, clock: Clock) -> None:
        self.device = device_id
        self._clock = clock
        self._database = database
        self._member = ""
        self._joined: tuple[Joined, ...] = ()

    def __call__(self) -> str:
        return self._member or self.device

    async def load(self) -> None:
        """Read what a hub said last."""
        self._member = await self._database.read(lambda conn: meta.get(conn, _FACT))

    def when_joined(self, *hooks: Joined) -> None:
        """What is done when this device turns out to be another member's."""
        self._joined = hooks

    def private(self, connection: Connection) -> str:
        """The collection for what is this person's alone; "" while there is no hub that keeps such a thing."""
        return PRIVATE + meta.get(connection, _FACT) if meta.get(connection, _KEEPS) == "1" else ""

    def told(self, unit: Unit, member: str) -> None:
        """The hub says whose device this is; "" from one that knows no members: then nothing private is told it."""
        before, kept = meta.get(unit.conn, _FACT), meta.get(unit.conn, _KEEPS) == "1"
        if kept != bool(member):
            meta.put(unit.conn, _KEEPS, "1" if member else "")
        if not member or (member == before and kept):
            return
        meta.put(unit.conn, _FACT, member)
        was = before or self.device
        if was == self.device != member:
            repo.merge(unit, was, member, self._clock.now())
        for hook in self._joined:
            hook(unit, was, member)

        def go_by(member: str = member) -> None:
            self._member = member

        unit.after_commit(go_by)
        unit.emit(MembersChanged())
