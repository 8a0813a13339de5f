"""Storing what sources said, a batch at a time: new, updated, the same, or in conflict with another order's number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workstation.domain.clues import match_key
from workstation.domain.facts import OrderFacts, Provenance, SourceKind
from workstation.domain.order import Order, OrderRef
from workstation.orders import erasing
from workstation.orders.matching import reason
from workstation.orders.merging import fresh, merge, same_facts, same_order
from workstation.orders.model import Answer
from workstation.orders.repo import answers, links, orders
from workstation.store import search


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch changed: ids of orders, conversations whose links changed, references that clash."""

    new: tuple[str, ...]
    updated: tuple[str, ...]
    conversations: tuple[str, ...]
    clashes: tuple[OrderRef, ...] = ()


def store(connection: Connection, batch: Sequence[Answer], kind: SourceKind, about: OrderRef | None = None) -> Stored:
    """Merge the orders of `batch` into the store, one answer an order.

    `about`: the stored order that was asked for, so that the answer joins it whatever store it names.
    """
    batch = erasing.without_buyers(connection, batch)
    given = [(answer, answer.order) for answer in batch if answer.order is not None]
    kept = answers.keep(connection, [answer for answer, _order in given])
    shelf = _Shelf(orders.with_numbers(connection, [order.ref.order_id for _answer, order in given]), about)
    for (answer, order), answer_id in zip(given, kept, strict=True):
        shelf.take(order, Provenance(answer.source, kind, answer.fetched_at, answer_id))
    orders.save(connection, shelf.with_ids(shelf.new), shelf.with_ids(shelf.updated))
    touched = shelf.with_ids(shelf.touched)
    orders.save_provenance(connection, touched)
    search.refresh_conversations(connection, links.linked(connection, shelf.updated))
    return Stored(tuple(shelf.new), tuple(shelf.updated), link_orders(connection, touched), tuple(shelf.clashes))


def link_orders(connection: Connection, many: Sequence[OrderFacts]) -> tuple[str, ...]:
    """Link `many` to the conversations that offer a reason. Returns conversations whose links changed."""
    if not many:
        return ()
    mentions, written = links.offers(connection, many)
    named: dict[str, dict[str, str]] = {}
    wrote: dict[str, set[str]] = {}
    for conversation, key, kind in mentions:
        named.setdefault(conversation, {})[key] = kind
    for conversation, address in written:
        wrote.setdefault(conversation, set()).add(address)
    by_key = _by_key(many)
    found = [
        (conversation, facts.order.id, why)
        for conversation in dict.fromkeys([*named, *wrote])
        for facts in _candidates(by_key, named.get(conversation, {}), wrote.get(conversation, set()))
        if (why := reason(facts.order, named.get(conversation, {}), wrote.get(conversation, ())))
    ]
    return links.add(connection, found)


class _Shelf:
    """The stored orders a batch may touch, by number, and what became of them."""

    def __init__(self, stored: Iterable[OrderFacts], about: OrderRef | None) -> None:
        self._about = about
        self._facts: dict[str, OrderFacts] = {}
        self._ids: dict[str, list[str]] = {}
        self.new: dict[str, None] = {}
        self.updated: dict[str, None] = {}
        self.touched: dict[str, None] = {}
        self.clashes: list[OrderRef] = []
        for facts in stored:
            self._put(facts)

    def with_ids(self, ids: Iterable[str]) -> tuple[OrderFacts, ...]:
        return tuple(self._facts[key] for key in ids)

    def take(self, order: Order, said: Provenance) -> None:
        """Merge with the order it is; a clash is another order of the same number that names no store to tell it by."""
        found = self._find(order)
        if found is not None and same_order(found.order, order):
            self._merge(found, order, said)
        elif found is not None and not order.ref.store:
            self.clashes.append(order.ref)
        else:
            self._put(fresh(order, said))
            self.new[order.id] = self.touched[order.id] = None

    def _merge(self, found: OrderFacts, order: Order, said: Provenance) -> None:
        adopted = replace(found, order=replace(found.order, ref=_fuller(found.order.ref, order.ref)))
        after = merge(adopted, order, said)
        key = found.order.id
        if key not in self.new and not same_facts(found.order, after.order):
            self.updated[key] = None
        self._facts[key] = after
        self.touched[key] = None

    def _find(self, order: Order) -> OrderFacts | None:
        """The same reference; or, when either names no store, the only one it can be."""
        same = [self._facts[key] for key in self._ids.get(_number(order.ref), ())]
        exact = [f for f in same if f.order.ref.store == order.ref.store or f.order.ref == self._about]
        loose = [f for f in same if not f.order.ref.store or not order.ref.store]
        return exact[0] if exact else (loose[0] if len(loose) == 1 else None)

    def _put(self, facts: OrderFacts) -> None:
        self._facts[facts.order.id] = facts
        self._ids.setdefault(_number(facts.order.ref), []).append(facts.order.id)


def _number(ref: OrderRef) -> str:
    return f"{ref.platform}/{match_key(ref.order_id)}"


def _fuller(stored: OrderRef, said: OrderRef) -> OrderRef:
    return stored if stored.store or not said.store else said


def _by_key(many: Sequence[OrderFacts]) -> dict[str, list[OrderFacts]]:
    by_key: dict[str, list[OrderFacts]] = {}
    for facts in many:
        order = facts.order
        for key in {match_key(order.ref.order_id), match_key(order.tracking_number), order.buyer_email.strip().lower()}:
            by_key.setdefault(key, []).append(facts)
    by_key.pop("", None)
    return by_key


def _candidates(by_key: dict[str, list[OrderFacts]], named: Iterable[str], wrote: Iterable[str]) -> list[OrderFacts]:
    found = {facts.order.id: facts for key in (*named, *wrote) for facts in by_key.get(key, ())}
    return list(found.values())
