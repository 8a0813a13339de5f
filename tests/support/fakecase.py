"""Cases for the conversation side: people who write in four scripts, drafts with revisions that refuse an old one,
a translator whose answers can be held back. Built on the shared in-memory core."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.fakecore import (
    HOUR,
    NOW,
    FakeDrafts,
    FakeOrders,
    World,
    make_message,
    make_row,
)
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_translation import FakeTranslation
from workstation.api import Core
from workstation.domain.conversation import Address, Attachment, Channel, Delivery, Direction
from workstation.domain.events import ChecksChanged, ConversationsChanged, DraftSaved, MessageArrived
from workstation.domain.money import Money
from workstation.domain.order import Order, OrderLine, OrderRef, Parcel, ParcelState, TrackingEvent
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.inbox.model import MessageView, TranslationView
from workstation.kernel.errors import InputError, NoEngine, NotFound, SendBlocked
from workstation.translation.model import Preview, Translation
from workstation.verification.model import Check, Panel, Verdict

QUIET_PLATFORM = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
"""The offscreen platform says this whenever a window's smallest size changes; it speaks of itself."""
ORDER = "702-1234567-1234567"
REF = OrderRef("amazon", "Loja do Norte", ORDER)
ARABIC = "مرحبا، لم يصل الطلب 702-7654321-7654321 حتى الآن. أريد استرداد 129.90 ريال من فضلكم."


class CaseDrafts(FakeDrafts):
    """Drafts with revisions, history and events, as the core keeps them."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.kept: list[Draft] = []
        self.files: dict[str, tuple[DraftFile, ...]] = {}
        self.gate: asyncio.Event | None = None
        self.sent: dict[str, Draft] = {}

    async def load(self, conversation_id: str, mode: Mode) -> Draft:
        self.world.note("load", (conversation_id, mode))
        target = next((row.language for row in self.world.rows if row.id == conversation_id), "")
        empty = Draft(conversation_id, mode, target_language=target)
        return self.world.drafts.get((conversation_id, mode), empty)

    async def save(self, draft: Draft) -> Draft:
        self.world.note("save", draft)
        if self.gate:
            await self.gate.wait()
        stored = self.world.drafts.get((draft.conversation_id, draft.mode))
        if stored and stored.revision > draft.revision:
            raise InputError("A newer draft is stored.", "Look at both.")
        return self.put(replace(draft, revision=draft.revision + 1, saved_at=NOW))

    def put(self, draft: Draft) -> Draft:
        """Store it and say so, as another window would."""
        self.world.drafts[draft.conversation_id, draft.mode] = draft
        self.kept.insert(0, draft)
        self.world.bus.publish(DraftSaved(draft.conversation_id, draft.revision))
        return draft

    async def history(self, conversation_id: str, mode: Mode) -> tuple[Draft, ...]:
        return tuple(d for d in self.kept if (d.conversation_id, d.mode) == (conversation_id, mode))

    async def blockers(self, draft: Draft) -> tuple[str, ...]:
        lost = tuple(f"{item} was lost in translation." for item in draft.lost if not draft.accepted_lost)
        return (*self.stopped, *lost)

    async def send(self, draft: Draft) -> Outgoing:
        reasons = await self.blockers(draft)
        if reasons:
            raise SendBlocked("This reply may not leave yet.", "", reasons)
        sent = await super().send(await self.save(draft))
        self.sent[sent.id] = draft
        if draft.mode is Mode.NOTE:
            return replace(sent, state=Delivery.DONE)
        return sent

    async def undo_send(self, outgoing_id: str) -> Draft:
        self.world.note("undo_send", outgoing_id)
        if outgoing_id not in self.sent:
            raise NotFound("That reply is already on its way.")
        draft = self.sent.pop(outgoing_id)
        self.world.outgoing = [one for one in self.world.outgoing if one.id != outgoing_id]
        stored = self.world.drafts.get((draft.conversation_id, draft.mode))
        return self.put(replace(draft, revision=(stored.revision if stored else draft.revision) + 1))


class CaseTranslation(FakeTranslation):
    """Turns text around, keeps digits, and loses what it is told to."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.loses: tuple[str, ...] = ()
        self.items: tuple[str, ...] = (ORDER, "R$ 129,90")
        self.gate: asyncio.Event | None = None
        self.readable: dict[str, Translation] = {}

    async def translate(self, text: str, source: str, target: str) -> Translation:
        if self.gate:
            await self.gate.wait()
        plain = await super().translate(text, source, target)
        changed = plain.target
        for item in self.loses:
            changed = changed.replace(item, "…")
        named = [item for item in self.items if item in text]
        return replace(
            plain, target=changed, survived=tuple(i for i in named if i in changed),
            lost=tuple(i for i in named if i not in changed))

    async def preview(self, text: str, source: str, target: str) -> Preview:
        return Preview(await self.translate(text, source, target), f"back: {text}", "firefox")

    async def read_message(self, message_id: str) -> Translation | None:
        self.world.note("read_message", message_id)
        if self.gate:
            await self.gate.wait()
        language = next((m.language for ms in self.world.messages.values() for m in ms if m.id == message_id), "en")
        if language not in ("pt", "en"):
            raise NoEngine("There is no engine for this language.", "Install a package in the settings.")
        return self.readable.get(message_id)


