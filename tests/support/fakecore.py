"""An in-memory `api.Core` that feeds the views in UI tests: the real dataclasses, the real bus, no database.

It records what it was told in `calls`, so a test can see what a key or a button asked for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support import fakepaging as paging
from tests.support.fakecore_organise import FakeOrganising
from workstation.api import Progress
from workstation.domain.conversation import Address, Channel, ConversationState, Delivery, Direction
from workstation.domain.events import (
    AccountsChanged,
    ConversationsChanged,
    DeliveryChanged,
)
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.evidence.model import RecordView
from workstation.inbox import moments
from workstation.inbox.clocks import load_rules
from workstation.inbox.model import (
    NO_CLOCK,
    Account,
    AccountSettings,
    BadItem,
    ClockRule,
    ConnectionReport,
    ConnectionStep,
    ConversationRow,
    ConversationView,
    ImportReport,
    ListQuery,
    MailFolder,
    MessageCursor,
    MessagePage,
    MessageView,
    Provider,
    Queue,
    Security,
    ServerSettings,
    SystemLine,
    Undo,
)
from workstation.kernel.errors import NotFound
from workstation.kernel.paging import Page
from workstation.kernel.paths import resources
from workstation.orders.model import BadRow, OrderImportReport, OrderLink
from workstation.runtime.bus import EventBus
from workstation.sync.model import SyncStatus
from workstation.verification.model import Check, Panel, RawAnswer, Verdict

NOW = 1_795_298_400_000
"""2026-11-21 22:00 UTC, when every test takes place."""
HOUR = 3_600_000


def make_row(number: int, **changes: object) -> ConversationRow:
    """A conversation like many; `changes` replace fields."""
    due = NOW + (number + 1) * HOUR
    base = ConversationRow(
        id=f"c{number:06}", who=f"Buyer {number}", subject=f"Where is parcel {number}?", snippet="It has not come yet.",
        channel=Channel.AMAZON, state=ConversationState.OPEN, language="pt", store="loja-1", unread=False,
        unanswered=True, last_at=NOW - number * 60_000, due_at=due, clock_ms=24 * HOUR, snoozed_until=None,
        issue="late", orders=(), delivery=Delivery.DONE, sort_key=due,
    )
    return base._replace(**changes)  # type: ignore[arg-type]


def make_message(number: int, conversation_id: str, **changes: object) -> MessageView:
    """A buyer's message; `changes` replace fields."""
    base = MessageView(
        id=f"m{number}", conversation_id=conversation_id, direction=Direction.IN,
        author=Address("buyer@example.test", "Ana"),
        to=(Address("shop@example.test"),), cc=(), at=NOW - HOUR + number, subject="Where is it?",
        text="Cadê o meu pedido 702-1234567-1234567?", quoted="", html="", language="pt", translation=None,
        attachments=(), delivery=Delivery.DONE, delivery_sentence="", message_id=f"<m{number}@example.test>",
        survivors=("702-1234567-1234567",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def make_check(name: str, verdict: Verdict = Verdict.PASS, fact: str = "As it should be") -> Check:
    return Check(name, verdict, fact, "The rule that decided", "What would change this", "shop · loja-1",
                 NOW - 120_000, NOW + HOUR, "answer-1")


def _set() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class World:
    """Everything the fake core knows. Tests change it, then `announce`."""

    rows: list[ConversationRow] = field(default_factory=list)
    messages: dict[str, list[MessageView]] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)
    drafts: dict[tuple[str, Mode], Draft] = field(default_factory=dict)
    outgoing: list[Outgoing] = field(default_factory=list)
    records: list[RecordView] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    status: SyncStatus = field(default_factory=lambda: SyncStatus(True, True, 0, 0, 0, NOW, True))
    report: ConnectionReport = field(default_factory=lambda: ConnectionReport((
        ConnectionStep("Reach imap.example.test", True, "Reached."), ConnectionStep("Log in", True, "Logged in."))))
    failure: BaseException | None = None
    calls: list[tuple[str, object]] = field(default_factory=list)
    bus: EventBus = field(default_factory=EventBus)
    pages: int = 0
    own_rules: tuple[ClockRule, ...] = ()
    lines: dict[str, list[SystemLine]] = field(default_factory=dict)
    unread_from: dict[str, str] = field(default_factory=dict)
    shown: int = 60
    testing: threading.Event = field(default_factory=_set)

    def note(self, name: str, what: object = None) -> None:
        """Remember a call; fail as the test wished."""
        self.calls.append((name, what))
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    def called(self, name: str) -> list[object]:
        return [what for called, what in self.calls if called == name]

    def change(self, ids: Sequence[str], **changes: object) -> None:
        """Change rows and say so, as the core would after its commit."""
        self.rows = [row._replace(**changes) if row.id in ids else row for row in self.rows]  # type: ignore[arg-type]
        self.bus.publish(ConversationsChanged(tuple(ids)))


class FakeInbox(FakeOrganising):
    def _queue(self, key: str) -> list[ConversationRow]:
        from ui.inbox.words import belongs

        rows = [row for row in self.world.rows if belongs(row, key, NOW, "me")]
        return sorted(rows, key=lambda row: (row.sort_key, row.id))

    async def queues(self) -> tuple[Queue, ...]:
        titles = {"open": "Open", "breaching": "Breaching", "unanswered": "Unanswered", "snoozed": "Snoozed",
                  "resolved": "Resolved", "all": "All"}
        fixed = tuple(Queue(key, title, len(self._queue(key))) for key, title in titles.items())
        channels = sorted({str(row.channel) for row in self.world.rows})
        keys = [f"channel:{name}" for name in channels]
        return fixed + tuple(Queue(key, key.split(":")[1].title(), len(self._queue(key)), "channels") for key in keys)

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        self.world.note("page", query)
        self.world.pages += 1
        rows = self._queue(query.queue)
        if query.search:
            rows = [row for row in rows if query.search.lower() in f"{row.who} {row.subject}".lower()]
        if query.cursor:
            key, _sep, name = query.cursor.partition(":")
            rows = [row for row in rows if (row.sort_key, row.id) > (int(key), name)]
        rows = rows[query.position or 0:]
        shown = tuple(rows[:query.limit])
        return Page(shown, shown[-1].cursor if len(rows) > query.limit else None)

    async def size(self, query: ListQuery) -> int:
        return -1 if query.search else len(self._queue(query.queue))

    async def rank(self, query: ListQuery, conversation_id: str) -> int | None:
        ids = [row.id for row in self._queue(query.queue)]
        return ids.index(conversation_id) if conversation_id in ids else None

    async def rows(self, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
        return tuple(row for row in self.world.rows if row.id in set(ids))

    async def conversation(self, conversation_id: str) -> ConversationView:
        row = next((row for row in self.world.rows if row.id == conversation_id), None)
        if row is None:
            raise NotFound("There is no such conversation.")
        messages = self.world.messages.get(conversation_id) or [make_message(1, conversation_id)]
        newest = paging.page(messages, self.world.lines.get(conversation_id, ()), MessageCursor(), self.world.shown)
        return ConversationView(
            row, Address("buyer@example.test", row.who), newest.messages, newest.lines, newest.earlier,
            self.world.unread_from.get(conversation_id, ""))

    async def messages(self, conversation_id: str, at: MessageCursor, limit: int = 50) -> MessagePage:
        self.world.note("messages", (conversation_id, at, limit))
        return paging.page(self.world.messages.get(conversation_id) or [make_message(1, conversation_id)],
                           self.world.lines.get(conversation_id, ()), at, limit)

    async def mark_read(self, ids: Sequence[str], read: bool = True) -> None:
        self.world.note("mark_read", (tuple(ids), read))
        self.world.change(ids, unread=not read)

    async def resolve(self, ids: Sequence[str], seen: Mapping[str, int] | None = None) -> Undo:
        return self._act("resolve", ids, state=ConversationState.RESOLVED, due_at=None, unanswered=False)

    async def reopen(self, ids: Sequence[str]) -> Undo:
        return self._act("reopen", ids, state=ConversationState.OPEN)

    async def when(self, text: str) -> int | None:
        self.world.note("when", text)
        return moments.read(text, NOW)

    async def clock_rules(self) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
        return (*self.world.own_rules, *load_rules(resources() / "clocks" / "clocks.toml")), ()

    async def keep_clock_rules(self, own: Sequence[ClockRule]) -> None:
        self.world.note("keep_clock_rules", tuple(own))
        self.world.own_rules = tuple(own)

    async def snooze(self, ids: Sequence[str], until: int) -> Undo:
        return self._act("snooze", ids, state=ConversationState.SNOOZED, snoozed_until=until)

    async def no_response_needed(self, ids: Sequence[str]) -> Undo:
        return self._act("no_response_needed", ids, due_at=None, unanswered=False, sort_key=NO_CLOCK)

    async def undo(self, undo_id: str) -> None:
        self.world.note("undo", undo_id)
        self._put_back(undo_id)

    async def raw_source(self, message_id: str) -> bytes:
        return f"Message-ID: {message_id}\r\n\r\nbody".encode()

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        return f"{attachment_id}.txt", "text/plain", b"content"

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport:
        self.world.note("import_mail", path)
        if progress:
            progress(3, 3)
        return ImportReport(3, 2, 0, (BadItem("mail 3", "It has no end."),))


class FakeAccounts:
    def __init__(self, world: World) -> None:
        self.world = world

    async def list(self) -> tuple[Account, ...]:
        return tuple(self.world.accounts)

    async def preset(self, address: str) -> Provider | None:
        known = Provider("Post", ServerSettings("in.post.example", 143, Security.STARTTLS),
                         ServerSettings("out.post.example", 465), "Make an app password first.")
        return known if address.endswith("@post.example") else None

    async def test(
        self, settings: AccountSettings, password: str | None, account_id: str = "",
        step: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        self.world.note("test", (settings, password))
        for one in self.world.report.steps:
            if step is not None and one.ok is not None:
                step(one)
        while not self.world.testing.is_set():  # noqa: ASYNC110 - set on the test's thread
            await asyncio.sleep(0.005)
        return self.world.report

    async def folders(
        self, settings: AccountSettings, password: str | None, account_id: str = ""
    ) -> tuple[MailFolder, ...]:
        self.world.note("folders", (settings, password))
        return (
            MailFolder("INBOX", "inbox", watched=True), MailFolder("Sent", "sent", watched=True),
            MailFolder("Marktplatz", watched="Marktplatz" in settings.folders), MailFolder("Junk", "junk"),
            MailFolder("All Mail", "all", offered=False),
        )

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str = "") -> str:
        self.world.note("sign_in", (settings, secret))
        opened(f"https://sign-in.example/{settings.sign_in}")
        return "a grant"

    async def update(self, account_id: str, settings: AccountSettings, password: str | None = None) -> Account:
        self.world.note("update", (account_id, settings, password))
        changed = Account(account_id, settings, "online")
        self.world.accounts = [changed if one.id == account_id else one for one in self.world.accounts]
        self.world.bus.publish(AccountsChanged())
        return changed

    async def add(self, settings: AccountSettings, password: str) -> Account:
        self.world.note("add", (settings, password))
        account = Account(f"a{len(self.world.accounts)}", settings, "online")
        self.world.accounts.append(account)
        self.world.bus.publish(AccountsChanged())
        return account

    async def remove(self, account_id: str) -> None:
        self.world.note("remove", account_id)
        self.world.accounts = [one for one in self.world.accounts if one.id != account_id]
        self.world.bus.publish(AccountsChanged())

    async def fetch_now(self) -> None:
        self.world.note("fetch_now")


class FakeOrders:
    def __init__(self, world: World) -> None:
        self.world = world

    async def import_file(self, path: Path, progress: Progress | None = None) -> OrderImportReport:
        self.world.note("import_file", path)
        return OrderImportReport(5, 4, 0, (BadRow("line 4", "The amount is not a number."),))

    async def find(self, order_id: str) -> tuple[Order, ...]:
        return ()

    async def beginning(self, typed: str, limit: int = 5) -> tuple[tuple[OrderRef, str], ...]:
        known = (OrderRef("amazon", "loja-1", "702-1234567-1234567"), "Ana Souza")
        return (known,) if typed and known[0].order_id.startswith(typed) else ()

    async def links(self, conversation_id: str) -> tuple[OrderLink, ...]:
        panel = self.world.panels.get(conversation_id)
        return (OrderLink(conversation_id, panel.order, panel.reason, True),) if panel and panel.order else ()

    async def parcel(self, ref: OrderRef) -> Parcel | None:
        return None

    async def link(self, conversation_id: str, ref: OrderRef) -> None:
        self.world.note("link", (conversation_id, ref))


class FakeVerification:
    def __init__(self, world: World) -> None:
        self.world = world

    async def panel(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        return self.world.panels.get(conversation_id) or Panel(None, "", (), NOW)

    async def refresh(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        self.world.note("refresh", conversation_id)
        return await self.panel(conversation_id, order)

    async def freshen(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        self.world.note("freshen", conversation_id)
        return await self.panel(conversation_id, order)

    async def check_order(self, order_id: str, at: int | None = None) -> Panel:
        return Panel(None, order_id, (), at or NOW)

    async def raw_answer(self, answer_id: str) -> RawAnswer:
        return RawAnswer(answer_id, "shop · loja-1", NOW, "application/json", b'{"order": "702-1234567-1234567"}')


class FakeDrafts:
    def __init__(self, world: World) -> None:
        self.world = world
        self.stopped: tuple[str, ...] = ()

    async def load(self, conversation_id: str, mode: Mode) -> Draft:
        empty = Draft(conversation_id, mode, target_language="pt")
        return self.world.drafts.get((conversation_id, mode), empty)

    async def save(self, draft: Draft) -> Draft:
        self.world.note("save", draft)
        saved = replace(draft, revision=draft.revision + 1, saved_at=NOW)
        self.world.drafts[draft.conversation_id, draft.mode] = saved
        return saved

    async def history(self, conversation_id: str, mode: Mode) -> tuple[Draft, ...]:
        return ()

    async def attach(
        self, conversation_id: str, name: str, mime: str, content: bytes, record_id: str = "",
    ) -> DraftFile:
        self.world.note("attach", (conversation_id, name))
        return DraftFile(f"f-{name}", name, mime, len(content), record_id)

    async def detach(self, conversation_id: str, file_id: str) -> None:
        self.world.note("detach", file_id)

    async def blockers(self, draft: Draft) -> tuple[str, ...]:
        return self.stopped

    async def send(self, draft: Draft) -> Outgoing:
        self.world.note("send", draft)
        sent = Outgoing(f"o{len(self.world.outgoing)}", draft.conversation_id, "<o@example.test>", "<m1@example.test>",
                        Delivery.HELD, NOW + 15_000, 0, "")
        self.world.outgoing.append(sent)
        self.world.drafts.pop((draft.conversation_id, draft.mode), None)
        self.world.bus.publish(DeliveryChanged(draft.conversation_id, sent.id, sent.state))
        return sent

    async def undo_send(self, outgoing_id: str) -> Draft:
        self.world.note("undo_send", outgoing_id)
        draft = next(what for name, what in reversed(self.world.calls) if name == "send" and isinstance(what, Draft))
        self.world.drafts[draft.conversation_id, draft.mode] = draft
        return draft

    async def outgoing(self) -> tuple[Outgoing, ...]:
        return tuple(self.world.outgoing)

    async def retry(self, outgoing_id: str) -> None:
        self.world.note("retry", outgoing_id)

    async def look_for(self, outgoing_id: str) -> Outgoing:
        self.world.note("look_for", outgoing_id)
        return next(one for one in self.world.outgoing if one.id == outgoing_id)
