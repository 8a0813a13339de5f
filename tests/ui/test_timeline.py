"""A conversation of any length: only what is near is in memory and on the screen, every place can be reached, and what
is seen never jumps."""

from __future__ import annotations

import gc

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support import tree
from tests.support.fakecase import QUIET_PLATFORM, arrive, case_core, case_world
from tests.support.fakecore import HOUR, NOW, make_message, make_row
from tests.support.timeline import Endless, Room, made
from ui.bridge import Bridge
from ui.conversation import column, words
from ui.conversation.bars import ChangeBar
from ui.conversation.bubble import Bubble
from ui.conversation.heights import GAP
from ui.conversation.lines import DayLine, FoldLine, LineButton, QuietLine, UnreadLine
from ui.conversation.rows import Row
from ui.conversation.slices import MOST
from ui.conversation.view import ConversationView
from ui.shell.actions import Actions
from workstation.domain.conversation import ConversationState
from workstation.domain.events import ConversationsChanged
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import FixedClock
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
MANY = 50_000
STEP = 600_000
FIRST_AT = NOW - MANY * STEP



@pytest.fixture
def room(
    lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, settings: Settings, qtbot: QtBot
) -> Room:
    world = case_world()
    world.rows.append(make_row(7, id="big", language="en"))
    world.messages["big"] = Endless()
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(core, core_thread)
    view = ConversationView(lonely_bridge, actions, settings=settings, clock=FixedClock(NOW))
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    view.activateWindow()
    return Room(view, world, lonely_bridge, qtbot)


def test_it_opens_at_the_newest_with_a_few_widgets_and_a_bounded_memory(room: Room) -> None:
    room.open()
    assert room.numbers()[-1] == MANY - 1
    assert room.timeline.total == MANY
    assert len(room.timeline.bubbles()) < 40
    assert len(room.view.presenter.held.messages) <= MOST


