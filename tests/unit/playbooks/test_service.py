"""How a conversation follows its playbook, what satisfies a step, and what becomes of a tick."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.evidence import make_grab
from tests.support.playbooks import Played, played
from workstation.app.playbooks import forget
from workstation.domain.events import PlaybookChanged
from workstation.evidence.model import CaptureRequest, Kind
from workstation.kernel.errors import DiskFull, InputError, NotFound
from workstation.playbooks.model import Get, State, Step


async def step(made: Played, step_id: str) -> Step:
    course = await made.service.of(made.one)
    return next(each for each in course.steps if each.id == step_id)


async def test_it_follows_what_the_conversation_is_about_until_a_person_chooses(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        course = await made.service.of(made.one)
        assert course.playbook is not None
        assert (course.playbook.id, course.chosen, course.place) == ("late", False, 1)
        assert course.escalate == ("Nothing new for 14 days, or the buyer asks for the money back: to a supervisor",)
        await made.about("lost")
        assert (await made.service.of(made.one)).playbook == (await made.service.list())[1]
        undo = await made.service.choose(made.one, "damaged")
        course = await made.service.of(made.one)
        assert course.playbook is not None
        assert (course.playbook.id, course.chosen) == ("damaged", True)
        await made.about("late")
        assert (await made.service.of(made.one)).playbook == course.playbook, "a person's word stays"
        await made.service.undo(undo.id)
        course = await made.service.of(made.one)
        assert course.playbook is not None
        assert (course.playbook.id, course.chosen) == ("late", False)
        await made.about("")
        assert (await made.service.of(made.one)).playbook is None
        with pytest.raises(NotFound, match="no playbook"):
            await made.service.mark(made.one, "order", State.DONE)
        with pytest.raises(InputError):
            await made.service.choose(made.one, "sunshine")
        with pytest.raises(NotFound):
            await made.service.of("nowhere")


async def test_a_check_satisfies_a_step_only_while_it_is_known(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        assert (await step(made, "order")).get is Get.REFRESH
        made.panel.says("order", "unknown", "The shop did not answer")
        assert (await step(made, "order")).missing == "The shop did not answer"
        made.panel.says("order", "fail", "Order 7 is another buyer's")
        order = await step(made, "order")
        assert (order.state, order.get) == (State.OPEN, Get.NOTHING)
        assert order.missing == "The check speaks against it: Order 7 is another buyer's"
        made.panel.says("order", "pass", "Order 7 is this buyer's")
        order = await step(made, "order")
        assert (order.state, order.source, order.missing) == (State.SATISFIED, "Order 7 is this buyer's (shop)", "")
        assert order.needs == "Needs the check “Order”"
        assert (await made.service.of(made.one)).place == 2
        made.panel.says("tracking", "warn", "Nothing new for 9 days")
        assert (await step(made, "tracking")).state is State.SATISFIED, "known is enough here, whatever it says"


async def test_evidence_satisfies_a_step_from_then_on(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        assert (await step(made, "proof")).get is Get.CAPTURE
        record = await made.evidence.seal(make_grab(), CaptureRequest(case_id=made.one, purpose="x"))
        proof = await step(made, "proof")
        assert (proof.state, proof.source) == (State.SATISFIED, "Capture kept, record 1")
        made.desk.clock.advance(1_000)
        await made.service.mark(made.one, "proof", State.DONE)
        await made.service.settle()
        said = await statement(made)
        assert said["what"]["satisfied_by"]["record_id"] == record.id
        made.desk.clock.advance(1_000)
        await made.service.mark(made.one, "proof", State.OPEN)
        assert (await step(made, "proof")).state is State.OPEN, "that one was not the right one"
        made.desk.clock.advance(1_000)
        await made.evidence.seal(make_grab(seed=2), CaptureRequest(case_id=made.one, purpose="x"))
        assert (await step(made, "proof")).state is State.SATISFIED


async def test_pictures_of_the_buyer_are_asked_for_then_kept(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.about("damaged")
        assert (await step(made, "photos")).get is Get.ASK
        assert "pictures of the damage" in (await step(made, "photos")).say
        await made.desk.database.write(lambda unit: unit.conn.exec_driver_sql(
            "INSERT INTO attachment(id, message_id, position, name, mime, size, inline, content_id) "
            "SELECT 'a1', id, 0, 'a.jpg', 'image/jpeg', 3, 0, '' FROM message"))
        assert (await step(made, "photos")).get is Get.KEEP
        path = tmp_path / "a.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
        await made.evidence.keep_file(made.one, path)
        assert (await step(made, "photos")).state is State.OPEN, "a file of ours is not the buyer's picture"


async def test_a_tick_says_who_and_when_and_can_be_taken_back(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.desk.database.write(lambda unit: unit.conn.exec_driver_sql(
            "INSERT INTO member(id, name) VALUES ('ana', 'Ana')"))
        undo = await made.service.mark(made.one, "order", State.DONE)
        done = await step(made, "order")
        assert (done.state, done.by, done.at) == (State.DONE, "Ana", made.desk.clock.now())
        assert undo.sentence == "Step done: Find the order"
        assert made.desk.of(PlaybookChanged) == [PlaybookChanged(made.one)]
        with pytest.raises(InputError, match="needs a reason"):
            await made.service.mark(made.one, "tell", State.SKIPPED, " \n ")
        await made.service.mark(made.one, "tell", State.SKIPPED, "rang\nthe buyer " + "x" * 600)
        left = await step(made, "tell")
        assert left.state is State.SKIPPED
        assert left.reason.startswith("rang the buyer")
        assert len(left.reason) <= 400
        await made.service.undo(undo.id)
        assert (await step(made, "order")).state is State.OPEN
        with pytest.raises(NotFound):
            await made.service.undo(undo.id)
        with pytest.raises(InputError):
            await made.service.mark(made.one, "dance", State.DONE)


async def statement(made: Played) -> dict[str, Any]:
    """The newest record's."""
    from tests.support.evidence import payload_of

    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record ORDER BY sequence DESC LIMIT 1")
    assert isinstance(envelope, bytes)
    return payload_of(envelope)


