"""Where features meet: what the adapters say when the core is closing."""

from __future__ import annotations

import asyncio
import gc
import warnings
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.cli import opened, quick
from tests.support.hub import until
from workstation.app.adapters import survivors
from workstation.app.offset import HubOffset
from workstation.domain.events import SyncChanged
from workstation.store import meta
from workstation.sync import facts


def is_known(offset: HubOffset, wanted: int) -> bool:
    return offset() == wanted


async def test_an_offset_asked_for_while_the_store_closes_is_no_stray_failure(tmp_path: Path) -> None:
    stray: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: stray.append(context))
    async with opened(quick(tmp_path)) as running:
        await running.database.write(lambda unit: meta.put(unit.conn, facts.OFFSET, "250"))
        offset = HubOffset(running.database)
        assert offset() is None
        offset.on_sync(SyncChanged())
        await until(partial(is_known, offset, 250))
    offset.on_sync(SyncChanged())
    await asyncio.sleep(0.05)
    del offset
    with warnings.catch_warnings():   # what other tests left behind is not judged here
        warnings.simplefilter("ignore")
        gc.collect()
    assert stray == []


def test_what_must_survive_is_looked_for_where_a_timeline_shows_it() -> None:
    number = "702-1234567-1234567"
    assert survivors(f"{'x ' * 20_000}{number}") == (number,)
    assert survivors(f"{'x ' * 40_000}{number}") == ()
