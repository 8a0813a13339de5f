"""A working day by the keyboard alone: more than fifty different things an agent does, each seen on the screen.

In the real window over the real core and the demo's own servers. What was pressed, what was seen and how long that took
is kept as JSON in the test's folder; the line that sums it up is printed (`pytest -s`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCalendarWidget, QComboBox, QDialog, QFileDialog, QMenu, QPushButton
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
    with at_the_window(tmp_path, qtbot) as person:
        person.stray.meant += (RegionOverlay,)
        person.see("every conversation", lambda: len(person.rows()) >= 20)
        person.see("the core has settled", lambda: person.status.startswith("online"))
        day = Day(person)
        for part in (day.walking, day.queues, day.searching, day.views, day.selecting, day.one_by_one, day.merging,
                     day.reading, day.splitting, day.checking, day.customers, day.answering, day.evidence,
                     day.palette, day.settings, day.columns):
            part()
        print(f"\n{day.to.write(tmp_path / 'fifty-keys.json')}")
    assert len(day.to.actions) >= WANTED
    assert day.to.slowest.ms <= PATIENCE_MS, day.to.slowest


class Day:
    """One agent at one window; `to.do` is a key, and what is to be seen after it."""

    def __init__(self, person: Person) -> None:
        self.person, self.to = person, Recording(person)
        self.window = person.window
        self.list = self.window.list.list
        self.timeline = self.window.middle.conversation.timeline
        self.composer = self.window.middle.composer

    # what a person sees

    def at(self) -> int:
        return self.list.currentIndex().row()

    def current(self) -> ConversationRow:
        row = self.window.list.current()
        assert row is not None
        return row

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
        row = self.person.walk_to(lambda row: row.who == who)
        self.person.see(f"{who} is open", lambda: self.window.conversation_id == row.id and bool(
            self.timeline.bubbles()) and self.composer.presenter.editable)
        return row

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
        self.person.see("the inbox again", lambda: len(self.person.rows()) >= 20)

    def searching(self) -> None:
        do, column = self.to.do, self.window.list
        do("search", "/", "the cursor is in the search box", column.search.hasFocus)
        do("search as typed", "", "only what fits", lambda: 0 < len(self.person.rows()) < 10, "refund")
        do("clear the search", "Escape", "the whole queue", lambda: len(self.person.rows()) >= 20)
        do("begin an operator", "/", "it is offered", lambda: column.help is not None
           and column.help.offers.isVisible(), "lang:p")
        self.to.press("Down")
        do("take what is offered", "Return", "a chip, and only Portuguese", lambda: column.help is not None and any(
            "pt" in said for said in column.help.chips()) and {row.language for row in self.person.rows()} == {"pt"})
        do("to the hits", "Return", "the first hit has the focus", lambda: self.list.hasFocus() and self.at() == 0)
        do("walk the hits", "J", "the second hit is open", lambda: self.at() == 1
           and self.current().id == self.window.conversation_id)

    def views(self) -> None:
        do, inbox = self.to.do, self.window.inbox
        do("save a view", "Ctrl+Shift+V", "its name is asked", lambda: bool(self.picker()), "Portuguese")
        do("name the view", "Return", "it stands in the left column", lambda: any(
            queue.title == "Portuguese" for queue in inbox.queues))
        do("leave the search", "/, Escape", "the whole queue", lambda: len(self.person.rows()) >= 20)
        self.run("open a view", "Portuguese", "only Portuguese", lambda: inbox.queue.startswith("view:") and {
            row.language for row in self.person.rows()} == {"pt"})
        self.run("remove a view", "Remove the view", "it is gone", lambda: inbox.queue == "open" and not any(
            queue.title == "Portuguese" for queue in inbox.queues) and len(self.person.rows()) >= 20)

    def run(self, action: str, typed: str, seen: str, fact: object) -> None:
        """By the palette: the first line that begins with what was typed."""
        assert callable(fact)
        shown = self.window.palette_
        self.to.press("Ctrl+K")
        self.person.write(typed)
        self.person.see(f"{typed} is listed", lambda: any(typed in line for line in shown.entries()))
        wanted = next(at for at, line in enumerate(shown.entries()) if typed in line)
        for _step in range(wanted - shown.list.currentRow()):
            self.person.press(Key.Key_Down)
        assert typed in shown.list.currentItem().text()
        self.to.do(action, "Return", seen, fact)

    def selecting(self) -> None:
        do, bar = self.to.do, lambda: self.window.list.bar
        self.to.press("Home" if self.list.hasFocus() else "U, Home")
        do("select", "X", "one is selected", lambda: self.list.picked_count() == 1)
        do("extend the selection", "Shift+J", "two are selected", lambda: self.list.picked_count() == 2)
        do("extend back", "Shift+K", "one is selected", lambda: self.list.picked_count() == 1)
        do("select the queue", "Ctrl+A", "the bar says all", lambda: bar() is not None
           and self.list.picked_count() == len(self.person.rows()))
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
        do("no response needed", "#", "its clock is gone", lambda: one not in {
            row.id for row in self.person.rows() if row.due_at})
        self.undo("no response needed", "its clock runs", lambda: self.row(one).due_at is not None)
        do("resolve", "E", "it left the inbox", lambda: self.person.row(one) is None)
        self.undo("resolve", "it is back", lambda: self.person.row(one) is not None)
        two = self.person.walk_to(lambda row: row.who == "Callum Reyes").id
        do("resolve and next", "Shift+E", "the next is open", lambda: self.person.row(two) is None
           and self.window.conversation_id not in (two, None))
        do("queue of the resolved", "G, R", "it is there", lambda: self.person.row(two) is not None)
        self.person.walk_to(lambda row: row.id == two)
        do("reopen", "Shift+O", "it left the resolved", lambda: self.person.row(two) is None)
        self.to.press("G, I")
        self.person.see("the inbox", lambda: self.person.row(two) is not None)

    def merging(self) -> None:
        before = len(self.person.rows())
        self.to.press("Home, X, Shift+J")
        first, second = self.list.ids()
        self.to.do("merge", "M", "two are one", lambda: len(self.person.rows()) == before - 1
                   and self.person.row(second) is None)
        self.to.press("Escape")
        self.person.walk_to(lambda row: row.id == first)
        self.person.see("it is open", lambda: self.window.conversation_id == first)
        self.run("part again", "Part what", "one is two", lambda: len(self.person.rows()) == before)

    def reading(self) -> None:
        do = self.to.do
        self.open("Owen Tarrant")
        self.person.see("three messages", lambda: len(self.timeline.bubbles()) == 3)
        self.to.press("O")
        do("previous message", "[", "the second has the focus", lambda: self.at_message() == 1)
        do("next message", "]", "the third has it", lambda: self.at_message() == 2)
        bubble = self.timeline.current_bubble()
        assert bubble is not None
        before = bubble.reading.quoted_open
        do("quoted text", "Q", "it is unfolded", lambda: bubble.reading.quoted_open is not before)
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
        before = len(self.person.rows())
        self.open("Nerea Azpiroz")
        self.person.see("three messages", lambda: len(self.timeline.bubbles()) == 3)
        self.to.press("O")
        bar = self.window.middle.conversation.selection
        self.to.do("select a message", "Shift+X", "the bar says one", bar.isVisible)
        self.to.do("split", "Shift+M", "a conversation more", lambda: len(self.person.rows()) == before + 1)
        self.undo("split", "as before", lambda: len(self.person.rows()) == before)

    def checking(self) -> None:
        do, panel = self.to.do, self.window.case.panel
        self.open("Mariana Duarte")
        self.person.see("six checks", lambda: len(panel.rows) == 6 and all(row.isVisible() for row in panel.rows))
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
        self.to.press("Escape")
        self.back()
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
        self.run("a person by the palette", "Mariana Duarte ·", "theirs", lambda: [
            row.who for row in self.person.rows()] == ["Mariana Duarte"])
        self.to.press("Escape")
        self.run("an order by the palette", "/1047 · Tiago", "about it", lambda: [
            row.who for row in self.person.rows()] == ["Tiago Nogueira"])
        self.to.press("Escape, G, I")
        self.person.see("the inbox", lambda: len(self.person.rows()) >= 20)

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