def case_core(world: World) -> tuple[Core, CaseDrafts, CaseTranslation]:
    """The in-memory core with the two parts that tests steer."""
    drafts, translation = CaseDrafts(world), CaseTranslation(world)
    core = replace(make_core(world), drafts=drafts, translation=translation, orders=CaseOrders(world))
    return core, drafts, translation


def arrive(world: World, message: MessageView) -> None:
    """A buyer's message comes in."""
    world.messages.setdefault(message.conversation_id, []).append(message)
    world.bus.publish(MessageArrived(message.conversation_id, message.id))
    world.bus.publish(ConversationsChanged((message.conversation_id,)))


def case_world() -> World:
    """Four conversations: "pt" with a history, "ja" without an engine, "ar" right to left, "long" names."""
    rows = [
        make_row(0, id="pt", who="Ana Souza", subject="Cadê o meu pacote?", language="pt", issue="late"),
        make_row(1, id="ja", who="田中 太郎", subject="商品が壊れていました", language="ja", channel=Channel.LINE),
        make_row(2, id="ar", who="ليلى حداد", subject="أين طلبي؟", language="ar", channel=Channel.SHOPIFY),
        make_row(3, id="long", who="Maximiliana Konstantinopolitanskaya-Vandenberghe von Hohenlohe",
                 subject="A very long subject that goes on about a parcel, its box, its label and a neighbour",
                 language="en", channel=Channel.EBAY),
    ]
    world = World(rows=rows)
    world.messages = {"pt": _portuguese(), "ja": [_japanese()], "ar": [_arabic()], "long": [make_message(
        40, "long", text="Hello, where is it?", language="en", author=Address("max@example.test", rows[3].who))]}
    world.panels = {"pt": panel()}
    return world


def panel() -> Panel:
    """Six checks: four pass, one warns, one is unknown."""
    def check(name: str, verdict: Verdict, fact: str, source: str = "simulated shop · Loja do Norte") -> Check:
        known = verdict is not Verdict.UNKNOWN
        fetched, expires = (NOW - 9 * 60_000, NOW + HOUR) if known else (None, None)
        return Check(name, verdict, fact, "The rule that decided this.", "What would change this.", source,
                     fetched, expires, f"answer-{name}" if known else "")
    return Panel(REF, f"Order {ORDER} · 2 items · BRL 129.90", (
        check("order", Verdict.PASS, "The order exists and is this buyer's"),
        check("delivery", Verdict.PASS, "Shipped on 9 Nov 2026"),
        check("tracking", Verdict.WARN, "Nothing new from the carrier for 9 days; its service takes 6",
              "simulated carrier"),
        check("promise", Verdict.PASS, "Promised for 28 Nov 2026, 7 days from now"),
        check("return_window", Verdict.PASS, "Open until 12 Dec 2026"),
        check("refund", Verdict.UNKNOWN, "The shop did not answer in time, so refunds are not known", ""),
    ), NOW, (OrderRef("shopify", "norte.example", "#1042"),), "names the order number")


