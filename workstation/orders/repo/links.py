"""Links between conversations and orders: what a conversation offers is kept, so that either may come first."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, ScalarSelect, case, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from workstation.domain.clues import Mention, match_key
from workstation.domain.facts import OrderFacts
from workstation.domain.order import Order, OrderRef
from workstation.kernel.i18n import N_, _
from workstation.orders.matching import reason
from workstation.orders.model import OrderLink
from workstation.orders.repo import rows
from workstation.store import search
from workstation.store.core import table

_LINK = table("order_link")
_MENTION = table("order_mention")
_ADDRESS = table("buyer_address")
_ORDER = table("sales_order")

REASONS: Mapping[str, str] = {
    "person": N_("linked by a person"),
    "number": N_("names the order number"),
    "tracking": N_("names the tracking number"),
    "relay": N_("same relay address"),
    "address": N_("same address"),
}
"""Why a conversation is linked, the surest first. All but the last are strong."""

_BY_ADDRESS = 20  # a weak reason: the newest orders of an address are enough
_RANK = {why: rank for rank, why in enumerate(REASONS)}


def add(connection: Connection, links: Iterable[tuple[str, str, str]]) -> tuple[str, ...]:
    """Keep (conversation, order, why); a surer reason replaces a weaker one. The conversations are found by the orders'
    numbers from then on. Returns those that changed."""
    best: dict[tuple[str, str], str] = {}
    for conversation, order, why in links:
        key = (conversation, order)
        best[key] = min(why, best.get(key, why), key=_RANK.__getitem__)
    stored = _stored(connection, {conversation for conversation, _order in best})
    changed = [
        {"conversation_id": c, "order_id": o, "why": why} for (c, o), why in best.items()
        if (c, o) not in stored or _RANK[why] < _RANK[stored[c, o]]
    ]
    if changed:
        statement = insert(_LINK)
        connection.execute(statement.on_conflict_do_update(
            index_elements=["conversation_id", "order_id"], set_={"why": statement.excluded.why}), changed)
    conversations_ = tuple(dict.fromkeys(str(each["conversation_id"]) for each in changed))
    search.refresh_conversations(connection, conversations_)
    return conversations_


def of_conversation(connection: Connection, conversation_id: str, kin: Sequence[str] = ()) -> tuple[OrderLink, ...]:
    """The orders of a conversation, the surest first, then whose buyer wrote, then the newest. `kin`: the conversation
    and what was merged into it."""
    named = list(kin or (conversation_id,))
    own = select(_ADDRESS.c.address).where(_ADDRESS.c.conversation_id.in_(named))
    rank = case(_RANK, value=_LINK.c.why)
    query = (
        select(_ORDER.c.platform, _ORDER.c.store, _ORDER.c.order_id, _LINK.c.why)
        .join(_ORDER, _ORDER.c.id == _LINK.c.order_id)
        .where(_LINK.c.conversation_id.in_(named))
        .order_by(rank, _ORDER.c.buyer_key.in_(own).desc(), _ORDER.c.placed_at.desc(), _ORDER.c.id)
    )
    found: dict[OrderRef, OrderLink] = {}
    for platform, store, order_id, why in connection.execute(query):
        ref = OrderRef(platform, store, order_id)
        found.setdefault(ref, OrderLink(conversation_id, ref, _(REASONS[why]), why != "address"))
    return tuple(found.values())


def conversations(connection: Connection, ref: OrderRef) -> tuple[str, ...]:
    """Conversations linked to an order, however weakly."""
    query = (
        select(_LINK.c.conversation_id).join(_ORDER, _ORDER.c.id == _LINK.c.order_id)
        .where(_ORDER.c.platform == ref.platform, _ORDER.c.store == ref.store, _ORDER.c.order_id == ref.order_id)
        .order_by(_LINK.c.conversation_id)
    )
    return tuple(connection.execute(query).scalars())


def linked(connection: Connection, order_ids: Iterable[str]) -> tuple[str, ...]:
    """Conversations linked to any of these orders, however weakly."""
    query = select(_LINK.c.conversation_id).where(_LINK.c.order_id.in_(among(order_ids))).distinct()
    return tuple(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True)
class Offer:
    """What a conversation offers to be found by: what it names, and the addresses its buyer wrote from."""

    conversation_id: str
    mentions: tuple[Mention, ...]
    addresses: tuple[str, ...]

    @property
    def kinds(self) -> dict[str, str]:
        """Match keys of the mentions and their kind."""
        return {match_key(each.value): each.kind for each in self.mentions}


def remember(connection: Connection, offers: Sequence[Offer]) -> None:
    """Replace what these conversations offer. One statement each for the whole batch: every arriving mail passes."""
    ids = [offer.conversation_id for offer in offers]
    connection.execute(delete(_MENTION).where(_MENTION.c.conversation_id.in_(ids)))
    connection.execute(delete(_ADDRESS).where(_ADDRESS.c.conversation_id.in_(ids)))
    mentions = [
        {"conversation_id": offer.conversation_id, "match_key": match_key(each.value), "value": each.value,
         "platform": each.platform, "kind": each.kind} for offer in offers for each in offer.mentions]
    addresses = [
        {"conversation_id": offer.conversation_id, "address": address}
        for offer in offers for address in offer.addresses]
    if mentions:
        connection.execute(insert(_MENTION).on_conflict_do_nothing(), mentions)
    if addresses:
        connection.execute(insert(_ADDRESS).on_conflict_do_nothing(), addresses)


MOST_MENTIONS = 256
"""Numbers of one conversation that are kept, the surest and the oldest."""
_SURE = ("order", "tracking")


def extend(connection: Connection, fresh: Sequence[Offer]) -> list[Offer]:
    """Add to what conversations offer; returns all that each offers now. Two questions and two statements for a batch.

    A number that was only taken for one becomes an order's when a mail writes it in its platform's own form.
    """
    ids = [offer.conversation_id for offer in fresh]
    mentions: dict[str, dict[str, Mention]] = {}
    addresses: dict[str, dict[str, None]] = {}
    for row in connection.execute(select(_MENTION).where(_MENTION.c.conversation_id.in_(among(ids)))).mappings():
        kept = mentions.setdefault(row["conversation_id"], {})
        kept[row["match_key"]] = Mention(row["value"], row["kind"], row["platform"])
    for row in connection.execute(select(_ADDRESS).where(_ADDRESS.c.conversation_id.in_(among(ids)))).mappings():
        addresses.setdefault(row["conversation_id"], {})[row["address"]] = None
    new_mentions: list[tuple[str, ...]] = []
    new_addresses: list[tuple[str, str]] = []
    for offer in fresh:
        known = mentions.setdefault(offer.conversation_id, {})
        for each in offer.mentions:
            key = match_key(each.value)
            before = known.get(key)
            surer = before is not None and before.kind == "maybe" and each.kind in _SURE
            if surer or (before is None and len(known) < MOST_MENTIONS):
                known[key] = each
                new_mentions.append((offer.conversation_id, key, each.value, each.platform, each.kind))
        wrote = addresses.setdefault(offer.conversation_id, {})
        new_addresses += [(offer.conversation_id, each) for each in offer.addresses if each not in wrote]
        wrote |= dict.fromkeys(offer.addresses)
    if new_mentions:
        connection.exec_driver_sql(_PUT_MENTION, new_mentions)
    if new_addresses:
        connection.exec_driver_sql(_PUT_ADDRESS, new_addresses)
    return [Offer(i, tuple(mentions[i].values()), tuple(addresses[i])) for i in dict.fromkeys(ids)]


def among(values: Iterable[str]) -> ScalarSelect[str]:
    """`values` as one bound parameter, however many there are."""
    return select(func.json_each(json.dumps(sorted(values))).table_valued("value").c.value).scalar_subquery()


_PUT_MENTION = (
    "INSERT INTO order_mention(conversation_id, match_key, value, platform, kind) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT(conversation_id, match_key) DO UPDATE SET value = excluded.value, platform = excluded.platform, "
    "kind = excluded.kind"
)
_PUT_ADDRESS = "INSERT INTO buyer_address(conversation_id, address) VALUES (?, ?) ON CONFLICT DO NOTHING"

Named = list[tuple[str, str, str]]
"""(conversation, match key, kind of mention)"""


def offers(connection: Connection, orders: Sequence[OrderFacts]) -> tuple[Named, list[tuple[str, str]]]:
    """What conversations offer that may be about `orders`: what they name, and (conversation, address)."""
    keys = {match_key(f.order.ref.order_id) for f in orders} | {match_key(f.order.tracking_number) for f in orders}
    buyers = {f.order.buyer_email.strip().lower() for f in orders}
    columns = (_MENTION.c.conversation_id, _MENTION.c.match_key, _MENTION.c.kind)
    mentions = connection.execute(select(*columns).where(_MENTION.c.match_key.in_(keys - {""})))
    written = connection.execute(select(_ADDRESS).where(_ADDRESS.c.address.in_(buyers - {""}))).mappings()
    return [(c, k, kind) for c, k, kind in mentions], [(row["conversation_id"], row["address"]) for row in written]


def missing(connection: Connection, conversation_id: str, kin: Sequence[str] = ()) -> tuple[OrderRef, ...]:
    """Orders a conversation names in a platform's own format that are not stored. `kin` as in `of_conversation`."""
    named = list(kin or (conversation_id,))
    query = (
        select(_MENTION.c.platform, _MENTION.c.value)
        .outerjoin(_ORDER, _ORDER.c.match_key == _MENTION.c.match_key)
        .where(_MENTION.c.conversation_id.in_(named), _MENTION.c.kind == "order", _ORDER.c.id.is_(None))
        .order_by(_MENTION.c.match_key)
    )
    found = (OrderRef(platform, "", value) for platform, value in connection.execute(query) if platform)
    return tuple(dict.fromkeys(found))


