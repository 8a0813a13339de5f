"""What the demo does behind its window before a person takes over: mail, orders and hub connected, orders checked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from workstation.api import Core
from workstation.demo import script
from workstation.demo.script import MAILBOXES
from workstation.demo.world import World
from workstation.inbox.model import ListQuery
from workstation.kernel.errors import TimedOut
from workstation.kernel.i18n import _

SECONDS = 60.0


class Prepare:
    """Called once on the core thread when the core is ready."""

    def __init__(self, world: World, folder: Path, now: int) -> None:
        self._world = world
        self._folder = folder
        self._now = now

    async def __call__(self, core: Core) -> None:
        """Raises TimedOut when the mail does not arrive."""
        for mailbox in MAILBOXES:
            await core.accounts.add(self._world.account(mailbox), self._world.mail.users[mailbox.address])
        await self._world.add_authority(core)
        await core.sync.connect(self._world.invite)
        await self._arrived(core)
        for name, content in script.exports(self._now).items():
            path = self._folder / name
            await asyncio.to_thread(path.write_bytes, content)
            await core.orders.import_file(path)
        page = await core.inbox.page(ListQuery(queue="all", limit=500))
        await asyncio.gather(*(core.verification.refresh(row.id) for row in page.rows))

    async def _arrived(self, core: Core) -> None:
        wanted = len(script.scripts())
        try:
            async with asyncio.timeout(SECONDS):
                arrived = 0
                while arrived < wanted:
                    arrived = len((await core.inbox.page(ListQuery(queue="all", limit=500))).rows)
                    await asyncio.sleep(0.2)
        except TimeoutError as problem:
            raise TimedOut(_("The demo's mail did not arrive."), _("Start the demo again.")) from problem
