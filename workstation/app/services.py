"""Every service of the product, made when it is first asked for. A command loads what it needs and no more; the window
asks for all of them (`Running.start`), one after the other, when the first of them answers already.

Who is not made yet hears nothing, and misses nothing: what works by itself begins with what an earlier run left.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from workstation import __version__
from workstation.api import Core
from workstation.app.offset import HubOffset
from workstation.domain import events
from workstation.kernel.paths import resources

if TYPE_CHECKING:
    import httpx

    from workstation.app.failing.notes import NotedInbox, NotedOrders, Notes
    from workstation.app.ground import Ground
    from workstation.app.keeping import Keeping
    from workstation.app.keys import HomeKeys
    from workstation.app.mail.reading import Reading
    from workstation.app.problems import Problems
    from workstation.app.sources import Sources
    from workstation.connectors.email.means import Means
    from workstation.connectors.email.oauth import TokenBook
    from workstation.customers.service import CustomersService
    from workstation.drafts.sender import Sender
    from workstation.drafts.service import DraftsService
    from workstation.evidence.claims.binder import BinderService
    from workstation.evidence.deadlines import Deadlines
    from workstation.evidence.reading.service import ReadingService
    from workstation.evidence.service import EvidenceService
    from workstation.evidence.stamping import Stamping
    from workstation.inbox.accounts import AccountsService
    from workstation.inbox.languages import Languages
    from workstation.inbox.lookups import Lookups
    from workstation.inbox.outgoing import Timeline
    from workstation.playbooks.service import PlaybooksService
    from workstation.policy.service import PolicyService
    from workstation.sync.service import SyncService
    from workstation.team.service import TeamService
    from workstation.translation.detector import Detector
    from workstation.translation.http_engine import HttpEngine
    from workstation.translation.service import TranslationService
    from workstation.triage.service import TriageService
    from workstation.verification.service import VerificationService


class Services(Core):
    """The core, and what works behind it. Each part is an attribute with its own type and its own imports."""

    on: Ground
    offset: HubOffset
    _woken: set[asyncio.Task[None]]

    def __init__(self, on: Ground) -> None:
        """What is there at once; everything else is a property."""
        there = {"on": on, "jobs": on.jobs, "bus": on.bus, "device_id": on.opened.vault.device_id,
                 "simulated": on.parts.simulated, "offset": HubOffset(on.database), "_woken": set()}
        for name, value in there.items():
            object.__setattr__(self, name, value)   # a core is frozen for whoever is handed it
        self._listen()

    def _listen(self) -> None:
        """What must be heard even by a service that nobody asked for yet."""
        heard = self.on.bus.subscribe
        heard(events.MessageArrived, self._on_message)
        heard(events.ConnectivityChanged, lambda event: self._network_back(event.online))
        heard(events.AccountStatusChanged, lambda event: self._network_back(event.state == "online"))
        heard(events.OwnCopySeen, self._on_own_copy)
        heard(events.SyncChanged, self.offset.on_sync)

    def _on_message(self, event: events.MessageArrived) -> None:
        self.verification.on_message(event)

    def _on_own_copy(self, event: events.OwnCopySeen) -> None:
        self.sender.own_copy_seen(event)

    def _network_back(self, back: bool) -> None:
        if back:
            task = asyncio.ensure_future(self.sender.network_back())
            self._woken.add(task)
            task.add_done_callback(self._woken.discard)

    async def hang_up(self) -> None:
        """Close what was connected."""
        if "http" in vars(self):
            await self.http.aclose()

    # the home

    @cached_property
    def keys(self) -> HomeKeys:
        from workstation.app.keys import HomeKeys

        return HomeKeys(self.on.opened.vault)

    @cached_property
    def store(self) -> Keeping:
        from workstation.app.keeping import Keeping

        return Keeping(self.on.opened.vault, self.on.database, self.on.jobs, self.on.clock)

    @cached_property
    def http(self) -> httpx.AsyncClient:
        from workstation.connectors.http import make_client

        return make_client()

    # orders, and what is said of them

    @cached_property
    def sources(self) -> Sources:
        """The shops and carriers that are connected."""
        from workstation.app.sources import Sources

        return Sources(self.on.database, self.on.secrets, lambda: self.http, self.on.clock, {})

    @cached_property
    def orders(self) -> NotedOrders:
        """They ask what is connected, or the demo's."""
        from workstation.app.failing.notes import NotedOrders
        from workstation.connectors.orderfiles.reader import OrderFiles
        from workstation.inbox import placing
        from workstation.orders.asking import SECONDS

        parts = self.on.parts
        asked = parts.sources(self.http, self.on.clock) if parts.sources else self.sources
        patience = SECONDS if parts.patience is None else parts.patience
        orders = NotedOrders(self.on.database, self.on.clock, OrderFiles(), asked, patience, placing.members)
        orders.notes = self.notes
        return orders

    @cached_property
    def rules(self) -> PolicyService:
        from workstation.policy.service import PolicyService

        return PolicyService()

    @cached_property
    def verification(self) -> VerificationService:
        from workstation.verification.service import VerificationService

        return VerificationService(self.on.database, self.on.clock, self.orders, self.rules, self.lookups)

    # conversations

    @cached_property
    def lookups(self) -> Lookups:
        from workstation.inbox.lookups import Lookups

        return Lookups(self.on.database)

    @cached_property
    def timeline(self) -> Timeline:
        from workstation.inbox.outgoing import Timeline

        return Timeline(self.on.rules, self.on.clock)

    @cached_property
    def detector(self) -> Detector:
        from workstation.translation.detector import Detector

        return Detector()

    @cached_property
    def languages(self) -> Languages:
        from workstation.app.adapters import ConversationClues
        from workstation.inbox.languages import Languages
        from workstation.orders.service import ClueLinker

        languages = Languages(self.on.database, self.detector, ClueLinker(ConversationClues(self.lookups)))
        self.bus.subscribe(events.ConversationsChanged, languages.on_changed)
        return languages

    @cached_property
    def mail_reading(self) -> Reading:
        """The processes that take mails apart."""
        from workstation.app.mail.reading import Reading

        return Reading()

    @cached_property
    def notes(self) -> Notes:
        from workstation.app.failing.notes import Notes

        return Notes(self.on.database, self.on.clock)

    @cached_property
    def inbox(self) -> NotedInbox:
        from workstation.app.conversations import inbox

        made = inbox(self.on, self.lookups, self.languages, self.detector, self.mail_reading, self.verification)
        made.notes = self.notes
        made.searching.listen(self.on.bus)
        self.bus.subscribe(events.ConversationsChanged, made.assigning.on_changed)
        return made

    @cached_property
    def tokens(self) -> TokenBook:
        from workstation.connectors.email.oauth import TokenBook

        return TokenBook(self.on.clock)

    @cached_property
    def means(self) -> Means:
        """What reading and sending mail needs of the mailboxes."""
        from workstation.connectors.email.means import Means
        from workstation.inbox.serverkeys import KeptServerKeys

        return Means(self.tokens, KeptServerKeys(self.on.database, self.on.clock), self.mail_reading)

    @cached_property
    def accounts(self) -> AccountsService:
        from workstation.connectors.email.presets import provider_of
        from workstation.connectors.email.setup import MailSetup
        from workstation.inbox.accounts import AccountsService

        accounts = AccountsService(
            self.on.database, self.on.secrets, MailSetup(means=self.means), self.inbox, self.on.clock,
            self.on.bus.publish, provider_of)
        self.tokens.keep = accounts.keep_grant
        self.bus.subscribe(events.ConversationsChanged, accounts.on_changed)
        return accounts

    @cached_property
    def customers(self) -> CustomersService:
        from workstation.app.customers import CustomerConversations, CustomerOrders
        from workstation.customers.service import CustomersService

        return CustomersService(self.on.database, self.on.clock, CustomerConversations(), CustomerOrders())

    @cached_property
    def triage(self) -> TriageService:
        from workstation.app.triage import OrderCases
        from workstation.inbox.triaged import Triaged
        from workstation.triage.engine import Engine
        from workstation.triage.service import TriageService

        triage = TriageService(
            self.on.database, self.on.clock, Engine(resources() / "triage"), Triaged(), OrderCases(self.orders))
        self.bus.subscribe(events.ConversationsChanged, triage.on_changed)
        self.bus.subscribe(events.ChecksChanged, triage.on_checks)
        self.bus.subscribe(events.OrdersChanged, triage.on_orders)
        return triage

    # replies

    @cached_property
    def sender(self) -> Sender:
        from workstation.connectors.email.smtp import SmtpTransport
        from workstation.drafts.sender import Sender

        return Sender(
            self.on.database, self.on.clock, transport=SmtpTransport(self.accounts.resolve, means=self.means),
            conversations=self.timeline, records=self.evidence)

    @cached_property
    def drafts(self) -> DraftsService:
        from workstation.connectors.email.compose import compose
        from workstation.drafts.service import DraftsService
        from workstation.evidence import approving
        from workstation.inbox import placing

        return DraftsService(
            self.on.database, self.on.files, self.on.clock, conversations=self.timeline, compose=compose,
            sender=self.sender, agent_language=self.on.language, undo_seconds=self.on.undo_seconds,
            kin=placing.members, approvals=approving.note)

    @cached_property
    def translation_server(self) -> HttpEngine | None:
        if not self.on.opened.settings.text("translation_server"):
            return None
        from workstation.app.engines import translation_server

        return translation_server(self.on.opened.settings, self.http)

    @cached_property
    def translation(self) -> TranslationService:
        from workstation.app.engines import engines
        from workstation.translation.packages import Packages
        from workstation.translation.service import TranslationService

        packages = self.on.opened.home.packages
        return TranslationService(
            self.on.database, self.on.clock, engines(packages, self.translation_server), self.lookups,
            self.on.language, packages=Packages(packages), publish=self.on.bus.publish)

    # evidence

    @cached_property
    def evidence(self) -> EvidenceService:
        from workstation.app.exhibits import AnswersBehind, MessageFiles
        from workstation.connectors.screen.choice import choose
        from workstation.evidence.exhibits import Sources
        from workstation.evidence.service import EvidenceService
        from workstation.inbox import placing

        on = self.on
        return EvidenceService(
            on.database, on.files, on.secrets, on.clock, on.parts.capture or choose().back_end, self.device_id,
            __version__, hub_offset=self.offset, kin=placing.members, exhibits=Sources(
                MessageFiles(on.database, on.files, lambda: self.inbox),
                AnswersBehind(on.database, lambda: self.verification, lambda: self.orders)),
            damaged_pages=on.damaged_pages, printer=on.printer)

    @cached_property
    def reading(self) -> ReadingService:
        """What reads text in pictures, after everything else."""
        from workstation.evidence.reading.service import Ground, ReadingService
        from workstation.inbox import placing

        on = self.on
        reading = ReadingService(
            Ground(on.database, on.files, on.clock, on.jobs, self.inbox, placing.shown_in, self.orders.matching),
            wanted=lambda: on.opened.settings.flag("read_pictures"))
        self.bus.subscribe(events.EvidenceSealed, reading.on_sealed)
        self.bus.subscribe(events.MessageArrived, reading.on_message)
        return reading

    @cached_property
    def authorities(self) -> Stamping:
        """Who has records stamped: what was just sealed, at once."""
        from workstation.connectors.timestamp.client import TimeStampClient
        from workstation.evidence.stamping import Stamping

        stamping = Stamping(self.on.database, self.on.clock, TimeStampClient(self.http))
        self.bus.subscribe(events.EvidenceSealed, stamping.on_sealed)
        return stamping

    @cached_property
    def erasure(self) -> Deadlines:
        from workstation.app.erasing import erasure

        erasing = erasure(self.on.database, self.on.files, self.on.clock, self.evidence, self.on.rules)
        self.bus.subscribe(events.SyncChanged, erasing.on_news)
        self.bus.subscribe(events.MessageArrived, erasing.on_news)
        return erasing

    @cached_property
    def binder(self) -> BinderService:
        from workstation.app.claims import ClaimFacts, binder

        facts = ClaimFacts(self.orders, self.on.clock, self.rules.lasts_ms, self.on.language)
        return binder(
            self.on.database, self.on.clock, self.on.opened.home.root, facts, self.evidence, self.on.printer)

    @cached_property
    def playbooks(self) -> PlaybooksService:
        from workstation.app.playbooks import playbooks

        return playbooks(
            self.on.database, self.on.clock, self.on.opened.home.root, self.verification, self.evidence, self.on.me)

    # colleagues, and what goes wrong

    @cached_property
    def sync(self) -> SyncService:
        from workstation.app.colleagues import upstream
        from workstation.store.outbox import EventQueued

        sync = upstream(self.on, self.http, self.customers, self.inbox.assigning, self.triage)
        self.bus.subscribe(EventQueued, sync.on_queued)
        self.bus.subscribe(events.ConnectivityChanged, sync.on_connectivity)
        return sync

    @cached_property
    def team(self) -> TeamService:
        from workstation.app.adapters import KnownNames, person
        from workstation.team.service import TeamService

        return TeamService(
            self.on.database, self.sync, KnownNames(), self.on.clock, self.on.bus.publish, self.device_id, person(),
            self.on.member)

    @cached_property
    def problems(self) -> Problems:
        from workstation.app.failing.assemble import assemble
        from workstation.app.failing.damage import Damage
        from workstation.drafts.byhand import ByHand

        on = self.on
        return assemble(
            on.opened.home, on.database, on.clock, on.bus, on.jobs, inbox=self.inbox, orders=self.orders,
            accounts=self.accounts, drafts=self.drafts, sync=self.sync, notes=self.notes, pictures=self.reading,
            stamping=self.authorities, settling=ByHand(on.database, on.clock, self.timeline, self.sender.wake),
            damage=Damage(on.opened.home, on.opened.vault.key, on.database, on.clock, on.jobs))
