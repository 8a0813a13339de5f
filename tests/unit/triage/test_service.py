"""Triage over a real store: newest first, read once, a person's word kept, learned from and taken back."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import Connection

from tests.support.store import NOW, Desk, desk, mail
from workstation.domain.events import ChecksChanged, ConversationsChanged, OrdersChanged
from workstation.inbox.triaged import Triaged
from workstation.kernel.clock import DAY, HOUR
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.paths import resources
from workstation.triage import service as module
from workstation.triage import tables as _tables
from workstation.triage.engine import Engine
from workstation.triage.model import Finding, Triage
from workstation.triage.ports import CaseFacts
from workstation.triage.service import TriageService

TABLES = (_tables,)
"""Known to the store that `desk` makes."""
LATE = "Where is my parcel? It should have been here last week and I still have not received it."
BROKEN = "The vase arrived broken, it is in pieces."


@dataclass
class Facts:
    """What is known of orders, as the test says."""

    known: dict[str, CaseFacts] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def facts(self, connection: Connection, conversation_id: str) -> CaseFacts | None:
        return self.known.get(conversation_id)

    def touched(self, connection: Connection, order_ids: object) -> list[str]:
        assert isinstance(order_ids, list)
        return [self.links[each] for each in order_ids if each in self.links]


@dataclass
class Bench:
    """A desk with triage over it."""

    desk: Desk
    triage: TriageService
    facts: Facts

    async def take(self, *texts: str, first: int = 0, **changes: object) -> list[str]:
        """Mails of buyers arrive, each a conversation of its own; their ids."""
        mails = [mail(first + n, text=text, at=NOW - HOUR + n * 1000, **changes) for n, text in enumerate(texts)]
        await self.desk.inbox.receive("", mails)
        found = await self.desk.database.read(lambda c: c.exec_driver_sql(
            "SELECT conversation_id FROM message ORDER BY seq DESC LIMIT ?", (len(texts),)).scalars().all())
        return [str(each) for each in found][::-1]

    async def settle(self) -> None:
        """Read everything that waits, as after an event."""
        changed = [event for event in self.desk.events if isinstance(event, ConversationsChanged)]
        for event in changed:
            self.triage.on_changed(event)
        self.desk.events.clear()
        while await self.triage.pending() or self.triage._first:
            await asyncio.wait_for(self.triage.step(), 5)

    async def columns(self, conversation_id: str) -> tuple[str, int, str, str]:
        row = await self.desk.database.read(lambda c: c.exec_driver_sql(
            "SELECT issue, urgency, risk, market FROM conversation WHERE id = ?", (conversation_id,)).one())
        return (row[0], row[1], row[2], row[3])

    async def finding(self, conversation_id: str, kind: str) -> Finding:
        found = (await self.triage.of(conversation_id)).of(kind)
        assert found is not None
        return found


@asynccontextmanager
async def _bench(folder: Path) -> AsyncIterator[Bench]:
    async with desk(folder) as made:
        facts = Facts()
        triage = TriageService(made.database, made.clock, Engine(resources() / "triage"), Triaged(), facts)
        yield Bench(made, triage, facts)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with _bench(tmp_path) as made:
        yield made


async def _steps(bench: Bench) -> None:
    """Ends only when triage never waits for something to happen."""
    for _step in range(50):
        await bench.triage.step()


def _changes(bench: Bench) -> list[ConversationsChanged]:
    return [event for event in bench.desk.events if isinstance(event, ConversationsChanged)]


async def test_what_arrived_is_sorted_and_announced_once(bench: Bench) -> None:
    late, broken = await bench.take(LATE, BROKEN)
    bench.desk.events.clear()
    await bench.triage.step()
    assert (await bench.columns(late))[0] == "late"
    assert (await bench.columns(broken))[0] == "damaged"
    assert [set(event.ids) for event in _changes(bench)] == [{late, broken}]


async def test_nothing_is_read_twice(bench: Bench) -> None:
    await bench.take(LATE)
    await bench.settle()
    bench.desk.events.clear()
    bench.triage.on_changed(ConversationsChanged(("unknown",)))
    steps = asyncio.ensure_future(_steps(bench))
    done, _waiting = await asyncio.wait([steps], timeout=0.3)
    steps.cancel()
    assert not done
    assert _changes(bench) == []


async def test_a_restart_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 2)
    async with _bench(tmp_path) as first:
        await first.take(*[LATE] * 5)
        await first.triage.step()
        assert await first.triage.pending() == 3
    async with _bench(tmp_path) as second:
        assert await second.triage.pending() == 3
        await second.settle()
        assert await second.triage.pending() == 0


async def test_the_newest_comes_before_a_backlog(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 3)
    old = await bench.take(*[LATE] * 40, automatic=False)
    bench.triage.on_changed(ConversationsChanged(tuple(old)))
    await bench.triage.step()
    fresh = (await bench.take(BROKEN, first=100))[0]
    bench.triage.on_changed(ConversationsChanged((fresh,)))
    await bench.triage.step()
    assert (await bench.columns(fresh))[0] == "damaged"
    assert await bench.triage.pending() > 30


async def test_it_steps_aside_while_a_backlog_is_stored(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    old = await bench.take(*[LATE] * 40)
    bench.triage.on_changed(ConversationsChanged(tuple(old)))   # its first batch
    assert 0 < await bench.triage.step() <= module.BUSY
    async with bench.desk.database.backlog():
        now += module.PAUSE
        assert 0 < await bench.triage.step() <= module.BUSY
        assert await bench.triage.pending() == 40
        fresh = (await bench.take(BROKEN, first=100))[0]
        bench.triage.on_changed(ConversationsChanged((fresh,)))   # this came by itself
        await bench.triage.step()
        assert await bench.triage.pending() == 40
    await bench.triage.step()
    assert await bench.triage.pending() == 20


async def test_a_backlog_without_end_does_not_starve_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    async with bench.desk.database.backlog():
        old = await bench.take(*[LATE] * 40)
        for _batch in range(int(module.LONGEST) + 1):   # from its first batch on
            now += 1.0
            bench.triage.on_changed(ConversationsChanged(tuple(old)))
            await bench.triage.step()
        assert await bench.triage.pending() == 20


async def test_its_thread_ends_with_it(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    await bench.triage.of(case)
    assert any(each.name.startswith("triage") for each in threading.enumerate())
    threads = [each for each in threading.enumerate() if each in bench.triage._thread._threads]
    await bench.triage.shutdown()
    assert [each for each in threads if each.is_alive()] == []


async def test_a_later_message_is_read_and_any_news_keeps_the_issue(bench: Bench) -> None:
    case = (await bench.take(BROKEN))[0]
    await bench.settle()
    again = mail(1, text="Any news?", in_reply_to="<0@buyer.example>", references=("<0@buyer.example>",), at=NOW)
    await bench.desk.inbox.receive("", [again])
    assert await bench.triage.pending() == 1
    await bench.settle()
    assert (await bench.columns(case))[0] == "damaged"
    assert "from an earlier message of the buyer" in (await bench.finding(case, "issue")).reasons


async def test_a_persons_word_is_never_overruled(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    await bench.settle()
    await bench.triage.correct(case, "issue", "customs")
    assert (await bench.columns(case))[0] == "customs"
    more = mail(1, text=BROKEN, in_reply_to="<0@buyer.example>", references=("<0@buyer.example>",), at=NOW)
    await bench.desk.inbox.receive("", [more])
    await bench.settle()
    assert (await bench.columns(case))[0] == "customs"
    said = await bench.finding(case, "issue")
    assert (said.by, said.value, said.reasons) == ("person", "customs", ("set by a person",))


async def test_a_person_who_speaks_while_it_is_read_wins(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    about = await bench.desk.database.read(lambda c: bench.triage._changed(c, ids=[case], again=()))
    judged = await bench.triage._judged(about)
    await bench.triage.correct(case, "risk", "fraud")
    await bench.desk.database.write(lambda unit: bench.triage._keep(unit, about, judged))
    assert (await bench.columns(case))[2] == "fraud"


async def test_undo_brings_back_what_was_found(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    await bench.settle()
    before = await bench.columns(case)
    assert before[3] == ""
    undo = await bench.triage.correct(case, "market", "BR")
    assert (await bench.columns(case))[3] == "BR"
    await bench.triage.undo(undo.id)
    assert await bench.columns(case) == before
    await bench.settle()
    assert await bench.columns(case) == before
    assert (await bench.finding(case, "issue")).by == "rules"
    with pytest.raises(NotFound):
        await bench.triage.undo(undo.id)


async def test_corrections_teach_and_undo_unlearns(bench: Bench) -> None:
    one, two = await bench.take(
        "The glitter varnish from batch seven flakes off the guitar after a week.",
        "Glitter varnish flakes off the guitar, same batch seven, after one week.")
    await bench.settle()
    await bench.triage.correct(one, "issue", "refund")
    second = await bench.triage.correct(two, "issue", "refund")
    like = (await bench.take("After a week the glitter varnish of batch seven flakes off my guitar.", first=9))[0]
    taught = await bench.finding(like, "issue")
    assert (taught.value, taught.by) == ("refund", "learned")
    assert taught.reasons == ("2 similar messages were corrected to this",)
    other = (await bench.take(BROKEN, first=10))[0]
    assert (await bench.finding(other, "issue")).by == "rules"
    await bench.triage.undo(second.id)
    assert (await bench.finding(like, "issue")).reasons == ("1 similar message was corrected to this",)


async def test_facts_of_the_order_decide_and_are_told(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    bench.facts.known[case] = CaseFacts(promised_at=NOW - 6 * DAY, country="BR")
    found = await bench.triage.of(case)
    assert _value(found, "issue") == "late"
    assert "promised delivery passed 6 days ago" in _reasons(found, "issue")
    assert _value(found, "urgency") == "1"
    assert _value(found, "market") == "BR"
    bench.facts.known[case] = CaseFacts(delivered_at=NOW - 3 * DAY, parcel="delivered")
    found = await bench.triage.of(case)
    assert _value(found, "issue") == "lost"
    assert "the carrier says it was delivered 3 days ago" in _reasons(found, "issue")
    bench.facts.known[case] = CaseFacts(parcel="customs")
    assert _value(await bench.triage.of(case), "issue") == "customs"


async def test_facts_that_change_are_judged_again(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    await bench.settle()
    bench.facts.known[case], bench.facts.links["o1"] = CaseFacts(parcel="returned"), case
    bench.triage.on_orders(OrdersChanged(("o1",)))
    await bench.triage.step()
    assert (await bench.columns(case))[0] == "refused"
    bench.facts.known[case] = CaseFacts(parcel="customs")
    bench.triage.on_checks(ChecksChanged(case))
    await bench.triage.step()
    assert (await bench.columns(case))[0] == "customs"


async def test_refunds_stand_beside_a_chargeback(bench: Bench) -> None:
    case = (await bench.take("I opened a chargeback with my credit card company."))[0]
    bench.facts.known[case] = CaseFacts(refunds=2)
    found = await bench.triage.of(case)
    assert _value(found, "risk") == "chargeback"
    assert "the order was refunded 2 times" in _reasons(found, "risk")


async def test_messages_without_an_answer_make_it_urgent(bench: Bench) -> None:
    texts = ("Is the green one in stock?", "Do you have the green one?", "Can I buy the green one?")
    for number, text in enumerate(texts):
        threads = {"in_reply_to": "<0@buyer.example>", "references": ("<0@buyer.example>",)} if number else {}
        at = NOW - (3 - number) * 12 * HOUR
        await bench.desk.inbox.receive("", [mail(number, text=text, at=at, **threads)])
    case = str(await bench.desk.database.read(lambda c: c.exec_driver_sql("SELECT id FROM conversation").scalar()))
    urgency = await bench.finding(case, "urgency")
    assert (urgency.value, urgency.reasons) == ("1", ("messages without an answer: 3 in 2 days",))


async def test_automatic_mail_and_unknown_words_are_not_told(bench: Bench) -> None:
    away = (await bench.take("I am out of office, my parcel is broken.", automatic=True))[0]
    odd = (await bench.take("…", first=5, subject=""))[0]
    await bench.settle()
    assert (await bench.columns(away))[:3] == ("", 0, "")
    assert (await bench.columns(odd))[:3] == ("", 0, "")


async def test_what_cannot_be_is_refused(bench: Bench) -> None:
    case = (await bench.take(LATE))[0]
    for kind, value in (("issue", "sunshine"), ("mood", "bad"), ("urgency", "7"), ("market", "brazil"),
                        ("language", "EN"), ("risk", "x")):
        with pytest.raises(InputError):
            await bench.triage.correct(case, kind, value)


async def test_a_conversation_that_is_not_here(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.triage.of("nowhere")
    with pytest.raises(NotFound):
        await bench.triage.correct("nowhere", "issue", "late")


async def test_the_words_of_a_correction_are_not_kept(bench: Bench) -> None:
    case = (await bench.take("My secret garden gnome stopped singing."))[0]
    await bench.triage.correct(case, "issue", "defective")
    kept = await bench.desk.database.read(lambda c: c.exec_driver_sql("SELECT words FROM triage_correction").scalar())
    assert "gnome" not in str(kept)
    assert len(str(kept)) > 10


def _value(found: Triage, kind: str) -> str:
    return next(each.value for each in found.findings if each.kind == kind)


def _reasons(found: Triage, kind: str) -> tuple[str, ...]:
    return next(each.reasons for each in found.findings if each.kind == kind)
