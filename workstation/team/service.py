"""Members, and presence: saying where this person is, and showing who else is there.

Presence is a courtesy, never a lock: without a hub, or while it cannot be reached, nobody is shown, and nothing waits.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workstation.domain.events import MembersChanged, PresenceChanged
from workstation.domain.member import Member
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.runtime.waiting import woken
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.team import repo
from workstation.team.model import LIFETIME_MS, Doing, Presence, Team, TeamDevice
from workstation.team.ports import ConversationIds, Other, Upstream

EVERY = 8.0
"""Seconds between two signs of life: one may get lost and nobody lapses."""
MOST_DEVICES = 1_000
"""Devices of a team that are listed, whatever a hub answers."""
MOST_SHOWN = 50
"""Colleagues in one conversation that are kept, whatever a hub answers."""
PATIENCE = 2.0
"""Seconds that asking may take before what is known is shown."""


@dataclass(frozen=True, slots=True)
class _Here:
    conversation_id: str
    doing: Doing


class TeamService:
    """Fulfils `api.TeamApi`. All methods belong to the core thread."""

    def __init__(
        self, database: Database, upstream: Upstream, ids: ConversationIds, clock: Clock,
        publish: Callable[[Event], None], device_id: str, default_name: str, me: Callable[[], str] | None = None,
    ) -> None:
        """`me`: the member at this desk, where that is not the device itself."""
        self._database = database
        self._upstream = upstream
        self._ids = ids
        self._clock = clock
        self._publish = publish
        self._device = device_id
        self._member = me
        self._default = default_name
        self._here: _Here | None = None
        self._left = ""                                    # a conversation whose leaving is still to be said
        self._seen: dict[str, Presence] = {}               # in the conversation one is in, by member
        self._names: Mapping[str, str] = {}
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    @property
    def _me(self) -> str:
        return self._member() if self._member is not None else self._device

    # -- members ------------------------------------------------------------------------------------------------

    async def members(self) -> tuple[Member, ...]:
        found = await self._database.read(lambda conn: repo.members(conn, self._me))
        return tuple(Member(m.id, m.name or (self._default if m.me else _("A colleague")), m.me) for m in found)

    async def rename(self, name: str) -> None:
        called = " ".join(name.split())
        if not 0 < len(called) <= repo.MOST_NAME or not called.isprintable():
            raise InputError(_("A name has 1 to {n} characters.").format(n=repo.MOST_NAME),
                             _("Write the name your colleagues know."))

        def work(unit: Unit) -> None:
            repo.tell(unit, self._me, called, self._clock.now())
            unit.emit(MembersChanged())

        await self._database.write(work)

    async def introduce(self) -> None:
        """Tell the hub a name the first time, so that colleagues see more than a computer's id."""
        def work(unit: Unit) -> None:
            if not repo.name(unit.conn, self._me):
                repo.tell(unit, self._me, self._default[:repo.MOST_NAME], self._clock.now())

        await self._database.write(work)

    async def devices(self) -> Team:
        """As `api.TeamApi.devices`."""
        seats = await self._upstream.seats()
        names = {member.id: member.name for member in await self.members()}
        found = [
            TeamDevice(seat.device, repo.shown(seat.name) or _("A computer"), seat.member,
                       names.get(seat.member) or _("A colleague"), repo.shown(seat.role), seat.enrolled_at,
                       seat.revoked, seat.member == self._me, seat.device == self._device)
            for seat in seats.devices[:MOST_DEVICES]]
        found.sort(key=lambda one: (not one.mine, one.member.casefold(), one.member_id, one.enrolled_at, one.id))
        return Team(tuple(found), seats.role == "owner")

    async def invite(self, colleague: str = "") -> str:
        """As `api.TeamApi.invite`."""
        return await self._upstream.invite("colleague" if colleague else "device", colleague)

    # -- presence -----------------------------------------------------------------------------------------------

    def here(self, conversation_id: str, doing: Doing | None) -> None:
        wanted = _Here(conversation_id, doing) if doing is not None and conversation_id else None
        if wanted is None and self._here is not None and self._here.conversation_id != conversation_id:
            return                                          # left a conversation that was left before
        if wanted == self._here:
            return
        if self._here is not None and (wanted is None or wanted.conversation_id != self._here.conversation_id):
            self._left, self._seen = self._here.conversation_id, {}
        self._here = wanted
        if self._loop is None:
            self._loop = asyncio.get_running_loop().create_task(self._keep_saying())
        self._wake.set()

    async def presence(self, conversation_id: str) -> tuple[Presence, ...]:
        if self._here is None or self._here.conversation_id != conversation_id:
            return ()
        return self._shown()

    async def look(self, conversation_id: str) -> tuple[Presence, ...]:
        """As `presence`, asked anew: before a reply leaves, a few seconds make the difference."""
        if self._here is not None and self._here.conversation_id == conversation_id:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._say(), PATIENCE)
        return await self.presence(conversation_id)

    async def shutdown(self) -> None:
        """Say that the person left, if that is quick, and stop."""
        if self._loop is None:
            return
        self._loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._loop
        self._loop = None
        if self._here is not None:
            self._left, self._here = self._here.conversation_id, None
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._say(), PATIENCE / 2)

    async def _keep_saying(self) -> None:
        while True:
            self._wake.clear()
            await self._say()
            pause = EVERY if self._here is not None else None
            await woken(self._wake, pause)

    async def _say(self) -> None:
        here, left = self._here, self._left
        try:
            if here is None and left:
                await self._upstream.present(await self._all_ids(left), "")
            elif here is not None:   # being somewhere else says that the former place was left
                others = await self._upstream.present(await self._all_ids(here.conversation_id), here.doing)
                self._names = {member.id: member.name for member in await self.members()}
                self._take(here, others)
            if self._left == left:                          # else the person left another place meanwhile
                self._left = ""
        except WorkstationError:
            self._lapse(here)   # the status line says that the hub is away; whoever was seen lapses

    async def _all_ids(self, conversation_id: str) -> tuple[str, ...]:
        found = await self._database.read(lambda conn: self._ids.ids(conn, conversation_id))
        return tuple(dict.fromkeys((conversation_id, *found)))

    def _take(self, here: _Here, others: Sequence[Other]) -> None:
        if self._here is None or self._here.conversation_id != here.conversation_id:
            return                                          # the person went on meanwhile
        now = self._clock.now()
        before = self._known()
        self._seen = {}
        for other in others[:MOST_SHOWN]:
            who = other.member or other.device
            if who == self._me or (who in self._seen and other.doing != Doing.WRITING):
                continue                                    # this person elsewhere; a colleague's second device
            doing = Doing.WRITING if other.doing == Doing.WRITING else Doing.VIEWING
            until = now + max(0, min(other.left, LIFETIME_MS))
            called = self._names.get(who) or repo.shown(other.name) or _("A colleague")
            self._seen[who] = Presence(who, called, doing, until)
        if self._known() != before:
            self._publish(PresenceChanged(here.conversation_id))

    def _lapse(self, here: _Here | None) -> None:
        before = self._known()
        self._seen = {one.member_id: one for one in self._shown()}
        if here is not None and self._known() != before:
            self._publish(PresenceChanged(here.conversation_id))

    def _known(self) -> frozenset[tuple[str, str, Doing]]:
        return frozenset((one.member_id, one.name, one.doing) for one in self._seen.values())

    def _shown(self) -> tuple[Presence, ...]:
        now = self._clock.now()
        alive = [one for one in self._seen.values() if one.until > now]
        return tuple(sorted(alive, key=lambda one: (one.doing is not Doing.WRITING, one.name.casefold())))
