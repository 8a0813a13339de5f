"""Facts with their origin: what is stored about an order, who said each part of it, and when it was last asked.

Orders keep them and verification judges them, so they belong to neither. Times are milliseconds, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.order import Order, Parcel


class SourceKind(StrEnum):
    """What sort of source a fact is from; how long it stays fresh depends on it."""

    EXPORT = "export"          # a file the seller downloaded
    API = "api"                # a shop or marketplace that was asked
    CARRIER = "carrier"        # a tracking service that was asked
    PERSON = "person"          # somebody looked


class Outcome(StrEnum):
    """How the last question to a source ended."""

    ANSWERED = "answered"
    ABSENT = "absent"          # it answered that it knows no such thing
    FAILED = "failed"          # it timed out, refused, or answered something else than it used to
    OFFLINE = "offline"        # we could not reach it: that says nothing about the source


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who said a fact, when, and the stored raw answer it was read from."""

    source: str
    kind: SourceKind
    fetched_at: int
    answer_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last time a source was asked. `sentence` says why it failed, "" when it answered."""

    source: str
    at: int
    outcome: Outcome
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """An order as stored, part by part. A part without provenance is not known.

    identity: buyer, dates of purchase, total, country, lines, status · shipping: shipped, tracking number, carrier,
    service · delivered: the delivery date · promise: the promised date · refunds: the refunds.
    """

    order: Order
    identity: Provenance | None = None
    shipping: Provenance | None = None
    delivered: Provenance | None = None
    promise: Provenance | None = None
    refunds: Provenance | None = None
    parcel: Parcel | None = None
    tracking: Provenance | None = None
    shop_attempt: Attempt | None = None
    carrier_attempt: Attempt | None = None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """The raw answer of a source as it came."""

    id: str
    source: str
    fetched_at: int
    content_type: str
    body: bytes
    first_at: int = 0          # when it was first given in these very bytes; `fetched_at` is when last
    asked: str = ""            # "POST https://host/path", "" for a file and where it is not known
    status: int = 0            # of HTTP, 0 where there was none
