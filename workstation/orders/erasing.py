"""Erasing what orders say of their buyers: names, addresses, what sources answered word for word, where parcels were.

Numbers, dates, articles and money stay: counts, checks and platforms' deadlines rest on them. An erased order stays
erased: what a file or a shop says of it later is taken without its buyer (`without_buyers`).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workstation.domain.clues import match_key
from workstation.domain.order import Order, Parcel
from workstation.orders.model import Answer
from workstation.store import erased
from workstation.store.erased import ORDER, Mark

SURE = "why != 'address'"
"""Links that say that a conversation is about an order, and not only that somebody of the same address bought it."""
_EMPTY = zlib.compress(b"")


@dataclass(frozen=True, slots=True)
class Found:
    """Orders whose buyers would be erased, what was answered about them, and those that stay because another
    conversation is about them, too."""

    orders: tuple[str, ...]
    answers: tuple[str, ...]
    shared: tuple[str, ...] = ()


def of_cases(connection: Connection, cases: Sequence[str]) -> Found:
    """The orders that these conversations are surely about. One that another conversation is about stays with it, as
    long as that one has its words."""
    key = json.dumps(list(cases))
    rows = connection.exec_driver_sql(_OF_CASES, {"cases": key}).all()
    orders = tuple(i for i, others in rows if not others)
    return Found(orders, _answers(connection, orders), tuple(i for i, others in rows if others))


def of_ids(connection: Connection, ids: Sequence[str]) -> Found:
    """These orders, as far as they were not erased yet."""
    known = [i for (i,) in connection.exec_driver_sql(_KNOWN, (json.dumps(list(ids)),))]
    gone = erased.among(connection, ORDER, known)
    orders = tuple(i for i in known if i not in gone)
    return Found(orders, _answers(connection, orders))


def cases_of(connection: Connection, ids: Sequence[str]) -> tuple[str, ...]:
    """Conversations that are surely about any of these orders."""
    return tuple(i for (i,) in connection.exec_driver_sql(_CASES_OF, (json.dumps(list(ids)),)))


def named(connection: Connection, platform: str, store: str, order_id: str) -> str:
    """The id of the order with exactly this reference, "" when it is not here."""
    query = "SELECT id FROM sales_order WHERE platform = ? AND store = ? AND order_id = ?"
    return str(connection.exec_driver_sql(query, (platform, store, order_id)).scalar() or "")


def references(connection: Connection, ids: Sequence[str]) -> list[tuple[str, str, str]]:
    """Platform, store and number of each: by these another desktop knows them."""
    return [(p, s, o) for p, s, o in connection.exec_driver_sql(_REFERENCES, (json.dumps(list(ids)),))]


def lonely(connection: Connection, channel: str, until: int) -> list[tuple[str, int]]:
    """Orders of a channel that were delivered by `until` and that no conversation is about, with their delivery."""
    return [(i, at) for i, at in connection.exec_driver_sql(_LONELY, (channel, until))]


def forget(connection: Connection, cases: Sequence[str], found: Found, mark: Mark) -> None:
    """Erase in the caller's transaction: the orders' buyers, and what these conversations offered to be found by."""
    erased.put(connection, ORDER, dict.fromkeys(found.orders, ""), mark)
    ids, given = json.dumps(found.orders), json.dumps(found.answers)
    connection.exec_driver_sql(
        "UPDATE source_answer SET body = ?2, size = 0 WHERE id IN (SELECT value FROM json_each(?1))", (given, _EMPTY))
    for statement in _CLEAR:
        connection.exec_driver_sql(statement, (ids,))
    for statement in _CLEAR_CASES:
        connection.exec_driver_sql(statement, (json.dumps(list(cases)),))


def without_buyers(connection: Connection, batch: Sequence[Answer]) -> list[Answer]:
    """The answers as they may be kept: of an order that was erased only what is no buyer's."""
    keys = {match_key(each.order.ref.order_id) for each in batch if each.order is not None}
    numbers = {match_key(each.parcel.tracking_number) for each in batch if each.parcel is not None}
    known = (json.dumps(sorted(keys)), json.dumps(sorted(numbers)))
    rows = connection.exec_driver_sql(_ERASED_NUMBERS, known).all() if keys or numbers else []
    gone = {(platform, key): store for platform, key, store, _number in rows}
    parcels = {number for *_rest, number in rows if number}
    return [_without(each, gone, parcels) for each in batch]


def _without(answer: Answer, gone: dict[tuple[str, str], str], parcels: set[str]) -> Answer:
    order, parcel = answer.order, answer.parcel
    mine = order is not None and gone.get((order.ref.platform, match_key(order.ref.order_id)))
    if order is not None and (mine == "" or (mine and order.ref.store in ("", mine))):
        return replace(answer, raw=b"", order=_plain_order(order))
    if parcel is not None and match_key(parcel.tracking_number) in parcels:
        return replace(answer, raw=b"", parcel=_plain_parcel(parcel))
    return answer


def _plain_order(order: Order) -> Order:
    refunds = tuple(replace(each, reason="") for each in order.refunds)
    return replace(order, buyer_name="", buyer_email="", refunds=refunds)


