"""The heavy half of the composition root: every service, with what it needs handed in."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import httpx

from workstation import __version__
from workstation.api import Core
from workstation.app import Opened
from workstation.app.adapters import (
    CheckedLines,
    ConflictLines,
    ConversationClues,
    HubOffset,
    KnownNames,
    SealedLines,
    StoredTranslations,
    order_numbers,
    person,
    survivors,
)
from workstation.app.belonging import membership
from workstation.app.claims import ClaimFacts, binder
from workstation.app.customers import CustomerConversations, CustomerOrders
from workstation.app.engines import engines, keep_looking, translation_server
from workstation.app.erasing import erasure, erasure_collections
from workstation.app.exhibits import AnswersBehind, MessageFiles
from workstation.app.failing.assemble import assemble
from workstation.app.failing.damage import Damage
from workstation.app.failing.notes import NotedInbox, NotedOrders
from workstation.app.forgetting.hearing import erased_there
from workstation.app.keeping import Keeping, followed
from workstation.app.keys import HomeKeys
from workstation.app.mail.reading import Reading
from workstation.app.playbooks import playbook_collections, playbooks
from workstation.app.running import Running
from workstation.app.sources import Sources
from workstation.app.triage import OrderCases
from workstation.app.upstream import assigning_collections, heard, inbox_collections, team_collections
from workstation.connectors.email.archive import Archive
from workstation.connectors.email.compose import compose
from workstation.connectors.email.means import Means
from workstation.connectors.email.oauth import TokenBook
from workstation.connectors.email.opener import Opener
from workstation.connectors.email.presets import provider_of
from workstation.connectors.email.quotes import fold
from workstation.connectors.email.setup import MailSetup
from workstation.connectors.email.smtp import SmtpTransport
from workstation.connectors.http import make_client
from workstation.connectors.orderfiles.reader import OrderFiles
from workstation.connectors.screen.choice import choose
from workstation.connectors.timestamp.client import TimeStampClient
from workstation.customers.service import CustomersService
from workstation.domain.events import (
    AccountStatusChanged,
    ChecksChanged,
    ConnectivityChanged,
    ConversationsChanged,
    EvidenceSealed,
    MessageArrived,
    OrdersChanged,
    OwnCopySeen,
    SyncChanged,
)
from workstation.drafts.bounces import Bounces
from workstation.drafts.byhand import ByHand
from workstation.drafts.sender import Sender
from workstation.drafts.service import DraftsService
from workstation.evidence import approving
from workstation.evidence.claims.printing import ChildPrinter
from workstation.evidence.exhibits import Sources as ExhibitSources
from workstation.evidence.ports import CaptureBackend, Printer
from workstation.evidence.reading.service import Ground as Pictures
from workstation.evidence.reading.service import ReadingService
from workstation.evidence.service import EvidenceService
from workstation.evidence.signing import DeviceKey
from workstation.evidence.stamping import Stamping
from workstation.inbox import placing, sharedviews
from workstation.inbox.accounts import AccountsService
from workstation.inbox.assigning import AssignedLines, Assigning
from workstation.inbox.clockbook import ClockBook
from workstation.inbox.clocks import OWN
from workstation.inbox.flags import AnsweredElsewhere
from workstation.inbox.languages import Languages
from workstation.inbox.lookups import Lookups
from workstation.inbox.merging import MergeLines
from workstation.inbox.outgoing import Timeline
from workstation.inbox.prepare import Preparer
from workstation.inbox.serverkeys import KeptServerKeys
from workstation.inbox.shared import SharedInbox
from workstation.inbox.triaged import Triaged
from workstation.inbox.viewing import Views
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import KeyringProblem
from workstation.kernel.paths import resources
from workstation.kernel.secrets import Secrets
from workstation.orders.asking import SECONDS
from workstation.orders.ports import OrderSources
from workstation.orders.service import ClueLinker
from workstation.policy.service import PolicyService
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs, Progress
from workstation.store import migrate, pages
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.outbox import EventQueued
from workstation.store.secrets import secrets_for
from workstation.sync.client import HttpHubs
from workstation.sync.service import SyncService
from workstation.sync.wire import DeviceCard
from workstation.team.membership import Membership
from workstation.team.service import TeamService
from workstation.translation.detector import Detector
from workstation.translation.http_engine import HttpEngine
from workstation.translation.packages import Packages
from workstation.translation.service import TranslationService
from workstation.triage.engine import Engine as TriageEngine
from workstation.triage.service import TriageService
from workstation.verification.service import VerificationService

__all__ = ["Ground", "Parts", "Running", "build", "device_card"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What may differ from the usual: the demo's sources, the window's way to capture, a test's clock."""

    clock: Clock = field(default_factory=SystemClock)
    capture: CaptureBackend | None = None
    printer: Printer | None = None
    sources: Callable[[httpx.AsyncClient, Clock], OrderSources] | None = None
    simulated: tuple[str, ...] = ()
    patience: float = SECONDS          # seconds a shop or carrier may take to answer