def _stored(connection: Connection, conversation_ids: Iterable[str]) -> dict[tuple[str, str], str]:
    query = select(_LINK).where(_LINK.c.conversation_id.in_(among(conversation_ids)))
    return {(row["conversation_id"], row["order_id"]): row["why"] for row in connection.execute(query).mappings()}


def matches(connection: Connection, offers: Sequence[Offer]) -> list[tuple[str, str, str]]:
    """(conversation, order id, why) for every stored order that an offer is a reason for."""
    keys = {key for offer in offers for key in offer.kinds}
    addresses = {address for offer in offers for address in offer.addresses}
    by_key, by_buyer = _candidates(connection, keys, addresses)
    found = []
    for offer in offers:
        kinds = offer.kinds
        near = [by_key.get(key, ()) for key in kinds] + [by_buyer.get(address, ()) for address in offer.addresses]
        orders = {order_id: order for some in near for order_id, order in some}
        reasons = [(order_id, reason(order, kinds, offer.addresses)) for order_id, order in orders.items()]
        found += [(offer.conversation_id, order_id, why) for order_id, why in reasons if why]
    return found


Near = dict[str, list[tuple[str, Order]]]
"""Orders (with their ids) by a match key, or by a buyer's address."""


def _candidates(connection: Connection, keys: Collection[str], addresses: Collection[str]) -> tuple[Near, Near]:
    """Orders by number or tracking number, and the newest of each address."""
    named = _ORDER.c.match_key.in_(among(keys)) | _ORDER.c.tracking_key.in_(among(keys))
    place = func.row_number().over(partition_by=_ORDER.c.buyer_key, order_by=_ORDER.c.placed_at.desc())
    ranked = select(_ORDER.c.id, place.label("place")).where(_ORDER.c.buyer_key.in_(among(addresses))).subquery()
    newest = _ORDER.c.id.in_(select(ranked.c.id).where(ranked.c.place <= _BY_ADDRESS))
    by_key: Near = {}
    by_buyer: Near = {}
    for row in connection.execute(select(_ORDER).where(named)).mappings() if keys else ():
        order = (row["id"], rows.to_order(row, (), (), None))
        for key in {row["match_key"], row["tracking_key"]} & set(keys):
            by_key.setdefault(key, []).append(order)
    for row in connection.execute(select(_ORDER).where(newest)).mappings() if addresses else ():
        by_buyer.setdefault(row["buyer_key"], []).append((row["id"], rows.to_order(row, (), (), None)))
    return by_key, by_buyer
