"""Conversations that go to somebody by a rule: once, in the rules' order, never against a person's word, and of several
desktops one decides."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import BUYER, NOW, Desk, desk, mail
from workstation.domain.events import ConversationsChanged
from workstation.inbox.assigning import STEP_IN, AssignedLines, Assigning
from workstation.inbox.model import AssignmentRule, IncomingMail, ListQuery
from workstation.kernel.clock import MINUTE
from workstation.kernel.errors import InputError

PORTUGUESE = AssignmentRule("", "Portuguese", "lang:pt", ("bo",))
REST = AssignmentRule("", "The rest", "is:open", ("ana", "bo", "cy"))


def from_buyer(number: int, **changes: object) -> IncomingMail:
    """A conversation of its own."""
    person = replace(BUYER, email=f"buyer{number}@example.test")
    return mail(number, author=person, at=NOW + number * 1_000, **changes)


async def receive(here: Desk, *mails: IncomingMail, account: str = "") -> None:
    known = await here.database.read(lambda c: c.exec_driver_sql("SELECT id FROM account").scalar())
    await here.inbox.receive(account or known or await here.with_account(), list(mails))


async def owners(here: Desk) -> dict[int, str]:
    rows = (await here.inbox.page(ListQuery("all", limit=200))).rows
    return {int(row.subject.split()[-1]): row.assignee for row in rows}


async def one(here: Desk, number: int) -> str:
    rows = (await here.inbox.page(ListQuery("all", limit=200))).rows
    return next(row.id for row in rows if row.subject == f"Question {number}")


async def test_the_first_rule_that_fits_decides_for_what_comes_from_now_on(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await receive(here, from_buyer(1, text="Onde está o meu pacote?"))
        await here.inbox.keep_assignment_rules([PORTUGUESE, replace(REST, members=("ana",))])
        await receive(here, from_buyer(2, text="Onde está o meu pacote agora?"), from_buyer(3))
        here.events.clear()
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: "", 2: "bo", 3: "ana"}
        assert [len(event.ids) for event in here.of(ConversationsChanged)] == [2]  # type: ignore[attr-defined]
        await receive(here, from_buyer(1, text="E o pacote?", in_reply_to="<1@buyer.example>",
                                       message_id="<11@buyer.example>"))
        await here.inbox.assigning.settle()
        assert (await owners(here))[1] == "bo", "what lay there before needs somebody once its buyer writes again"


async def test_the_order_of_the_rules_is_the_persons(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        kept = await here.inbox.keep_assignment_rules([PORTUGUESE, replace(REST, members=("ana",))])
        again = await here.inbox.keep_assignment_rules(kept[::-1])
        assert [rule.title for rule in again] == ["The rest", "Portuguese"]
        assert again == kept[::-1]
        await receive(here, from_buyer(1, text="Onde está o meu pacote?"))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: "ana"}


async def test_whoever_has_least_open_ones_gets_the_next(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await receive(here, *(from_buyer(n) for n in range(1, 4)))
        await here.inbox.assign([await one(here, 1), await one(here, 2)], "ana")
        await here.inbox.assign([await one(here, 3)], "bo")
        await here.inbox.resolve([await one(here, 3)])
        await here.inbox.keep_assignment_rules([REST])
        await receive(here, *(from_buyer(n) for n in range(4, 11)))
        await here.inbox.assigning.settle()
        loads: dict[str, int] = {}
        for number, owner in (await owners(here)).items():
            loads[owner] = loads.get(owner, 0) + (number != 3)
        assert loads == {"ana": 3, "bo": 3, "cy": 3}


@pytest.mark.parametrize("order", ["before", "after"])
async def test_a_persons_word_is_never_overruled(tmp_path: Path, order: str) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([replace(REST, members=("bo",))])
        await receive(here, from_buyer(1))
        if order == "after":
            await here.inbox.assigning.settle()
            assert await owners(here) == {1: "bo"}
        else:
            await here.inbox.assign([await one(here, 1)], "cy")
        await here.inbox.assign([await one(here, 1)], "")
        here.inbox.assigning.on_changed(ConversationsChanged((await one(here, 1),)))
        await receive(here, from_buyer(1, in_reply_to="<1@buyer.example>", message_id="<11@buyer.example>"))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: ""}


async def test_a_language_told_later_counts_as_the_first_time(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([PORTUGUESE])
        await receive(here, from_buyer(1))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: ""}
        conversation = await one(here, 1)

        def tell(unit: object) -> None:
            unit.conn.exec_driver_sql("UPDATE conversation SET language = 'pt'")  # type: ignore[attr-defined]

        await here.database.write(tell)
        here.inbox.assigning.on_changed(ConversationsChanged((conversation,)))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: "bo"}


async def test_it_is_explained_and_told_to_the_hub(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([PORTUGUESE])
        await receive(here, from_buyer(1, text="Onde está o meu pacote?"))
        await here.inbox.assigning.settle()
        conversation = await one(here, 1)
        found = await here.database.read(lambda c: AssignedLines().lines(c, conversation))
        assert [(line.kind, line.text) for line in found] == [("state", "Assigned to bo by the rule “Portuguese”")]
        query = "SELECT collection FROM outbox ORDER BY seq"
        told = await here.database.read(lambda c: list(c.exec_driver_sql(query).scalars()))
        assert told == ["assignment_rule", "assigned"]


async def test_resolved_and_snoozed_ones_need_nobody(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([replace(REST, members=("bo",))])
        await receive(here, from_buyer(1), from_buyer(2))
        await here.inbox.resolve([await one(here, 1)])
        await here.inbox.snooze([await one(here, 2)], NOW + 10**9)
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: "", 2: ""}
        await here.inbox.reopen([await one(here, 1)])
        here.inbox.assigning.on_changed(ConversationsChanged((await one(here, 1),)))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: "bo", 2: ""}


async def test_a_desktop_without_the_mailbox_decides_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([replace(REST, members=("bo",))])
        await receive(here, from_buyer(1), account="a colleague's mailbox")
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: ""}


async def test_of_two_readers_the_first_decides_and_the_other_steps_in(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        account = await here.with_account()
        ana = Assigning(here.database, here.clock, lambda: "ana")
        zoe = Assigning(here.database, here.clock, lambda: "zoe")
        await zoe.keep([replace(REST, members=("bo",))])
        await here.database.write(lambda unit: ana.apply_reader(
            unit, "any", {"account_id": account, "member": "ana", "reads": True}))
        await receive(here, from_buyer(1), account=account)
        await zoe.settle()
        assert await owners(here) == {1: ""}
        here.clock.advance(STEP_IN - MINUTE)
        await zoe.settle()
        assert await owners(here) == {1: ""}
        here.clock.advance(MINUTE)
        await zoe.settle()
        assert await owners(here) == {1: "bo"}
        await receive(here, from_buyer(2), account=account)
        await ana.settle()
        assert await owners(here) == {1: "bo", 2: "bo"}


async def test_what_another_desktop_decided_is_not_decided_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([replace(REST, members=("bo",))])
        await receive(here, from_buyer(1))
        body = {"rule": "Another", "member": "cy", "at": NOW}
        conversation = await one(here, 1)
        await here.database.write(lambda unit: here.inbox.assigning.apply(unit, conversation, body))
        await here.inbox.assigning.settle()
        assert await owners(here) == {1: ""}


async def test_a_restart_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.keep_assignment_rules([replace(REST, members=("bo",))])
        await receive(here, from_buyer(1))
        await here.inbox.assigning.settle()
        await receive(here, from_buyer(2))
        await Assigning(here.database, here.clock, str).settle()
        assert await owners(here) == {1: "bo", 2: "bo"}


@pytest.mark.parametrize(("rule", "words"), [
    (replace(PORTUGUESE, title=" "), "needs a name"), (replace(PORTUGUESE, title="x" * 61), "too long"),
    (replace(PORTUGUESE, query=""), "cannot be a rule"), (replace(PORTUGUESE, query="is:nonsense"), "cannot be a rule"),
    (replace(PORTUGUESE, query="a " * 600), "cannot be a rule"), (replace(PORTUGUESE, members=()), "needs somebody"),
])
async def test_a_rule_that_cannot_be_is_refused_whole(tmp_path: Path, rule: AssignmentRule, words: str) -> None:
    async with desk(tmp_path) as here:
        kept = await here.inbox.keep_assignment_rules([REST])
        with pytest.raises(InputError, match=words):
            await here.inbox.keep_assignment_rules([*kept, rule])
        assert await here.inbox.assignment_rules() == kept


@pytest.mark.parametrize("body", [
    {}, {"title": "x", "query": "lang:pt", "members": "bo", "on": True, "position": 0},
    {"title": "x", "query": "is:nonsense", "members": ["bo"], "on": True, "position": 0}, {"gone": True},
])
async def test_a_strange_rule_of_another_desktop_is_none(tmp_path: Path, body: dict[str, object]) -> None:
    async with desk(tmp_path) as here:
        (kept,) = await here.inbox.keep_assignment_rules([REST])
        await here.database.write(lambda unit: here.inbox.assigning.apply_rule(unit, kept.id, body))
        assert await here.inbox.assignment_rules() == ()


async def test_how_many_fit_now_counts_open_ones(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await receive(here, from_buyer(1, text="Onde está o meu pacote?"), from_buyer(2), from_buyer(3))
        assert await here.inbox.assignment_matches("lang:pt") == 1
        assert await here.inbox.assignment_matches("is:open") == 3
        await here.inbox.resolve([await one(here, 2)])
        assert await here.inbox.assignment_matches("is:open") == 2
        with pytest.raises(InputError):
            await here.inbox.assignment_matches("")
