"""Two desktops, one hub: what one person says of a playbook's steps is so at the other's desk; and the records of it
leave in a pack that anybody checks."""

from __future__ import annotations

import json
import random
import zipfile
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_assigned_together import copied
from tests.e2e.test_one_mailbox import Person, hub, two
from tests.e2e.test_organised_together import ELSEWHERE, question
from tests.support.hub import HubHouse
from tests.support.playbooks import played, service_over
from tests.support.store import NOW, mail
from workstation.app.adapters import ConflictLines
from workstation.domain.events import PlaybookChanged
from workstation.kernel.clock import MINUTE
from workstation.playbooks.model import State
from workstation.playbooks.service import PlaybooksService

__all__ = ["hub"]
STEPS = ("order", "tracking", "promise", "proof", "tell")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        seeds = range(10) if metafunc.config.getoption("--long", default=False) else range(1)
        metafunc.parametrize("seed", [pytest.param(n, marks=pytest.mark.long, id=f"{n}") for n in seeds])


async def fetched(*people: Person) -> tuple[PlaybooksService, ...]:
    for each in people:
        await each.fetch(mail(1, at=NOW + MINUTE))
    return tuple(service_over(each.desk, name)[0] for each, name in zip(people, ("ana", "bo"), strict=True))


async def passed_on(*people: Person) -> None:
    """Each copies once, in this order."""
    for each in people:
        await each.copy()


async def states(each: Person, service: PlaybooksService) -> dict[str, State]:
    one = await question(each, 1)
    await service.choose(one, "late") if (await service.of(one)).playbook is None else None
    return {step.id: step.state for step in (await service.of(one)).steps}


@pytest.mark.parametrize("other", ["account", pytest.param(ELSEWHERE, marks=pytest.mark.long)])
async def test_a_tick_and_its_undo_show_at_the_other_desk(tmp_path: Path, hub: HubHouse, other: str) -> None:
    async with two(tmp_path, hub, other) as (ana, bo):
        of_ana, of_bo = await fetched(ana, bo)
        await passed_on(ana, bo)
        here, there = await question(ana, 1), await question(bo, 1)
        await of_ana.choose(here, "late")
        undo = await of_ana.mark(here, "order", State.DONE)
        await passed_on(ana, bo)
        course = await of_bo.of(there)
        assert course.playbook is not None
        assert (course.playbook.id, course.chosen, course.place) == ("late", True, 2)
        assert PlaybookChanged(there) in bo.desk.events
        await of_bo.mark(there, "tracking", State.SKIPPED, "the carrier has no page")
        await passed_on(bo, ana)
        step = (await of_ana.of(here)).steps[1]
        assert (step.state, step.reason) == (State.SKIPPED, "the carrier has no page")
        await of_ana.undo(undo.id)
        await passed_on(ana, bo)
        assert (await of_bo.of(there)).place == 1
        assert await of_bo.settle() == 1, "only what was said here is sealed here"
        assert await of_ana.settle() == 2
        await at_once((ana, of_ana, here), (bo, of_bo, there))


async def at_once(one: tuple[Person, PlaybooksService, str], other: tuple[Person, PlaybooksService, str]) -> None:
    """Of two who tick one step at once the first counts, both desks say so, and both words are sealed."""
    (ana, of_ana, here), (bo, of_bo, there) = one, other
    await of_ana.mark(here, "promise", State.SKIPPED, "not now")
    await of_bo.mark(there, "promise", State.DONE)
    await passed_on(bo, ana, bo)
    for each, service, conversation_id in (one, other):
        assert (await states(each, service))["promise"] is State.DONE
        lines = await each.desk.database.read(partial(ConflictLines().lines, conversation_id=conversation_id))
        assert [line.text for line in lines] == [
            "Two people changed a playbook step at once; what was said first counts."]
    assert await of_ana.settle() == 1, "what Ana said before she heard of it is kept, too"


async def test_steps_of_two_in_any_order_end_alike(tmp_path: Path, hub: HubHouse, seed: int) -> None:
    chance = random.Random(seed)
    async with two(tmp_path, hub) as (ana, bo):
        services = await fetched(ana, bo)
        undos: tuple[list[str], list[str]] = ([], [])
        people = (ana, bo)
        for each, service in zip(people, services, strict=True):
            await states(each, service)
        for _step in range(60):
            at = chance.randrange(2)
            one, what = await question(people[at], 1), chance.random()
            people[at].desk.clock.advance(chance.randrange(1, 5_000))
            if what < 0.5:
                state = chance.choice((State.DONE, State.SKIPPED, State.OPEN))
                undos[at].append((await services[at].mark(one, chance.choice(STEPS), state, "so")).id)
            elif what < 0.6:
                undos[at].append((await services[at].choose(one, "late")).id)
            elif what < 0.75 and undos[at]:
                await services[at].undo(undos[at].pop())
            else:
                await people[at].copy()
        for _round in range(3):
            await copied(ana, bo)
        assert await states(ana, services[0]) == await states(bo, services[1])


async def test_a_step_leaves_in_a_pack_and_a_change_of_it_is_named(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        made.panel.says("order", "pass", "Order 7 is this buyer's")
        await made.service.mark(made.one, "order", State.DONE)
        await made.service.settle()
        pack = await made.evidence.export(tmp_path / "case.zip", made.one)
        assert (await made.evidence.verify(pack)).intact
        with zipfile.ZipFile(pack) as opened:
            inside = {name: opened.read(name) for name in opened.namelist()}
        (page,) = [name for name in inside if "/data/files/" in name]
        assert b"Step 1 of 5: Find the order (order)" in inside[page]
        assert any(b"Playbook step" in content for name, content in inside.items() if name.endswith("report.html"))
        changed = tmp_path / "changed.zip"
        with zipfile.ZipFile(changed, "w") as out:
            for name, content in inside.items():
                out.writestr(name, content.replace(b"State: done", b"State: open") if name == page else content)
        report = await made.evidence.verify(changed)
        assert not report.intact
        assert any(page.rpartition("/")[2] in finding.where for finding in report.findings)


async def test_a_step_that_was_changed_in_the_store_is_named(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.service.mark(made.one, "order", State.DONE)
        await made.service.settle()
        (kept,) = await made.evidence.list(made.one)
        ((raw,),) = await made.sql("SELECT envelope FROM evidence_record WHERE id = ?", kept.id)
        assert isinstance(raw, bytes)
        envelope = json.loads(raw)
        envelope["payload"] = envelope["payload"][:-8] + "AAAAAAA="
        await made.desk.database.write(lambda unit: unit.conn.exec_driver_sql(
            "UPDATE evidence_record SET envelope = ? WHERE id = ?", (json.dumps(envelope).encode(), kept.id)))
        report = await made.evidence.verify()
        assert not report.intact
        assert any(kept.id in finding.where for finding in report.findings)
