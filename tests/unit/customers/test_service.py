"""One person across channels, over a real store: nobody is merged but by a person, and parting loses nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.store import NOW, Desk, desk, mail
from workstation.app.customers import CustomerConversations, CustomerOrders
from workstation.customers import repo
from workstation.customers import tables as _customers  # noqa: F401 - the desk makes the tables that are known
from workstation.customers.model import Proposal
from workstation.customers.service import CustomersService
from workstation.domain.conversation import Address
from workstation.domain.events import CustomersChanged
from workstation.kernel.errors import InputError, NotFound
from workstation.orders import tables as _orders  # noqa: F401

ALIAS, MAIL, OTHER = "q7x@marketplace.amazon.com", "ana@home.example", "bo@home.example"


@dataclass
class Office:
    desk: Desk
    customers: CustomersService

    async def wrote(self, number: int, address: str, name: str) -> str:
        """A conversation somebody began."""
        await self.desk.inbox.receive("account", [mail(number, author=Address(address, name), at=NOW - number * 1_000)])
        row = await self.desk.database.read(lambda c: c.exec_driver_sql(
            "SELECT id FROM conversation WHERE customer_address = ? ORDER BY last_at LIMIT 1", (address,)).scalar())
        return str(row)

    async def order(self, number: str, buyer: str, *conversations: str, why: str = "number") -> None:
        def work(unit: object) -> None:
            conn = unit.conn  # type: ignore[attr-defined]
            conn.exec_driver_sql(
                "INSERT OR IGNORE INTO sales_order(id, platform, store, order_id, match_key, buyer_email, buyer_key, "
                "buyer_name, currency, country, status, tracking_number, tracking_key, carrier, service, "
                "refunds_known, shipping_known) "
                "VALUES (?, 'amazon', 's', ?, ?, ?, ?, '', '', 'BR', '', '', '', '', '', 0, 1)",
                (number, number, number, buyer, buyer))
            for one in conversations:
                conn.exec_driver_sql("INSERT INTO order_link(conversation_id, order_id, why) VALUES (?, ?, ?)",
                                     (one, number, why))

        await self.desk.database.write(work)

    async def proposed(self, conversation: str) -> tuple[Proposal, ...]:
        return await self.customers.proposals((await self.customers.of(conversation)).id)


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    async with desk(folder) as here:
        await here.with_account()
        yield Office(here, CustomersService(here.database, here.clock, CustomerConversations(), CustomerOrders()))


async def test_two_addresses_that_share_an_order_are_proposed_and_merged_by_a_person_alone(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one, two = await here.wrote(1, ALIAS, "Ana Souza"), await here.wrote(2, MAIL, "Ana")
        await here.wrote(3, OTHER, "Bo Li")
        await here.order("702-1", ALIAS, one, two)
        while await here.customers.step() < 1:
            pass
        (proposal,) = await here.proposed(one)
        assert proposal.other_name == "Ana"
        assert "702-1" in proposal.reasons[0].sentence
        assert (await here.customers.of(one)).conversations == 1, "nobody is merged by themselves"
        undo = await here.customers.merge(proposal.customer_id, proposal.other_id)
        customer = await here.customers.of(two)
        assert customer.conversations == 2
        assert {identity.value for identity in customer.identities} == {ALIAS, MAIL}
        history = await here.customers.history(customer.id)
        assert [row.conversation_id for row in history.rows] == [one, two]
        assert await here.proposed(one) == ()
        await here.customers.undo(undo.id)
        assert (await here.customers.of(two)).conversations == 1
        assert len(await here.proposed(one)) == 1
        assert here.desk.of(CustomersChanged)


async def test_parting_one_of_three_leaves_the_others_together_and_is_taken_back(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        ids = [(await here.customers.of(await here.wrote(n, address, "Ana Souza"))).id
               for n, address in enumerate((ALIAS, MAIL, OTHER), 1)]
        await here.customers.merge(ids[0], ids[1])
        await here.customers.merge(ids[1], ids[2])
        undo = await here.customers.part(ids[0], ids[1])       # what held the other two together

        async def together(one: str) -> set[str]:
            return set(await here.desk.database.read(lambda c: repo.component(c, one)))

        assert await together(ids[0]) == {ids[0], ids[2]}
        assert await together(ids[1]) == {ids[1]}
        assert await here.customers.proposals(ids[1]) == (), "a person said they are two"
        await here.customers.undo(undo.id)
        assert await together(ids[1]) == set(ids)


async def test_a_refused_proposal_comes_back_only_with_a_new_reason(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one, two = await here.wrote(1, ALIAS, "Ana Souza"), await here.wrote(2, MAIL, "Ana Souza")
        await here.customers.of(two)
        (proposal,) = await here.proposed(one)
        undo = await here.customers.dismiss(proposal.id)
        assert await here.proposed(one) == ()
        assert await here.proposed(two) == ()
        await here.order("702-2", MAIL, one, two)
        assert len(await here.proposed(one)) == 1
        await here.customers.undo(undo.id)
        assert len(await here.proposed(one)) == 1


async def test_a_weak_link_between_order_and_conversation_proves_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one, two = await here.wrote(1, ALIAS, "Ana Souza"), await here.wrote(2, MAIL, "Zoe Ray")
        await here.customers.of(two)
        await here.order("702-3", "third@x.example", one, two, why="address")
        assert await here.proposed(one) == ()


async def test_a_customer_is_found_by_either_name_or_address_as_typed(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.customers.of(await here.wrote(1, MAIL, "Ána de Souza"))
        await here.customers.of(await here.wrote(2, OTHER, "王小明"))
        for typed, name in (("ana d", "Ána de Souza"), ("sou", "Ána de Souza"), ("ANA@ho", "Ána de Souza"),
                            ("王小", "王小明")):
            assert [one.name for one in await here.customers.find(typed)] == [name]
        assert await here.customers.find("%") == await here.customers.find("") == ()


async def test_what_makes_no_sense_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one = (await here.customers.of(await here.wrote(1, MAIL, "Ana Souza"))).id
        two = (await here.customers.of(await here.wrote(2, OTHER, "Bo Li"))).id
        with pytest.raises(InputError):
            await here.customers.merge(one, one)
        for wrong in (here.customers.merge(one, "nobody"), here.customers.part(one, two), here.customers.of("nothing"),
                      here.customers.dismiss(f"{one}+{two}"), here.customers.undo("x")):
            with pytest.raises(NotFound):
                await wrong


async def test_what_another_desktop_said_counts_here(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        one = (await here.customers.of(await here.wrote(1, MAIL, "Ana Souza"))).id
        two = (await here.customers.of(await here.wrote(2, OTHER, "Bo Li"))).id
        a, b = repo.pair(one, two)
        body = {"a": a, "b": b, "verdict": "one", "reasons": "", "at": NOW}
        wrong = ({"a": b, "b": a, "verdict": "one", "at": 1}, {"a": a, "b": b, "verdict": "all", "at": 1})
        for said in (body, body, *wrong):
            await here.desk.database.write(lambda unit, said=said: here.customers.apply(unit, "x", said))  # type: ignore[misc]
        assert (await here.customers.of(await here.wrote(3, MAIL, "Ana Souza"))).merged == ((two, "Bo Li"),)
