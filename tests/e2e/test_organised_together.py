"""Two desktops, one mailbox, one hub: what one person says of conversations shows at the other's desk, whoever spoke
first and in whatever order their mail came."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_one_mailbox import Person, hub, two
from tests.support.hub import HubHouse
from tests.support.store import NOW, mail
from tests.unit.inbox.test_merging_walk import check, places
from workstation.app.adapters import ConflictLines
from workstation.inbox.model import ConversationRow, IncomingMail
from workstation.kernel.clock import HOUR, MINUTE
from workstation.kernel.errors import WorkstationError

__all__ = ["hub"]

ELSEWHERE = "an account of a home from before"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        long = metafunc.config.getoption("--long", default=False)
        metafunc.parametrize(("seed", "steps"), [(n, 120) for n in range(100, 112)] if long else [(4, 30)])


def answer(number: int, to: int) -> IncomingMail:
    name = f"<{to}@buyer.example>"
    return mail(number, in_reply_to=name, references=(name,), at=NOW + number * MINUTE)


async def settled(*people: Person) -> None:
    """Everybody has heard of everything."""
    for _round in range(3):
        for each in people:
            await each.copy()


async def row(person: Person, subject: str) -> ConversationRow:
    return next(each for each in await person.rows() if each.subject == subject)


async def question(person: Person, number: int) -> str:
    return (await row(person, f"Question {number}")).id


async def texts(person: Person) -> list[list[str]]:
    """The Message-IDs' numbers of every conversation that is shown."""
    return [[name.strip("<").split("@")[0] for name in names] for names in await person.messages()]


@pytest.mark.parametrize("other", ["account", pytest.param(ELSEWHERE, marks=pytest.mark.long)])
async def test_what_is_said_travels_and_tags_of_both_stay(tmp_path: Path, hub: HubHouse, other: str) -> None:
    async with two(tmp_path, hub, other) as (ana, bo):
        await ana.fetch(mail(1))
        await bo.fetch(mail(1))
        await settled(ana, bo)
        one, same = await question(ana, 1), await question(bo, 1)
        await ana.desk.inbox.tag([one], ["late"])
        await bo.desk.inbox.tag([same], ["vip"])
        await ana.desk.inbox.mute([one])
        await bo.desk.inbox.ask_review([same])
        await ana.desk.inbox.assign([one], "ana")
        await settled(ana, bo)
        for each in (ana, bo):
            now = await row(each, "Question 1")
            assert (now.tags, now.muted, now.review, now.assignee) == (("late", "vip"), True, True, "ana")
        await bo.desk.inbox.tag([same], [], ["late"])
        await settled(ana, bo)
        assert (await row(ana, "Question 1")).tags == ("vip",)


@pytest.mark.parametrize("first", [pytest.param("nothing", marks=pytest.mark.long), "more"])
async def test_what_was_said_under_another_id_before_is_said_of_the_same(
    tmp_path: Path, hub: HubHouse, first: str
) -> None:
    """Nobody knows yet that it is one conversation; both say something of it."""
    async with two(tmp_path, hub, ELSEWHERE) as (ana, bo):
        await ana.fetch(mail(1), mail(2))
        await bo.fetch(mail(1), mail(2))
        one, two_ = await question(ana, 1), await question(ana, 2)
        await ana.desk.inbox.tag([one], ["late"])
        await ana.desk.inbox.assign([one], "ana")
        await ana.triage.correct(one, "issue", "refund")
        await ana.desk.inbox.resolve([two_])
        if first == "more":
            await bo.desk.inbox.tag([await question(bo, 1)], ["vip"])
            await bo.desk.inbox.mute([await question(bo, 1)])
        await settled(ana, bo)
        tags, muted = (("late", "vip"), True) if first == "more" else (("late",), False)
        for each in (ana, bo):
            now = await row(each, "Question 1")
            assert (now.tags, now.muted, now.assignee, now.issue) == (tags, muted, "ana", "refund")
            assert (await row(each, "Question 2")).state == "resolved"
        held = [body for body in hub.entities("conversation").values() if body["subject"] == "Question 1"]
        assert len(held) == 2
        assert [(body["assignee"], body["triage:issue"], body.get("muted")) for body in held] == [
            ("ana", "refund", muted or None)] * 2, "under both its names"
        await bo.desk.inbox.assign([await question(bo, 1)], "bo")
        await bo.triage.correct(await question(bo, 1), "issue", "late")
        await settled(bo, ana)
        for each in (ana, bo):
            now = await row(each, "Question 1")
            assert (now.assignee, now.issue) == ("bo", "late")
            assert not await each.desk.database.read(partial(ConflictLines().lines, conversation_id=now.id))


