"""A team in memory: colleagues a test puts into conversations."""

from __future__ import annotations

from tests.support.fakecore import NOW, World
from workstation.domain.events import PresenceChanged
from workstation.domain.member import Member
from workstation.team.model import Doing, Presence, Team, TeamDevice

ME = "device-1"


class FakeTeam:
    """Fulfils `api.TeamApi`; `come` and `go` are what colleagues do."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.listed: list[Member] = [Member(ME, "Wei", me=True), Member("device-2", "Bo")]
        self.owner = True
        self.seats = [
            TeamDevice(ME, "wei-desktop", ME, "Wei", "owner", NOW, mine=True, here=True),
            TeamDevice("device-3", "wei-laptop", ME, "Wei", "owner", NOW, mine=True),
            TeamDevice("device-2", "bo-desktop", "device-2", "Bo", "agent", NOW),
            TeamDevice("device-4", "bo-old", "device-2", "Bo", "agent", NOW, revoked=True)]
        self.there: dict[str, dict[str, Presence]] = {}

    async def members(self) -> tuple[Member, ...]:
        return tuple(self.listed)

    async def rename(self, name: str) -> None:
        self.world.note("rename", name)
        self.listed[0] = Member(ME, name, me=True)

    def here(self, conversation_id: str, doing: Doing | None) -> None:
        self.world.note("here", (conversation_id, doing))

    async def presence(self, conversation_id: str) -> tuple[Presence, ...]:
        found = self.there.get(conversation_id, {}).values()
        return tuple(sorted(found, key=lambda one: (one.doing is not Doing.WRITING, one.name)))

    async def look(self, conversation_id: str) -> tuple[Presence, ...]:
        self.world.note("look", conversation_id)
        return await self.presence(conversation_id)

    async def devices(self) -> Team:
        if self.world.failure is not None:
            raise self.world.failure
        return Team(tuple(self.seats), self.owner)

    async def invite(self, colleague: str = "") -> str:
        self.world.note("team invite", colleague)
        return "https://hub.example:8787/#" + "t" * 43 + "." + "0f" * 32

    def come(self, conversation_id: str, name: str, doing: Doing = Doing.VIEWING) -> None:
        self.there.setdefault(conversation_id, {})[name] = Presence(f"id of {name}", name, doing, 1 << 60)
        self.world.bus.publish(PresenceChanged(conversation_id))

    def go(self, conversation_id: str, name: str) -> None:
        self.there.get(conversation_id, {}).pop(name, None)
        self.world.bus.publish(PresenceChanged(conversation_id))
