"""A list longer than what is loaded: any place is reached, changes keep it true, and it may be acted on whole."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World, make_row
from ui.bridge import Bridge
from ui.inbox import bulk, words
from ui.inbox.list_model import MOST, ConversationModel
from ui.inbox.presenter import InboxPresenter
from ui.inbox.view import ListColumn
from workstation.domain.events import ConversationsChanged
from workstation.inbox.listing import ConversationRow
from workstation.kernel.clock import FixedClock
from workstation.kernel.paging import Page

MANY = 1_000


@pytest.fixture
def world() -> World:
    return World(rows=[make_row(number) for number in range(MANY)])


@pytest.fixture
def column(bridge: Bridge, qtbot: QtBot) -> Iterator[ListColumn]:
    presenter = InboxPresenter(bridge)
    made = ListColumn(presenter)
    qtbot.addWidget(made)
    made.resize(360, 640)
    made.show()
    presenter.reload()
    qtbot.waitUntil(lambda: presenter.model.rowCount() == MANY and not presenter.under_way)
    yield made
    qtbot.waitUntil(lambda: not presenter.under_way)
    presenter.setParent(made)


def presenter_of(column: ListColumn) -> InboxPresenter:
    return column._presenter


def on_screen(column: ListColumn) -> list[str]:
    first, last = column.list.visible_rows()
    model = presenter_of(column).model
    return [row.id if (row := model.at(at)) is not None else "" for at in range(first, last + 1)]


def settled(column: ListColumn, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not presenter_of(column).under_way and "" not in on_screen(column))


def test_only_what_is_seen_is_loaded_and_the_bar_knows_the_whole(column: ListColumn) -> None:
    model = presenter_of(column).model
    assert len(model.loaded) < MANY / 4
    assert column.list.verticalScrollBar().maximum() == MANY * 64 - column.list.viewport().height()


def test_any_place_is_reached_and_holds_what_belongs_there(column: ListColumn, qtbot: QtBot) -> None:
    rng = random.Random(1)
    for place in (MANY - 1, 0, *(rng.randrange(MANY) for _jump in range(6))):
        column.list.verticalScrollBar().setValue(place * 64)
        settled(column, qtbot)
        first, last = column.list.visible_rows()
        assert on_screen(column) == [f"c{number:06}" for number in range(first, last + 1)]


def test_end_and_home_go_to_the_ends_and_open_what_is_there(column: ListColumn, qtbot: QtBot) -> None:
    opened: list[str] = []
    column.opened.connect(opened.append)
    column.list.setFocus()
    QTest.keyClick(column.list, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: opened == [f"c{MANY - 1:06}"])
    QTest.keyClick(column.list, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: opened[-1] == "c000000")
    QTest.keyClick(column.list, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: opened[-1] == f"c{column.list.page_rows():06}")


def test_changes_far_away_move_nothing_on_the_screen(column: ListColumn, world: World, qtbot: QtBot) -> None:
    column.list.verticalScrollBar().setValue(500 * 64 + 17)
    settled(column, qtbot)
    seen, model = on_screen(column), presenter_of(column).model
    gone = [f"c{number:06}" for number in range(10, 60)]
    world.rows = [row for row in world.rows if row.id not in gone]
    world.bus.publish(ConversationsChanged(tuple(gone)))
    qtbot.waitUntil(lambda: model.rowCount() == MANY - len(gone))
    settled(column, qtbot)
    assert on_screen(column) == seen
    assert column.list.verticalScrollBar().value() == (500 - len(gone)) * 64 + 17
    assert model.position(seen[0]) == 500 - len(gone)


def test_after_random_changes_the_list_is_the_queue(column: ListColumn, world: World, qtbot: QtBot) -> None:
    rng, model = random.Random(2), presenter_of(column).model
    column.list.verticalScrollBar().setValue(300 * 64)
    settled(column, qtbot)
    for _round in range(8):
        ids = [row.id for row in rng.sample(world.rows, 40)]
        at = {name: rng.randrange(NOW, NOW + MANY * 3_600_000) for name in ids}
        world.rows = [row._replace(sort_key=at[row.id], due_at=at[row.id]) if row.id in at else row
                      for row in world.rows]
        world.bus.publish(ConversationsChanged(tuple(ids)))
        qtbot.wait(30)
    wanted = [row.id for row in sorted(world.rows, key=lambda row: (row.sort_key, row.id))]

    def true() -> None:
        begin = model.before
        assert model.rowCount() == MANY
        assert model.ids() == wanted[begin:begin + len(model.loaded)]

    qtbot.waitUntil(true, timeout=5_000)


def test_shift_j_marks_on_and_escape_forgets(column: ListColumn, qtbot: QtBot) -> None:
    view = column.list
    view.show_row(3)
    view.extend(1)
    view.extend(1)
    assert view.ids() == ("c000003", "c000004", "c000005")
    view.extend(-1)
    assert view.ids() == ("c000003", "c000004")
    assert column.bar is not None
    assert column.bar.text.startswith("2 selected")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert column.bar.isHidden()
    assert view.ids() == ("c000004",)


def test_x_marks_here_and_there_while_walking(column: ListColumn) -> None:
    view = column.list
    view.show_row(0)
    view.toggle()
    view.go(1)
    view.go(1)
    view.toggle()
    assert view.ids() == ("c000000", "c000002")
    view.toggle()
    assert view.ids() == ("c000000",)


def test_the_whole_queue_is_resolved_by_query_and_taken_back(
    column: ListColumn, world: World, bridge: Bridge, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "PORTION", 300)
    presenter = presenter_of(column)
    notices: list[object] = []
    bridge.noticed.connect(notices.append)
    column.list.select_all()
    assert column.list.picked() == ((0, -1),)
    presenter.resolve(column.list.ids())
    qtbot.waitUntil(lambda: len(world.called("resolve")) == 4 and bool(notices))
    done = [name for part in world.called("resolve") for name in part]  # type: ignore[attr-defined]
    assert sorted(done) == [row.id for row in world.rows]
    qtbot.waitUntil(lambda: presenter.model.rowCount() == 0)
    assert column.list.picked_count() == 0
    notices[-1].undo()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: presenter.model.rowCount() == MANY)


def test_marks_beyond_what_is_loaded_are_gathered(column: ListColumn, world: World, qtbot: QtBot) -> None:
    view = column.list
    view.show_row(0)
    view.selectionModel().select(view.range(0, 299), view.selectionModel().SelectionFlag.ClearAndSelect)
    assert len(view.ids()) < 300
    presenter_of(column).act.mute(view.ids())
    qtbot.waitUntil(lambda: bool(world.called("mute")))
    qtbot.waitUntil(lambda: sum(row.muted for row in world.rows) == 300)


def test_a_chooser_narrows_as_one_types_and_takes_a_new_tag(column: ListColumn, world: World, qtbot: QtBot) -> None:
    world.rows = [row._replace(tags=("vip",)) if row.id == "c000001" else row for row in world.rows]
    column.list.setFocus()
    column.list.show_row(0)
    column.pickers().tag()
    picker = column.pickers().picker
    qtbot.waitUntil(picker.isVisible)
    QTest.keyClicks(picker.field, "late again")
    assert picker.lines() == ["New tag “late again”"]
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: world.rows[0].tags == ("late again",))
    assert picker.isHidden()


def test_a_row_that_left_far_behind_lets_its_pictures_go(qapp: object) -> None:
    model = ConversationModel(clock=FixedClock(NOW))
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    rows = [make_row(number) for number in range(MOST + 500)]
    model.show(Page(tuple(rows), rows[-1].cursor), size=10_000)
    model.keep_around(2_000, 2_010)
    assert len(model.loaded) <= MOST
    assert model.rowCount() == 10_000
    assert model.at(2_000) is rows[2_000]
    assert model.at(0) is None
    model.lay(Page(tuple(rows[:60]), rows[59].cursor), 0)
    assert model.at(0) is rows[0]
    assert model.rowCount() == 10_000


def fitting(row: ConversationRow) -> set[str]:
    keys = ("open", "mine", "unassigned", "breaching", "review", "unanswered", "tag:vip", "lang:pt", "store:loja-1")
    return {key for key in keys if words.belongs(row, key, NOW, "me")}


@pytest.mark.parametrize(("changes", "more", "fewer"), [
    ({"assignee": "me"}, {"mine"}, {"unassigned"}), ({"assignee": "ana"}, set(), {"unassigned"}),
    ({"risk": "legal"}, {"review"}, set()), ({"review": True}, {"review"}, set()),
    ({"muted": True}, set(), {"breaching"}), ({"tags": ("vip", "late")}, {"tag:vip"}, set()),
    ({"language": "ja"}, set(), {"lang:pt"}),
])
def test_a_change_puts_a_row_into_other_queues(
    changes: dict[str, object], more: set[str], fewer: set[str],
) -> None:
    row = make_row(0)
    now = fitting(row._replace(**changes))  # type: ignore[arg-type]
    assert now == (fitting(row) | more) - fewer
    assert fitting(row) >= fewer
