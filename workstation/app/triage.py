"""What triage may know of orders, in the shape it asks for. Nothing here decides anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.facts import OrderFacts
from workstation.domain.order import OrderRef
from workstation.triage.ports import CaseFacts


class _Link(Protocol):
    @property
    def ref(self) -> OrderRef: ...

    @property
    def strong(self) -> bool: ...


class _Orders(Protocol):
    def linked(self, connection: Connection, conversation_id: str) -> Sequence[_Link]: ...

    def facts(self, connection: Connection, ref: OrderRef) -> OrderFacts | None: ...


class OrderCases:
    """Fulfils `triage.ports.Cases` from the orders that a conversation surely is about."""

    def __init__(self, orders: _Orders) -> None:
        self._orders = orders

    def facts(self, connection: Connection, conversation_id: str) -> CaseFacts | None:
        sure = next((link for link in self._orders.linked(connection, conversation_id) if link.strong), None)
        facts = self._orders.facts(connection, sure.ref) if sure else None
        return _case(facts) if facts is not None else None

    def touched(self, connection: Connection, order_ids: Sequence[str]) -> Sequence[str]:
        found = connection.exec_driver_sql(_TOUCHED, (json.dumps(list(order_ids)),))
        return [str(conversation_id) for (conversation_id,) in found]


def _case(facts: OrderFacts) -> CaseFacts:
    order, parcel = facts.order, facts.parcel
    return CaseFacts(
        country=order.country, refunds=len(order.refunds),
        refunded_at=max((refund.at for refund in order.refunds if refund.at is not None), default=None),
        shipped=(order.shipped_at is not None) if order.shipping_known else None, promised_at=order.promised_at,
        delivered_at=(parcel.delivered_at if parcel else None) or order.delivered_at,
        parcel=str(parcel.state) if parcel else "",
    )


_TOUCHED = (
    "SELECT DISTINCT conversation_id FROM order_link WHERE order_id IN (SELECT value FROM json_each(?)) LIMIT 500"
)
