"""A damaged page is told among what needs a look, with the table it costs rows of, as long as the program runs."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.support.wholestore import Whole, whole
from tests.unit.store.test_check import leaf_of
from workstation.app.failing.damage import Damage
from workstation.kernel.actions import Action
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import Damaged, Unsupported
from workstation.runtime.jobs import Jobs
from workstation.store.database import Database

NOW = 1_795_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    return whole(tmp_path)


async def test_it_is_told_once_it_was_met_and_then_with_what_is_lost(store: Whole) -> None:
    store.flip(leaf_of(store, "message"), random.Random(1))
    database = Database(store.home.database, store.key, lambda _event: None)
    jobs = Jobs(lambda _event: None)
    damage = Damage(store.home, store.key, database, FixedClock(NOW), jobs)

    looked = asyncio.Event()
    damage.changed = looked.set
    try:
        assert await damage.problems() == ()
        with pytest.raises(Damaged):
            await database.read(lambda c: c.exec_driver_sql("SELECT * FROM message").all())
        first, = await damage.problems()
        assert (first.id, first.state, first.since) == ("store:damaged", "fail", NOW)
        await asyncio.wait_for(looked.wait(), 30)
        second, = await damage.problems()
        assert "message" in second.why
        assert second.details
        assert "Restore a backup" in second.remedy
        with pytest.raises(Unsupported):
            await damage.act("damaged", Action.DISMISS)
        await damage.act("damaged", Action.RETRY)
    finally:
        await jobs.shutdown()
        database.close()
