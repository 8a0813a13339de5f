"""Messages, orders, customers and what stands around them, erased together: fulfils `evidence.erasure.ports.Data`.

A case takes with it its messages and files, what was written in it, the orders that no other case is about, and the
customers whom nobody else's case belongs to. So two cases of one buyer, of which one is held, leave the buyer's name as
long as the held one needs it, and an order two cases are about goes with the second of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from workstation.app import playbooks
from workstation.app.forgetting import hearing, rest
from workstation.customers import repo as customers
from workstation.domain.events import ConversationsChanged, CustomersChanged, OrdersChanged
from workstation.evidence.erasure.model import CUSTOMER, ORDER, ORDERS
from workstation.evidence.erasure.ports import Due, Gone, Json, Look, Part
from workstation.evidence.reading import repo as reading
from workstation.inbox import erasing as inbox
from workstation.inbox import placing
from workstation.inbox.model import ClockRule
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.orders import erasing as orders
from workstation.store import search
from workstation.store.erased import Mark
from workstation.store.search import purging
from workstation.store.unit import Unit

MOST_OVER = 10_000
"""Cases over their days that are looked at together, the oldest: of a store that has more the others follow."""
MOST_UNKNOWN = 200
"""Cases without a known delivery that are listed, the oldest."""
PIECE = 300
"""Messages that one event to the hub names."""
MOST_ORDERS = 500
"""Orders without a case that one record names."""


class Data:
    """`rules`: of the response clocks, because a list's columns are worked out again."""

    def __init__(self, rules: Sequence[ClockRule]) -> None:
        self._rules = rules

    # -- what belongs to it -----------------------------------------------------------------------------------------

    def parts(self, connection: Connection, subject: str) -> tuple[Part, ...]:
        if subject.startswith(CUSTOMER):
            return self._of_customer(connection, subject.removeprefix(CUSTOMER))
        if subject.startswith(ORDER):
            wanted = subject.removeprefix(ORDER)
            found = orders.of_ids(connection, [wanted])
            cases = _whole(connection, orders.cases_of(connection, [wanted]))
            return (*cases, *([Part(orders=(wanted,))] if found.orders else ()))
        if subject.startswith(ORDERS):
            return (Part(orders=tuple(json.loads(subject.removeprefix(ORDERS)))),)
        return _whole(connection, [subject])

    def _of_customer(self, connection: Connection, customer_id: str) -> tuple[Part, ...]:
        ids = json.dumps(customers.component(connection, customer_id))
        found = _whole(connection, [i for (i,) in connection.exec_driver_sql(_OF_CUSTOMER, (ids,))])
        if not found:
            raise NotFound(_("This customer is not in the store."), _("Look at the conversation again."))
        return found

    def look(self, connection: Connection, part: Part) -> Look:
        if not part.cases:
            known = orders.of_ids(connection, self._free(connection, part.orders))
            return Look({"orders": len(known.orders), "answers": len(known.answers)}, orders=known.orders,
                        shared=len(part.orders) - len(known.orders))
        if part.only is not None:
            found = inbox.find(connection, part.cases, part.only)
            return Look({"messages": len(found.messages), "attachments": len(found.attachments)}, found.messages)
        found = inbox.find(connection, part.cases)
        about = orders.of_cases(connection, part.cases)
        counts = {
            "messages": len(found.messages), "attachments": len(found.attachments), "names": found.names,
            **rest.counts(connection, part.cases, found.messages), "orders": len(about.orders),
            "answers": len(about.answers), "customers": self._buyers_left(connection, part.cases),
        }
        return Look(counts, found.messages, about.orders, len(about.shared), inbox.on_its_way(connection, part.cases))

    def _free(self, connection: Connection, ids: Sequence[str]) -> list[str]:
        """Those of these orders that no case with its words is about."""
        about = orders.cases_of(connection, ids)
        if not about:
            return list(ids)
        return [i for i in ids if not any(
            inbox.find(connection, [case]).messages for case in orders.cases_of(connection, [i]))]

    def _buyers_left(self, connection: Connection, cases: Sequence[str]) -> int:
        """Customers of these cases of whom no other case is."""
        return int(connection.exec_driver_sql(_BUYERS, {"cases": json.dumps(list(cases))}).scalar_one())

    # -- erasing ----------------------------------------------------------------------------------------------------

    def forget(self, unit: Unit, part: Part, look: Look, mark: Mark) -> Gone:
        if not part.cases:
            return self._forget_orders(unit, look, mark)
        conn = unit.conn
        found = inbox.find(conn, part.cases, look.messages) if look.messages else inbox.Found((), (), 0)
        blobs = [*found.messages, *found.attachments]
        for source in rest.read_pictures(conn, found.attachments):
            reading.forget(conn, source)
        gone = inbox.forget(unit, part.cases, found, mark, self._rules)
        about = orders.of_cases(conn, gone.whole)
        blobs += rest.draft_files(conn, gone.whole)
        playbooks.forget(unit, gone.whole, mark.at)
        rest.forget(conn, gone.whole, gone.messages, gone.deliveries)
        orders.forget(conn, gone.whole, about, mark)
        people = rest.nobody(conn, gone.customers, gone.people)
        rest.drop_identities(conn, people)
        addresses = rest.drop_blobs(conn, blobs)
        search.refresh(conn, gone.messages)
        purging.ask(conn)
        self._announce(unit, (*part.cases, *gone.whole), people, about.orders)
        told = tuple(_pieces(gone, orders.references(conn, about.orders), mark))
        return Gone(look.counts, tuple(addresses), told)

    def _forget_orders(self, unit: Unit, look: Look, mark: Mark) -> Gone:
        known = orders.of_ids(unit.conn, look.orders)
        orders.forget(unit.conn, (), known, mark)
        self._announce(unit, (), (), known.orders)
        told: Json = {"orders": _named(orders.references(unit.conn, known.orders)), "rule": mark.rule}
        return Gone(look.counts, (), (told,))

    def _announce(self, unit: Unit, cases: Sequence[str], people: Sequence[str], about: Sequence[str]) -> None:
        if cases:
            unit.emit(ConversationsChanged(tuple(dict.fromkeys(cases))))
        if people:
            unit.emit(CustomersChanged(tuple(people)))
        if about:
            unit.emit(OrdersChanged(tuple(about)))

    # -- by the clock, and from elsewhere -----------------------------------------------------------------------------

    def due(self, connection: Connection, wanted: Sequence[Due]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for each in wanted:
            for query, most in ((_OVER, MOST_OVER), (_UNKNOWN, MOST_UNKNOWN)):
                asked = {"channel": each.channel, "until": each.until, "most": most}
                found |= dict.fromkeys(i for (i,) in connection.exec_driver_sql(query, asked))
        return tuple(found)

    def lonely(self, connection: Connection, wanted: Due) -> tuple[tuple[str, int], ...]:
        return tuple(orders.lonely(connection, wanted.channel, wanted.until)[:MOST_ORDERS])

    def again(self, connection: Connection) -> Sequence[tuple[Mark, Part]]:
        return hearing.here_again(connection)

    def heal(self, unit: Unit) -> None:
        ids = inbox.again(unit.conn)
        if ids:
            inbox.heal(unit.conn)
            unit.emit(ConversationsChanged(tuple(ids)))


def _whole(connection: Connection, ids: Sequence[str]) -> tuple[Part, ...]:
    """Each case once, with everything that was merged into it."""
    shown = dict.fromkeys(placing.shown_in(connection, i) for i in ids)
    return tuple(Part(i, placing.members(connection, i)) for i in shown)


def _pieces(gone: inbox.Forgotten, references: Sequence[tuple[str, str, str]], mark: Mark) -> Iterator[Json]:
    """What the hub is told, in pieces."""
    first: dict[str, Any] = {
        "conversations": gone.begun, "deliveries": list(gone.deliveries[:PIECE]), "orders": _named(references),
        "rule": mark.rule,
    }
    told = iter(gone.told.items())
    piece = dict(islice(told, PIECE))
    later = list(gone.deliveries[PIECE:])
    yield {**first, "messages": piece}
    while (piece := dict(islice(told, PIECE))) or later:
        yield {"messages": piece, "deliveries": later[:PIECE], "rule": mark.rule}
        del later[:PIECE]


def _named(references: Sequence[tuple[str, str, str]]) -> list[list[str]]:
    return [list(each) for each in references]


_OF_CUSTOMER = "SELECT id FROM conversation WHERE customer_id IN (SELECT value FROM json_each(?)) ORDER BY last_at, id"
_BUYERS = (
    "SELECT count(*) FROM customer_identity i WHERE i.id IN (SELECT c.customer_id FROM conversation c WHERE c.id IN "
    "(SELECT value FROM json_each(:cases))) AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.customer_id = i.id "
    "AND c.id NOT IN (SELECT value FROM json_each(:cases)))"
)
_HERE = (
    "EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND NOT EXISTS "
    "(SELECT 1 FROM personal_erased e WHERE e.kind = 'message' AND e.id = m.id))"
)
_DELIVERED = "coalesce(o.delivered_at, p.delivered_at)"
_PARCEL = "LEFT JOIN parcel p ON o.tracking_number != '' AND p.tracking_number = o.tracking_number"
_LINKED = f"JOIN sales_order o ON o.id = l.order_id {_PARCEL}"
# Cases whose last delivery is known and over; the rule's own reckoning decides.
_OVER = (
    "SELECT c.id FROM conversation c WHERE c.merged_into = '' AND c.last_at > 0 AND c.id IN ("  # noqa: S608
    f"SELECT CASE WHEN k.merged_into != '' THEN k.merged_into ELSE k.id END FROM sales_order o {_PARCEL} "
    "JOIN order_link l ON l.order_id = o.id AND l.why != 'address' JOIN conversation k ON k.id = l.conversation_id "
    f"WHERE {_DELIVERED} <= :until AND (o.platform = :channel OR k.channel = :channel)) AND {_HERE} "
    "ORDER BY c.last_at, c.id LIMIT :most"
)
_UNKNOWN = (
    "SELECT c.id FROM conversation c WHERE c.channel = :channel AND c.merged_into = '' AND c.last_at > 0 "  # noqa: S608
    "AND c.last_at <= :until AND NOT EXISTS (SELECT 1 FROM order_link l "
    f"{_LINKED} WHERE l.conversation_id = c.id AND l.why != 'address' AND {_DELIVERED} IS NOT NULL) "
    f"AND {_HERE} ORDER BY c.last_at, c.id LIMIT :most"
)
