"""The whole window over an in-memory core: keys, change sets, folding, undo, palette, names for screen readers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World, make_row
from ui import a11y
from ui.bridge import Bridge
from ui.shell import columns
from ui.shell.actions import Actions
from ui.shell.cheatsheet import CheatSheet
from ui.shell.window import MainWindow
from workstation.domain.events import AccountStatusChanged, ConversationsChanged
from workstation.inbox.model import Account, AccountSettings, ServerSettings
from workstation.kernel.errors import InputError, Offline
from workstation.kernel.settings import Settings


@pytest.fixture
def window(bridge: Bridge, actions: Actions, settings: Settings, qtbot: QtBot) -> Iterator[MainWindow]:
    made = MainWindow(bridge, actions, settings)
    made.resize(1280, 800)
    qtbot.addWidget(made)
    made.show()
    made.complete()
    made.inbox.reload()
    qtbot.waitUntil(lambda: made.inbox.model.rowCount() > 0 and bool(made.inbox.queues))
    made.list.list.setFocus()
    yield made
    qtbot.wait(60)


def press(qtbot: QtBot, window: MainWindow, text: str) -> None:
    """Type where the focus is."""
    for letter in text:
        QTest.keyClicks(QApplication.focusWidget() or window, letter)


def hit(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)


def current(window: MainWindow) -> str:
    row = window.list.current()
    return row.id if row else ""


def test_j_and_k_walk_and_open(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, "j")
    assert (current(window), window.conversation_id) == ("c000000", "c000000")
    press(qtbot, window, "jj")
    assert current(window) == "c000002"
    press(qtbot, window, "k")
    assert (current(window), window.conversation_id) == ("c000001", "c000001")


def test_letters_in_a_text_field_are_letters(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "j/")
    assert QApplication.focusWidget() is window.list.search
    press(qtbot, window, "e jk#gi")
    assert window.list.search.text() == "e jk#gi"
    assert not world.called("resolve")
    assert not world.called("no_response_needed")


def test_resolve_takes_the_row_away_and_opens_nothing_else(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "jje")
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 9)
    assert world.called("resolve") == [("c000001",)]
    assert (current(window), window.conversation_id) == ("", "c000001")
    press(qtbot, window, "j")
    assert current(window) == "c000002"


def test_z_takes_it_back(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "je")
    qtbot.waitUntil(lambda: bool(window.toast.text))
    press(qtbot, window, "z")
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 10)
    assert window.inbox.model.row(0).id == "c000000"
    assert not window.toast.can_undo
    assert not window.actions_.action("app.undo").isEnabled()


def test_resolve_and_next_goes_on(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "j")
    hit(window.list.list, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 9)
    assert world.called("resolve") == [("c000000",)]
    assert (current(window), window.conversation_id) == ("c000001", "c000001")


def test_several_rows_are_acted_on_together(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "j")
    hit(window.list.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    hit(window.list.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    press(qtbot, window, "#")
    qtbot.waitUntil(lambda: bool(world.called("no_response_needed")))
    assert world.called("no_response_needed") == [("c000000", "c000001", "c000002")]


def test_sequences_go_to_queues(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "gs")
    press(qtbot, window, "gz")
    qtbot.waitUntil(lambda: window.inbox.queue == "snoozed" and not window.inbox.loading)
    qtbot.waitUntil(lambda: "Nothing is waiting here for a later time" in window.list.empty.sentence)
    press(qtbot, window, "gi")
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 10)


def test_search_asks_once_after_a_pause_and_says_when_nothing_matches(
    window: MainWindow, world: World, qtbot: QtBot,
) -> None:
    before = len(world.called("page"))
    window.list.focus_search()
    press(qtbot, window, "parcel 7")
    qtbot.waitUntil(lambda: window.inbox.model.ids() == ["c000007"])
    assert len(world.called("page")) == before + 1
    press(qtbot, window, "xx")
    qtbot.waitUntil(lambda: "Nothing in this queue matches “parcel 7xx”." in window.list.empty.sentence)
    window.list.search.clear()
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 10)


def test_a_failing_search_says_so_and_can_be_tried_again(window: MainWindow, world: World, qtbot: QtBot) -> None:
    world.rows = []
    world.failure = Offline("The index is away.", "Try again.")
    window.inbox.show_queue("all")
    qtbot.waitUntil(lambda: "The index is away." in window.list.empty.sentence or window.inbox.problem is not None)


def test_change_sets_keep_selection_and_scroll(window: MainWindow, world: World, qtbot: QtBot) -> None:
    world.rows = [make_row(number) for number in range(90)]
    window.inbox.show_queue("all")
    qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 90)
    view = window.list.list
    view.show_row(40)
    view.verticalScrollBar().setValue(38 * 64 + 20)
    top = view.indexAt(view.rect().topLeft()).data()
    world.rows = [make_row(number, sort_key=number) for number in range(200, 215)] + world.rows[5:]
    ids = [f"c{number:06}" for number in (*range(5), *range(200, 215))]
    with qtbot.assertNotEmitted(window.inbox.model.modelReset):
        world.bus.publish(ConversationsChanged(tuple(ids)))
        qtbot.waitUntil(lambda: window.inbox.model.rowCount() == 100)
    assert current(window) == "c000040"
    assert view.indexAt(view.rect().topLeft()).data() == top
    assert view.verticalScrollBar().value() == 48 * 64 + 20


def test_a_conversation_that_stays_open_is_read(window: MainWindow, world: World, qtbot: QtBot) -> None:
    world.change(["c000000"], unread=True)
    qtbot.waitUntil(lambda: window.inbox.model.row(0).unread)
    window.activateWindow()
    press(qtbot, window, "j")
    qtbot.waitUntil(lambda: world.called("mark_read") == [(("c000000",), True)], timeout=3_000)


def test_columns_fold_and_nothing_is_cut(window: MainWindow, qtbot: QtBot) -> None:
    widgets = (window.queues, window.list, window.middle, window.case)
    window.list.list.show_row(0)
    for width, shown in ((1280, 4), (1024, 4), (960, 3), (820, 2), (560, 1)):
        window.resize(width, 700)
        qtbot.wait(1)
        assert sum(widget.isVisible() for widget in widgets) == shown, width
        assert window.width() == width
    window.actions_.action("list.back").trigger()
    assert window.list.isVisible()
    assert not window.middle.isVisible()


def test_columns_hide_by_key_and_are_remembered(window: MainWindow, settings: Settings, qtbot: QtBot) -> None:
    hit(window, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert window.case.isHidden()
    assert not window.actions_.action("view.case").isChecked()
    window.close()
    assert columns.load(settings).hidden == ["case"]
    assert len(columns.load(settings).columns) == 4


def test_the_palette_finds_actions_queues_and_conversations(window: MainWindow, world: World, qtbot: QtBot) -> None:
    hit(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is window.palette_.field
    press(qtbot, window, "no resp")
    assert window.palette_.entries()[0] == "No response needed"
    window.palette_.field.setText("snoozed")
    assert window.palette_.entries()[0] == "Snoozed"
    window.palette_.field.setText("parcel 6")
    qtbot.waitUntil(lambda: "Buyer 6 · Where is parcel 6?" in window.palette_.entries())
    window.palette_.list.setCurrentRow(window.palette_.entries().index("Buyer 6 · Where is parcel 6?"))
    hit(window.palette_.field, Qt.Key.Key_Return)
    assert window.conversation_id == "c000006"
    assert window.palette_.isHidden()


def test_escape_leaves_the_palette_where_the_focus_was(window: MainWindow, qtbot: QtBot) -> None:
    hit(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    hit(window.palette_.field, Qt.Key.Key_Escape)
    assert QApplication.focusWidget() is window.list.list


def test_every_key_is_on_the_cheat_sheet(window: MainWindow, actions: Actions, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QLabel

    press(qtbot, window, "?")
    sheet = window.findChild(CheatSheet)
    assert sheet is not None
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {actions.hint(spec.id) for spec in actions.specs() if spec.keys} <= texts
    sheet.reject()


def test_every_focusable_widget_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, "j")
    qtbot.wait(100)
    assert a11y.unnamed(window) == []
    for name in ("file.connect", "file.source", "file.hub", "app.settings", "app.help"):
        window.actions_.action(name).trigger()
        dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
        assert a11y.unnamed(dialog) == []
        dialog.reject()
        dialog.setParent(None)


def test_known_failures_reach_the_toast(window: MainWindow, bridge: Bridge, qtbot: QtBot) -> None:
    bridge.problem.emit(InputError("That cannot be.", "Do it otherwise."))
    assert window.toast.text == "That cannot be. Do it otherwise."
    assert not window.toast.can_undo


def test_without_a_mailbox_the_first_steps_are_shown(
    bridge: Bridge, world: World, actions: Actions, settings: Settings, qtbot: QtBot,
) -> None:
    world.rows = []
    made = MainWindow(bridge, actions, settings)
    qtbot.addWidget(made)
    made.show()
    made.complete()
    made.start_again()
    qtbot.waitUntil(made.first_run.isVisible)
    world.rows = [make_row(1)]
    world.bus.publish(ConversationsChanged(("c000001",)))
    qtbot.waitUntil(lambda: not made.first_run.isVisible())


def test_snooze_offers_times_and_snoozes_until_then(window: MainWindow, world: World, qtbot: QtBot) -> None:
    press(qtbot, window, "j")
    press(qtbot, window, "b")
    picker = window.list.pickers().picker
    assert [line for line in picker.lines() if line.startswith("In 3 hours   ")]
    hit(picker.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(world.called("snooze")))
    assert world.called("snooze") == [("c000000",)]


def test_offline_is_said_with_one_action(window: MainWindow, world: World, bridge: Bridge, qtbot: QtBot) -> None:
    from PySide6.QtWidgets import QPushButton

    server = ServerSettings("127.0.0.1", 993)
    world.accounts = [Account("a", AccountSettings("s@example.test", "s", server, server), "offline", "No network.")]
    world.bus.publish(AccountStatusChanged("a", "offline", "No network."))
    qtbot.waitUntil(window.list.offline.isVisible)
    assert "offline" in window.status.text
    button = window.list.offline.findChild(QPushButton)
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: bool(world.called("fetch_now")))
    world.accounts = [Account("a", world.accounts[0].settings, "online")]
    world.bus.publish(AccountStatusChanged("a", "online"))
    qtbot.waitUntil(lambda: not window.list.offline.isVisible())
