"""The product while it runs: what works by itself, and the order in which it ends."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from workstation.app.services import Services
from workstation.store.blobs import addresses

if TYPE_CHECKING:
    from workstation.app.failing.notes import NotedInbox
    from workstation.app.mail.reading import Reading
    from workstation.app.problems import Problems
    from workstation.customers.service import CustomersService
    from workstation.drafts.sender import Sender
    from workstation.evidence.deadlines import Deadlines
    from workstation.inbox.accounts import AccountsService
    from workstation.inbox.languages import Languages
    from workstation.runtime.jobs import Jobs
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database
    from workstation.sync.service import SyncService


class Running:
    """The product, put together. `start` lets it work by itself; `shutdown` then `close` end it."""

    def __init__(self, core: Services) -> None:
        self.core = core
        self.jobs: Jobs = core.on.jobs
        self.database: Database = core.on.database
        self.files: BlobFiles = core.on.files

    @property
    def inbox(self) -> NotedInbox:
        return self.core.inbox

    @property
    def accounts(self) -> AccountsService:
        return self.core.accounts

    @property
    def sender(self) -> Sender:
        return self.core.sender

    @property
    def sync(self) -> SyncService:
        return self.core.sync

    @property
    def problems(self) -> Problems:
        return self.core.problems

    @property
    def languages(self) -> Languages:
        return self.core.languages

    @property
    def reading(self) -> Reading:
        return self.core.mail_reading

    @property
    def customers(self) -> CustomersService:
        return self.core.customers

    @property
    def erasure(self) -> Deadlines:
        return self.core.erasure

    async def tidy(self) -> None:
        """Delete sealed files that no row knows, left by a crash. Before any command, under the home's lock."""
        known = await self.database.read(addresses)
        await asyncio.to_thread(self.files.sweep, known)

    async def start(self) -> None:
        """Watch mailboxes, send what is due, wake what was snoozed, copy upstream."""
        core, keep_trying = self.core, self.jobs.keep_trying
        problems = core.problems   # before anything that may fail: it hears what becomes of it
        await core.sender.start()
        keep_trying("sender", core.sender.step)
        keep_trying("snoozed", core.inbox.wake_snoozed)
        keep_trying("clocks", core.inbox.look_at_clocks)
        keep_trying("customers", core.customers.step)
        keep_trying("triage", core.triage.step)
        keep_trying("languages", core.languages.step)
        keep_trying("assigning", core.inbox.assigning.step)
        keep_trying("search index", core.inbox.searching.care.step)
        keep_trying("sources", core.sources.settle)
        keep_trying("erasure", core.erasure.step)
        keep_trying("reading pictures", core.reading.step)
        await core.accounts.start()
        await core.team.introduce()
        core.sync.start()
        keep_trying("problems", problems.look)
        keep_trying("time stamps", core.authorities.step)
        keep_trying("playbook steps", core.playbooks.step)
        if core.translation_server is not None:
            from workstation.app.engines import keep_looking

            keep_trying("translation server", partial(keep_looking, core.translation_server, core.on.bus.publish))

    async def shutdown(self) -> None:
        """Stop in the order that loses nothing: mailboxes, background work, engines, connections. What was never asked
        for was never made, and has nothing to stop."""
        core, made = self.core, vars(self.core)
        await self._end("problems", "accounts")
        if "mail_reading" in made:
            await asyncio.to_thread(core.mail_reading.shutdown)
        await self._end("verification", "team", "sync")
        if "inbox" in made:
            await core.inbox.searching.shutdown()
        await self.jobs.shutdown()
        await self._end("triage", "reading", "translation")
        await core.hang_up()

    async def _end(self, *names: str) -> None:
        for name in names:
            if name in vars(self.core):
                await vars(self.core)[name].shutdown()

    def close(self) -> None:
        """Drain the writer and close the file; blocks, from outside the core thread."""
        self.database.close()
