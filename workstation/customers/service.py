"""Who a buyer is, across channels. Matches are proposed with reasons; only a person merges, and can part again."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.customers import matching, repo
from workstation.customers.matching import Known
from workstation.customers.model import Contact, Customer, Proposal
from workstation.customers.ports import Conversations, Orders, Seen
from workstation.customers.repo import ONE, TWO, Named
from workstation.domain.events import CustomersChanged
from workstation.domain.undo import Undo
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.paging import Page
from workstation.store.database import Database
from workstation.store.unit import Unit

BATCH = 500
PAGE = 50
LOOKED_AT = 100
"""Newest conversations of a customer that are looked at for reasons."""
MOST_CANDIDATES = 60
MOST_UNDO = 50
_PAUSE, _BREATH = 20.0, 0.05


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a pair was said to be before, for the way back."""

    one: str
    other: str
    before: repo.Verdict


class CustomersService:
    """Fulfils `api.CustomersApi`."""

    def __init__(self, database: Database, clock: Clock, conversations: Conversations, orders: Orders) -> None:
        self._database = database
        self._clock = clock
        self._conversations = conversations
        self._orders = orders
        self._undo: OrderedDict[str, tuple[_Judged, ...]] = OrderedDict()

    # -- reading ------------------------------------------------------------------------------------------------

    async def of(self, conversation_id: str) -> Customer:
        """Raises NotFound."""
        seen = await self._database.read(lambda conn: self._conversations.of(conn, conversation_id))
        customer_id = seen.customer_id if seen is not None else ""
        if not customer_id:
            customer_id = await self._database.write(lambda unit: self._customer_of(unit.conn, conversation_id))
        return await self._database.read(lambda conn: self._customer(conn, customer_id))

    async def find(self, text: str, limit: int = 8) -> tuple[Customer, ...]:
        def work(conn: Connection) -> tuple[Customer, ...]:
            found: dict[frozenset[str], Customer] = {}
            for named in repo.beginning(conn, text, limit):
                customer = self._customer(conn, named.id)
                found.setdefault(frozenset((customer.id, *(one for one, _name in customer.merged))), customer)
            return tuple(found.values())

        return await self._database.read(work)

    async def history(self, customer_id: str, cursor: str | None = None) -> Page[Contact]:
        before = _place(cursor)

        def work(conn: Connection) -> Page[Contact]:
            ids = repo.component(conn, customer_id)
            rows = tuple(self._conversations.history(conn, ids, before, PAGE))
            last = f"{rows[-1].last_at}:{rows[-1].conversation_id}" if len(rows) == PAGE else None
            return Page(rows, last)

        return await self._database.read(work)

    async def proposals(self, customer_id: str) -> tuple[Proposal, ...]:
        return await self._database.read(lambda conn: self._proposals(conn, customer_id))

    # -- what people say ----------------------------------------------------------------------------------------

    async def merge(self, customer_id: str, other_id: str) -> Undo:
        """Raises InputError for one and the same, NotFound."""
        def work(unit: Unit) -> tuple[str, tuple[_Judged, ...]]:
            one, other = self._customer(unit.conn, customer_id), self._customer(unit.conn, other_id)
            if other_id in repo.component(unit.conn, customer_id):
                raise InputError(_("They are one customer already."), _("Choose another one."))
            judged = self._judge(unit, [(customer_id, other_id)], ONE)
            return _("{one} and {other} are one customer").format(one=one.name, other=other.name), judged

        return await self._said(work)

    async def part(self, customer_id: str, other_id: str) -> Undo:
        """The others stay together. Raises NotFound when the two are not one."""
        def work(unit: Unit) -> tuple[str, tuple[_Judged, ...]]:
            ids = repo.component(unit.conn, customer_id)
            if other_id not in ids or other_id == customer_id:
                raise NotFound(_("They are not one customer."), _("Look at the customer again."))
            name = self._customer(unit.conn, other_id).name
            linked = [pair for pair, verdict in repo.verdicts(unit.conn, [other_id]).items() if verdict[0] == ONE]
            friends = [a if b == other_id else b for a, b in linked]
            judged = self._judge(unit, linked, "") + self._judge(unit, [(customer_id, other_id)], TWO)
            if len(friends) > 1:   # it was what held them together
                judged += self._judge(unit, itertools.pairwise(friends), ONE)
            return _("{name} is a customer of their own again").format(name=name), judged

        return await self._said(work)

    async def dismiss(self, proposal_id: str) -> Undo:
        """Raises NotFound for what is no proposal."""
        customer_id, _sep, other_id = proposal_id.partition("+")

        def work(unit: Unit) -> tuple[str, tuple[_Judged, ...]]:
            found = next((each for each in self._proposals(unit.conn, customer_id) if each.id == proposal_id), None)
            if found is None:
                raise NotFound(_("This is not proposed any more."), _("Look at the customer again."))
            judged = self._judge(unit, [(customer_id, other_id)], TWO, _signature(found))
            return _("{name} is somebody else").format(name=found.other_name), judged

        return await self._said(work)

    async def undo(self, undo_id: str) -> None:
        judged = self._undo.get(undo_id)
        if judged is None:
            raise NotFound(_("There is nothing to undo."), _("Change it by hand."))

        def work(unit: Unit) -> None:
            for each in reversed(judged):
                repo.judge(unit, each.one, each.other, each.before, self._clock.now())
            unit.emit(CustomersChanged(_ids(judged)))

        await self._database.write(work)
        self._undo.pop(undo_id, None)   # what failed can be tried again

    def apply(self, unit: Unit, _entity_id: str, body: Mapping[str, object]) -> None:
        """Another desktop's person said something of two identities."""
        pair = repo.learn(unit.conn, body)
        if pair is not None:
            unit.emit(CustomersChanged(pair))

    # -- in the background --------------------------------------------------------------------------------------

    async def step(self) -> float:
        """Look at conversations nobody looked at yet. Returns the seconds until the next time."""
        def work(unit: Unit) -> int:
            seen = self._conversations.unassigned(unit.conn, BATCH)
            self._keep(unit.conn, seen)
            return len(seen)

        if not await self._database.read(lambda conn: self._conversations.unassigned(conn, 1)):
            return _PAUSE   # nobody who writes waits for a look at nothing
        return _BREATH if await self._database.write(work) == BATCH else _PAUSE

    # -- small helpers ------------------------------------------------------------------------------------------

    def _keep(self, conn: Connection, seen: Sequence[Seen]) -> list[tuple[str, str]]:
        pairs = repo.remember(conn, seen)
        if pairs:
            self._conversations.assign(conn, pairs)
        return pairs

    def _customer_of(self, conn: Connection, conversation_id: str) -> str:
        seen = self._conversations.of(conn, conversation_id)
        if seen is None:
            raise NotFound(_("This conversation is not in the store."), _("It may have been merged or erased."))
        return self._keep(conn, [seen])[0][1]

    def _customer(self, conn: Connection, customer_id: str) -> Customer:
        ids = repo.component(conn, customer_id)
        named = repo.identities(conn, ids)
        own = next((each for each in named if each.id == customer_id), None)
        if own is None:
            raise NotFound(_("This customer is not in the store."), _("Look at the conversation again."))
        totals = self._conversations.totals(conn, ids)
        orders = self._orders.traces(conn, self._conversations.ids(conn, ids, LOOKED_AT))
        return Customer(
            id=customer_id, name=_name(own, named), identities=tuple(each.identity for each in named),
            language=totals.languages[0] if totals.languages else "", markets=totals.markets,
            orders=len({trace.order for trace in orders}), conversations=totals.conversations,
            first_at=totals.first_at, last_at=totals.last_at,
            merged=tuple((each.id, each.identity.name or each.identity.value) for each in named
                         if each.id != customer_id),
        )

    def _proposals(self, conn: Connection, customer_id: str) -> tuple[Proposal, ...]:
        ids = repo.component(conn, customer_id)
        mine = self._known(conn, ids)
        said = repo.verdicts(conn, ids)
        found = []
        for other_id in self._candidates(conn, ids, mine)[:MOST_CANDIDATES]:
            others = repo.component(conn, other_id)
            proposal = self._proposal(conn, (customer_id, mine), (other_id, self._known(conn, others)))
            answers = [said[pair] for one in ids for other in others if (pair := repo.pair(one, other)) in said]
            refused = any(verdict == TWO and (not reasons or reasons == _signature(proposal))
                          for verdict, reasons in answers)
            if proposal.confidence >= matching.LEAST and not refused:
                found.append(proposal)
        return tuple(sorted(found, key=lambda each: (-each.confidence, each.other_id)))

    def _proposal(self, conn: Connection, one: tuple[str, Known], other: tuple[str, Known]) -> Proposal:
        key = matching.name_key(one[1].name)
        namesakes = len(repo.by_name(conn, key, matching.SHARED_NAMES + 1))
        why = matching.reasons(one[1], other[1], namesakes)
        named = repo.identities(conn, repo.component(conn, other[0]))
        return Proposal(
            f"{one[0]}+{other[0]}", one[0], other[0], other[1].name, tuple(each.identity for each in named),
            matching.confidence(why), why,
        )

    def _candidates(self, conn: Connection, ids: Collection[str], mine: Known) -> list[str]:
        """Whoever shares anything that an index can find, each customer once."""
        conversations = [
            *(trace.conversation_id for trace in self._orders.about(conn, mine.orders, LOOKED_AT)),
            *(trace.conversation_id for trace in self._orders.bought(conn, mine.addresses, LOOKED_AT)),
            *(one for one, _address in self._orders.wrote(conn, mine.addresses, LOOKED_AT)),
        ]
        people = [
            *self._conversations.customers(conn, conversations),
            *(repo.identity_id(matching.kind_of(one, ""), one) for one in sorted(mine.buyers | mine.writers)),
            *(each.id for each in repo.by_name(conn, matching.name_key(mine.name), MOST_CANDIDATES)),
        ]
        known = {each.id for each in repo.identities(conn, people)}
        found: list[str] = []
        seen = set(ids)
        for one in dict.fromkeys(people):
            if one in known and one not in seen:
                seen.update(repo.component(conn, one))
                found.append(one)
        return found

    def _known(self, conn: Connection, ids: Sequence[str]) -> Known:
        named = repo.identities(conn, ids)
        conversations = self._conversations.ids(conn, ids, LOOKED_AT)
        traces = self._orders.traces(conn, conversations)
        own = next((each for each in named if each.id == ids[0]), None)
        return Known(
            name=_name(own, named) if own else "", addresses={each.identity.value for each in named},
            orders={trace.order: trace.number for trace in traces},
            buyers={trace.buyer for trace in traces if trace.buyer},
            writers={address for _one, address in self._orders.writers(conn, conversations)},
            countries={trace.country for trace in traces if trace.country},
            languages=self._conversations.totals(conn, ids).languages,
        )

    def _judge(
        self, unit: Unit, pairs: Iterable[tuple[str, str]], verdict: str, reasons: str = ""
    ) -> tuple[_Judged, ...]:
        now = self._clock.now()
        return tuple(_Judged(a, b, repo.judge(unit, a, b, (verdict, reasons), now)) for a, b in pairs)

    async def _said(self, work: Callable[[Unit], tuple[str, tuple[_Judged, ...]]]) -> Undo:
        def whole(unit: Unit) -> tuple[str, tuple[_Judged, ...]]:
            sentence, judged = work(unit)
            unit.emit(CustomersChanged(_ids(judged)))
            return sentence, judged

        sentence, judged = await self._database.write(whole)
        undo = Undo(new_id(), sentence, _ids(judged))
        self._undo[undo.id] = judged
        while len(self._undo) > MOST_UNDO:
            self._undo.popitem(last=False)
        return undo


def _name(own: Named, named: Sequence[Named]) -> str:
    """What they call themselves here, else anywhere, else how they are reached."""
    return own.identity.name or next((one.identity.name for one in named if one.identity.name), own.identity.value)


def _ids(judged: Sequence[_Judged]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in judged for one in (each.one, each.other)))


def _signature(proposal: Proposal) -> str:
    """The reasons in a form that stays the same while they do, in whatever language they are said."""
    return " ".join(f"{reason.weight:.2f}" for reason in proposal.reasons)


def _place(cursor: str | None) -> tuple[int, str] | None:
    if not cursor:
        return None
    at, _sep, last = cursor.partition(":")
    return int(at), last
