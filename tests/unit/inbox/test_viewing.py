"""A conversation read a piece at a time: every message once, in order, its quiet lines beside it, by index alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlmodel import SQLModel

from tests.support.store import BUYER, Desk, NoTranslations, desk
from workstation.app.adapters import SealedLines
from workstation.evidence.tables import EvidenceRecordRow
from workstation.inbox import viewing
from workstation.inbox.flags import AnsweredElsewhere
from workstation.inbox.model import MessageCursor, MessagePage, SystemLine
from workstation.inbox.ports import EVER
from workstation.inbox.viewing import Views
from workstation.kernel.errors import NotFound
from workstation.store.tables import table
from workstation.store.unit import Unit

T0 = 1_780_000_000_000
_CONVERSATION = (
    "INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, language, "
    "market, store, snippet, unread, dismissed_at, clock_ms, last_at, issue, delivery, sort_key) VALUES (?, '', 's', "
    "'email', 'open', 'Ana', ?, 'pt', 'BR', 'casa', '', 1, 0, 0, ?, '', 'done', 0)"
)
_MESSAGE = (
    "INSERT INTO message(id, conversation_id, direction, at, author_email, author_name, recipients, cc, reply_to, "
    "subject, text, quoted, language, message_id, content_key, automatic, problems, delivery, delivery_sentence, "
    "outgoing_id, original, original_language) VALUES (?, ?, ?, ?, ?, 'Ana', '[]', '[]', '', 's', ?, '', 'pt', ?, ?, "
    "0, '[]', 'done', '', '', '', '')"
)


def fill(unit: Unit, conversation_id: str, count: int, length: int = 20, step: int = 1_000) -> None:
    """`count` messages, two at each moment, every fifth ours."""
    unit.conn.exec_driver_sql(_CONVERSATION, (conversation_id, BUYER.email, T0))
    unit.conn.exec_driver_sql(_MESSAGE, [
        (f"{conversation_id}-{n}", conversation_id, "out" if n % 5 == 4 else "in", T0 + n // 2 * step, BUYER.email,
         f"{n} ".ljust(length, "x"), f"<{conversation_id}{n}@x>", f"{conversation_id}{n}") for n in range(count)])


class EveryThird:
    """Says something after every third moment, and what it was asked for."""

    def __init__(self, count: int) -> None:
        self.every = [T0 + n * 1_000 + (0 if n % 2 else 300) for n in range(0, count, 3)]
        self.asked: list[tuple[int, int]] = []

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        self.asked.append((since, until))
        return [SystemLine(at, f"line {at}") for at in self.every if since <= at < until]


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


def made(*sources: object) -> Views:
    return Views(NoTranslations(), sources, lambda text: (), lambda: "en")  # type: ignore[arg-type]


def numbers(page: MessagePage) -> list[int]:
    return [int(message.text.split(" ")[0]) for message in page.messages]


async def walked(here: Desk, views: Views, later: bool, limit: int) -> tuple[list[int], list[SystemLine]]:
    """The whole conversation by pages in one direction."""
    cursor, found, lines = MessageCursor(position=0) if later else MessageCursor(), list[int](), list[SystemLine]()
    while True:
        page = await here.database.read(lambda c: views.page(c, "c", cursor, limit))  # noqa: B023
        found = [*found, *numbers(page)] if later else [*numbers(page), *found]
        lines = [*lines, *page.lines] if later else [*page.lines, *lines]
        if not (page.later if later else page.earlier):
            return found, lines
        edge = page.messages[-1 if later else 0]
        cursor = MessageCursor(edge.at, edge.seq, later)


@pytest.mark.parametrize("later", [True, False])
@pytest.mark.parametrize("limit", [1, 7, 50])
async def test_pages_in_either_direction_give_everything_once_and_in_order(
    here: Desk, later: bool, limit: int
) -> None:
    source = EveryThird(60)
    await here.database.write(lambda unit: fill(unit, "c", 101))
    found, lines = await walked(here, made(source), later, limit)
    assert found == list(range(101))
    assert [line.at for line in lines] == source.every
    assert all(since < until for since, until in source.asked)


async def test_a_page_is_around_a_message_and_says_what_lies_on_both_sides(here: Desk) -> None:
    await here.database.write(lambda unit: fill(unit, "c", 101))
    views = made()

    async def page(cursor: MessageCursor) -> MessagePage:
        return await here.database.read(lambda c: views.page(c, "c", cursor, 10))

    middle = await page(MessageCursor(message_id="c-50"))
    assert numbers(middle) == list(range(45, 55))
    assert (middle.earlier, middle.later) == (45, 46)
    for message_id, expected in (("c-0", range(10)), ("c-2", range(10)), ("c-100", range(91, 101))):
        assert numbers(await page(MessageCursor(message_id=message_id))) == list(expected)
    placed = await page(MessageCursor(position=95))
    assert (numbers(placed), placed.earlier, placed.later) == (list(range(95, 101)), 95, 0)
    dated = await page(MessageCursor(at=T0 + 20_000, later=True))
    assert numbers(dated)[0] == 40
    beyond = await page(MessageCursor(at=EVER, later=True))
    assert (beyond.messages, beyond.earlier, beyond.later) == ((), 101, 0)
    for missing in ("nobody", "d-1"):
        with pytest.raises(NotFound):
            await page(MessageCursor(message_id=missing))


async def test_huge_messages_make_a_page_shorter_nearest_first(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "SHOWN_CHARACTERS", 5_000)
    await here.database.write(lambda unit: fill(unit, "c", 20, length=1_000))
    views = made()
    newest = await here.database.read(lambda c: views.page(c, "c", MessageCursor(), 20))
    assert numbers(newest) == [15, 16, 17, 18, 19]
    around = await here.database.read(lambda c: views.page(c, "c", MessageCursor(message_id="c-10"), 20))
    assert numbers(around) == [8, 9, 10, 11, 12]
    monkeypatch.setattr(viewing, "SHOWN_CHARACTERS", 10)
    assert numbers(await here.database.read(lambda c: views.page(c, "c", MessageCursor(), 20))) == [19]


async def test_no_statement_on_the_way_reads_the_whole_conversation(here: Desk) -> None:
    """Every statement over `message` is answered from an index that holds what it asks for, or by rowid."""
    await here.database.write(lambda unit: fill(unit, "c", 300))
    plans: dict[str, str] = {}

    def explained(connection: Connection) -> None:
        for name in ("_BEFORE", "_AFTER", "_NTH", "_EARLIER", "_LATER", "_UNREAD"):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {getattr(viewing, name)}", (
                "c", 5, 5, 5)[: getattr(viewing, name).count("?") and _arity(getattr(viewing, name))])
            plans[name] = "\n".join(row[3] for row in plan)

    await here.database.read(explained)
    for name, plan in plans.items():
        assert "COVERING INDEX message_line (conversation_id=?" in plan, (name, plan)
        assert "SCAN message" not in plan, (name, plan)
        if name in ("_BEFORE", "_AFTER", "_EARLIER", "_LATER"):
            assert "(at,seq)" in plan or "at<" in plan or "at>" in plan, (name, plan)
        if name in ("_BEFORE", "_AFTER", "_NTH"):
            assert "TEMP B-TREE" not in plan, (name, plan)


def _arity(statement: str) -> int:
    return max(int(piece[0]) for piece in statement.split("?")[1:])


async def test_the_first_unread_message_is_the_first_since_it_was_looked_at(here: Desk) -> None:
    await here.database.write(lambda unit: fill(unit, "c", 10))
    assert (await here.inbox.conversation("c")).first_unread == "c-0"
    await here.inbox.mark_read(["c"])
    assert (await here.inbox.conversation("c")).first_unread == ""
    insert = [(f"new-{n}", "c", direction, at, BUYER.email, f"{n} new", f"<new{n}@x>", f"new{n}")
              for n, (direction, at) in enumerate([("out", T0 + 50_000), ("in", T0 + 60_000), ("in", T0 + 55_000)])]

    def arrive(unit: Unit) -> None:
        unit.conn.exec_driver_sql(_MESSAGE, insert)
        unit.conn.exec_driver_sql("UPDATE conversation SET unread = 1")

    await here.database.write(arrive)
    assert (await here.inbox.conversation("c")).first_unread == "new-2"
    await here.inbox.mark_read(["c"], False)
    assert (await here.inbox.conversation("c")).first_unread == "new-2"


async def test_who_never_looked_at_a_very_long_conversation_begins_at_the_newest(
    here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "LOOKED_BACK", 20)
    await here.database.write(lambda unit: fill(unit, "c", 60))
    assert (await here.inbox.conversation("c")).first_unread == ""


async def test_what_is_sealed_and_what_was_answered_elsewhere_is_told_for_a_range_only(here: Desk) -> None:
    def prepare(unit: Unit) -> None:
        fill(unit, "c", 10)
        SQLModel.metadata.create_all(unit.conn, [table(EvidenceRecordRow)])
        unit.conn.exec_driver_sql(
            "INSERT INTO evidence_record(id, sequence, case_id, kind, at, record_hash, blob_id, envelope) "
            "VALUES (?, ?, 'c', ?, ?, '', '', x'00')",
            [(f"r{n}", n, "view" if n == 2 else "capture", T0 + n * 1_000) for n in range(5)])
        unit.conn.exec_driver_sql(
            "INSERT INTO account(id, address, settings, created_at) VALUES ('a', 'a@x', ?, 0)", (json.dumps({}),))
        unit.conn.exec_driver_sql(
            "INSERT INTO mail_place(account_id, folder, uid, message_id, seen, answered) VALUES ('a', 'f', ?, ?, 1, 1)",
            [(n, f"c-{n}") for n in (1, 5, 8)])
        unit.conn.exec_driver_sql("UPDATE message SET direction = 'in' WHERE id = 'c-9'")

    await here.database.write(prepare)

    def told(source: object, since: int, until: int) -> list[tuple[int, str, str]]:
        return [(line.at - T0, line.kind, line.ref) for line in source.lines(connection, "c", since, until)]  # type: ignore[attr-defined]

    with here.database.writer.connect() as connection:
        assert told(SealedLines(), T0 + 1_000, T0 + 4_000) == [(1_000, "evidence", "r1"), (3_000, "evidence", "r3")]
        assert told(AnsweredElsewhere(), 0, EVER) == [(4_001, "state", "c-8")]
        assert told(AnsweredElsewhere(), T0 + 4_001, T0 + 4_002) == [(4_001, "state", "c-8")]
        assert told(AnsweredElsewhere(), T0 + 4_002, EVER) == []
        assert told(AnsweredElsewhere(), 0, T0 + 4_001) == []
