"""The product while it runs: what works by itself, and the order in which it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx

from workstation.api import Core
from workstation.app.mail.reading import Reading
from workstation.app.problems import Problems
from workstation.app.sources import Sources
from workstation.customers.service import CustomersService
from workstation.drafts.sender import Sender
from workstation.evidence.deadlines import Deadlines
from workstation.evidence.reading.service import ReadingService
from workstation.evidence.stamping import Stamping
from workstation.inbox.accounts import AccountsService
from workstation.inbox.languages import Languages
from workstation.inbox.service import InboxService
from workstation.playbooks.service import PlaybooksService
from workstation.runtime.jobs import Jobs
from workstation.store.blobs import BlobFiles, addresses
from workstation.store.database import Database
from workstation.sync.service import SyncService
from workstation.team.service import TeamService
from workstation.translation.service import TranslationService
from workstation.triage.service import TriageService
from workstation.verification.service import VerificationService


@dataclass(frozen=True, slots=True)
class Running:
    """The product, put together. `start` lets it work by itself; `shutdown` then `close` end it."""

    core: Core
    jobs: Jobs
    database: Database
    files: BlobFiles
    http: httpx.AsyncClient
    inbox: InboxService
    accounts: AccountsService
    sender: Sender
    sync: SyncService
    translation: TranslationService
    verification: VerificationService
    problems: Problems
    languages: Languages
    reading: Reading
    sources: Sources
    team: TeamService
    customers: CustomersService
    triage: TriageService
    pictures: ReadingService
    erasure: Deadlines
    look: Callable[[], Awaitable[float]] | None = None   # asks the translation server, where one is set
    stamping: Stamping | None = None
    playbooks: PlaybooksService | None = None

    async def tidy(self) -> None:
        """Delete sealed files that no row knows, left by a crash. Before any command, under the home's lock."""
        known = await self.database.read(addresses)
        await asyncio.to_thread(self.files.sweep, known)

    async def start(self) -> None:
        """Watch mailboxes, send what is due, wake what was snoozed, copy upstream."""
        await self.sender.start()
        self.jobs.keep_trying("sender", self.sender.step)
        self.jobs.keep_trying("snoozed", self.inbox.wake_snoozed)
        self.jobs.keep_trying("clocks", self.inbox.look_at_clocks)
        self.jobs.keep_trying("customers", self.customers.step)
        self.jobs.keep_trying("triage", self.triage.step)
        self.jobs.keep_trying("languages", self.languages.step)
        self.jobs.keep_trying("assigning", self.inbox.assigning.step)
        self.jobs.keep_trying("search index", self.inbox.searching.care.step)
        self.jobs.keep_trying("sources", self.sources.settle)
        self.jobs.keep_trying("erasure", self.erasure.step)
        self.jobs.keep_trying("reading pictures", self.pictures.step)
        await self.accounts.start()
        await self.team.introduce()
        self.sync.start()
        self.jobs.keep_trying("problems", self.problems.look)
        if self.stamping is not None:
            self.jobs.keep_trying("time stamps", self.stamping.step)
        if self.playbooks is not None:
            self.jobs.keep_trying("playbook steps", self.playbooks.step)
        if self.look is not None:
            self.jobs.keep_trying("translation server", self.look)

    async def shutdown(self) -> None:
        """Stop in the order that loses nothing: mailboxes, background work, engines, connections."""
        await self.problems.shutdown()
        await self.accounts.shutdown()
        await asyncio.to_thread(self.reading.shutdown)
        await self.verification.shutdown()
        await self.team.shutdown()
        await self.sync.shutdown()
        await self.inbox.searching.shutdown()
        await self.jobs.shutdown()
        await self.triage.shutdown()
        await self.pictures.shutdown()
        await self.translation.shutdown()
        await self.http.aclose()

    def close(self) -> None:
        """Drain the writer and close the file; blocks, from outside the core thread."""
        self.database.close()
