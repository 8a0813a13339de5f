"""The inbox and the orders as the customers feature sees them: by index, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from workstation.customers.model import Contact
from workstation.customers.ports import Seen, Totals, Trace

_SEEN = "SELECT id, customer_address, customer_name, channel, language, market, last_at, customer_id FROM conversation"
_IDS = (
    "SELECT id FROM conversation WHERE customer_id IN (SELECT value FROM json_each(?)) "
    "ORDER BY last_at DESC, id DESC LIMIT ?"
)
_HISTORY = (
    "SELECT id, subject, channel, store, state, issue, last_at FROM conversation "
    "WHERE customer_id IN (SELECT value FROM json_each(?)) AND merged_into = '' AND last_at > 0 "
    "AND (last_at, id) < (?, ?) ORDER BY last_at DESC, id DESC LIMIT ?"
)
_TOTALS = (
    "SELECT language, market, count(*), min(last_at), max(last_at) FROM conversation "
    "WHERE customer_id IN (SELECT value FROM json_each(?)) AND merged_into = '' AND last_at > 0 "
    "GROUP BY language, market"
)
_CUSTOMERS = (
    "SELECT DISTINCT customer_id FROM conversation WHERE id IN (SELECT value FROM json_each(?)) AND customer_id != ''"
)
_TRACE = (
    "SELECT order_link.conversation_id, sales_order.id, sales_order.order_id, sales_order.buyer_email, "
    "sales_order.country FROM order_link JOIN sales_order ON sales_order.id = order_link.order_id "
    "WHERE why IN ('person', 'number', 'tracking', 'relay') AND "
)
_TRACES = _TRACE + "order_link.conversation_id IN (SELECT value FROM json_each(?))"  # noqa: S608
_ABOUT = _TRACE + "order_link.order_id IN (SELECT value FROM json_each(?)) LIMIT ?"  # noqa: S608
_BOUGHT = _TRACE + "sales_order.buyer_key IN (SELECT value FROM json_each(?)) LIMIT ?"  # noqa: S608
_WROTE = "SELECT conversation_id, address FROM buyer_address WHERE address IN (SELECT value FROM json_each(?)) LIMIT ?"
_WRITERS = (
    "SELECT conversation_id, address FROM buyer_address WHERE conversation_id IN (SELECT value FROM json_each(?))"
)


class CustomerConversations:
    """Fulfils `customers.ports.Conversations`."""

    def unassigned(self, connection: Connection, limit: int) -> Sequence[Seen]:
        rows = connection.exec_driver_sql(
            _SEEN + " WHERE customer_id = '' AND customer_address != '' ORDER BY last_at DESC LIMIT ?", (limit,))
        return [Seen(*row) for row in rows]

    def assign(self, connection: Connection, pairs: Iterable[tuple[str, str]]) -> None:
        connection.exec_driver_sql(
            "UPDATE conversation SET customer_id = ? WHERE id = ?", [(customer, one) for one, customer in pairs])

    def of(self, connection: Connection, conversation_id: str) -> Seen | None:
        row = connection.exec_driver_sql(_SEEN + " WHERE id = ?", (conversation_id,)).first()
        return Seen(*row) if row is not None else None

    def ids(self, connection: Connection, customer_ids: Collection[str], limit: int) -> Sequence[str]:
        rows = connection.exec_driver_sql(_IDS, (_list(customer_ids), limit))
        return [one for (one,) in rows]

    def history(
        self, connection: Connection, customer_ids: Collection[str], before: tuple[int, str] | None, limit: int,
    ) -> Sequence[Contact]:
        place = before or (1 << 62, "")
        rows = connection.exec_driver_sql(_HISTORY, (_list(customer_ids), *place, limit))
        return [Contact(*row) for row in rows]

    def totals(self, connection: Connection, customer_ids: Collection[str]) -> Totals:
        rows = connection.exec_driver_sql(_TOTALS, (_list(customer_ids),)).all()
        languages, markets = _most([(row[0], row[2]) for row in rows]), _most([(row[1], row[2]) for row in rows])
        return Totals(
            sum(row[2] for row in rows), min((row[3] for row in rows), default=0),
            max((row[4] for row in rows), default=0), languages, markets)

    def customers(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[str]:
        rows = connection.exec_driver_sql(_CUSTOMERS, (_list(conversation_ids),))
        return [one for (one,) in rows]


class CustomerOrders:
    """Fulfils `customers.ports.Orders`. A link by address alone is no sure sign and is left out."""

    def traces(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[Trace]:
        return _traces(connection, _TRACES, (_list(conversation_ids),))

    def about(self, connection: Connection, orders: Collection[str], limit: int) -> Sequence[Trace]:
        return _traces(connection, _ABOUT, (_list(orders), limit))

    def bought(self, connection: Connection, addresses: Collection[str], limit: int) -> Sequence[Trace]:
        return _traces(connection, _BOUGHT, (_list(addresses), limit))

    def wrote(self, connection: Connection, addresses: Collection[str], limit: int) -> Sequence[tuple[str, str]]:
        rows = connection.exec_driver_sql(_WROTE, (_list(addresses), limit))
        return [(one, address) for one, address in rows]

    def writers(self, connection: Connection, conversation_ids: Collection[str]) -> Sequence[tuple[str, str]]:
        rows = connection.exec_driver_sql(_WRITERS, (_list(conversation_ids),))
        return [(one, address) for one, address in rows]


def _traces(connection: Connection, query: str, values: tuple[object, ...]) -> list[Trace]:
    rows = connection.exec_driver_sql(query, values)
    return [Trace(one, order, number, buyer.strip().lower(), country) for one, order, number, buyer, country in rows]


def _list(values: Collection[str]) -> str:
    return json.dumps(list(values))


def _most(counted: Iterable[tuple[str, int]]) -> tuple[str, ...]:
    """Values by how often they come, without the unknown."""
    totals: dict[str, int] = {}
    for value, count in counted:
        if value and value != "und":
            totals[value] = totals.get(value, 0) + count
    return tuple(sorted(totals, key=lambda value: (-totals[value], value)))