async def test_a_tick_becomes_a_record_of_the_case_and_so_does_taking_it_back(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        made.panel.says("order", "pass", "Order 7 is this buyer's")
        undo = await made.service.mark(made.one, "order", State.DONE)
        assert await made.service.settle() == 1
        assert await made.service.settle() == 0
        (kept,) = await made.evidence.list(made.one)
        assert (kept.kind, kept.title) == (Kind.STEP, "Step 1 of 5 done: Find the order")
        assert (await step(made, "order")).record_id == kept.id
        said = await statement(made)
        what = said["what"]
        assert what["playbook_sha256"] == (await made.service._book()).get("late").sha256  # type: ignore[union-attr]
        assert {name: what[name] for name in ("scope", "playbook", "edition", "step", "place", "of", "state")} == {
            "scope": "step", "playbook": "late", "edition": 1, "step": "order", "place": 1, "of": 5, "state": "done"}
        assert what["satisfied_by"] == {"kind": "check", "id": "order", "verdict": "pass", "source": "shop"}
        page = (await made.evidence.open(kept.id)).decode()
        assert "Step 1 of 5: Find the order (order)\nState: done\n" in page
        await made.service.undo(undo.id)
        await made.service.settle()
        assert [each.title for each in await made.evidence.list(made.one)][-1] == (
            "Step 1 of 5 open again: Find the order")
        assert (await made.evidence.verify()).intact


async def test_words_of_people_are_beside_the_record_and_not_in_it(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.service.mark(made.one, "order", State.SKIPPED, "Ms Souza rang us")
        await made.service.settle()
        assert "Souza" not in json.dumps(await statement(made))
        assert ("Ms Souza rang us",) in await made.sql("SELECT value FROM evidence_private WHERE name = 'reason'")


async def test_what_was_said_is_sealed_even_when_it_was_overtaken_or_the_program_ended(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.service.mark(made.one, "order", State.DONE)
        made.desk.clock.advance(5)
        await made.service.mark(made.one, "order", State.SKIPPED, "later")
        assert (await step(made, "order")).state is State.SKIPPED
    async with played(tmp_path) as made:
        assert await made.service.settle() == 2
        assert await made.service.settle() == 0
        assert [each.title.split(":")[0] for each in await made.evidence.list(made.one)] == [
            "Step 1 of 5 done", "Step 1 of 5 left out"]
        assert (await step(made, "order")).record_id
        assert await made.sql("SELECT count(*) FROM playbook_fact") == [(1,)]




async def test_nothing_is_lost_where_it_cannot_be_sealed_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with played(tmp_path) as made:
        await made.service.mark(made.one, "order", State.DONE)
        seal = made.evidence.sealer.add

        async def full(*_arguments: object, **_more: object) -> object:
            raise DiskFull("The disk is full.")

        monkeypatch.setattr(made.evidence.sealer, "add", full)
        with pytest.raises(DiskFull):
            await made.service.step()
        monkeypatch.setattr(made.evidence.sealer, "add", seal)
        assert await made.service.step() == 0.0
        assert len(await made.evidence.list(made.one)) == 1


async def test_what_a_hub_tells_is_bounded_and_odd_things_are_passed_over(tmp_path: Path) -> None:
    from workstation.playbooks import repo

    async with played(tmp_path) as made:
        good = {"state": "done", "by": "bo", "at": 5, "reason": "", "via": None}
        odd: dict[str, object] = {
            "step:late:order": good, "step:late:tell": 7, "step:late:proof": {**good, "at": "now"}, "mood": good,
            "step:late:promise": {**good, "reason": ["x"]}, "step:" + "x" * 200: good, "playbook": {"id": 7, "at": 1},
            "step:late:tracking": {**good, "reason": "x" * 9_000}, "was:1:step:late:tell": good,
        }
        hear = repo.hear
        assert await made.desk.database.write(lambda unit: hear(unit.conn, made.one, odd))
        assert not await made.desk.database.write(lambda unit: hear(unit.conn, made.one, odd))
        assert await made.sql("SELECT field, record_id FROM playbook_fact") == [("step:late:order", "-")]
        assert (await step(made, "order")).state is State.DONE
        many = {f"step:late:s{n}": good for n in range(5_000)}
        await made.desk.database.write(lambda unit: hear(unit.conn, "other", many))
        assert await made.sql("SELECT count(*) FROM playbook_fact") == [(1 + repo.MOST_FIELDS,)]
        await made.desk.database.write(lambda unit: hear(unit.conn, made.one, {}))
        assert (await step(made, "order")).state is State.OPEN, "the hub was put back"


async def test_without_a_hub_nothing_waits_for_one_and_with_it_all_of_it_is_told(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.service.choose(made.one, "late")
        await made.service.mark(made.one, "order", State.DONE)
        await made.service.mark(made.one, "order", State.SKIPPED, "no")
        assert await made.sql("SELECT count(*) FROM outbox") == [(0,)]
        await made.desk.offer()
        told = [json.loads(str(body)) for (body,) in await made.sql(
            "SELECT body FROM outbox WHERE collection = 'playbook' ORDER BY seq")]
        assert [(each["field"], each["old"]) for each in told] == [("playbook", None), ("step:late:order", None)]
        assert told[1]["new"]["state"] == "skipped"


async def test_what_was_said_of_an_erased_case_goes_and_the_hub_is_told(tmp_path: Path) -> None:
    async with played(tmp_path) as made:
        await made.desk.offer()
        await made.service.mark(made.one, "order", State.SKIPPED, "Ms Souza rang")
        await made.desk.database.write(lambda unit: forget(unit, [made.one], 7))
        assert await made.sql("SELECT count(*) FROM playbook_fact") == [(0,)]
        (body,) = (await made.sql("SELECT body FROM outbox WHERE collection = 'playbook' ORDER BY seq DESC LIMIT 1"))[0]
        assert (json.loads(str(body))["field"], json.loads(str(body))["new"]) == ("step:late:order", None)
        assert (await step(made, "order")).state is State.OPEN
