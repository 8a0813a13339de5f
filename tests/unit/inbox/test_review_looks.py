"""What looks again and again in the background reads by an index and writes only when it has something to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk
from tests.unit.inbox.test_organising import received, row
from workstation.inbox import alarms
from workstation.kernel.clock import DAY, HOUR


async def plan(here: Desk, query: str) -> str:
    def read(connection: object) -> str:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (1, 2))  # type: ignore[attr-defined]
        return " ".join(row[3] for row in rows)

    return await here.database.read(read)


async def test_alarms_are_found_in_the_index_of_clocks(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        near, last = await plan(here, alarms._NEARING), await plan(here, alarms._LAST)
        assert "conversation_warn_at (warn_at>? AND warn_at<?)" in near
        assert "TEMP B-TREE" not in near
        assert "conversation_warn (sort_key>? AND sort_key<?)" in last


async def test_nothing_due_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(tmp_path) as here:
        (one,) = await received(here, 1)
        await here.inbox.snooze([one], NOW + DAY)
        for _time in range(2):                     # the rules are those it was stored under
            await here.inbox.look_at_clocks()
        written: list[object] = []
        write = here.database.write

        def watched(work: object) -> object:
            written.append(work)
            return write(work)  # type: ignore[arg-type]

        monkeypatch.setattr(here.database, "write", watched)
        here.clock.advance(HOUR)
        await here.inbox.look_at_clocks()
        await here.inbox.wake_snoozed()
        assert written == []
        here.clock.advance(DAY)
        await here.inbox.wake_snoozed()
        assert len(written) == 1
        assert (await row(here, one)).state == "open"