@pytest.mark.long
async def test_of_what_was_said_differently_under_two_names_that_of_the_smallest_counts_everywhere(
    tmp_path: Path, hub: HubHouse
) -> None:
    """Nobody knows yet that it is one conversation, and each says something else of it."""
    async with two(tmp_path, hub, ELSEWHERE) as (ana, bo):
        ids = {}
        for name, each, tag in (("ana", ana, "late"), ("bo", bo, "vip")):
            await each.fetch(mail(1))
            ids[name] = await question(each, 1)
            await each.desk.inbox.assign([ids[name]], name)
            await each.desk.inbox.tag([ids[name]], [tag])
            await each.triage.correct(ids[name], "issue", {"ana": "refund", "bo": "late"}[name])
        await settled(ana, bo)
        counts = min(ids, key=lambda name: ids[name])
        for each in (ana, bo):
            now = await row(each, "Question 1")
            assert (now.assignee, now.issue) == (counts, {"ana": "refund", "bo": "late"}[counts])
            assert now.tags == ("late", "vip"), "a tag is a field of its own"
        held = hub.entities("conversation")
        assert len({(held[i]["assignee"], held[i]["triage:issue"]) for i in ids.values()}) == 1
        await bo.desk.inbox.assign([ids["bo"]], "cy")
        await settled(bo, ana)
        assert [(await row(each, "Question 1")).assignee for each in (ana, bo)] == ["cy", "cy"]
        assert {hub.entities("conversation")[i]["assignee"] for i in ids.values()} == {"cy"}


