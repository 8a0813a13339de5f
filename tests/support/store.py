"""A real encrypted store in a temporary folder, with an inbox and drafts over it, for the core's unit tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from tests.support.fresh import fresh
from workstation.app.upstream import heard
from workstation.domain.clues import Named
from workstation.domain.conversation import Address, Channel
from workstation.domain.events import OwnCopySeen
from workstation.drafts.bounces import Bounces
from workstation.drafts.model import Envelope, Receipt
from workstation.drafts.sender import Sender
from workstation.drafts.service import DraftsService
from workstation.inbox import offering, placing
from workstation.inbox.accounts import ACCOUNT
from workstation.inbox.clocks import load_rules
from workstation.inbox.model import (
    AccountSettings,
    BadItem,
    IncomingMail,
    ServerSettings,
    TranslationView,
)
from workstation.inbox.outgoing import Timeline
from workstation.inbox.ports import FiledMail
from workstation.inbox.prepare import Preparer
from workstation.inbox.savedviews import nowhere
from workstation.inbox.service import InboxService
from workstation.inbox.viewing import Views
from workstation.kernel.clock import Clock, FixedClock
from workstation.kernel.events import Event
from workstation.kernel.paths import resources
from workstation.orders import tables as _order_tables
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.store import search
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.team import tables as _team_tables
from workstation.team.membership import Membership
from workstation.translation import tables as _translation_tables
from workstation.triage import tables as _triage_tables

TABLES = (_order_tables, _team_tables, _translation_tables, _triage_tables)
"""Of features without a service here, for what is read across them."""
NOW = 1_790_000_000_000
OWN = Address("shop@seller.example", "Seller")
BUYER = Address("ana@buyer.example", "Ana Souza")


class NoTranslations:
    def stored(
        self, connection: Connection, message_ids: Sequence[str], language: str
    ) -> Mapping[str, TranslationView]:
        return {}


class NoClues:
    def link(self, connection: Connection, conversation_ids: Sequence[str]) -> None:
        return

    def learn(self, connection: Connection, named: Sequence[Named]) -> None:
        return


class SameLanguage:
    def quick(self, text: str) -> str:
        return self.detect(text)

    def detect(self, text: str) -> str:
        return "pt" if "pacote" in text else "en"


@dataclass
class ListedMails:
    """An archive that holds the mails it was given."""

    items: Sequence[IncomingMail | BadItem] = ()

    def read(self, path: Path) -> Iterator[IncomingMail | BadItem]:
        yield from self.items

    def raws(self, path: Path) -> Iterator[FiledMail | BadItem]:
        raise NotImplementedError("these mails are read already")


@dataclass
class ScriptedTransport:
    """A way out that does what the test says: answer, raise, and remember what was handed over."""

    outcome: Receipt | Exception = field(default_factory=lambda: Receipt("250 ok"))
    handed: list[Envelope] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    in_sent: set[str] = field(default_factory=set)

    async def send(self, envelope: Envelope) -> Receipt:
        self.handed.append(envelope)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def was_sent(self, account_id: str, message_id: str) -> bool:
        return message_id in self.in_sent

    async def keep_copy(self, account_id: str, raw: bytes) -> None:
        self.kept.append(raw)


@dataclass
class KeptReplies:
    kept: list[str] = field(default_factory=list)

    async def keep_reply(self, case_id: str, message_id: str, raw: bytes, receipt: str) -> None:
        self.kept.append(message_id)


@dataclass
class Desk:
    """Everything a test of inbox and drafts touches."""

    database: Database
    blobs: BlobFiles
    clock: FixedClock
    events: list[Event]
    inbox: InboxService
    drafts: DraftsService
    sender: Sender
    transport: ScriptedTransport
    records: KeptReplies
    archive: ListedMails

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def offer(self) -> None:
        """Queue for a hub what it was not told of, as sync does."""
        while await self.database.write(lambda unit: offering.offer(unit, lambda _c, _name, _ids: (), NOW)):
            pass

    async def with_account(self, channel: Channel = Channel.EMAIL, market: str = "BR") -> str:
        import json
        from dataclasses import asdict

        settings = AccountSettings(
            OWN.email, OWN.email, ServerSettings("127.0.0.1", 1), ServerSettings("127.0.0.1", 1), name=OWN.name,
            channel=channel, market=market, store="casa",
        )
        values = {"id": "account", "address": OWN.email, "settings": json.dumps(asdict(settings)), "created_at": NOW}
        await self.database.write(lambda unit: unit.conn.execute(ACCOUNT.insert().values(**values)))
        return "account"


def plain_compose(context: object, text: str, files: object, message_id: str, at: int) -> bytes:
    return f"Message-ID: {message_id}\r\n\r\n{text}".encode()


def mail(number: int, **changes: object) -> IncomingMail:
    """A buyer's mail; `changes` replace fields."""
    values: dict[str, object] = {
        "raw": f"raw {number}".encode(), "message_id": f"<{number}@buyer.example>", "in_reply_to": "", "references": (),
        "author": BUYER, "to": (OWN,), "cc": (), "reply_to": None, "subject": f"Question {number}",
        "at": NOW - 3_600_000, "text": f"Where is my parcel {number}?", "html": "",
    }
    return IncomingMail(**{**values, **changes})  # type: ignore[arg-type]


@asynccontextmanager
async def desk(
    folder: Path, undo_seconds: Callable[[], int] = lambda: 15,
    belonging: Callable[[Database, Clock], Membership] | None = None,
) -> AsyncIterator[Desk]:
    """A desk in `folder`; opening the same folder again finds what was kept. `belonging`: whose desk it is."""
    bus = EventBus()
    events: list[Event] = []
    bus.subscribe(Event, events.append)
    fresh(folder / "workstation.db", b"k" * 32, search.CREATE)
    database = Database(folder / "workstation.db", b"k" * 32, bus.publish)
    clock, jobs, blobs = FixedClock(NOW), Jobs(bus.publish), BlobFiles(folder / "blobs")
    rules = load_rules(resources() / "clocks" / "clocks.toml")
    archive, timeline = ListedMails(), Timeline(rules, clock, heard)
    transport, records = ScriptedTransport(), KeptReplies()
    member = belonging(database, clock) if belonging is not None else None
    if member is not None:
        await member.load()
    inbox = InboxService(
        database, blobs, clock, jobs, rules=rules, archive=archive, clues=NoClues(),
        preparer=Preparer(blobs, lambda text: (text, ""), SameLanguage()),
        views=Views(NoTranslations(), (), lambda text: (), lambda: "en"), bounced=Bounces(timeline).learn,
        heard=heard, me=member or str, device=(lambda: member.device) if member else None,
        private=member.private if member else nowhere,
    )
    sender = Sender(database, clock, transport=transport, conversations=timeline, records=records)
    bus.subscribe(OwnCopySeen, sender.own_copy_seen)
    drafts = DraftsService(
        database, blobs, clock, conversations=timeline, compose=plain_compose, sender=sender,
        agent_language=lambda: "en", undo_seconds=undo_seconds, kin=placing.members,
    )
    try:
        yield Desk(database, blobs, clock, events, inbox, drafts, sender, transport, records, archive)
    finally:
        await jobs.shutdown()
        database.close()
