"""What waits is read after it is kept, found by its words, and gone with its picture."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.hub import until
from tests.support.reading import LINES, ReadingDesk, digest, png, reading_desk
from tests.support.store import NOW, mail
from workstation.domain.events import EvidenceSealed, JobChanged, MessageArrived, PictureRead
from workstation.evidence.model import DeriveRequest, Rect, Redact
from workstation.evidence.reading import repo, service
from workstation.evidence.reading.model import State
from workstation.evidence.reading.ports import CannotRead
from workstation.evidence.reading.process import Reader
from workstation.inbox.model import IncomingAttachment, ListQuery
from workstation.kernel.clock import DAY
from workstation.kernel.errors import NotFound

PICTURE = png([("hello", 40)]) + b"\0" * 5_000   # as large as a picture that a person sends


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[ReadingDesk]:
    async with reading_desk(tmp_path, known=["702-5512873-9046218"]) as made:
        await made.inner.with_account()
        await made.inner.inbox.receive("account", [mail(1, text="see the screen"), mail(2, text="another")])
        yield made


async def found(here: ReadingDesk, text: str) -> list[str]:
    page = await here.inner.inbox.page(ListQuery(queue="all", search=text))
    return [row.found.replace("\x02", "[").replace("\x03", "]") for row in page.rows]


async def case(here: ReadingDesk, number: int = 1) -> str:
    sql = f"SELECT conversation_id FROM message WHERE subject = 'Question {number}'"  # noqa: S608
    return str(await here.inner.database.read(lambda c: c.exec_driver_sql(sql).scalar()))


async def row(here: ReadingDesk, source: str, column: str) -> object:
    sql = f"SELECT {column} FROM evidence_text WHERE source = ?"  # noqa: S608
    return await here.inner.database.read(lambda c: c.exec_driver_sql(sql, (source,)).scalar())


async def test_a_capture_is_found_by_its_words_in_its_conversation(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    assert await found(here, "marmalade") == []
    await here.settle()
    assert await found(here, "marmalade") == ["In a picture: Order 702-5512873-9046218 [marmalade] LX473124829CN"]
    assert await found(here, "marmalade has:evidence") != []
    assert await found(here, "order:702-5512873-9046218") != []
    told = await here.reading.of(record.id)
    assert told is not None
    assert (told.state, told.text) == (State.READ, "Order 702-5512873-9046218 marmalade\nLX473124829CN")
    assert [(n.kind, n.value, n.known) for n in told.numbers] == [
        ("order", "702-5512873-9046218", True), ("tracking", "LX473124829CN", False)]
    assert told.lines[0].rect.width == 300
    (event,) = here.inner.of(PictureRead)
    assert event == PictureRead(await case(here), str(await row(here, record.id, "message_id")), record.id)


async def test_the_record_is_on_disk_before_it_is_read_and_the_same_after(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    before = await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT envelope, record_hash FROM evidence_record").all())
    sealed = [at for at, event in enumerate(here.inner.events) if isinstance(event, EvidenceSealed)]
    await here.settle()
    read = [at for at, event in enumerate(here.inner.events) if isinstance(event, PictureRead)]
    assert sealed[0] < read[0]
    assert before == await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT envelope, record_hash FROM evidence_record").all()), "no record of reading"
    assert (await here.evidence.verify()).intact
    pack = await here.evidence.export(here.script.folder / "pack.zip", record_ids=[record.id])
    import zipfile

    with zipfile.ZipFile(pack) as archive:
        assert not any(b"marmalade" in archive.read(name) for name in archive.namelist())
    assert "marmalade" not in json.dumps([list(map(str, each)) for each in await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT body FROM outbox").all())])


async def test_a_picture_of_a_message_is_found_at_that_message(here: ReadingDesk) -> None:
    text = IncomingAttachment("a.txt", "text/plain", b"x" * 9_000)
    files = (IncomingAttachment("box.png", "image/png", PICTURE), text)
    await here.inner.inbox.receive("account", [mail(3, text="broken", attachments=files)])
    await here.settle()
    assert here.script.asked == [digest(PICTURE)]
    page = await here.inner.inbox.page(ListQuery(queue="all", search="marmalade"))
    view = await here.inner.inbox.conversation(page.rows[0].id)
    assert page.rows[0].found_message == view.messages[0].id
    assert view.row.subject == "Question 3"


async def test_dots_logos_old_pictures_and_our_own_are_let_be(here: ReadingDesk) -> None:
    here.inner.clock.advance(0)
    small = IncomingAttachment("dot.png", "image/png", b"\x89PNG" + b"0" * 100)
    logo = IncomingAttachment("logo.png", "image/png", b"\x89PNG" + b"1" * 9_000, inline=True)
    late = IncomingAttachment("old.png", "image/png", PICTURE)
    await here.inner.inbox.receive("account", [
        mail(4, attachments=(small, logo)), mail(5, attachments=(late,), at=NOW - 61 * DAY)])
    await here.settle()
    assert here.script.asked == []
    old = await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT id FROM attachment WHERE name = 'old.png'").scalar())
    assert (await here.reading.read(str(old))).state is State.READ, "a person may ask for it"


async def test_the_same_picture_is_read_once(here: ReadingDesk) -> None:
    one = await here.capture(await case(here), seed=5)
    two = await here.capture(await case(here, 2), seed=5)
    await here.settle()
    assert len(here.script.asked) == 1
    for record in (one, two):
        told = await here.reading.of(record.id)
        assert told is not None
        assert told.text.startswith("Order 702")
    assert len(await found(here, "marmalade")) == 2


async def test_a_redacted_copy_is_read_from_its_own_pixels_alone(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    await here.settle()
    copy = await here.evidence.derive(DeriveRequest(record.id, (Redact(Rect(0, 0, 32, 32)),)))
    assert await here.reading.of(copy.id) is None, "nothing comes along from the original"
    here.script.lines([10, 10, 100, 20, 0.9, "what is left"])
    here.reading.on_sealed(EvidenceSealed(copy.case_id, copy.id))
    await here.settle()
    original, redacted = await here.reading.of(record.id), await here.reading.of(copy.id)
    assert original is not None
    assert redacted is not None
    assert "marmalade" in original.text
    assert redacted.text == "what is left"
    assert len(set(here.script.asked)) == 2


async def test_an_erased_picture_takes_its_words_away(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    await here.settle()
    await here.inner.database.write(lambda unit: service.forget(unit, record.id))
    assert await found(here, "marmalade") == []
    assert await here.reading.of(record.id) is None


async def test_words_of_a_file_whose_key_is_gone_go_at_the_next_look(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    await here.settle()
    await here.inner.database.write(
        lambda unit: unit.conn.exec_driver_sql("DELETE FROM blob WHERE id = ?", (record.id,)))
    here.reading._look_at = 0.0
    await here.settle()
    assert await found(here, "marmalade") == []
    assert await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT count(*) FROM message_extra").scalar()) == 0


async def test_what_is_erased_while_it_is_read_leaves_nothing(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    here.script.answer(hang=True)
    task = asyncio.create_task(here.reading.read(record.id))
    await until(lambda: len(here.script.asked) == 1)
    await here.inner.database.write(
        lambda unit: unit.conn.exec_driver_sql("DELETE FROM blob WHERE id = ?", (record.id,)))
    here.script.lines(*LINES)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    subject = await here.inner.database.read(lambda c: repo.subject(c, record.id))
    await here.reading._keep(subject, State.READ, ())
    assert await here.reading.of(record.id) is None


async def test_after_a_restart_it_goes_on_and_reads_nothing_twice(tmp_path: Path) -> None:
    async with reading_desk(tmp_path) as here:
        await here.inner.with_account()
        await here.inner.inbox.receive("account", [mail(1)])
        one = await here.capture(await case(here), seed=1)
        await here.settle()
        two = await here.capture(await case(here), seed=2)
    async with reading_desk(tmp_path) as here:
        assert (await here.reading.backlog()).waiting == 1
        await here.settle()
        assert len(here.script.asked) == 2
        told = [await here.reading.of(each.id) for each in (one, two)]
        assert [each.state for each in told if each is not None] == [State.READ, State.READ]


async def test_what_kills_the_process_is_given_up_told_and_may_be_tried_again(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    here.script.answer(die=True)
    await here.settle()
    assert len(here.script.asked) == service.MOST_TRIES
    assert await row(here, record.id, "state") == "failed"
    (failure,) = await here.reading.failures()
    assert (failure.source, failure.case_id) == (record.id, await case(here))
    here.script.lines(*LINES)
    await here.reading.retry(record.id)
    await here.settle()
    assert await here.reading.failures() == []
    assert await found(here, "marmalade") != []
    with pytest.raises(NotFound):
        await here.reading.retry(record.id)


async def test_what_ends_the_whole_program_again_and_again_is_given_up(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    subject = await here.inner.database.read(lambda c: repo.subject(c, record.id))
    for _crash in range(service.MOST_TRIES - 1):
        await here.inner.database.write(lambda unit: repo.begin(unit.conn, subject, NOW))
    here.script.answer(die=True)
    await here.settle()
    assert (len(here.script.asked), await row(here, record.id, "state")) == (1, "failed")


async def test_an_end_in_the_midst_of_reading_is_not_the_pictures_fault(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    here.script.answer(hang=True)
    task = asyncio.create_task(here.settle())
    await until(lambda: len(here.script.asked) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await row(here, record.id, "tries"), await row(here, record.id, "state")) == (0, "waiting")
    assert here.reading._reader.pid == 0


async def test_a_missing_engine_is_one_trouble_and_no_pictures(here: ReadingDesk, tmp_path: Path) -> None:
    record = await here.capture(await case(here))
    here.script.answer(error="FileNotFoundError")
    with pytest.raises(CannotRead, match="one of its models is missing"):
        await here.settle()
    assert await here.reading.failures() == []
    here.script.lines(*LINES)
    await here.settle()
    assert await row(here, record.id, "state") == "read"
    here.reading._reader = Reader([str(tmp_path / "nothing")])
    with pytest.raises(CannotRead):
        await here.reading.read(record.id, again=True)


async def test_a_second_reading_that_fails_leaves_what_the_first_one_read(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    await here.settle()
    here.script.answer(die=True)
    told = await here.reading.read(record.id, again=True)
    assert (told.state, told.text.split()[0]) == (State.FAILED, "Order")
    assert await found(here, "marmalade") != []


async def test_a_picture_nobody_can_read_says_why_and_is_not_tried_again(here: ReadingDesk) -> None:
    record = await here.capture(await case(here))
    here.script.answer(unfit="large")
    told = await here.reading.read(record.id)
    assert (told.state, told.why) == (State.UNFIT, "The picture is too large to be read.")
    await here.settle()
    assert len(here.script.asked) == 1


async def test_it_can_be_switched_off_waits_for_a_plug_and_is_woken(here: ReadingDesk) -> None:
    here.wanted = False
    record = await here.capture(await case(here))
    assert await here.reading._held()
    assert (await here.reading.backlog()).paused == "Switched off in the settings."
    here.wanted, here.unplugged = True, True
    step = asyncio.create_task(here.reading.step())
    await until(lambda: here.reading._paused == "Waits for this computer to be plugged in.")
    assert here.script.asked == []
    here.unplugged = False
    here.reading.on_sealed(EvidenceSealed(record.case_id, record.id))
    await step
    await here.reading.step()
    assert await row(here, record.id, "state") == "read"


async def test_a_message_that_arrives_is_looked_at_at_once(here: ReadingDesk) -> None:
    await here.settle()
    files = (IncomingAttachment("box.png", "image/png", PICTURE),)
    await here.inner.inbox.receive("account", [mail(3, attachments=files)])
    message = await here.inner.database.read(
        lambda c: c.exec_driver_sql("SELECT id FROM message WHERE subject = 'Question 3'").scalar())
    here.reading.on_message(MessageArrived("c", str(message)))
    assert await here.reading.step() == 0.0
    assert here.script.asked == [digest(PICTURE)]


async def test_a_long_backlog_is_a_job_that_can_be_stopped(here: ReadingDesk) -> None:
    for seed in range(service.LONG + 2):
        await here.capture(await case(here), seed=seed)
    here.script.answer(hang=True)
    step = asyncio.create_task(here.reading.step())
    await until(lambda: len(here.script.asked) == 1)
    here.reading._on.jobs.cancel(service.JOB)
    await step
    assert [event.state for event in here.inner.events if isinstance(event, JobChanged)] == ["running", "cancelled"]
    assert await here.reading._next() is None, "until the next start"


async def test_a_file_that_is_no_picture_is_not_read(here: ReadingDesk) -> None:
    await here.evidence.keep_reply(await case(here), "<m@x>", b"Subject: x\r\n\r\nbody", "250")
    await here.settle()
    assert here.script.asked == []


async def test_words_stay_the_same_when_the_index_is_filled_anew(here: ReadingDesk) -> None:
    await here.capture(await case(here))
    await here.settle()
    before = await found(here, "marmalade")
    here.inner.inbox.searching.care.damaged()
    await here.inner.inbox.searching.care.fill()
    assert await found(here, "marmalade") == before != []