def test_every_place_can_be_reached_with_the_scroll_bar(room: Room) -> None:
    room.open()
    bar = room.timeline.verticalScrollBar()
    for part in (0.0, 0.37, 0.9, 0.5, 1.0):
        bar.setValue(round(bar.maximum() * part))
        room.settle()
        middle = room.numbers()[len(room.numbers()) // 2]
        assert abs(middle - part * MANY) < 150, part
        assert room.numbers() == list(range(room.numbers()[0], room.numbers()[-1] + 1))
        assert len(room.view.presenter.held.messages) <= MOST


def test_scrolling_on_reads_every_message_in_order_and_forgets_what_is_far(room: Room) -> None:
    room.open()
    bar, met = room.timeline.verticalScrollBar(), set(room.numbers())
    for _page in range(45):
        bar.setValue(bar.value() - 400)
        room.settle()
        met.update(room.numbers())
        assert len(room.timeline.bubbles()) < 40
    assert met == set(range(min(met), MANY))
    assert min(met) < MANY - MOST
    assert len(room.view.presenter.held.messages) <= MOST


def test_a_turn_makes_no_more_than_a_frame_allows(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    room.open()
    now, made_at = [0.0], list[float]()
    make = room.timeline._new

    def slowly(row: Row) -> None:
        now[0] += 0.002       # two milliseconds a row
        made_at.append(now[0])
        make(row)

    monkeypatch.setattr(column, "perf_counter", lambda: now[0])
    monkeypatch.setattr(room.timeline, "_new", slowly)
    bar = room.timeline.verticalScrollBar()
    bar.setValue(bar.value() - 2 * bar.pageStep())
    turns = 0
    while room.timeline._missing():
        turns += 1
        before = len(made_at)
        room.timeline._make_some()
        assert 1 <= len(made_at) - before <= column.TICK_MS / 2 + 1
    assert turns > 3


def test_days_that_are_left_behind_come_again_as_other_days(room: Room) -> None:
    room.open()
    firsts = [n for n in range(20_000, 21_000) if words.local_day(made(n).at) != words.local_day(made(n - 1).at)]
    for number in firsts[:5]:
        room.view.presenter.go_to(f"b{number}")
        room.until(lambda number=number: number in room.numbers())  # type: ignore[misc]
        room.settle()
        shown = [one.text for one in room.timeline.findChildren(DayLine) if not one.isHidden()]
        days = [row for row in room.timeline.heights.rows if row.kind == "day" and row.key in room.timeline._built]
        assert sorted(shown) == sorted(words.day_line(row.at, NOW) for row in days)
        assert words.day_line(made(number).at, NOW) in shown
    assert len(room.timeline.findChildren(DayLine)) <= 3


def test_a_page_that_joins_above_moves_nothing(room: Room) -> None:
    room.open()
    bar = room.timeline.verticalScrollBar()
    for _step in range(25):
        bar.setValue(bar.value() - 300)
        QApplication.processEvents()
        if not room.seen():
            continue
        message_id = room.seen()[-1].entry.message.id
        before = room.place(message_id)
        room.settle()
        assert room.place(message_id) == before


def test_home_and_end_go_to_the_ends_of_all_of_it(room: Room) -> None:
    room.open()
    QTest.keyClick(room.timeline, Qt.Key.Key_Home)
    room.until(lambda: bool(room.numbers()) and room.numbers()[0] == 0)
    QTest.keyClick(room.timeline, Qt.Key.Key_End)
    room.until(lambda: bool(room.numbers()) and room.numbers()[-1] == MANY - 1)
    room.settle()
    QTest.keyClick(room.timeline, Qt.Key.Key_PageUp)
    room.settle()
    assert room.numbers()[-1] < MANY - 1


def test_a_hit_of_a_search_and_a_day_are_gone_to(room: Room) -> None:
    room.open(message_id="b31415")
    assert 31_415 in room.numbers()
    assert room.timeline.current == "b31415"
    room.view.show_conversation("big", "b100")
    room.until(lambda: 100 in room.numbers())
    room.view.presenter.go_to_time(FIRST_AT + 20_000 * STEP + 1)
    room.until(lambda: 20_001 in room.numbers())
    room.view.presenter.go_to_time(NOW + HOUR)
    room.until(lambda: MANY - 1 in room.numbers())


def test_what_is_new_is_opened_at_and_marked_and_stays_marked(room: Room) -> None:
    room.world.unread_from["big"] = "b49000"
    room.open()
    assert 49_000 in room.numbers()
    (mark,) = room.timeline.findChildren(UnreadLine)
    assert mark.y() < room.place("b49000")
    room.world.unread_from.clear()
    room.world.bus.publish(ConversationsChanged(("big",)))
    room.bot.wait(80)
    room.settle()
    assert [one.text for one in room.timeline.findChildren(UnreadLine)] == ["New since you looked"]


def test_the_keys_walk_on_where_memory_ends(room: Room) -> None:
    room.open(message_id="b25000")
    held = room.view.presenter.held
    first = int(held.messages[0].id[1:])
    room.timeline.focus(f"b{first}")
    room.view.previous_message()
    room.until(lambda: room.timeline.current == f"b{first - 1}")
    focused = QApplication.focusWidget()
    assert isinstance(focused, Bubble)
    assert focused.accessibleDescription() == f"Message {first} of {MANY}"


def test_a_message_arrives_far_below_what_is_read(room: Room) -> None:
    room.open(message_id="b25000")
    before = room.place("b25000")
    arrive(room.world, make_message(9, "big", id="late", at=NOW, seq=MANY + 9, language="en", text="late"))
    room.bot.wait(120)
    room.settle()
    assert room.place("b25000") == before
    assert room.timeline.total == MANY + 1


def test_what_a_row_shows_more_of_is_kept_when_it_comes_back(room: Room) -> None:
    room.open()
    last = f"b{MANY - 1}"
    bubble = room.timeline.bubble_of(last)
    assert bubble is not None
    room.timeline.select(last)
    bar = room.timeline.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    room.settle()
    assert room.timeline.chosen() == (last,)
    bar.setValue(bar.maximum())
    room.until(lambda: MANY - 1 in room.numbers())
    bubble = room.timeline.bubble_of(last)
    assert bubble is not None
    assert bubble.reading.selected
    assert sum(one.reading.selected for one in room.timeline.bubbles()) == 1


def test_a_bubble_that_is_turned_to_another_message_shows_nothing_of_the_first(room: Room, qtbot: QtBot) -> None:
    from ui.conversation.held import Reading
    from ui.conversation.presenter import Entry

    rich, plain = room.world.messages["pt"][0], room.world.messages["ja"][0]
    turned = Bubble(Entry(rich), room.view.files, FixedClock(NOW))
    fresh = Bubble(Entry(plain), room.view.files, FixedClock(NOW))
    for one in (turned, fresh):
        qtbot.addWidget(one)
        one.resize(600, 400)
        one.show()
    turned.toggle_quoted()
    turned.toggle_html()
    turned.turn_to(Entry(plain), False, Reading())
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert tree.text(turned) == tree.text(fresh)
    turned.turn_to(Entry(rich), False, Reading())
    again = Bubble(Entry(rich), room.view.files, FixedClock(NOW))
    qtbot.addWidget(again)
    again.resize(600, 400)
    again.show()
    QApplication.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert tree.text(turned) == tree.text(again)


def quiet(at: int, number: int, kind: str = "check", ref: str = "answer-1") -> SystemLine:
    return SystemLine(at, f"looked at {number}", kind, ref)


def test_quiet_lines_fold_open_and_lead_to_what_they_tell_of(room: Room) -> None:
    room.world.lines["pt"] = [quiet(NOW - 30 * HOUR + n, n) for n in range(5)]
    room.open("pt")
    (fold,) = room.timeline.findChildren(FoldLine)
    assert fold.text == "5 checks"
    fold.findChildren(LineButton)[0].click()
    room.until(lambda: len(room.timeline.findChildren(QuietLine)) == 5)
    room.settle()
    line = room.timeline.findChildren(QuietLine)[0]
    line.findChildren(LineButton)[0].click()
    room.until(lambda: room.view.opening.shown is not None)
    assert "702-1234567-1234567" in room.view.opening.shown.field.toPlainText()  # type: ignore[union-attr]


def test_a_line_about_a_message_goes_there_and_a_merge_can_be_parted(room: Room) -> None:
    room.world.lines["big"] = [SystemLine(NOW - 2, "answered there", "state", "b40000"),
                               SystemLine(NOW - 1, "joined", "merge", "c9")]
    room.open()
    told, merged = room.timeline.findChildren(QuietLine)
    merged.asked.emit(merged.line, "part")
    room.until(lambda: len(room.world.called("unmerge")) == 1)
    told.asked.emit(told.line, "open")
    room.until(lambda: 40_000 in room.numbers())


def test_selected_messages_become_a_conversation_of_their_own(room: Room) -> None:
    room.open("pt")
    for message_id in ("m4", "m3"):
        room.timeline.on_focused(message_id)
        room.view.select_message()
    assert len(room.timeline.chosen()) == 2
    assert not room.view.selection.isHidden()
    room.view.split()
    room.until(lambda: len(room.world.called("split")) == 1)
    assert room.timeline.chosen() == ()
    assert room.view.selection.isHidden()


def test_what_a_colleague_does_is_said_and_moves_nothing(room: Room) -> None:
    room.open("pt")
    bar = room.timeline.verticalScrollBar()
    bar.setValue(20)
    room.settle()
    first = room.seen()[0]
    before = first.y()
    room.world.rows[0] = make_row(0, id="pt", state=ConversationState.RESOLVED)
    room.world.bus.publish(ConversationsChanged(("pt",), elsewhere=True))
    changes: ChangeBar = room.view.changes
    room.until(changes.isVisible)
    room.settle()
    assert changes.text == "A colleague resolved this conversation."
    assert first.y() == before
    room.view.see_change()
    assert changes.isHidden()


def test_what_the_person_does_is_not_told_as_news(room: Room) -> None:
    room.open("pt")
    room.world.change(("pt",), state=ConversationState.RESOLVED)
    room.until(lambda: room.view.header._state.text() == "resolved")
    assert room.view.changes.isHidden()


def test_a_long_text_opens_where_it_is(room: Room) -> None:
    room.world.messages["ja"] = [make_message(1, "ja", text="line\n" * 300, language="en", translation=None)]
    room.open("ja")
    bubble = room.timeline.bubbles()[0]
    before, height = bubble.y(), bubble.height()
    bubble.toggle_whole()
    room.settle()
    room.until(lambda: bubble.height() > 3 * height)
    assert bubble.y() == before == GAP


def census() -> tuple[int, int]:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    widgets = sum(isinstance(one, QWidget) for one in QApplication.allWidgets())
    return widgets, len(gc.get_objects())


def test_two_hundred_conversations_leave_nothing_behind(room: Room, request: pytest.FixtureRequest) -> None:
    """Two hundred with --long; otherwise as many as fill and empty the column often enough to show a leak."""
    names = ["pt", "ja", "ar", "long", "big"]

    def round_of(count: int) -> tuple[int, int]:
        for number in range(count):
            room.view.show_conversation(names[number % len(names)])
            room.until(lambda: bool(room.timeline.bubbles()))
        room.settle()
        room.view.show_conversation(None)
        room.bot.wait(60)
        return census()

    round_of(15)
    widgets, objects = round_of(15)
    many_widgets, many_objects = round_of(200 if request.config.getoption("--long") else 45)
    assert many_widgets <= widgets + 60, "bubbles that are put by are few; a leak of one a conversation is not"
    assert many_objects <= objects + 3_000
