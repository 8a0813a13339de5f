"""Orders and their parts: found by reference or number, and stored in batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.domain.clues import match_key
from workstation.domain.facts import OrderFacts, Provenance
from workstation.domain.order import OrderRef
from workstation.orders.merging import PARTS
from workstation.orders.repo import answers, parcels, rows
from workstation.store.core import table

_ORDER = table("sales_order")
_LINE = table("sales_order_line")
_REFUND = table("refund")
_FACT = table("order_fact")


def named(connection: Connection, ref: OrderRef) -> OrderFacts | None:
    """The order with exactly this reference, with its parcel and how its sources last answered."""
    exactly = (_ORDER.c.platform == ref.platform) & (_ORDER.c.store == ref.store) & (_ORDER.c.order_id == ref.order_id)
    found = _load(connection, exactly)
    return _with_parcel(connection, found[0]) if found else None


def with_ids(connection: Connection, ids: Iterable[str]) -> tuple[OrderFacts, ...]:
    return _load(connection, _ORDER.c.id.in_(list(ids)))


def with_numbers(connection: Connection, order_ids: Iterable[str]) -> tuple[OrderFacts, ...]:
    """Orders whose number is one of these, in any store, written with or without "#"."""
    return _load(connection, _ORDER.c.match_key.in_(sorted({match_key(each) for each in order_ids})))


def beginning(connection: Connection, typed: str, limit: int) -> tuple[tuple[OrderRef, str], ...]:
    """References and buyers of orders whose number begins so, by index."""
    key = match_key(typed)
    if not key:
        return ()
    found = select(_ORDER.c.platform, _ORDER.c.store, _ORDER.c.order_id, _ORDER.c.buyer_name).where(
        _ORDER.c.match_key >= key, _ORDER.c.match_key < key + "\U0010ffff").order_by(_ORDER.c.match_key).limit(limit)
    return tuple((OrderRef(row[0], row[1], row[2]), row[3]) for row in connection.execute(found))


def save(connection: Connection, new: Sequence[OrderFacts], changed: Sequence[OrderFacts]) -> None:
    """Insert `new` and rewrite `changed` whole, in a handful of statements however many there are."""
    if new:
        connection.execute(insert(_ORDER), [rows.order_values(facts.order) for facts in new])
    if changed:
        values = [rows.order_values(facts.order) for facts in changed]
        keys = [name for name in values[0] if name != "id"]
        statement = update(_ORDER).where(_ORDER.c.id == bindparam("key"))
        connection.execute(statement.values({name: bindparam(name) for name in keys}),
                           [{**each, "key": each["id"]} for each in values])
        ids = [facts.order.id for facts in changed]
        connection.execute(delete(_LINE).where(_LINE.c.order_id.in_(ids)))
        connection.execute(delete(_REFUND).where(_REFUND.c.order_id.in_(ids)))
    _insert_all(connection, [*new, *changed])


def save_provenance(connection: Connection, many: Sequence[OrderFacts]) -> None:
    """Remember who said each part, and when."""
    said = [
        {"order_id": facts.order.id, "part": part, **rows.provenance_values(known)}
        for facts in many for part in PARTS if (known := getattr(facts, part)) is not None
    ]
    if said:
        statement = upsert(_FACT)
        columns = {name: statement.excluded[name] for name in ("source", "kind", "fetched_at", "answer_id")}
        connection.execute(statement.on_conflict_do_update(index_elements=["order_id", "part"], set_=columns), said)


def _insert_all(connection: Connection, many: Sequence[OrderFacts]) -> None:
    lines = [line for facts in many for line in rows.line_values(facts.order)]
    refunds = [refund for facts in many for refund in rows.refund_values(facts.order)]
    if lines:
        connection.execute(insert(_LINE), lines)
    if refunds:
        connection.execute(insert(_REFUND), refunds)


def _load(connection: Connection, where: ColumnElement[bool]) -> tuple[OrderFacts, ...]:
    found = connection.execute(select(_ORDER).where(where)).mappings().all()
    ids = [row["id"] for row in found]
    lines = _children(connection, _LINE, ids)
    refunds = _children(connection, _REFUND, ids)
    said = _provenances(connection, ids)
    return tuple(_facts(row, lines.get(row["id"], []), refunds.get(row["id"], []), said[row["id"]]) for row in found)


def _facts(
    row: RowMapping, lines: Sequence[RowMapping], refunds: Sequence[RowMapping], said: Mapping[str, Provenance],
) -> OrderFacts:
    identity = said.get("identity")
    order = rows.to_order(row, tuple(map(rows.to_line, lines)), tuple(map(rows.to_refund, refunds)), identity)
    return OrderFacts(order, identity, said.get("shipping"), said.get("delivered"), said.get("promise"),
                      said.get("refunds"))


def _children(connection: Connection, child: Table, ids: Sequence[str]) -> dict[str, list[RowMapping]]:
    found: dict[str, list[RowMapping]] = {}
    query = select(child).where(child.c.order_id.in_(ids)).order_by(child.c.order_id, child.c.position)
    for row in connection.execute(query).mappings():
        found.setdefault(row["order_id"], []).append(row)
    return found


def _provenances(connection: Connection, ids: Sequence[str]) -> Mapping[str, dict[str, Provenance]]:
    said: dict[str, dict[str, Provenance]] = {key: {} for key in ids}
    for row in connection.execute(select(_FACT).where(_FACT.c.order_id.in_(ids))).mappings():
        said[row["order_id"]][row["part"]] = rows.to_provenance(row)
    return said


def _with_parcel(connection: Connection, facts: OrderFacts) -> OrderFacts:
    number = facts.order.tracking_number
    subjects = (answers.order_subject(facts.order.ref), answers.parcel_subject(number))
    tried = answers.attempts(connection, subjects)
    parcel, tracking = parcels.find(connection, number)
    return replace(facts, parcel=parcel, tracking=tracking, shop_attempt=tried.get(subjects[0]),
                   carrier_attempt=tried.get(subjects[1]) if number else None)
