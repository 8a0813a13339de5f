"""A working day by the keyboard alone: more than fifty different things an agent does, each seen on the screen.

In the real window over the real core and the demo's own servers. What was pressed, what was seen and how long that took
is kept as JSON in the test's folder; the line that sums it up is printed (`pytest -s`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCalendarWidget,
    QComboBox,
    QDialog,
    QFileDialog,
    QMenu,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from tests.support.accessible import spoken_name
from tests.support.recording import PATIENCE_MS, Recording, heard
from tests.support.window import Key, Person, at_the_window
from ui.conversation.source import SourceWindow
from ui.conversation.viewer import PictureWindow
from ui.conversation.windows import TextWindow
from ui.evidence.region import RegionOverlay
from ui.settings.dialog import SettingsDialog
from ui.shell.cheatsheet import CheatSheet
from workstation.inbox.model import ConversationRow

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(200)]
WANTED = 50
QUEUES = (("G, U", "unassigned"), ("G, W", "unanswered"), ("G, B", "breaching"), ("G, V", "review"), ("G, M", "mine"),
          ("G, F", "failed"), ("G, R", "resolved"), ("G, A", "all"), ("G, I", "open"))
REPLY = "Hello Owen, we are sorry. We refund order 204-7719003-5528116 today."


def test_fifty_actions_with_nothing_but_keys(tmp_path: Path, qtbot: QtBot) -> None:
    """The list: queues, search, views, selections, and everything that is done to conversations."""
    with at_the_window(tmp_path, qtbot) as person:
        day = begun(person)
        day.work(day.walking, day.queues, day.searching, day.views, day.selecting, day.one_by_one, day.merging)
        print(f"\n{day.to.write(tmp_path / 'fifty-keys.json')}")
    assert len(day.to.actions) >= WANTED
    assert day.to.slowest.ms <= PATIENCE_MS, day.to.slowest


@pytest.mark.long
def test_the_rest_of_the_day_with_nothing_but_keys(tmp_path: Path, qtbot: QtBot) -> None:
    """The conversation, its checks and customer, the answer, evidence, the palette, settings and columns."""
    with at_the_window(tmp_path, qtbot) as person:
        person.stray.meant += (RegionOverlay, QAbstractItemView)
        day = begun(person)
        day.work(day.reading, day.splitting, day.checking, day.customers, day.answering, day.evidence, day.palette,
                 day.settings, day.columns)
        print(f"\n{day.to.write(tmp_path / 'rest-of-the-day.json')}")
    assert len(day.to.actions) >= WANTED - 10
    assert day.to.slowest.ms <= PATIENCE_MS, day.to.slowest


def begun(person: Person) -> Day:
    """When everything has arrived."""
    person.see("every conversation", lambda: len(person.rows()) >= 20)
    person.see("the core has settled", lambda: person.status.startswith("online"))
    return Day(person)


class Day:
    """One agent at one window; `to.do` is a key, and what is to be seen after it."""

    def __init__(self, person: Person) -> None:
        self.person, self.to = person, Recording(person)
        self.window = person.window
        self.list = self.window.list.list
        self.timeline = self.window.middle.conversation.timeline
        self.composer = self.window.middle.composer

    def work(self, *parts: Callable[[], None]) -> None:
        for part in parts:
            part()

    # what a person sees

    def at(self) -> int:
        return self.list.currentIndex().row()

    def current(self) -> ConversationRow:
        row = self.window.list.current()
        assert row is not None
        return row

    def rows(self) -> list[ConversationRow]:
        """The rows that are loaded."""
        model = self.window.inbox.model
        return [row for at in range(model.rowCount()) if (row := model.at(at)) is not None]

    def runs(self, conversation_id: str) -> bool:
        """Whether a clock runs for it, as far as it is listed."""
        row = self.person.row(conversation_id)
        return row is not None and row.due_at is not None

    def named(self, part: str) -> bool:
        """Whether what has the focus says so."""
        focused = QApplication.focusWidget()
        return focused is not None and part in spoken_name(focused)

    def within(self, area: object) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and getattr(area, "isAncestorOf")(focused)  # noqa: B009 - any widget

    def back(self) -> None:
        self.person.return_to_the_window()

    def open(self, who: str) -> ConversationRow:
        """Walk to a buyer's conversation and see it open."""
        if not self.list.hasFocus():
            self.to.press("U")
        row = self.walk(who)
        self.person.see(f"{who} is open", lambda: self.window.conversation_id == row.id and bool(
            self.timeline.bubbles()) and self.composer.presenter.editable)
        return row

    def walk(self, who: str) -> ConversationRow:
        """With J and K where it is near; from afar by the palette, which opens nothing on the way."""
        self.person.see(f"{who} is listed", lambda: any(row.who == who for row in self.rows()))
        target = next(at for at, row in enumerate(self.rows()) if row.who == who)
        if abs(target - self.at()) > 2:
            self.pick(who, "conversation:")
            self.to.press("Return")
            self.person.see(f"{who} is current", lambda: self.at() == target)
            self.to.press("U")
        return self.person.walk_to(lambda row: row.who == who)

    def tab_to(self, part: str) -> None:
        """Tab until what has the focus says so."""
        for _press in range(40):
            if self.named(part):
                return
            self.person.press(Key.Key_Tab)
        raise AssertionError(f"{part!r} is not reached by Tab")

    def picker(self) -> list[str]:
        shown = self.window.list.pickers().picker
        return shown.lines() if shown.isVisible() else []

    def undo(self, action: str, seen: str, fact: object) -> None:
        assert callable(fact)
        self.person.see("there is something to undo", lambda: self.window.toast.can_undo)
        self.to.do(f"undo: {action}", "Z", seen, fact)

    # the day

    def walking(self) -> None:
        do = self.to.do
        do("next conversation", "J", "the first is open", lambda: self.at() == 0 and bool(self.window.conversation_id))
        do("walk on", "J", "the second is open", lambda: self.current().id == self.window.conversation_id)
        do("previous conversation", "K", "the first again", lambda: self.at() == 0)
        do("open", "O", "the focus is in it", lambda: self.within(self.window.middle.conversation))
        do("back", "U", "the focus is in the list", self.list.hasFocus)

    def queues(self) -> None:
        inbox = self.window.inbox
        for keys, queue in QUEUES:
            self.to.do(f"queue {queue}", keys, "it is shown", lambda name=queue: inbox.queue == name  # type: ignore[misc]
                       and not inbox.loading)
        self.person.see("the inbox again", lambda: len(self.rows()) >= 20)

    def searching(self) -> None:
        do, column = self.to.do, self.window.list
        do("search", "/", "the cursor is in the search box", column.search.hasFocus)
        do("search as typed", "", "only what fits", lambda: 0 < len(self.rows()) < 10, "refund")
        do("clear the search", "Escape", "the whole queue", lambda: len(self.rows()) >= 20)
        do("begin an operator", "/", "it is offered", lambda: column.help is not None
           and column.help.offers.isVisible(), "lang:p")
        self.to.press("Down")
        do("take what is offered", "Return", "a chip, and only Portuguese", lambda: column.help is not None and any(
            "pt" in said for said in column.help.chips()) and {row.language for row in self.rows()} == {"pt"})
        do("to the hits", "Return", "the first hit has the focus", lambda: self.list.hasFocus() and self.at() == 0)
        do("walk the hits", "J", "the second hit is open", lambda: self.at() == 1
           and self.current().id == self.window.conversation_id)

    def views(self) -> None:
        do, inbox = self.to.do, self.window.inbox
        do("save a view", "Ctrl+Shift+V", "its name is asked", lambda: bool(self.picker()), "Lisbon desk")
        do("name the view", "Return", "it stands in the left column", lambda: any(
            queue.title == "Lisbon desk" for queue in inbox.queues))
        do("leave the search", "/, Escape", "the whole queue", lambda: len(self.rows()) >= 20)
        self.run("open a view", "Lisbon desk", "only Portuguese", lambda: inbox.queue.startswith("view:") and {
            row.language for row in self.rows()} == {"pt"})
        self.run("remove a view", "Remove the view", "it is gone", lambda: inbox.queue == "open" and not any(
            queue.title == "Lisbon desk" for queue in inbox.queues) and len(self.rows()) >= 20)

    def run(self, action: str, typed: str, seen: str, fact: object, kind: str = "") -> None:
        """By the palette."""
        assert callable(fact)
        self.pick(typed, kind)
        self.to.do(action, "Return", seen, fact)

    def pick(self, typed: str, kind: str = "") -> None:
        """The first line of the palette, of a kind when one is named, that has what is typed."""
        shown = self.window.palette_
        self.to.press("Ctrl+K")
        self.person.write(typed)

        def fitting() -> list[int]:
            listed = [shown.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(shown.list.count())]
            return [at for at, one in enumerate(listed) if typed in one.text and one.id.startswith(kind)]

        self.person.see(f"{typed} is listed", lambda: bool(fitting()))
        for _step in range(60):     # what is found later comes in between, as a person would see
            wanted = fitting()
            if shown.list.currentRow() in wanted:
                return
            self.person.press(Key.Key_Down if shown.list.currentRow() < wanted[0] else Key.Key_Up)
        raise AssertionError(f"{typed} is not reached")

    def selecting(self) -> None:
        do = self.to.do
        self.to.press("Home" if self.list.hasFocus() else "U, Home")
        do("select", "X", "one is selected", lambda: self.list.picked_count() == 1)
        do("extend the selection", "Shift+J", "two are selected", lambda: self.list.picked_count() == 2)
        do("extend back", "Shift+K", "one is selected", lambda: self.list.picked_count() == 1)
        do("select the queue", "Ctrl+A", "the bar says all", lambda: self.window.list.bar is not None
           and self.list.picked_count() == len(self.rows()))
        do("let go", "Escape", "nothing is selected", lambda: self.list.picked_count() == 0)
        self.to.press("X, Shift+J")
        ids = self.list.ids()
        do("tag several", "L", "the tags are offered", lambda: any("vip" in line for line in self.picker()), "vip")
        do("take the tag", "Return", "both have it", lambda: all("vip" in self.row(one).tags for one in ids))
        self.undo("tags", "neither has it", lambda: not any("vip" in self.row(one).tags for one in ids))
        do("assign several", "A", "people are offered", lambda: bool(self.picker()))
        do("take them myself", "Return", "both are mine", lambda: all(self.row(one).assignee for one in ids))
        self.to.press("Escape")

    def row(self, conversation_id: str) -> ConversationRow:
        row = self.person.row(conversation_id)
        assert row is not None
        return row

    def one_by_one(self) -> None:
        do, inbox = self.to.do, self.window.inbox
        one = self.open("Gonzalo Iriarte").id
        do("snooze in words", "B", "the time is understood", lambda: any(
            "in 2 hours" in line for line in self.picker()), "in 2 hours")
        do("take the time", "Return", "it left the inbox", lambda: self.person.row(one) is None)
        do("queue snoozed", "G, Z", "it is there", lambda: inbox.queue == "snoozed"
           and self.person.row(one) is not None)
        self.person.walk_to(lambda row: row.id == one)
        do("wake", "Shift+O", "it left the snoozed", lambda: self.person.row(one) is None)
        do("queue open again", "G, I", "it is back", lambda: self.person.row(one) is not None)
        self.person.walk_to(lambda row: row.id == one)
        do("mute", "Ctrl+M", "it is muted", lambda: self.row(one).muted)
        do("hear again", "Ctrl+M", "it is not", lambda: not self.row(one).muted)
        do("ask for a second look", "Shift+V", "it is marked", lambda: self.row(one).review)
        do("mark as unread", "Shift+U", "it is bold", lambda: self.row(one).unread)
        do("mark as read", "Shift+I", "it is not", lambda: not self.row(one).unread)
        do("no response needed", "#", "its clock is gone", lambda: not self.runs(one))
        self.undo("no response needed", "its clock runs", lambda: self.runs(one))
        do("resolve", "E", "it left the inbox", lambda: self.person.row(one) is None)
        self.undo("resolve", "it is back", lambda: self.person.row(one) is not None)
        two = self.walk("Callum Reyes").id
        do("resolve and next", "Shift+E", "the next is open", lambda: self.person.row(two) is None
           and self.window.conversation_id not in (two, None))
        do("queue of the resolved", "G, R", "it is there", lambda: self.person.row(two) is not None)
        self.person.walk_to(lambda row: row.id == two)
        do("reopen", "Shift+O", "it left the resolved", lambda: self.person.row(two) is None)
        self.to.press("G, I")
        self.person.see("the inbox", lambda: self.person.row(two) is not None)

    def merging(self) -> None:
        self.walk("Priya Venkataraman")
        self.to.press("X")
        self.person.walk_to(lambda row: row.who == "Carla Menezes")
        self.to.press("X")
        first, second = self.list.ids()
        self.to.do("merge", "M", "two are one", lambda: self.person.row(second) is None)
        self.to.press("Escape")
        self.person.walk_to(lambda row: row.id == first)
        self.person.see("it is open", lambda: self.window.conversation_id == first)
        self.run("part again", "Part what", "one is two", lambda: self.person.row(second) is not None)

    def reading(self) -> None:
        do = self.to.do
        self.open("Owen Tarrant")
        self.person.see("three messages", lambda: len(self.timeline.bubbles()) == 3)
        self.to.press("O")
        self.to.press("[, [, [")
        do("next message", "]", "the second has the focus", lambda: self.at_message() == 1)
        do("previous message", "[", "the first has it", lambda: self.at_message() == 0)
        self.to.press("]")
        bubble = self.timeline.current_bubble()
        assert bubble is not None
        before = bubble.reading.quoted
        do("quoted text", "Q", "it is unfolded", lambda: bubble.reading.quoted is not before)
        do("the message's source", "Ctrl+U", "as it came", lambda: isinstance(
            QApplication.activeWindow(), SourceWindow))
        self.to.press("Escape")
        self.back()
        do("go to a day", "Ctrl+G", "a calendar", lambda: isinstance(QApplication.focusWidget(), QCalendarWidget)
           or bool(QApplication.activePopupWidget()))
        self.to.press("Escape")
        self.back()
        self.open("Tiago Nogueira")
        do("side by side", "Shift+T", "both texts", lambda: len(self.timeline.bubbles()[0].shown_texts()) == 2)
        do("one text again", "Shift+T", "one text", lambda: len(self.timeline.bubbles()[0].shown_texts()) == 1)
        said = self.timeline.bubbles()[0].shown_texts()
        do("the original", "T", "other words", lambda: self.timeline.bubbles()[0].shown_texts() != said)
        self.to.press("T, O")
        self.tab_to("View caixa")
        do("look at a picture", "Space", "it is shown", lambda: isinstance(QApplication.activeWindow(), PictureWindow))
        self.to.press("Escape")
        self.back()

    def at_message(self) -> int:
        current = self.timeline.current_bubble()
        return self.timeline.bubbles().index(current) if current is not None else -1

    def splitting(self) -> None:
        before = len(self.rows())
        self.open("Nerea Azpiroz")
        self.person.see("three messages", lambda: len(self.timeline.bubbles()) == 3)
        self.to.press("O")
        bar = self.window.middle.conversation.selection
        self.to.do("select a message", "Shift+X", "the bar says one", bar.isVisible)
        self.to.do("split", "Shift+M", "a conversation more", lambda: len(self.rows()) == before + 1)
        self.undo("split", "as before", lambda: len(self.rows()) == before)

    def checking(self) -> None:
        do, panel = self.to.do, self.window.case.panel
        self.open("Mariana Duarte")
        self.person.see("six checks", lambda: len(panel.rows) == 6 and sum(
            row.isVisible() and bool(row.check.answer_id) for row in panel.rows) >= 4)
        do("go to the checks", "C", "one has the focus", lambda: any(row.head.hasFocus() for row in panel.rows))
        row = next(row for row in panel.rows if row.head.hasFocus())
        do("why", "W", "it is unfolded", row.head.isChecked)
        do("the raw answer", "Return", "it is shown", lambda: isinstance(QApplication.activeWindow(), TextWindow))
        self.to.press("Escape")
        self.back()
        do("check again", "Shift+R", "the sources are asked", lambda: all(
            not row.line.endswith("hours ago)") for row in panel.rows))
        do("another order", "Shift+L", "an order is asked for", lambda: QApplication.focusWidget() is not row.head
           and bool(heard()))
        do("leave it", "Escape", "the keys are at the checks", lambda: any(one.head.hasFocus() for one in panel.rows))
        do("correct what it is about", "I", "the choices", lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        before = self.window.middle.triage.triage
        line = next(line for line in menu.actions() if "&" in line.text() and not line.isChecked())
        key = line.text().partition("&")[2][0]
        do("take another", key, "it is kept", lambda: self.window.middle.triage.triage != before)
        self.undo("triage", "as before", lambda: self.window.middle.triage.triage is not None)

    def customers(self) -> None:
        section = self.window.case.customer
        self.open("Jesse Farrow")
        self.person.see("a proposal", lambda: "May be the same person" in section.text)
        self.to.do("go to the customer", "Shift+C", "a button of theirs", lambda: self.within(section))
        self.tab_to("same person")
        self.to.do("merge customers", "Space", "both names", lambda: "Also " in section.text)
        self.to.press("Shift+C")
        self.tab_to("part them")
        self.to.do("part customers", "Space", "one name", lambda: "Also " not in section.text)

    def answering(self) -> None:
        do, composer = self.to.do, self.composer
        row = self.open("Owen Tarrant")
        do("write a note", "N", "the note has the cursor", composer.body.hasFocus, "Ask the carrier.")
        self.to.press("Escape")
        do("reply", "R", "the reply has the cursor, not the note", lambda: composer.body.hasFocus()
           and composer.body.toPlainText() == REPLY, REPLY)
        file = self.person.run.program.settings.folder / "proof.txt"
        file.write_text("for the buyer", "utf-8")
        do("attach a file", "Ctrl+Shift+A", "a file is asked for", lambda: isinstance(
            QApplication.activeWindow(), QFileDialog))
        self.person.write(str(file))
        do("choose the file", "Return", "it is in the reply", lambda: bool(
            composer.presenter.draft and composer.presenter.draft.files))
        self.back()
        do("translate now", "Ctrl+T", "nothing is waited for", lambda: not composer.presenter.unsaved)
        self.send(row)

    def send(self, row: ConversationRow) -> None:
        do, composer = self.to.do, self.composer
        self.person.see("nothing stops it", lambda: not composer.presenter.blockers and not composer.presenter.unsaved)
        do("send", "Ctrl+Return", "it is held", lambda: "leaves in" in self.person.toast)
        do("take the send back", "Z", "the draft is back", lambda: composer.body.toPlainText() == REPLY)
        self.to.press("Ctrl+Return")
        do("send again", "", "it left", lambda: len(self.person.world.mail.received) == 1
           and not self.row(row.id).unanswered)

    def evidence(self) -> None:
        strip = self.window.case.panel.evidence
        self.open("Mariana Duarte")
        self.to.do("capture the screen", "Ctrl+Shift+S", "it is in the strip", lambda: strip.list.count() == 1)
        self.to.do("choose a region", "Ctrl+Shift+X", "the picture to choose from", lambda: isinstance(
            QApplication.focusWidget(), RegionOverlay))
        self.to.do("keep the region", "Return", "two in the strip", lambda: strip.list.count() == 2)
        self.back()

    def palette(self) -> None:
        inbox = self.window.inbox
        self.to.press("U")
        self.run("an action by the palette", "Unassigned", "the queue", lambda: inbox.queue == "unassigned")
        self.run("a person by the palette", "Mariana Duarte", "theirs", lambda: [
            row.who for row in self.rows()] == ["Mariana Duarte"], "person:")
        self.to.press("Escape")
        self.run("an order by the palette", "702-5512873", "about it", lambda: [
            row.who for row in self.rows()] == ["Mariana Duarte"], "order:")
        self.to.press("Escape, G, I")
        self.person.see("the inbox", lambda: len(self.rows()) >= 20)

    def settings(self) -> None:
        do, actions = self.to.do, self.window.actions_
        do("all keys", "?", "a page of them", lambda: isinstance(QApplication.activeWindow(), CheatSheet))
        sheet = QApplication.activeWindow()
        assert isinstance(sheet, CheatSheet)
        do("find a key", "", "only what fits", lambda: 0 < len(sheet.lines()) < 6, "resolve")
        self.to.press("Escape")
        self.back()
        do("settings", "Ctrl+,", "they are open", lambda: isinstance(QApplication.activeWindow(), SettingsDialog))
        dialog = QApplication.activeWindow()
        assert isinstance(dialog, SettingsDialog)
        do("another page", "Ctrl+Tab", "the keys", dialog.keys_page.isVisible)
        for _press in range(10):
            if QApplication.focusWidget() is dialog.keys_page.preset:
                break
            self.person.press(Key.Key_Tab)
        assert isinstance(heard(), QComboBox)
        do("keys as in Gmail", "Down", "D writes a note", lambda: actions.hint("composer.note") == "D")
        do("our keys", "Up", "N does", lambda: actions.hint("composer.note") == "N")
        self.to.press("Escape")
        self.person.see("the settings are gone", lambda: not any(
            isinstance(one, QDialog) for one in self.person.windows()))
        self.back()

    def columns(self) -> None:
        do, window = self.to.do, self.window
        do("fold the queues", "Ctrl+1", "they are gone", lambda: not window.queues.isVisible())
        do("unfold the queues", "Ctrl+1", "they are back", window.queues.isVisible)
        do("fold the case", "Ctrl+3", "it is gone", lambda: not window.case.isVisible())
        do("unfold the case", "Ctrl+3", "it is back", window.case.isVisible)
        before = heard()
        do("next area", "F6", "the focus is elsewhere", lambda: QApplication.focusWidget() is not before)
        do("previous area", "Shift+F6", "the focus is back", lambda: QApplication.focusWidget() is before)
        do("what needs a look", "G, P", "the list of problems", window.drawer.isVisible)
        self.to.press("G, P")
        do("fetch mail", "F5", "online", lambda: self.person.status.startswith("online"))
        assert not any(isinstance(one, QPushButton) for one in self.person.windows())
