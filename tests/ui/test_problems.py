"""The panel of what failed: by keyboard alone, one item at a time, with honest words and nothing repeated blindly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World, make_row
from tests.support.fakecore_rest import FakeProblems
from ui import a11y
from ui.bridge import Bridge
from ui.problems.list_model import ProblemModel
from ui.problems.view import ProblemsPanel
from ui.shell.drawer import WIDTH
from ui.shell.status import Part, State, StatusPresenter, parts
from ui.shell.window import MainWindow
from ui.theme import theme
from ui.widgets.link import Link
from workstation.domain.problem import Problem, ProblemKind
from workstation.domain.states import Delivery
from workstation.drafts.model import Outgoing
from workstation.kernel.actions import Action
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import Offline
from workstation.sync.model import SyncStatus

FAILED = Problem(
    "reply:o1", ProblemKind.REPLY, "fail", "The reply to Ana was not sent.", "550 no such user.", "The reply is kept.",
    "Put it right and try again.", NOW, (Action.RETRY, Action.TAKE_BACK, Action.OPEN_CONVERSATION), "c000004")
UNKNOWN = Problem(
    "reply:o2", ProblemKind.REPLY, "unknown", "It is not known whether the reply to Bo arrived.", "It was cut.",
    "Kept.", "Look.", NOW, (Action.LOOK_AGAIN, Action.ARRIVED, Action.SEND_AGAIN), "c000002")
IMPORT = Problem(
    "import:1", ProblemKind.IMPORT, "warn", "2 rows of a.csv could not be used.", "", "The rest is imported.",
    "Put these right.", NOW, (Action.SHOW_FILE, Action.CHOOSE_ORDERS, Action.DISMISS), place="/nowhere/a.csv",
    details=("line 2: no number", "line 9: no date"))
MAILBOX = Problem("mailbox:a", ProblemKind.MAILBOX, "fail", "The mailbox lets nobody in.", "Wrong password.", "", "",
                  NOW, (Action.SIGN_IN, Action.RETRY, Action.DISMISS))


@pytest.fixture
def problems(bridge: Bridge) -> FakeProblems:
    assert bridge.core is not None
    assert isinstance(bridge.core.problems, FakeProblems)
    return bridge.core.problems


@pytest.fixture
def panel(bridge: Bridge, problems: FakeProblems, qtbot: QtBot) -> ProblemsPanel:
    problems.put(FAILED, UNKNOWN, IMPORT, MAILBOX)
    made = ProblemsPanel(bridge)
    made.resize(WIDTH, 700)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.model.rowCount() == 4)
    return made


def key(widget: QWidget, what: Qt.Key) -> None:
    QTest.keyClick(QApplication.focusWidget() or widget, what)


def act(problems: FakeProblems) -> list[object]:
    return problems.world.called("act")


def test_the_list_and_the_item_in_words(panel: ProblemsPanel) -> None:
    assert panel.lines == [
        "✕ The reply to Ana was not sent.", "? It is not known whether the reply to Bo arrived.",
        "! 2 rows of a.csv could not be used.", "✕ The mailbox lets nobody in."]
    assert panel.title.full_text == "4 need a look"
    assert [button.text() for button in panel.detail.buttons.values()] == [
        "Try again", "Take back as draft", "Open the conversation"]
    assert a11y.unnamed(panel) == []


def test_a_screen_reader_gets_a_list_with_whole_sentences(panel: ProblemsPanel) -> None:
    interface = QAccessible.queryAccessibleInterface(panel.list)
    assert interface.role() == QAccessible.Role.List
    assert interface.text(QAccessible.Text.Name) == "What needs a look"
    said = [interface.child(at).text(QAccessible.Text.Name) for at in range(interface.childCount())]
    assert len(said) == 4
    assert said[0].startswith("fail. The reply to Ana was not sent. 550 no such user.")


def test_by_keyboard_alone(panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot) -> None:
    panel.activateWindow()
    panel.focus_first()
    assert QApplication.focusWidget() is panel.list
    key(panel, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is panel.detail.buttons[Action.RETRY]
    key(panel, Qt.Key.Key_Tab)
    key(panel, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 3)
    assert act(problems) == [("reply:o1", Action.TAKE_BACK)]
    qtbot.waitUntil(lambda: QApplication.focusWidget() is panel.list)
    key(panel, Qt.Key.Key_End)
    current = panel.current()
    assert current is not None
    assert current.id == "mailbox:a"
    key(panel, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert act(problems)[-1] == ("mailbox:a", Action.DISMISS)
    with qtbot.waitSignal(panel.closed):
        key(panel, Qt.Key.Key_Escape)


def test_delete_dismisses_only_what_may_be_dismissed(
    panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot,
) -> None:
    panel.activateWindow()
    panel.focus_first()
    key(panel, Qt.Key.Key_Delete)
    qtbot.wait(20)
    assert act(problems) == []


def test_a_reply_of_unknown_outcome_is_sent_again_only_after_a_second_yes(
    panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot,
) -> None:
    panel.activateWindow()
    panel.choose("reply:o2")
    panel.detail.buttons[Action.SEND_AGAIN].click()
    focused = QApplication.focusWidget()
    assert isinstance(focused, QPushButton)
    assert focused.text() == "No, leave it"
    key(panel, Qt.Key.Key_Space)
    qtbot.wait(20)
    assert act(problems) == []
    assert panel.detail.buttons[Action.LOOK_AGAIN].isVisible()
    panel.detail.buttons[Action.SEND_AGAIN].click()
    next(b for b in panel.detail.findChildren(QPushButton) if b.text() == "Yes, send it again").click()
    qtbot.waitUntil(lambda: act(problems) == [("reply:o2", Action.SEND_AGAIN)])


def test_trying_all_again_tries_only_what_may_be_repeated(
    panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot,
) -> None:
    panel.all.click()
    assert panel.title.full_text == "Trying 1 of 2"
    qtbot.waitUntil(lambda: panel.model.rowCount() == 2)
    assert act(problems) == [("reply:o1", Action.RETRY), ("mailbox:a", Action.RETRY)]
    qtbot.waitUntil(lambda: panel.title.full_text == "2 need a look")


def test_what_came_of_a_try_stands_beside_its_item(
    panel: ProblemsPanel, world: World, qtbot: QtBot,
) -> None:
    world.failure = Offline("No network.", "Check it.")
    panel.detail.buttons[Action.RETRY].click()
    assert not panel.detail.buttons[Action.RETRY].isEnabled()
    qtbot.waitUntil(lambda: panel.presenter.said == {"reply:o1": "No network. Check it."})
    assert panel.detail.buttons[Action.RETRY].isEnabled()
    panel.choose("reply:o2")
    panel.choose("reply:o1")
    assert "No network. Check it." in [label.text() for label in panel.detail.findChildren(QWidget)
                                       if hasattr(label, "text") and label.isVisible()]


def test_an_empty_list_says_so(panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot) -> None:
    problems.put()
    qtbot.waitUntil(panel.empty.isVisible)
    assert panel.empty.sentence == "Nothing failed."
    assert not panel.list.isVisible()


def test_a_new_list_keeps_the_item_that_is_looked_at(
    panel: ProblemsPanel, problems: FakeProblems, qtbot: QtBot,
) -> None:
    panel.choose("import:1")
    with qtbot.assertNotEmitted(panel.model.modelReset):
        problems.put(MAILBOX, replace(FAILED, id="reply:o9"), IMPORT)
        qtbot.waitUntil(lambda: panel.model.rowCount() == 3)
    current = panel.current()
    assert current is not None
    assert current.id == "import:1"


def test_rows_follow_any_other_list(qtbot: QtBot) -> None:
    import itertools

    every = (FAILED, UNKNOWN, IMPORT, MAILBOX)
    for before in itertools.permutations(every, 3):
        for after in itertools.permutations(every, 2):
            model = ProblemModel(clock=FixedClock(NOW))
            model.show(before)
            model.show(after)
            assert [model.row(at) for at in range(model.rowCount())] == list(after)


def test_g_p_opens_beside_the_conversation_and_escape_gives_the_focus_back(
    window: MainWindow, problems: FakeProblems, qtbot: QtBot,
) -> None:
    problems.put(FAILED)
    window.activateWindow()
    for letter in "gp":
        QTest.keyClicks(QApplication.focusWidget() or window, letter)
    panel = window.drawer.panel
    assert panel is not None
    assert window.drawer.isVisible()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    assert QApplication.focusWidget() is panel.list, "also when what failed came after the panel"
    assert window.list.isVisible()
    assert window.middle.isVisible()
    panel.detail.choose(Action.OPEN_CONVERSATION)
    assert window.conversation_id == "c000004"
    assert window.drawer.isVisible(), "the panel stays while one works through it"
    panel.focus_first()
    key(window, Qt.Key.Key_Escape)
    assert not window.drawer.isVisible()
    assert QApplication.focusWidget() is window.list.list


def test_the_panel_never_cuts_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.drawer.open()
    for width, covers in ((1280, False), (760, False), (560, True)):
        window.resize(width, 700)
        qtbot.wait(1)
        assert window.width() == width
        assert window.drawer.width() == (width if covers else WIDTH)
        assert window.middle.isVisible() or window.list.isVisible() or covers
    assert a11y.unnamed(window.drawer) == []


@pytest.mark.parametrize("look", ["light", "dark", "contrast"])
def test_the_panel_is_drawn_in_every_look(panel: ProblemsPanel, look: str) -> None:
    theme().apply(look)
    picture = panel.grab().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(0, 360, 3) for y in range(60, 260, 3)}
    assert len(colours) > 6


def test_the_status_line_counts_and_opens(window: MainWindow, problems: FakeProblems, qtbot: QtBot) -> None:
    problems.put(FAILED, UNKNOWN)
    qtbot.waitUntil(lambda: "2 need a look" in window.status.text)
    height = window.status.height()
    link = window.status.findChild(Link)
    assert link is not None
    assert (link.text(), link.focusPolicy()) == ("2 need a look", Qt.FocusPolicy.TabFocus)
    link.setFocus()
    QTest.keyClick(link, Qt.Key.Key_Return)
    assert window.drawer.isVisible()
    problems.put()
    qtbot.waitUntil(lambda: "need a look" not in window.status.text)
    assert window.status.height() == height, "nothing moves when something fails"


def test_the_status_line_says_how_old_it_is(bridge: Bridge, world: World, qtbot: QtBot) -> None:
    clock = FixedClock(NOW)
    presenter = StatusPresenter(bridge, clock=clock)
    presenter.refresh()
    qtbot.waitUntil(lambda: presenter.state.read_at == NOW)
    assert not presenter.state.stale
    clock.advance(10 * 60_000)
    presenter._on_time()
    assert presenter.state.stale
    assert parts(presenter.state)[0].text.startswith("as it was at ")
    qtbot.waitUntil(lambda: not presenter.state.stale)
    presenter.deleteLater()


@pytest.mark.parametrize(("state", "expected"), [
    (State(SyncStatus(True, False, 0, 0, 0, NOW, True, "Away."), ()), Part("hub away, last copied ", "warn")),
    (State(None, (), (Outgoing("o", "c", "<m>", "", Delivery.SENDING, 0, 0, ""),)), Part("sending", "pending")),
    (State(problems=1), Part("1 needs a look", "warn")),
])
def test_the_status_line_tells_the_truth(state: State, expected: Part) -> None:
    assert any(part.text.startswith(expected.text) and part.mark == expected.mark for part in parts(state))


def test_a_row_for_the_world() -> None:
    """The fake's conversations are those the problems above name."""
    assert {FAILED.conversation_id, UNKNOWN.conversation_id} <= {make_row(number).id for number in range(10)}
