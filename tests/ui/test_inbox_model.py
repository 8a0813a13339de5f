"""The list as text: pages, change sets row by row, and never a reset while a person looks at it."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from tests.support.fakecore import HOUR, NOW, make_row
from ui.inbox import words
from ui.inbox.list_model import ConversationModel, drawn
from workstation.domain.conversation import Channel, ConversationState, Delivery
from workstation.inbox.model import NO_CLOCK, ConversationRow
from workstation.kernel.clock import FixedClock
from workstation.kernel.paging import Page

Rows = list[ConversationRow]


@pytest.fixture
def model(qapp: object) -> ConversationModel:
    made = ConversationModel(clock=FixedClock(NOW))
    made.setProperty("tester", QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal))
    made.show(Page(tuple(make_row(number) for number in range(10))))
    return made


def everything(_row: ConversationRow) -> bool:
    return True


def order(model: ConversationModel) -> list[int]:
    return [int(name[1:]) for name in model.ids()]


def test_a_row_reads_as_a_person_would_say_it(model: ConversationModel) -> None:
    row = make_row(
        0, who="田中 太郎", subject="壊れていました", unread=True, language="ja", issue="damaged", channel=Channel.LINE,
        delivery=Delivery.UNKNOWN, due_at=NOW + HOUR + 12 * 60_000,
    )
    model.show(Page((row, make_row(1, due_at=NOW - 5 * 60_000, issue="", channel=Channel.TIKTOK))))
    assert drawn([model.row(0), model.row(1)], NOW) == (
        "田中 太郎, unread, unanswered, 1h 12m left, 壊れていました, damaged, ja, LINE, outcome unknown\n"
        "Buyer 1, unanswered, late 5m, Where is parcel 1?, pt, TikTok Shop")
    assert model.data(model.index(0)) == drawn([row], NOW)


def test_a_change_in_place_repaints_one_row(model: ConversationModel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(model.dataChanged) as changed, qtbot.assertNotEmitted(model.modelReset):
        model.apply(["c000003"], [model.row(3)._replace(unread=True)], everything)
    assert changed.args is not None
    assert changed.args[0].row() == changed.args[1].row() == 3
    assert model.row(3).unread


def test_a_row_moves_to_where_its_clock_says(model: ConversationModel, qtbot: QtBot) -> None:
    held = QPersistentModelIndex(model.index(7))
    with qtbot.waitSignal(model.rowsMoved), qtbot.assertNotEmitted(model.modelReset):
        model.apply(["c000007"], [model.row(7)._replace(sort_key=1)], everything)
    assert order(model) == [7, 0, 1, 2, 3, 4, 5, 6, 8, 9]
    assert held.row() == 0
    with qtbot.waitSignal(model.rowsMoved):
        model.apply(["c000007"], [model.row(0)._replace(sort_key=NO_CLOCK)], everything)
    assert order(model) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 7]
    assert held.row() == 9


def test_rows_leave_and_come(model: ConversationModel, qtbot: QtBot) -> None:
    gone, resolved = model.row(2), model.row(5)._replace(state=ConversationState.RESOLVED)
    fresh = make_row(50, sort_key=model.row(4).sort_key + 1)
    with qtbot.assertNotEmitted(model.modelReset):
        model.apply([gone.id, resolved.id, fresh.id], [resolved, fresh], lambda row: words.belongs(row, "open", NOW))
    assert order(model) == [0, 1, 3, 4, 50, 6, 7, 8, 9]
    assert model.position(fresh.id) == 4
    assert model.position(gone.id) == -1


def test_pages_are_appended_and_overlap_does_no_harm(model: ConversationModel, qtbot: QtBot) -> None:
    rows = [make_row(number) for number in range(30)]
    model.show(Page(tuple(rows[:10]), rows[9].cursor))
    with qtbot.waitSignal(model.wants_more):
        model.fetchMore(QModelIndex())
    assert not model.canFetchMore(QModelIndex())
    moved = rows[12]._replace(sort_key=0)
    model.apply([moved.id], [moved], everything)
    model.append(Page(tuple(rows[10:20]), rows[19].cursor))
    assert order(model) == [12, *range(12), *range(13, 20)]
    assert model.row(0) is moved
    assert model.canFetchMore(QModelIndex())


def test_what_sorts_behind_the_last_page_waits_for_it(model: ConversationModel) -> None:
    rows = [make_row(number) for number in range(10)]
    model.show(Page(tuple(rows), rows[9].cursor))
    late = make_row(99)
    model.apply([late.id], [late], everything)
    assert model.position(late.id) == -1
    model.apply([rows[0].id], [rows[0]._replace(sort_key=NO_CLOCK)], everything)
    assert order(model) == list(range(1, 10))


def test_a_first_sync_of_many_fills_one_page(qapp: object) -> None:
    model = ConversationModel(clock=FixedClock(NOW))
    rows = [make_row(number) for number in range(1_000)]
    model.apply([row.id for row in rows], rows, everything)
    assert model.rowCount() == 100
    assert model.canFetchMore(QModelIndex())
    assert model.cursor == rows[99].cursor


def test_refresh_follows_the_first_page_without_a_reset(model: ConversationModel, qtbot: QtBot) -> None:
    rows = [make_row(number)._replace(unread=True) for number in range(1, 12)]
    with qtbot.assertNotEmitted(model.modelReset):
        model.refresh(Page(tuple(rows)))
    assert order(model) == list(range(1, 12))
    assert all(model.row(at).unread for at in range(model.rowCount()))


def test_hits_of_a_search_keep_their_order(model: ConversationModel) -> None:
    hits = (make_row(5), make_row(2), make_row(8))
    model.show(Page(hits), in_order=False)
    model.apply(["c000002", "c000001"], [hits[1]._replace(unread=True), make_row(1)], everything)
    assert order(model) == [5, 2, 8]
    assert model.row(1).unread
    model.apply(["c000005"], [], everything)
    assert order(model) == [2, 8]


def test_two_hundred_thousand_rows_cost_a_page(qapp: object) -> None:
    """Appending a page and applying a change cost about the same at the end as at the start."""
    base = make_row(0)
    rows = tuple(base._replace(id=f"c{number:06}", sort_key=number) for number in range(200_000))
    model = ConversationModel(clock=FixedClock(NOW))

    def page(at: int) -> Page[ConversationRow]:
        return Page(rows[at:at + 100], rows[at + 99].cursor if at + 100 < len(rows) else None)

    def step(at: int) -> float:
        begun = time.perf_counter()
        model.append(page(at))
        model.apply([rows[at].id], [rows[at]._replace(unread=True)], everything)
        return time.perf_counter() - begun

    model.show(page(0))
    spent = [step(at) for at in range(100, 200_000, 100)]
    early, late = sorted(spent[:200])[100], sorted(spent[-200:])[100]
    assert model.rowCount() == 200_000
    assert not model.canFetchMore(QModelIndex())
    assert model.position(rows[150_000].id) == 150_000
    assert late < early * 20


@pytest.mark.parametrize(("left", "expected"), [(-1, "fail"), (2.4, "fail"), (2.5, "warn"), (6, "warn"), (6.1, "")])
def test_urgency_turns_in_the_last_quarter_and_the_last_tenth(left: float, expected: str) -> None:
    row = make_row(0, due_at=NOW + round(left * HOUR), clock_ms=24 * HOUR)
    assert words.urgency(row, NOW) == ("fail" if left == 2.4 else expected)


@pytest.mark.parametrize(("queue", "belongs"), [
    ("open", True), ("all", True), ("unanswered", True), ("breaching", False), ("snoozed", False), ("resolved", False),
    ("failed", False), ("channel:amazon", True), ("channel:ebay", False), ("store:loja-1", True),
    ("store:other", False),
])
def test_which_queue_a_row_is_in(queue: str, belongs: bool) -> None:
    assert words.belongs(make_row(9), queue, NOW) is belongs