def _plain_parcel(parcel: Parcel) -> Parcel:
    return replace(parcel, events=tuple(replace(each, text="", place="") for each in parcel.events))


def _answers(connection: Connection, orders: Sequence[str]) -> tuple[str, ...]:
    """What was answered about these orders and their parcels: what their facts rest on, and older answers, which
    nothing names any more and which are told by the numbers in them."""
    if not orders:
        return ()
    key = json.dumps(orders)
    found = dict.fromkeys(i for (i,) in connection.exec_driver_sql(_BEHIND, (key,)))
    numbers = [each.encode() for row in connection.exec_driver_sql(_NUMBERS, (key,)) for each in row if each]
    for answer_id, body in connection.exec_driver_sql(_LOOSE):
        content = zlib.decompress(body)
        if any(number in content for number in numbers):
            found[answer_id] = None
    return tuple(found)


_AMONG = "IN (SELECT value FROM json_each(?1))"
_GONE = f"EXISTS (SELECT 1 FROM personal_erased e WHERE e.kind = '{ORDER}' AND e.id = o.id)"  # noqa: S608
_ELSEWHERE = (
    f"EXISTS (SELECT 1 FROM order_link x WHERE x.order_id = o.id AND x.{SURE} "  # noqa: S608
    "AND x.conversation_id NOT IN (SELECT value FROM json_each(:cases)) "
    "AND NOT EXISTS (SELECT 1 FROM personal_erased e WHERE e.kind = 'conversation' AND e.id = x.conversation_id))"
)
_OF_CASES = (
    f"SELECT DISTINCT o.id, {_ELSEWHERE} FROM order_link l JOIN sales_order o ON o.id = l.order_id "  # noqa: S608
    f"WHERE l.conversation_id IN (SELECT value FROM json_each(:cases)) AND l.{SURE} AND NOT {_GONE} ORDER BY o.id"
)
_KNOWN = f"SELECT id FROM sales_order WHERE id {_AMONG} ORDER BY id"  # noqa: S608
_CASES_OF = f"SELECT DISTINCT conversation_id FROM order_link WHERE order_id {_AMONG} AND {SURE}"  # noqa: S608
_REFERENCES = f"SELECT platform, store, order_id FROM sales_order WHERE id {_AMONG} ORDER BY id"  # noqa: S608
_LONELY = (
    "SELECT o.id, coalesce(o.delivered_at, p.delivered_at) AS at FROM sales_order o "  # noqa: S608
    "LEFT JOIN parcel p ON o.tracking_number != '' AND p.tracking_number = o.tracking_number "
    f"WHERE o.platform = ?1 AND coalesce(o.delivered_at, p.delivered_at) <= ?2 AND NOT {_GONE} "
    f"AND NOT EXISTS (SELECT 1 FROM order_link l WHERE l.order_id = o.id AND l.{SURE}) ORDER BY at, o.id"
)
_BEHIND = (
    f"SELECT answer_id FROM order_fact WHERE order_id {_AMONG} UNION SELECT p.answer_id FROM parcel p "  # noqa: S608
    f"JOIN sales_order o ON o.tracking_number = p.tracking_number WHERE o.id {_AMONG}"
)
_NUMBERS = f"SELECT order_id, tracking_number FROM sales_order WHERE id {_AMONG}"  # noqa: S608
_LOOSE = (
    "SELECT a.id, a.body FROM source_answer a WHERE a.size > 0 "
    "AND a.id NOT IN (SELECT answer_id FROM order_fact UNION SELECT answer_id FROM parcel)"
)
_TRACKED = f"(SELECT tracking_number FROM sales_order WHERE tracking_number != '' AND id {_AMONG})"  # noqa: S608
_CLEAR_ATTEMPT = (
    "UPDATE source_attempt SET sentence = '' WHERE subject IN (SELECT 'order:' || platform || '/' || store || '/' "  # noqa: S608
    f"|| order_id FROM sales_order WHERE id {_AMONG})"
)
_CLEAR = (
    f"UPDATE sales_order SET buyer_name = '', buyer_email = '', buyer_key = '' WHERE id {_AMONG}",  # noqa: S608
    f"UPDATE refund SET reason = '' WHERE order_id {_AMONG}",  # noqa: S608
    f"UPDATE tracking_event SET text = '', place = '' WHERE tracking_number IN {_TRACKED}",  # noqa: S608
    f"UPDATE source_attempt SET sentence = '' WHERE subject IN (SELECT 'parcel:' || t.tracking_number FROM {_TRACKED} t)",  # noqa: S608, E501
    _CLEAR_ATTEMPT,
)
_CLEAR_CASES = (
    f"DELETE FROM buyer_address WHERE conversation_id {_AMONG}",  # noqa: S608
    f"DELETE FROM order_mention WHERE conversation_id {_AMONG}",  # noqa: S608
)
_ERASED_NUMBERS = (
    "SELECT o.platform, o.match_key, o.store, o.tracking_key FROM sales_order o "  # noqa: S608
    "WHERE (o.match_key IN (SELECT value FROM json_each(?1)) OR (o.tracking_key != '' AND o.tracking_key IN "
    f"(SELECT value FROM json_each(?2)))) AND {_GONE}"
)
