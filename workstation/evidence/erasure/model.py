"""Values of erasure: rules, what would go, what is due, who holds a case. Pure.

Erasing destroys the key of a record's file, the file, its thumbnail, what was read in it, and the personal values that
lie beside the record. The record, its signature and the chain stay, and a record of kind `erase` says what went.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workstation.kernel.clock import DAY, MINUTE

GRACE = 15 * MINUTE
"""Between a person's "Erase" and the erasing."""
KEPT_VALUES = ("operator", "os_user")
"""Who made a record is no buyer's data; without it nothing could be said of who did what."""
KEPT_KINDS = ("erase", "hold")
"""Records of erasing and holding say why, in the seller's own words, and are what stays provable."""
COLLECTION = "erasure"
"""What the hub is told of destroyed keys, and tells every desktop."""
CUSTOMER, ORDER, ORDERS = "customer:", "order:", "orders:"
"""How a subject that is no case begins: then the id of a customer's identity or of an order, or orders' ids (JSON)."""
LONELY = "orders-of:"
"""How the plan begins of all orders without a case that one rule asks for: then the rule's id."""
KINDS = (
    "messages", "attachments", "names", "drafts", "replies", "translations", "captions", "orders", "answers",
    "customers",
)
"""What is no evidence, as previews and records count it."""


def order_subject(order_id: str) -> str:
    """An order with every case that is surely about it, as `api.ErasureApi` takes it."""
    return ORDER + order_id


def customer_subject(customer_id: str) -> str:
    """A customer with all their cases."""
    return CUSTOMER + customer_id


@dataclass(frozen=True, slots=True)
class Rule:
    """A platform's deadline. `after` is "delivery", the only event that is known of an order."""

    id: str
    channel: str
    days: int
    notice_days: int
    source: str
    after: str = "delivery"

    def due(self, delivered: Sequence[int | None]) -> int | None:
        """When the days have passed after the last delivery (ms, UTC); None when a delivery is not known."""
        known = [at for at in delivered if at is not None]
        return max(known) + self.days * DAY if known and len(known) == len(delivered) else None


@dataclass(frozen=True, slots=True)
class Hold:
    """A case that must not be erased, since when and why."""

    case_id: str
    at: int
    reason: str
    record_id: str


@dataclass(frozen=True, slots=True)
class ErasePreview:
    """What erasing a case would destroy, and what is in its way."""

    case_id: str
    records: int                      # of which something would go
    files: int                        # whose key and content would go
    size: int                         # bytes of them
    values: tuple[str, ...]           # names of personal values that would go
    texts: int                        # texts read in pictures, and their words in the search
    copies: int                       # of files among drafts and replies
    stay: int                         # records that stay provable, all of the case
    packs: int                        # exported before; they are outside and stay as they are
    hold: Hold | None = None
    counts: Mapping[str, int] = field(default_factory=dict)   # of what is no evidence, by kind (`KINDS`)
    shared: int = 0                   # orders that stay, because another case is about them, too
    leaving: bool = False             # a reply of it is still to be sent: it goes first
    cases: int = 1                    # of a customer or an order, those that would go
    held: int = 0                     # and those that stay, because they are held

    @property
    def empty(self) -> bool:
        return self.records == 0 and not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Erased:
    """What was destroyed. `left`: ciphertexts without a key that could not be removed yet; the next start does it."""

    record_id: str
    at: int
    records: int
    files: int
    values: int
    left: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)   # of what is no evidence, by kind (`KINDS`)
    held: int = 0                     # cases that stay, because they are held


@dataclass(frozen=True, slots=True)
class Due:
    """A case that is to be erased. `due_at` and `runs_at` are None when a delivery is unknown: then nothing is erased.

    `rule` is None when a person asked for it.
    """

    case_id: str
    title: str
    rule: Rule | None
    due_at: int | None
    runs_at: int | None
    reason: str = ""
    hold: Hold | None = None
