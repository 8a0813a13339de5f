"""Going on through the list: past a row that moved away under the person, and with the keys where they were."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.fakecore import HOUR, NOW, World, make_message, make_row
from tests.support.stage import Stage
from ui.bridge import Bridge
from ui.conversation import words as conversation_words
from ui.conversation.bubble import Bubble
from ui.inbox import words
from ui.inbox.fitting import END, HIT, in_sight, text_width
from ui.inbox.going_on import GoingOn
from ui.inbox.list_model import ConversationModel
from ui.inbox.pickers import Pickers
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from ui.theme import fonts
from workstation.domain.conversation import Address, Direction
from workstation.inbox.listing import ConversationRow
from workstation.kernel.clock import FixedClock
from workstation.kernel.paging import Page
from workstation.kernel.settings import Settings

LATER = NOW + 99 * HOUR


@pytest.fixture
def model(qapp: object) -> ConversationModel:
    made = ConversationModel(clock=FixedClock(NOW))
    made.show(Page(tuple(make_row(number) for number in range(12))))
    return made


def move(model: ConversationModel, name: str, sort_key: int) -> None:
    row = model.row(model.position(name))
    model.apply([name], [row._replace(sort_key=sort_key)], _any)


def _any(_row: ConversationRow) -> bool:
    return True


def test_a_row_that_sank_is_followed_by_what_stood_below_it(model: ConversationModel) -> None:
    going = GoingOn(model)
    going.arrived(3)
    assert going.target(3, 1) == -1     # nothing moved: the usual step
    move(model, "c000003", LATER)
    here = model.position("c000003")
    assert here == 11
    assert [model.row(going.target(here, step)).id for step in (1, -1)] == ["c000004", "c000002"]


def test_a_row_that_sank_and_then_left(model: ConversationModel) -> None:
    going = GoingOn(model)
    going.arrived(3)
    move(model, "c000003", LATER)
    model.apply(["c000003"], [], _any)
    assert model.row(going.target(-1, 1)).id == "c000004"


def test_neighbours_that_left_are_passed_over(model: ConversationModel) -> None:
    going = GoingOn(model)
    going.arrived(3)
    move(model, "c000003", LATER)
    model.apply(["c000004", "c000005"], [], _any)
    assert model.row(going.target(model.position("c000003"), 1)).id == "c000006"


def test_a_neighbour_that_moved_moves_nobody_else(model: ConversationModel) -> None:
    """A buyer writes again, and the row above the person goes down or the one below goes up."""
    going = GoingOn(model)
    going.arrived(3)
    move(model, "c000002", LATER)
    move(model, "c000004", NOW)
    assert going.target(model.position("c000003"), 1) == -1


def test_the_last_of_the_list_and_another_queue(model: ConversationModel) -> None:
    going = GoingOn(model)
    going.arrived(11)
    assert going.target(11, 1) == -1
    going.arrived(3)
    going.forget()
    assert going.target(-1, 1) == -1


def test_j_after_an_answer_goes_on_where_the_person_was(stage: Stage) -> None:
    """The answered conversation sinks to the end of the queue; the next key does not go there with it."""
    stage.world.rows = [make_row(number) for number in range(10)]
    window = stage.window()
    rows = window.list.list
    rows.show_row(2)
    window.inbox.model.apply(["c000002"], [make_row(2)._replace(sort_key=LATER, unanswered=False)], _any)
    assert rows.currentIndex().row() == 9
    rows.go(1)
    assert _here(window) == "c000003"
    rows.go(1)
    assert _here(window) == "c000004"


def _here(window: MainWindow) -> str:
    row = window.list.current()
    return row.id if row is not None else ""


def test_the_next_conversation_takes_the_keys_of_the_last(
    bridge: Bridge, actions: Actions, settings: Settings, world: World, qtbot: QtBot,
) -> None:
    """Who reads a message and goes on with J is in the next conversation's message, not on a button."""
    for number in range(2):
        name = f"c{number:06}"
        world.messages[name] = [make_message(number, name)]
    window = MainWindow(bridge, actions, settings)
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.complete()
    window.inbox.reload()
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() > 0)
    window.list.list.setFocus()
    QTest.keyClicks(window.list.list, "j")
    qtbot.waitUntil(lambda: len(window.middle.conversation.timeline.bubbles()) == 1)
    QTest.keyClicks(window.list.list, "o")
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), Bubble))
    QTest.keyClicks(QApplication.focusWidget() or window, "j")
    qtbot.waitUntil(lambda: window.conversation_id == "c000001" and (
        window.middle.conversation.presenter.view is not None))
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), Bubble))
    qtbot.wait(60)


def test_snooze_offers_a_time_once(stage: Stage) -> None:
    window = stage.window()
    window.list.list.show_row(0)
    pickers = window.list.pickers()
    assert isinstance(pickers, Pickers)
    pickers.snooze()
    shown = pickers.picker.lines()
    tomorrow = next(line for line in shown if line.startswith("Tomorrow"))
    until = next(one.value for one in pickers._times() if one.text == "Tomorrow")
    pickers.picker.field.setText("tomorrow")
    pickers._on_time("tomorrow", int(until))
    assert pickers.picker.lines() == [tomorrow]


def test_the_hit_of_a_search_is_in_sight(qapp: object) -> None:
    room = 220
    found = f"…a long way to go before the word that was looked for, {HIT}pedido{END} and so on"
    parts = in_sight(found, fonts.BODY, room)
    lead, (hit, marked) = parts[0][0], parts[1]
    assert (hit, marked) == ("pedido", True)
    assert text_width(lead, fonts.BODY) + text_width(hit, fonts.BODY, True) <= room
    assert in_sight(f"{HIT}pedido{END} comes first", fonts.BODY, room)[0] == ("pedido", True)
    assert in_sight(f"one {HIT}pedido{END}", fonts.BODY, room)[0] == ("one ", False)


@pytest.mark.parametrize(("address", "direction", "said"), [
    (Address("ana@example.test", "Ana"), Direction.IN, "Ana"),
    (Address("ana@example.test"), Direction.IN, "ana@example.test"),
    (Address(""), Direction.IN, "Unknown sender"), (Address(""), Direction.NOTE, "Your team"),
])
def test_somebody_wrote_each_message(address: Address, direction: Direction, said: str) -> None:
    assert conversation_words.who(address, direction) == said


def test_a_row_names_somebody(model: ConversationModel) -> None:
    assert words.spoken(make_row(1, who=""), NOW).startswith("Unknown sender, ")
    assert words.hints(make_row(1, who=""), NOW).startswith("Unknown sender\n")