@dataclass(frozen=True, slots=True)
class Ground:
    """What every service stands on."""

    opened: Opened
    parts: Parts
    bus: EventBus
    jobs: Jobs
    database: Database
    files: BlobFiles
    secrets: Secrets
    http: httpx.AsyncClient
    rules: ClockBook
    member: Membership

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def printer(self) -> Printer:
        return self.parts.printer or ChildPrinter()

    def language(self) -> str:
        return self.opened.settings.text("agent_language")

    def me(self) -> str:
        """The member at this desk."""
        return self.member()

    def undo_seconds(self) -> int:
        return self.opened.settings.number("undo_seconds")


async def build(opened: Opened, parts: Parts, upgrading: Progress | None = None) -> Running:
    """Every service with what it needs. Brings the schema up to date first, of which `upgrading` is told on the
    core thread; on a failure nothing stays open."""
    bus = EventBus()
    database = Database(opened.home.database, opened.vault.key, bus.publish)
    ground = Ground(
        opened, parts, bus, Jobs(bus.publish), database, BlobFiles(opened.home.blobs), secrets_for(opened.vault),
        make_client(),
        ClockBook(resources() / "clocks" / "clocks.toml", opened.home.root / OWN),
        membership(database, opened.vault.device_id, parts.clock),
    )
    try:
        await followed(partial(migrate.upgrade, database.writer), upgrading or _unheard)
        return await _build(ground)
    except BaseException:
        await ground.http.aclose()
        await asyncio.to_thread(database.close)
        raise


def _unheard(_done: int, _total: int) -> None:
    return


async def _build(on: Ground) -> Running:
    lookups, timeline, offset = Lookups(on.database), Timeline(on.rules, on.clock), HubOffset(on.database)
    await offset.read()
    await on.member.load()
    server = translation_server(on.opened.settings, on.http)
    translation = _translation(on, lookups, server)
    languages = Languages(on.database, Detector(), ClueLinker(ConversationClues(lookups)))
    on.bus.subscribe(ConversationsChanged, languages.on_changed)
    reading, rules = Reading(), PolicyService()
    sources, orders = await _orders(on)
    verification = VerificationService(on.database, on.clock, orders, rules, lookups)
    inbox = _inbox(on, lookups, languages, reading, verification)
    evidence = _evidence(on, offset, inbox, verification, orders)
    inbox.searching.listen(on.bus)
    on.bus.subscribe(ConversationsChanged, inbox.assigning.on_changed)
    accounts, means = _accounts(on, inbox, reading)
    sender, drafts = _replies(on, SmtpTransport(accounts.resolve, means=means), timeline, evidence)
    customers = CustomersService(on.database, on.clock, CustomerConversations(), CustomerOrders())
    triage = _triage(on, orders)
    sync = _sync(on, customers, inbox.assigning, triage)
    team = _team(on, sync)
    _connect(on.bus, sender, sync, offset)
    on.bus.subscribe(MessageArrived, verification.on_message)
    pictures = _pictures(on, inbox, orders)
    stamping = _stamping(on)
    problems = assemble(
        on.opened.home, on.database, on.clock, on.bus, on.jobs, inbox=inbox, orders=orders, accounts=accounts,
        drafts=drafts, sync=sync, settling=ByHand(on.database, on.clock, timeline, sender.wake), damage=Damage(
            on.opened.home, on.opened.vault.key, on.database, on.clock, on.jobs), pictures=pictures, stamping=stamping,
    )
    erasing = erasure(on.database, on.files, on.clock, evidence, on.rules)
    on.bus.subscribe(SyncChanged, erasing.on_news)
    on.bus.subscribe(MessageArrived, erasing.on_news)
    facts = ClaimFacts(orders, on.clock, rules.lasts_ms, on.language)
    steps = playbooks(on.database, on.clock, on.opened.home.root, verification, evidence, on.me)
    core = Core(
        inbox, accounts, orders, verification, translation, drafts, evidence, sync, on.jobs, on.bus, sources, problems,
        on.opened.vault.device_id, on.parts.simulated, HomeKeys(on.opened.vault), team, customers, triage,
        store=Keeping(on.opened.vault, on.database, on.jobs, on.clock), reading=pictures, erasure=erasing,
        binder=binder(on.database, on.clock, on.opened.home.root, facts, evidence, on.printer), authorities=stamping,
        playbooks=steps,
    )
    return Running(
        core, on.jobs, on.database, on.files, on.http, inbox, accounts, sender, sync, translation, verification,
        problems, languages, reading, sources, team, customers, triage, pictures, erasing,
        partial(keep_looking, server, on.bus.publish) if server else None, stamping, steps,
    )


def _accounts(on: Ground, inbox: NotedInbox, reading: Reading) -> tuple[AccountsService, Means]:
    """The mailboxes, and what reading and sending mail needs of them."""
    tokens = TokenBook(on.clock)
    means = Means(tokens, KeptServerKeys(on.database, on.clock), reading)
    accounts = AccountsService(
        on.database, on.secrets, MailSetup(means=means), inbox, on.clock, on.bus.publish, provider_of)
    tokens.keep = accounts.keep_grant
    on.bus.subscribe(ConversationsChanged, accounts.on_changed)
    return accounts, means