def _portuguese() -> list[MessageView]:
    first = make_message(
        1, "pt", author=Address("ana@example.test", "Ana Souza"), at=NOW - 50 * HOUR,
        text=f"Olá, o meu pedido {ORDER} ainda não chegou.\nPaguei R$ 129,90 e o rastreio não muda há dias.\n"
             "Veja https://rastreio.example.test/LB123456785CN",
        survivors=(ORDER, "R$ 129,90"), quoted="Em 12 de novembro, Loja escreveu:\n> Seu pedido foi enviado.",
        html=f"<p>Olá, o meu pedido <b>{ORDER}</b> ainda não chegou.</p><p><img src='http://127.0.0.1/x.png'></p>",
        translation=TranslationView(
            "en", f"Hello, my order {ORDER} has not arrived yet.\nI paid R$ 129,90 and the tracking has not changed "
            "for days.\nSee https://rastreio.example.test/LB123456785CN", "firefox"),
        attachments=(Attachment("a1", "foto da caixa.jpg", "image/jpeg", 482_113),
                     Attachment("a2", "../../nota fiscal muito comprida de novembro (cópia).pdf", "application/pdf",
                                91_402)))
    answer = make_message(
        2, "pt", direction=Direction.OUT, author=Address("loja@example.test", "Loja do Norte"), at=NOW - 49 * HOUR,
        text="Olá Ana, obrigado por escrever. Vamos verificar com a transportadora hoje.", language="pt", survivors=(),
        translation=TranslationView("en", "Hello Ana, thank you for writing. We will check with the carrier.", ""))
    note = make_message(3, "pt", direction=Direction.NOTE, author=Address("", "Mei"), at=NOW - 48 * HOUR, language="en",
                        text="Carrier promised an answer by Monday.", survivors=())
    second = make_message(
        4, "pt", author=Address("ana@example.test", "Ana Souza"), at=NOW - HOUR, survivors=("R$ 129,90",),
        text="Quero o reembolso de R$ 129,90, por favor.",
        translation=TranslationView("en", "I want the refund of R$ 12,90, please.", "firefox", ("R$ 129,90",)))
    return [first, answer, note, second]


def _japanese() -> MessageView:
    text = ("注文番号 250-1111111-2222222 の商品が届きましたが、箱がつぶれていて、"
            "中の皿が割れていました。写真を添付します。")
    return make_message(
        20, "ja", author=Address("tanaka@example.test", "田中 太郎"), language="ja", survivors=("250-1111111-2222222",),
        text=text, problems=("The mail's date was missing; the time of receipt is shown.",))


def _arabic() -> MessageView:
    return make_message(30, "ar", author=Address("laila@example.test", "ليلى حداد"), language="ar", text=ARABIC,
                        survivors=("702-7654321-7654321",))


def order() -> Order:
    """The order behind `panel`, with one refund unknown."""
    lines = (OrderLine("P-1", "Prato de cerâmica azul, 24 cm", 1, Money(8_990, "BRL")), OrderLine("P-2", "Copo", 1))
    return Order(
        "o-1", REF, "Ana Souza", "ana@example.test", NOW - 14 * 24 * HOUR, Money(12_990, "BRL"), "BR", lines,
        NOW - 12 * 24 * HOUR, NOW + 7 * 24 * HOUR, None, "LB123456785CN", "Correios", "Registered", "Shipped",
        "simulated shop", NOW - 9 * 60_000)


def parcel() -> Parcel:
    """A parcel that stands still."""
    return Parcel("LB123456785CN", "Correios", "Registered", ParcelState.IN_TRANSIT, (
        TrackingEvent(NOW - 12 * 24 * HOUR, ParcelState.LABEL, "Accepted", "Shenzhen"),
        TrackingEvent(NOW - 9 * 24 * HOUR, ParcelState.IN_TRANSIT, "Left the country of origin", "Shenzhen")))


class CaseOrders(FakeOrders):
    """Knows one order, and links what it is told to."""

    async def find(self, order_id: str) -> tuple[Order, ...]:
        self.world.note("find", order_id)
        return (order(),) if order_id in (ORDER, str(REF)) else ()

    async def parcel(self, ref: OrderRef) -> Parcel | None:
        return parcel() if ref == REF else None

    async def link(self, conversation_id: str, ref: OrderRef) -> None:
        await super().link(conversation_id, ref)
        self.world.panels[conversation_id] = panel()
        self.world.bus.publish(ChecksChanged(conversation_id))
