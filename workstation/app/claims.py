"""What claims may know of orders, parcels and messages, in the shape they ask for. Nothing here decides anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.facts import OrderFacts, Provenance
from workstation.domain.order import OrderRef, ParcelState
from workstation.evidence.claims.binder import BinderService
from workstation.evidence.claims.desks import Desks
from workstation.evidence.claims.model import Fact, Letter
from workstation.evidence.ports import Printer
from workstation.evidence.service import EvidenceService
from workstation.inbox import placing
from workstation.inbox.languages import told
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _
from workstation.kernel.paths import resources
from workstation.store.database import Database
from workstation.translation import repo as translations

MOST_LETTERS = 300
_MOST_TEXT = 60_000
_LETTERS = (
    "SELECT id, at, direction, author_name, author_email, language, text, original, original_language FROM message "
    "WHERE conversation_id IN (SELECT value FROM json_each(?)) AND direction != 'note' "
    "ORDER BY at DESC, seq DESC LIMIT ?"
)


class _Link(Protocol):
    @property
    def ref(self) -> OrderRef: ...

    @property
    def strong(self) -> bool: ...


class _Orders(Protocol):
    def linked(self, connection: Connection, conversation_id: str) -> Sequence[_Link]: ...

    def facts(self, connection: Connection, ref: OrderRef) -> OrderFacts | None: ...


OWN = "claims"
"""The folder of a home in which a seller's own desks are."""


def binder(
    database: Database, clock: Clock, root: Path, facts: ClaimFacts, evidence: EvidenceService,
    printer: Printer,
) -> BinderService:
    """The binder, with the desks that ship and those in the home's folder. Their files are read when first needed."""
    return BinderService(
        database, clock, lambda: Desks(resources() / "claims", root / OWN), facts, evidence, printer,
        placing.members)


class ClaimFacts:
    """Fulfils `evidence.ports.CaseFacts` from the order a conversation surely is about, and from its messages."""

    def __init__(
        self, orders: _Orders, clock: Clock, lasts_ms: Callable[[str, str], int], language: Callable[[], str]
    ) -> None:
        """`lasts_ms`: how long a fact of a kind of source and a part of the order is fresh. `language`: the agent's."""
        self._orders = orders
        self._clock = clock
        self._lasts_ms = lasts_ms
        self._language = language

    def known(self, connection: Connection, case_id: str) -> bool:
        return connection.exec_driver_sql("SELECT 1 FROM conversation WHERE id = ?", (case_id,)).first() is not None

    def facts(self, connection: Connection, case_id: str) -> Sequence[Fact]:
        sure = next((link for link in self._orders.linked(connection, case_id) if link.strong), None)
        found = self._orders.facts(connection, sure.ref) if sure else None
        if found is None:
            return ()
        return [self._fact(name, value, part, said, why) for name, value, part, said, why in _values(found)]

    def _fact(self, name: str, value: str, part: str, said: Provenance | None, why: str) -> Fact:
        """A value nobody stands behind is unknown."""
        if said is None:
            return Fact(name, "", "", why=_("No source says it."))
        old = self._clock.now() - said.fetched_at > self._lasts_ms(said.kind, part)
        return Fact(name, "", value, said.source, said.fetched_at, old and bool(value), "" if value else why)

    def letters(self, connection: Connection, case_id: str) -> Sequence[Letter]:
        cases = placing.with_members(connection, [case_id])
        rows = connection.exec_driver_sql(_LETTERS, (json.dumps(cases), MOST_LETTERS)).mappings().all()[::-1]
        english = translations.stored(connection, [row["id"] for row in rows], "en")
        other = translations.stored(connection, [row["id"] for row in rows], self._language())
        return [_letter(dict(row), english.get(row["id"]) or other.get(row["id"])) for row in rows]


class _Translated(Protocol):
    @property
    def language(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def engine(self) -> str: ...


def _letter(row: dict[str, object], translated: _Translated | None) -> Letter:
    incoming = row["direction"] == "in"
    name = str(row["author_name"] or row["author_email"])
    language, text = told(str(row["language"])), str(row["text"])[:_MOST_TEXT]
    said = Letter(str(row["id"]), int(str(row["at"])), incoming, name, language, text)
    own = str(row["original"])
    if own and not incoming:
        return Letter(said.message_id, said.at, incoming, name, language, text, str(row["original_language"]),
                      own[:_MOST_TEXT], own_words=True)
    if translated is None:
        return said
    return Letter(said.message_id, said.at, incoming, name, language, text, translated.language,
                  translated.text[:_MOST_TEXT], translated.engine)


_Value = tuple[str, str, str, Provenance | None, str]


def _values(found: OrderFacts) -> Iterator[_Value]:
    """Each fact with its value, the part of the order it belongs to, who says it, and why it is not known."""
    order = found.order
    who = found.identity
    yield "order_number", order.ref.order_id, "identity", who, ""
    yield "ordered_on", _day(order.placed_at), "identity", who, ""
    yield "items", ", ".join(f"{line.quantity} × {line.title or line.sku}" for line in order.lines), "identity", who, ""
    yield "amount", str(order.total) if order.total else "", "identity", who, ""
    yield "buyer_name", order.buyer_name, "identity", who, ""
    yield "buyer_email", order.buyer_email, "identity", who, ""
    yield "country", order.country, "identity", who, ""
    yield from _shipping(found)
    yield from _delivery(found)
    nothing = _("The shop says that nothing was refunded.")
    refunds = "; ".join(f"{one.amount} on {_day(one.at) or 'an unknown day'}" for one in order.refunds)
    yield "refunds", refunds, "refunds", found.refunds, nothing


def _shipping(found: OrderFacts) -> Iterator[_Value]:
    order, said = found.order, found.shipping
    waiting = _("The shop says that it was not shipped.") if order.shipped_at is None else ""
    yield "carrier", order.carrier, "shipping", said, waiting
    yield "service", order.service, "shipping", said, ""
    yield "tracking_number", order.tracking_number, "shipping", said, waiting
    yield "shipped_on", _day(order.shipped_at), "shipping", said, waiting
    yield "promised_on", _day(order.promised_at), "promise", found.promise, ""


def _delivery(found: OrderFacts) -> Iterator[_Value]:
    """The carrier's word before the shop's: it is the one who delivered."""
    parcel = found.parcel
    if parcel is None or found.tracking is None:
        at, said, part = found.order.delivered_at, found.delivered, "delivered"
        yield "delivered_on", _day(at), part, said, _("No source says that it was delivered.")
        yield "delivery_status", "Delivered" if at is not None else "", part, said, ""
        return
    said, part = found.tracking, "tracking"
    missing = "" if parcel.state is ParcelState.DELIVERED else _("The carrier does not say that it was delivered.")
    yield "delivered_on", _day(parcel.delivered_at or found.order.delivered_at), part, said, missing
    yield "delivery_status", parcel.state.value.replace("_", " ").capitalize(), part, said, ""
    place = next((event.place for event in reversed(parcel.events)
                  if event.state is ParcelState.DELIVERED and event.place), "")
    yield "delivered_place", place, part, said, _("The carrier does not say where it was delivered.")


def _day(at: int | None) -> str:
    """ISO 8601, UTC; "" when unknown."""
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat() if at is not None else ""