def _evidence(
    on: Ground, offset: HubOffset, inbox: NotedInbox, verification: VerificationService, orders: NotedOrders
) -> EvidenceService:
    return EvidenceService(
        on.database, on.files, on.secrets, on.clock, on.parts.capture or choose().back_end, on.opened.vault.device_id,
        __version__, hub_offset=offset, kin=placing.members, exhibits=ExhibitSources(
            MessageFiles(on.database, on.files, inbox), AnswersBehind(on.database, verification, orders)),
        damaged_pages=lambda: pages.check(on.opened.home.database, on.opened.vault.key).damaged, printer=on.printer,
    )


def _stamping(on: Ground) -> Stamping:
    """Who has records stamped: what was just sealed, at once."""
    stamping = Stamping(on.database, on.clock, TimeStampClient(on.http))
    on.bus.subscribe(EvidenceSealed, stamping.on_sealed)
    return stamping


def _pictures(on: Ground, inbox: NotedInbox, orders: NotedOrders) -> ReadingService:
    """What reads text in pictures, after everything else."""
    pictures = ReadingService(
        Pictures(on.database, on.files, on.clock, on.jobs, inbox, placing.shown_in, orders.matching),
        wanted=lambda: on.opened.settings.flag("read_pictures"))
    on.bus.subscribe(EvidenceSealed, pictures.on_sealed)
    on.bus.subscribe(MessageArrived, pictures.on_message)
    return pictures


def _team(on: Ground, sync: SyncService) -> TeamService:
    return TeamService(
        on.database, sync, KnownNames(), on.clock, on.bus.publish, on.opened.vault.device_id, person(), on.member)


def _replies(
    on: Ground, transport: SmtpTransport, timeline: Timeline, evidence: EvidenceService
) -> tuple[Sender, DraftsService]:
    """What sends, and what is written before."""
    sender = Sender(on.database, on.clock, transport=transport, conversations=timeline, records=evidence)
    return sender, DraftsService(
        on.database, on.files, on.clock, conversations=timeline, compose=compose, sender=sender,
        agent_language=on.language, undo_seconds=on.undo_seconds, kin=placing.members, approvals=approving.note,
    )


def _triage(on: Ground, orders: NotedOrders) -> TriageService:
    engine = TriageEngine(resources() / "triage")
    triage = TriageService(on.database, on.clock, engine, Triaged(), OrderCases(orders))
    on.bus.subscribe(ConversationsChanged, triage.on_changed)
    on.bus.subscribe(ChecksChanged, triage.on_checks)
    on.bus.subscribe(OrdersChanged, triage.on_orders)
    return triage


def _translation(on: Ground, lookups: Lookups, server: HttpEngine | None) -> TranslationService:
    packages = on.opened.home.packages
    return TranslationService(
        on.database, on.clock, engines(packages, server), lookups, on.language, packages=Packages(packages),
        publish=on.bus.publish,
    )


async def _orders(on: Ground) -> tuple[Sources, NotedOrders]:
    """The shops that are connected, and the orders, which ask them or the demo's."""
    sources = Sources(on.database, on.secrets, on.http, on.clock, {})
    with contextlib.suppress(KeyringProblem):   # `Running.start` tries again, and says so as long as it fails
        await sources.load()
    asked = on.parts.sources(on.http, on.clock) if on.parts.sources else sources
    return sources, NotedOrders(on.database, on.clock, OrderFiles(), asked, on.parts.patience, placing.members)


def _inbox(
    on: Ground, lookups: Lookups, languages: Languages, reading: Reading, checks: VerificationService
) -> NotedInbox:
    return NotedInbox(
        on.database, on.files, on.clock, on.jobs, rules=on.rules, archive=Archive(),
        clues=ClueLinker(ConversationClues(lookups)), preparer=Preparer(on.files, fold, Detector()),
        opened=languages.opened, opener=Opener(), reader=reading, me=on.member,
        device=lambda: on.opened.vault.device_id, private=on.member.private,
        bounced=Bounces(Timeline(on.rules, on.clock, heard)).learn, heard=heard,
        views=Views(
            StoredTranslations(), (
                SealedLines(), AnsweredElsewhere(), MergeLines(), ConflictLines(), AssignedLines(),
                CheckedLines(checks)),
            survivors, on.language, order_numbers,
        ),
    )


def _sync(
    on: Ground, customers: CustomersService, assigning: Assigning, triage: TriageService
) -> SyncService:
    shared = SharedInbox(on.rules, heard=heard, corrected=triage.hear, erased_there=erased_there)
    return SyncService(
        on.database, on.files, HttpHubs(on.http, on.clock), on.secrets, on.clock, on.jobs, on.bus.publish,
        lambda: device_card(on.secrets, on.opened.vault.device_id),
        [*inbox_collections(shared), *team_collections(customers), *assigning_collections(assigning),
         *erasure_collections(on.opened.vault.device_id), *playbook_collections()],
        offers=shared, belongs=on.member.told, private=sharedviews.apply,
    )


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
