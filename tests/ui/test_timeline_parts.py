"""What a timeline is made of, without a window: rows in order, heights that are guessed and corrected, the part of a
conversation that is in memory, and what a colleague did in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support import fakepaging
from tests.support.fakecore import HOUR, NOW, make_message, make_row
from ui.conversation import changes, slices
from ui.conversation.heights import GAP, USUAL, Heights
from ui.conversation.lines import folded
from ui.conversation.presenter import Entry
from ui.conversation.rows import Row, arrange
from ui.conversation.slices import MOST, PAGE, Slice
from ui.conversation.texts import LONG, LONG_LINES, shortened
from ui.conversation.words import day_line
from workstation.domain.conversation import Address, ConversationState, Direction
from workstation.inbox.model import ConversationView, MessageCursor, MessageView, SystemLine
from workstation.kernel import i18n

DAY = 24 * HOUR


def entry(number: int, at: int, **more: object) -> Entry:
    return Entry(make_message(number, "c", at=at, seq=number, **more))


def check(at: int, number: int = 0) -> SystemLine:
    return SystemLine(at, f"check {number}", "check", f"answer-{number}")


def kinds(rows: list[Row]) -> str:
    return " ".join(row.kind for row in rows)


def test_days_stand_between_messages_and_new_ones_below_their_mark() -> None:
    rows = arrange([entry(1, NOW - DAY), entry(2, NOW - 1), entry(3, NOW)], [check(NOW - 1)], unread="m3")
    assert kinds(rows) == "day message day message line unread message"
    assert [row.entry.message.id for row in rows if row.entry] == ["m1", "m2", "m3"]


def test_more_than_three_quiet_lines_in_a_row_fold_and_open() -> None:
    entries = [entry(1, NOW - 100), entry(2, NOW)]
    three, four = [check(NOW - 50 + n, n) for n in range(3)], [check(NOW - 50 + n, n) for n in range(4)]
    assert kinds(arrange(entries, three)) == "day message line line line message"
    rows = arrange(entries, four)
    assert kinds(rows) == "day message fold message"
    fold = rows[2]
    assert folded(fold.lines) == "4 checks"
    opened = arrange(entries, four, opened={fold.key})
    assert kinds(opened) == "day message fold line line line line message"
    assert opened[2].opened
    assert folded((*four, SystemLine(NOW, "sealed", "evidence"))) == "5 events"
    more = arrange(entries, [*four, check(NOW - 10, 9)])
    assert more[2].key == fold.key, "a line that joins the run does not close it"


def test_lines_of_two_days_do_not_fold_into_one() -> None:
    lines = [check(NOW - DAY + n, n) for n in range(2)] + [check(NOW + n, 5 + n) for n in range(2)]
    assert kinds(arrange([], lines)) == "day line line day line line"


def test_the_same_line_of_two_pages_stands_once() -> None:
    assert kinds(arrange([], [check(NOW), check(NOW)])) == "day line"


@pytest.mark.parametrize(("language", "expected"), [
    ("en", ["Today", "Yesterday", "Tuesday 10 November", "Friday, 21 November 2025"]),
])
def test_days_are_named_in_the_language(language: str, expected: list[str]) -> None:
    i18n.use_language(language)
    at = NOW - 12 * HOUR
    assert [day_line(at - days * DAY, at) for days in (0, 1, 11, 365)] == expected


def test_days_are_written_as_chinese_writes_them() -> None:
    i18n.use_language("zh_CN")
    assert day_line(NOW - 12 * HOUR - 11 * DAY, NOW - 12 * HOUR) == "11月10日周二"


def test_a_long_text_shows_its_beginning() -> None:
    assert shortened("short") == "short"
    little_more = "word " * (LONG // 5 + 10)
    assert shortened(little_more) == little_more
    long = shortened("word " * LONG)
    assert long.endswith("word …")
    assert len(long) <= LONG + 2
    lines = shortened("x\n" * 500)
    assert lines.count("\n") == LONG_LINES - 1
    assert shortened("字" * 9_000) == "字" * LONG + " …"


def heights(count: int, earlier: int = 0, later: int = 0) -> Heights:
    made = Heights(lambda row, width: 50)
    rows = [Row(("message", f"m{n}"), "message", NOW + n, entry(n, NOW + n)) for n in range(count)]
    made.show(rows, earlier, later, 600)
    return made


def test_rows_stand_below_the_room_of_what_is_not_loaded() -> None:
    column = heights(10, earlier=49_000, later=990)
    assert column.top(0) == 49_000 * USUAL + GAP
    assert column.top(3) == column.top(0) + 3 * (50 + GAP)
    assert column.total == column.end + 990 * USUAL
    assert (column.at(0), column.at(column.top(4) + 5), column.at(column.total)) == (0, 4, 9)


def test_a_height_that_is_learnt_moves_what_is_below_and_is_kept_while_the_width_is() -> None:
    column = heights(5)
    before = column.top(3)
    assert column.learn(("message", "m1"), 250)
    assert column.top(3) == before + 200
    assert not column.learn(("message", "m1"), 250)
    assert not column.learn(("message", "gone"), 9)
    rows = column.rows
    column.show(rows[1:], 1, 0, 600)
    assert column.height(0) == 250
    column.show(rows, 0, 0, 500)
    assert column.height(1) == 50


EVERY = [make_message(n, "c", id=f"x{n}", at=NOW + n // 2 * 1_000, seq=n) for n in range(1_000)]
LINES = [check(NOW + n * 1_000 + 1, n) for n in range(0, 500, 3)]


def read(at: MessageCursor, limit: int = PAGE) -> slices.Slice:
    return slices.of(fakepaging.page(EVERY, LINES, at, limit))


@pytest.mark.parametrize("back", [True, False])
def test_pages_that_join_stay_one_row_of_messages_and_never_more_than_most(back: bool) -> None:
    held = read(MessageCursor() if back else MessageCursor(position=0))
    seen: dict[str, MessageView] = {}
    for _page in range(40):
        seen |= {message.id: message for message in held.messages}
        begin = EVERY.index(held.messages[0])
        assert held.messages == tuple(EVERY[begin : begin + len(held.messages)])
        assert (held.earlier, held.later) == (begin, len(EVERY) - begin - len(held.messages))
        assert len(held.messages) <= MOST
        first, last = held.messages[0].at, held.messages[-1].at
        expected = [line for line in LINES if first <= line.at <= last]
        assert [line for line in held.lines if line.at <= last] == expected
        if back and held.earlier:
            held = slices.before(held, fakepaging.page(EVERY, LINES, held.first(), PAGE))
        elif not back and held.later:
            held = slices.after(held, fakepaging.page(EVERY, LINES, held.last(), PAGE))
    assert len(seen) == len(EVERY)


def test_what_is_in_memory_can_be_read_again() -> None:
    held = read(MessageCursor(message_id="x500"))
    assert read(held.again(), len(held.messages)).messages == held.messages
    assert held.place("x500") == 500
    assert held.place("nobody") is None
    assert read(Slice().last()).messages[0] is EVERY[0]


def view(**more: object) -> ConversationView:
    row = make_row(1, id="c", **{name: value for name, value in more.items() if name != "messages"})
    messages = more.get("messages", (make_message(1, "c"),))
    assert isinstance(messages, tuple)
    return ConversationView(row, Address("a@b.example", "Ana"), messages)


@pytest.mark.parametrize(("more", "expected"), [
    ({}, ()),
    ({"state": ConversationState.RESOLVED}, ("A colleague resolved this conversation.",)),
    ({"state": ConversationState.SNOOZED}, ("A colleague snoozed this conversation.",)),
    ({"assignee": "mei"}, ("It was assigned to Mei.",)),
    ({"assignee": "who"}, ("It was assigned to a colleague.",)),
    ({"review": True, "tags": ("vip",)}, ("A colleague asked for a second look.", "Its tags are now: vip.")),
    ({"unread": True, "snippet": "other"}, ()),
])
def test_what_a_colleague_did_is_said_in_words(more: dict[str, object], expected: tuple[str, ...]) -> None:
    assert changes.told(view(), view(**more), {"mei": "Mei"}) == expected


def test_an_answer_of_a_colleague_is_said_and_a_buyers_message_is_not() -> None:
    first = make_message(1, "c")
    answer = replace(make_message(2, "c"), direction=Direction.OUT, author=Address("bo@shop.example", "Bo"))
    after = view(messages=(first, answer, make_message(3, "c")))
    assert changes.told(view(), after, {}) == ("Bo answered this conversation.",)
