"""What falls due is listed, waits for its notice, runs unless it is held; unknown dates are said and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.erasing import OTHER, RULE, Desk, desk
from tests.support.evidence import CASE, NOW
from tests.support.hub import until
from workstation.evidence import erasure_rules
from workstation.evidence.erasure.model import GRACE, Due, Rule
from workstation.evidence.model import Kind
from workstation.kernel.clock import DAY
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.paths import resources


async def turn(here: Desk) -> None:
    """One step without its waiting."""
    rules = await here.deadlines.rules()
    await here.deadlines._look(rules)
    await here.deadlines._run({rule.id: rule for rule in rules})


async def only(here: Desk) -> Due:
    (found,) = await here.deadlines.due()
    return found


async def test_a_case_is_erased_thirty_days_after_its_last_delivery_and_listed_before(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, NOW - 25 * DAY, NOW - 10 * DAY)
        due = await only(here)
        assert (due.rule, due.due_at, due.runs_at) == (RULE, NOW + 20 * DAY, NOW + 20 * DAY)
        await turn(here)
        here.made.clock.advance(17 * DAY)
        await turn(here)
        here.made.clock.advance(3 * DAY - 1)
        await turn(here)
        assert len(here.files()) == 3
        here.made.clock.advance(1)
        await turn(here)
        assert here.files() == []
        assert await here.deadlines.due() == ()
        (erase,) = [one for one in await here.made.service.list(CASE, custody=True) if one.kind is Kind.ERASE]
        assert erase.at == NOW + 20 * DAY


async def test_what_was_overdue_when_it_was_first_seen_still_has_its_notice(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, NOW - 400 * DAY)
        await turn(here)
        due = await only(here)
        assert (due.due_at, due.runs_at) == (NOW - 370 * DAY, NOW + 3 * DAY)
        assert len(here.files()) == 3
        here.made.clock.advance(3 * DAY)
        await turn(here)
        assert here.files() == []


@pytest.mark.parametrize("delivered", [(), (None,), (NOW - 900 * DAY, None)])
async def test_an_unknown_delivery_is_listed_as_unknown_and_never_erased(
    tmp_path: Path, delivered: tuple[int | None, ...]
) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, *delivered)
        await turn(here)
        here.made.clock.advance(1_000 * DAY)
        await turn(here)
        due = await only(here)
        assert (due.due_at, due.runs_at) == (None, None)
        assert len(here.files()) == 3


async def test_other_channels_and_empty_cases_are_not_due(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, NOW - 900 * DAY, channel="email")
        here.book.put(OTHER, NOW - 900 * DAY)
        await turn(here)
        assert await here.deadlines.due() == ()


async def test_a_date_that_turns_out_later_takes_the_plan_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, NOW - 29 * DAY)
        await turn(here)
        assert (await only(here)).runs_at == NOW + 3 * DAY
        here.book.put(CASE, NOW - DAY)
        await turn(here)
        assert (await only(here)).runs_at == NOW + 29 * DAY
        assert await here.made.sql("SELECT 1 FROM erasure_plan") == []


async def test_a_held_case_waits_and_runs_when_it_is_lifted(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        here.book.put(CASE, NOW - 29 * DAY)
        await turn(here)
        with pytest.raises(InputError, match="rule"):
            await here.deadlines.cancel(CASE)
        await here.deadlines.hold(CASE, "A-to-z claim")
        here.made.clock.advance(10 * DAY)
        await turn(here)
        due = await only(here)
        assert due.hold is not None
        assert len(here.files()) == 3
        await here.deadlines.lift(CASE, "claim won")
        await turn(here)
        assert here.files() == []


async def test_what_a_person_plans_can_be_taken_back_until_it_runs(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        planned = await here.deadlines.plan(CASE, "the buyer asks")
        assert (planned.rule, planned.runs_at, planned.reason) == (None, NOW + GRACE, "the buyer asks")
        await turn(here)
        await here.deadlines.cancel(CASE)
        here.made.clock.advance(GRACE)
        await turn(here)
        assert len(here.files()) == 3
        with pytest.raises(NotFound):
            await here.deadlines.cancel(CASE)
        await here.deadlines.plan(CASE)
        here.made.clock.advance(GRACE)
        await turn(here)
        assert here.files() == []
        assert await here.deadlines.due() == ()
        with pytest.raises(NotFound):
            await here.deadlines.plan(CASE)


async def test_one_case_that_cannot_be_erased_holds_up_no_other(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        for case_id in (CASE, OTHER):
            await here.case(case_id)
            here.book.put(case_id, NOW - 40 * DAY)
        await turn(here)
        await here.deadlines.hold(OTHER, "court")
        here.made.clock.advance(3 * DAY)
        await turn(here)
        assert [due.case_id for due in await here.deadlines.due()] == [OTHER]
        assert len(here.files()) == 3


async def test_a_step_waits_for_the_next_plan_and_is_woken_by_a_person(tmp_path: Path) -> None:
    import asyncio

    async with desk(tmp_path) as here:
        await here.case()
        async with asyncio.timeout(10):
            stepping = asyncio.ensure_future(here.deadlines.step())
            await here.deadlines.plan(CASE)              # ends the wait of the start
            await until(lambda: here.deadlines._begun and not here.deadlines._wake.is_set())
            assert not stepping.done()
            await here.deadlines.plan(CASE, "again")     # ends the wait for what is planned
            assert await stepping == 0.0


def test_the_rules_that_ship_can_be_read_and_name_their_sources() -> None:
    rules = erasure_rules.load(resources() / "policy" / "erasure.toml")
    (amazon,) = [rule for rule in rules if rule.channel == "amazon"]
    assert (amazon.days, amazon.after) == (30, "delivery")
    assert all(len(rule.source) > 20 for rule in rules)


GOOD = '[[rule]]\nid="a"\nchannel="c"\nafter="delivery"\ndays=30\nnotice_days=3\nsource="s"\n'


@pytest.mark.parametrize("text", [
    "", "version = 1", "version = ", 'version="1"\nrule=7', 'version="1"\n' + GOOD + GOOD,
    'version="1"\n' + GOOD.replace("30", "0"), 'version="1"\n' + GOOD.replace("30", '"30"'),
    'version="1"\n' + GOOD.replace("30", "true"), 'version="1"\n' + GOOD.replace('"delivery"', '"order"'),
    'version="1"\n' + GOOD + 'extra="x"\n', 'version="1"\n' + GOOD.replace('source="s"\n', ""),
    'version="1"\n' + GOOD.replace('"s"', '""'), "\udce4".encode("utf-8", "surrogateescape").decode("latin-1"),
])
def test_an_odd_rule_file_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "erasure.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError):
        erasure_rules.load(path)
    path.write_text('version="1"\n' + GOOD)
    assert erasure_rules.load(path) == (Rule("a", "c", 30, 3, "s"),)
