"""The heavy half of the composition root: the ground that every service stands on. `app.services` names the services,
each loaded when it is first asked for."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from workstation.app import Opened
from workstation.app.belonging import membership
from workstation.app.ground import Ground, Parts
from workstation.app.keeping import followed
from workstation.app.running import Running
from workstation.app.services import Services
from workstation.inbox.clockbook import ClockBook
from workstation.inbox.clocks import OWN
from workstation.kernel.errors import KeyringProblem
from workstation.kernel.paths import resources
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs, Progress
from workstation.store import migrate
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.secrets import secrets_for

__all__ = ["Ground", "Parts", "Running", "build"]


async def build(opened: Opened, parts: Parts, upgrading: Progress | None = None) -> Running:
    """The core over this home. Brings the schema up to date first, of which `upgrading` is told on the core thread; on
    a failure nothing stays open."""
    bus = EventBus()
    database = Database(opened.home.database, opened.vault.key, bus.publish)
    ground = Ground(
        opened, parts, bus, Jobs(bus.publish), database, BlobFiles(opened.home.blobs), secrets_for(opened.vault),
        ClockBook(resources() / "clocks" / "clocks.toml", opened.home.root / OWN),
        membership(database, opened.vault.device_id, parts.clock),
    )
    running = Running(Services(ground))
    try:
        await followed(partial(migrate.upgrade, database.writer), upgrading or _unheard)
        await running.core.offset.read()
        await ground.member.load()
        with contextlib.suppress(KeyringProblem):   # `Running.start` tries again, and says so as long as it fails
            await running.core.sources.load()
    except BaseException:
        await running.core.hang_up()
        await asyncio.to_thread(database.close)
        raise
    return running


def _unheard(_done: int, _total: int) -> None:
    return
