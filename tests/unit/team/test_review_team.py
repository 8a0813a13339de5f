"""A hub or a colleague that misbehaves: names, floods, a clock set back, and leaving while something is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from tests.support.store import desk
from workstation.domain.events import PresenceChanged
from workstation.hub.presence import Present
from workstation.kernel.clock import FixedClock
from workstation.kernel.events import Event
from workstation.team import repo
from workstation.team import tables as _team  # noqa: F401 - the desk makes the tables that are known
from workstation.team.model import Doing
from workstation.team.ports import Seats
from workstation.team.service import MOST_SHOWN, TeamService


@dataclass
class Upstream:
    """Answers when `open` is set; keeps what it was told."""

    answers: tuple[Present, ...] = ()
    told: list[tuple[str, str]] = field(default_factory=list)
    asked: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def present(self, ids: Sequence[str], doing: str) -> tuple[Present, ...]:
        self.told.append((ids[0], str(doing)))
        self.asked.release()
        await self.open.wait()
        return self.answers

    async def seats(self) -> Seats:
        raise NotImplementedError

    async def invite(self, who: str, role: str = "") -> str:
        raise NotImplementedError


class Ids:
    def ids(self, _connection: Connection, conversation_id: str) -> Sequence[str]:
        return (conversation_id,)


def service(here: object, upstream: Upstream, published: list[Event]) -> TeamService:
    clock = FixedClock(1_000)
    return TeamService(here.database, upstream, Ids(), clock, published.append, "me", "Me")  # type: ignore[attr-defined]


async def settled(upstream: Upstream) -> None:
    """The hub was asked once more."""
    async with asyncio.timeout(5):
        await upstream.asked.acquire()


async def test_leaving_while_the_hub_is_asked_is_said(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        upstream = Upstream()
        published: list[Event] = []
        team = service(here, upstream, published)
        team.here("c1", Doing.VIEWING)
        await settled(upstream)
        team.here("c1", None)
        upstream.open.set()
        await settled(upstream)
        assert upstream.told[1] == ("c1", "")
        await team.shutdown()


async def test_names_of_colleagues_hold_no_marks_and_are_short(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.database.write(lambda unit: repo.apply(unit, "bo", {"name": "Bo\u202eevil\x00\n" + "x" * 300}))
        members = await here.database.read(lambda conn: repo.members(conn, "me"))
        (name,) = [each.name for each in members if each.id == "bo"]
        assert name.isprintable()
        assert len(name) <= repo.MOST_NAME
        upstream = Upstream()
        published: list[Event] = []
        upstream.answers = (Present("cy", "Cy\u202e" + "y" * 500, "viewing", 9_000),)
        upstream.open.set()
        team = service(here, upstream, published)
        team.here("c1", Doing.VIEWING)
        await settled(upstream)
        (seen,) = await team.look("c1")
        assert seen.name.isprintable()
        assert len(seen.name) <= repo.MOST_NAME
        await team.shutdown()


async def test_a_hub_that_names_thousands_fills_neither_memory_nor_the_line(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        upstream = Upstream()
        published: list[Event] = []
        upstream.answers = tuple(Present(f"d{n}", "x", "viewing", 9_000) for n in range(5_000))
        upstream.open.set()
        team = service(here, upstream, published)
        team.here("c1", Doing.VIEWING)
        await settled(upstream)
        assert len(await team.look("c1")) == MOST_SHOWN
        assert sum(isinstance(event, PresenceChanged) for event in published) == 1
        await team.shutdown()
