"""Values of the demo's script. Days and hours count from the start of the demo; amounts are decimal text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workstation.domain.conversation import Channel

SITUATIONS = (
    "late", "lost", "customs_hold", "refused", "damaged", "defective", "wrong_item", "missing_item", "return",
    "exchange", "refund_status", "address_change", "cancellation", "product_question", "negative_review", "dispute",
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One of the store's mailboxes. `store` is how its orders name the store."""

    key: str
    address: str
    name: str
    channel: Channel
    store: str


MAILBOXES = (
    Mailbox("amazon", "amazon@lumenharbor.example", "Lumen Harbor", Channel.AMAZON, "Amazon"),
    Mailbox("shop", "hello@lumenharbor.example", "Lumen Harbor", Channel.EMAIL, "lumenharbor.example"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. `author` is "buyer" or "store"; `attachment` names a picture that is drawn when it is needed."""

    hours_ago: float
    text: str
    author: str = "buyer"
    html: bool = False
    quote: bool = False
    attachment: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    title: str
    quantity: int
    price: str


@dataclass(frozen=True, slots=True)
class Refunded:
    amount: str
    days: float
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """A tracking event; `state` is a `domain.order.ParcelState`."""

    days: float
    state: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class ScriptParcel:
    """`trouble` is how its carrier misbehaves: "", "timeout" or "shape"."""

    state: str
    events: tuple[Step, ...]
    delivered_days: float | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ScriptOrder:
    """`trouble` is how its shop misbehaves: "", "timeout" or "shape"."""

    platform: str
    id: str
    currency: str
    country: str
    placed_days: float
    lines: tuple[Line, ...]
    shipped_days: float | None = None
    promised_days: float | None = None
    delivered_days: float | None = None
    tracking: str = ""
    carrier: str = ""
    service: str = ""
    refunds: tuple[Refunded, ...] = ()
    parcel: ScriptParcel | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation of the demo. `expect` maps check ids to the verdict that must come out."""

    id: str
    language: str
    situation: str
    mailbox: Mailbox
    buyer: str
    address: str
    subject: str
    letters: tuple[Letter, ...]
    cc: tuple[str, ...] = ()
    order: ScriptOrder | None = None
    reply: str = ""
    expect: Mapping[str, str] = field(default_factory=dict)
