"""Random merges, splits, partings, takings-back and arrivals, on two desktops that share a hub: every message is in
exactly one visible conversation, always; what was taken back left nothing; both desktops end alike.

A failure names its seed (`--seed`); `pytest --long` walks further and more often.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.support.store import NOW, Desk, desk, mail
from workstation.inbox.model import IncomingMail
from workstation.kernel.clock import MINUTE
from workstation.kernel.errors import WorkstationError

SHORT = ((1, 40), (2, 40))
LONG = tuple((seed, 250) for seed in range(100, 120))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "steps" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long", default=False)
        metafunc.parametrize(("seed", "steps"), LONG if long else SHORT)


class Walk:
    """One person at one desk who does everything in any order."""

    def __init__(self, here: Desk, seed: int) -> None:
        self.here = here
        self.random = random.Random(seed)
        self.sent = 0
        self.undos: list[str] = []

    async def run(self, steps: int) -> None:
        for _step in range(steps):
            act = self.random.choices(
                (self._arrive, self._merge, self._unmerge, self._split, self._undo, self._say),
                weights=(30, 22, 12, 16, 16, 4))[0]
            try:
                await act()
            except WorkstationError:
                continue       # refused, as a person's wish may be; nothing may have changed then
            finally:
                await check(self.here, self.sent)

    async def _arrive(self) -> None:
        mails = [self._mail() for _each in range(self.random.randrange(1, 4))]
        await self.here.inbox.receive("account", mails)

    def _mail(self) -> IncomingMail:
        self.sent += 1
        if self.sent > 1 and self.random.random() < 0.6:
            parent = f"<{self.random.randrange(1, self.sent)}@buyer.example>"
            return mail(self.sent, at=NOW + self.sent * MINUTE, in_reply_to=parent, references=(parent,))
        return mail(self.sent, at=NOW + self.sent * MINUTE)

    async def _merge(self) -> None:
        visible = await self._visible()
        chosen = self.random.sample(visible, min(len(visible), self.random.randrange(2, 5)))
        if chosen:
            self.undos.append((await self.here.inbox.merge(chosen[1:], chosen[0])).id)

    async def _unmerge(self) -> None:
        known = await self.here.database.read(lambda c: _column(c, "SELECT id FROM conversation ORDER BY id"))
        if known:
            self.undos.append((await self.here.inbox.unmerge(self.random.choice(known))).id)

    async def _split(self) -> None:
        visible = await self._visible()
        if visible:
            chosen = self.random.choice(visible)
            ids = await self.here.database.read(lambda c: _column(c, _OF, chosen))
            taken = self.random.sample(ids, self.random.randrange(1, len(ids) + 1))
            self.undos.append((await self.here.inbox.split(chosen, taken)).id)

    async def _undo(self) -> None:
        if self.undos:
            await self.here.inbox.undo(self.undos.pop(self.random.randrange(len(self.undos))))

    async def _say(self) -> None:
        visible = await self._visible()
        if visible:
            self.undos.append((await self.here.inbox.tag([self.random.choice(visible)], ["late"])).id)

    async def _visible(self) -> list[str]:
        return await self.here.database.read(lambda c: _column(c, _VISIBLE))


async def check(here: Desk, sent: int) -> None:
    """What must always hold, by plain statements of its own."""

    def read(connection: Connection) -> None:
        assert _column(connection, "SELECT count(*) FROM message") == [sent]
        assert _column(connection, _ASTRAY) == []
        assert _column(connection, _TOGETHER) == []
        visible = set(_column(connection, _VISIBLE))
        inhabited = set(_column(connection, "SELECT DISTINCT conversation_id FROM message"))
        assert visible == inhabited

    await here.database.read(read)


async def places(here: Desk) -> dict[str, frozenset[str]]:
    """Which messages are shown together, however their conversation is called."""

    def read(connection: Connection) -> dict[str, frozenset[str]]:
        together: dict[str, set[str]] = {}
        for message_id, conversation_id in connection.exec_driver_sql("SELECT id, conversation_id FROM message"):
            together.setdefault(conversation_id, set()).add(message_id)
        return {message_id: frozenset(group) for group in together.values() for message_id in group}

    return await here.database.read(read)


def _column(connection: Connection, query: str, *values: Any) -> list[Any]:
    return [value for (value,) in connection.exec_driver_sql(query, values)]


_VISIBLE = "SELECT id FROM conversation WHERE merged_into = '' AND last_at > 0 ORDER BY id"
_OF = "SELECT id FROM message WHERE conversation_id = ? ORDER BY id"
# Messages in a conversation that nobody sees.
_ASTRAY = (
    "SELECT m.id FROM message m LEFT JOIN conversation c ON c.id = m.conversation_id AND c.merged_into = '' "
    "AND c.last_at > 0 WHERE c.id IS NULL"
)
# Messages of one thread that nobody split, shown in two places.
_TOGETHER = (
    "SELECT coalesce(h.base, m.conversation_id) AS belongs FROM message m LEFT JOIN message_home h "
    "ON h.message_id = m.id GROUP BY belongs HAVING count(DISTINCT m.conversation_id) > 1"
)


async def test_every_message_is_always_in_exactly_one_visible_conversation(
    tmp_path: Path, seed: int, steps: int
) -> None:
    async with desk(tmp_path) as here:
        walk = Walk(here, seed)
        await walk.run(steps)
        assert walk.sent


@pytest.mark.parametrize("seed_", range(5))
async def test_taking_everything_back_in_order_leaves_each_thread_by_itself(tmp_path: Path, seed_: int) -> None:
    """Threads as they are without merges and splits: the same mails, received where nobody did anything."""
    for name in ("worked", "untouched"):
        (tmp_path / name).mkdir()
    async with desk(tmp_path / "worked") as here, desk(tmp_path / "untouched") as untouched:
        walk = Walk(here, seed_)
        await walk._arrive()
        mails = []
        for _turn in range(12):
            await _tried(walk._merge() if walk.random.random() < 0.5 else walk._split())
            mails.append(walk._mail())
            await here.inbox.receive("account", mails[-1:])
        for undo in reversed(walk.undos):
            await here.inbox.undo(undo)
        await check(here, walk.sent)
        again = Walk(untouched, seed_)
        await again._arrive()
        await untouched.inbox.receive("account", mails)
        assert await places(here) == await places(untouched)


async def _tried(step: Any) -> None:
    try:
        await step
    except WorkstationError:
        return