async def test_of_two_who_assign_at_once_the_first_counts_at_both_desks(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(mail(1))
        await bo.fetch(mail(1))
        await settled(ana, bo)
        one = await question(ana, 1)
        await ana.desk.inbox.assign([one], "ana")
        await bo.desk.inbox.assign([one], "bo")
        await settled(bo, ana)
        assert [(await row(each, "Question 1")).assignee for each in (ana, bo)] == ["bo", "bo"]
        for each in (ana, bo):
            (line,) = await each.desk.database.read(lambda c: ConflictLines().lines(c, one))
            assert (line.kind, line.text) == ("state", "Two people assigned this at once: it is bo’s, not ana’s.")


@pytest.mark.parametrize(("other", "fetched"), [
    ("account", "before"),
    *(pytest.param(other, fetched, marks=pytest.mark.long) for other, fetched in (
        (ELSEWHERE, "after"), ("account", "never"), (ELSEWHERE, "before"), ("account", "after"), (ELSEWHERE, "never"))),
])
async def test_a_merge_and_its_parting_show_at_the_other_desk(
    tmp_path: Path, hub: HubHouse, other: str, fetched: str
) -> None:
    async with two(tmp_path, hub, other) as (ana, bo):
        await ana.fetch(mail(1), mail(2))
        if fetched == "before":
            await bo.fetch(mail(2), mail(1))
            await settled(ana, bo)
        await ana.desk.inbox.merge([await question(ana, 2)], await question(ana, 1))
        await settled(ana, bo)
        if fetched == "after":
            await bo.fetch(mail(2), mail(1))
            await settled(ana, bo)
        assert await texts(ana) == await texts(bo) == [["1", "2"]]
        if fetched != "never":
            await bo.fetch(answer(5, 2))
            await settled(ana, bo)
            assert await texts(ana) == await texts(bo) == [["1", "2", "5"]]
        await bo.desk.inbox.unmerge((await bo.rows())[0].id)
        await settled(ana, bo)
        expected = [["1"], ["2"]] if fetched == "never" else [["1"], ["2", "5"]]
        assert await texts(ana) == await texts(bo) == expected


async def test_two_who_merge_each_into_the_other_see_the_same_and_can_part_it(tmp_path: Path, hub: HubHouse) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(mail(1), mail(2))
        await bo.fetch(mail(1), mail(2))
        await settled(ana, bo)
        await ana.desk.inbox.merge([await question(ana, 2)], await question(ana, 1))
        await bo.desk.inbox.merge([await question(bo, 1)], await question(bo, 2))
        await settled(ana, bo)
        assert await texts(ana) == await texts(bo) == [["1", "2"]]
        assert [each.id for each in await ana.rows()] == [each.id for each in await bo.rows()]
        await ana.desk.inbox.unmerge((await ana.rows())[0].id)
        await settled(ana, bo)
        assert await texts(ana) == await texts(bo) == [["1"], ["2"]]


@pytest.mark.parametrize("heard_first", [True, pytest.param(False, marks=pytest.mark.long)])
async def test_a_split_and_the_answers_to_it_show_alike(tmp_path: Path, hub: HubHouse, heard_first: bool) -> None:
    async with two(tmp_path, hub) as (ana, bo):
        await ana.fetch(mail(1), answer(2, 1))
        await bo.fetch(mail(1), answer(2, 1))
        await settled(ana, bo)
        one = await question(ana, 1)
        ids = [message.id for message in (await ana.desk.inbox.conversation(one)).messages]
        undo = await ana.desk.inbox.split(one, ids[1:])
        if heard_first:
            await settled(ana, bo)
            assert await texts(bo) == [["1"], ["2"]]
        await bo.fetch(answer(5, 2))
        await bo.copy()
        await ana.fetch(answer(5, 2))
        await settled(ana, bo)
        assert await texts(ana) == await texts(bo) == [["1"], ["2", "5"]]
        await ana.desk.inbox.undo(undo.id)
        await settled(ana, bo)
        assert await texts(ana) == await texts(bo) == [["1", "2", "5"]]


@pytest.mark.timeout(600)
async def test_two_who_do_everything_in_any_order_end_alike(
    tmp_path: Path, hub: HubHouse, seed: int, steps: int
) -> None:
    chance = random.Random(seed)
    letters = _mailbox(chance, steps)
    async with two(tmp_path, hub) as (ana, bo):
        taken = {"ana": 0, "bo": 0}
        for _step in range(steps):
            name, person = chance.choice((("ana", ana), ("bo", bo)))
            if chance.random() < 0.35:
                more = letters[taken[name]: taken[name] + chance.randrange(1, 4)]
                taken[name] += len(more)
                await person.fetch(*chance.sample(more, len(more)))
            elif chance.random() < 0.3:
                await person.copy()
            else:
                await _organise(person, chance)
        for person in (ana, bo):
            await person.fetch(*letters)
        await settled(ana, bo)
        await settled(ana, bo)
        for person in (ana, bo):
            await check(person.desk, len(letters))
        assert await places(ana.desk) == await places(bo.desk)
        assert [each.tags for each in await ana.rows()] == [each.tags for each in await bo.rows()]


def _mailbox(chance: random.Random, count: int) -> list[IncomingMail]:
    """Each answer names its whole thread, as mail programs do."""
    letters = [mail(n, at=NOW - HOUR + n * MINUTE) for n in range(1, 5)]
    for number in range(5, count):
        parent = chance.choice(letters)
        thread = (*parent.references, parent.message_id)
        letters.append(mail(number, at=NOW + number * MINUTE, in_reply_to=parent.message_id, references=thread))
    return letters


async def _organise(person: Person, chance: random.Random) -> None:
    rows = await person.rows()
    chosen = chance.sample(rows, min(len(rows), 2))
    if len(chosen) < 2:
        return
    one, other = (each.id for each in chosen)
    inbox = person.desk.inbox
    try:
        kind = chance.randrange(5)
        if kind < 2:
            await inbox.merge([other], one)
        elif kind == 2:
            await inbox.unmerge(one)
        elif kind == 3:
            ids = [message.id for message in (await inbox.conversation(one)).messages]
            await inbox.split(one, chance.sample(ids, chance.randrange(1, len(ids) + 1)))
        else:
            await inbox.tag([one], [chance.choice(("late", "vip"))])
    except WorkstationError:
        return     # nothing to part, or all its messages chosen
