"""The heavy half of the composition root: every service, with what it needs handed in."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from workstation import __version__
from workstation.api import Core
from workstation.app import Opened
from workstation.app.adapters import ConversationClues, HubOffset, SealedLines, StoredTranslations, survivors
from workstation.app.sources import Sources
from workstation.connectors.email.archive import Archive
from workstation.connectors.email.compose import compose
from workstation.connectors.email.quotes import fold
from workstation.connectors.email.setup import MailSetup
from workstation.connectors.email.smtp import SmtpTransport
from workstation.connectors.http import make_client
from workstation.connectors.orderfiles.reader import OrderFiles
from workstation.connectors.screen.x11 import MssCapture
from workstation.domain.events import AccountStatusChanged, ConnectivityChanged, OwnCopySeen, SyncChanged
from workstation.drafts.sender import Sender
from workstation.drafts.service import DraftsService
from workstation.evidence.ports import CaptureBackend
from workstation.evidence.service import EvidenceService
from workstation.evidence.signing import DeviceKey
from workstation.inbox.accounts import AccountsService
from workstation.inbox.clocks import load_rules
from workstation.inbox.lookups import Lookups
from workstation.inbox.outgoing import Timeline
from workstation.inbox.prepare import Preparer
from workstation.inbox.queries import Views
from workstation.inbox.service import InboxService
from workstation.inbox.shared import SharedInbox, held_message
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.paths import resources
from workstation.kernel.secrets import Secrets
from workstation.orders.asking import SECONDS
from workstation.orders.ports import OrderSources
from workstation.orders.service import ClueLinker, OrdersService
from workstation.policy.service import PolicyService
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.store import migrate
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.outbox import EventQueued
from workstation.store.secrets import secrets_for
from workstation.sync.client import HttpHubs
from workstation.sync.collections import MirrorCollection
from workstation.sync.service import SyncService
from workstation.sync.wire import DeviceCard
from workstation.translation.detector import Detector
from workstation.translation.engines import local_engines
from workstation.translation.service import TranslationService
from workstation.verification.service import VerificationService


@dataclass(frozen=True, slots=True)
class Parts:
    """What may differ from the usual: the demo's sources, the window's way to capture, a test's clock."""

    clock: Clock = field(default_factory=SystemClock)
    capture: CaptureBackend | None = None
    sources: Callable[[httpx.AsyncClient, Clock], OrderSources] | None = None
    simulated: tuple[str, ...] = ()
    patience: float = SECONDS          # seconds a shop or carrier may take to answer


@dataclass(frozen=True, slots=True)
class Running:
    """The product, put together. `start` lets it work by itself; `shutdown` then `close` end it."""

    core: Core
    jobs: Jobs
    database: Database
    http: httpx.AsyncClient
    inbox: InboxService
    accounts: AccountsService
    sender: Sender
    sync: SyncService
    translation: TranslationService

    async def start(self) -> None:
        """Watch mailboxes, send what is due, wake what was snoozed, copy upstream."""
        await self.sender.start()
        self.jobs.keep_trying("sender", self.sender.step)
        self.jobs.keep_trying("snoozed", self.inbox.wake_snoozed)
        await self.accounts.start()
        self.sync.start()

    async def shutdown(self) -> None:
        """Stop in the order that loses nothing: mailboxes, background work, engines, connections."""
        await self.accounts.shutdown()
        await self.sync.shutdown()
        await self.jobs.shutdown()
        await self.translation.shutdown()
        await self.http.aclose()

    def close(self) -> None:
        """Drain the writer and close the file; blocks, from outside the core thread."""
        self.database.close()


async def build(opened: Opened, parts: Parts) -> Running:
    """Every service with what it needs. Brings the schema up to date first."""
    bus, clock, settings = EventBus(), parts.clock, opened.settings
    database = Database(opened.home.database, opened.vault.key, bus.publish)
    files = BlobFiles(opened.home.blobs)
    await asyncio.to_thread(migrate.upgrade, database.writer)
    secrets, jobs, http = secrets_for(opened.vault), Jobs(bus.publish), make_client()
    rules = load_rules(resources() / "clocks" / "clocks.toml")

    def language() -> str:
        return settings.text("agent_language")

    lookups, timeline, shared = Lookups(database), Timeline(rules), SharedInbox(rules)
    offset = HubOffset(database)
    await offset.read()
    evidence = EvidenceService(
        database, files, secrets, clock, parts.capture or MssCapture(), opened.vault.device_id, __version__,
        hub_offset=offset,
    )
    translation = TranslationService(database, clock, local_engines(opened.home.packages), lookups, language)
    inbox = InboxService(
        database, files, clock, jobs, rules=rules, archive=Archive(), clues=ClueLinker(ConversationClues(lookups)),
        preparer=Preparer(files, fold, Detector()),
        views=Views(StoredTranslations(), (SealedLines(),), survivors, language),
    )
    accounts = AccountsService(database, secrets, MailSetup(), inbox, clock, bus.publish)
    sender = Sender(
        database, clock, transport=SmtpTransport(accounts.resolve), conversations=timeline, records=evidence
    )
    drafts = DraftsService(
        database, files, clock, conversations=timeline, compose=compose, sender=sender, agent_language=language,
        undo_seconds=lambda: settings.number("undo_seconds"),
    )
    sources = Sources(database, secrets, http, clock, {})
    await sources.load()
    asked = parts.sources(http, clock) if parts.sources else sources
    orders = OrdersService(database, clock, OrderFiles(), asked, parts.patience)
    verification = VerificationService(database, clock, orders, PolicyService(), lookups)
    sync = SyncService(
        database, files, HttpHubs(http, clock), secrets, clock, jobs, bus.publish,
        lambda: device_card(secrets, opened.vault.device_id),
        [
            MirrorCollection("conversation", shared.apply_conversation),
            MirrorCollection("message", shared.apply_message, held_message),
        ],
    )
    _connect(bus, sender, sync, offset)
    core = Core(
        inbox, accounts, orders, verification, translation, drafts, evidence, sync, jobs, bus,
        sources, opened.vault.device_id, parts.simulated,
    )
    return Running(core, jobs, database, http, inbox, accounts, sender, sync, translation)


def device_card(secrets: Secrets, device_id: str) -> DeviceCard:
    """Who this device is to a hub. Blocks on the keyring."""
    key = DeviceKey.load(secrets)
    return DeviceCard(device_id, socket.gethostname(), key.public.public_bytes_raw())


def _connect(bus: EventBus, sender: Sender, sync: SyncService, offset: HubOffset) -> None:
    """Who listens to whom."""
    woken: set[asyncio.Task[None]] = set()

    def network_back(event: ConnectivityChanged | AccountStatusChanged) -> None:
        if isinstance(event, AccountStatusChanged) and event.state != "online":
            return
        if isinstance(event, ConnectivityChanged) and not event.online:
            return
        task = asyncio.ensure_future(sender.network_back())
        woken.add(task)
        task.add_done_callback(woken.discard)

    bus.subscribe(ConnectivityChanged, network_back)
    bus.subscribe(AccountStatusChanged, network_back)
    bus.subscribe(OwnCopySeen, sender.own_copy_seen)
    bus.subscribe(EventQueued, sync.on_queued)
    bus.subscribe(ConnectivityChanged, sync.on_connectivity)
    bus.subscribe(SyncChanged, offset.on_sync)
