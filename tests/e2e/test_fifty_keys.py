"""A working day by the keyboard alone: more than fifty different things an agent does, each seen on the screen.

In the real window over the real core and the demo's own servers. What was pressed, what was seen and how long that took
is kept as JSON in the test's folder; the line that sums it up is printed (`pytest -s`).
"""

from __future__ import annotations

from pathlib import Path

import pytest
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

from tests.support.recording import PATIENCE_MS, heard
from tests.support.window import Key, at_the_window
from tests.support.workday import Day, settled
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
        day = Day(settled(person))
        day.work(day.walking, day.queues, day.searching, day.views, day.selecting, day.one_by_one, day.merging)
        print(f"\n{day.to.write(tmp_path / 'fifty-keys.json')}")
    assert len(day.to.actions) >= WANTED
    assert day.to.slowest.ms <= PATIENCE_MS, day.to.slowest


@pytest.mark.long
def test_the_rest_of_the_day_with_nothing_but_keys(tmp_path: Path, qtbot: QtBot) -> None:
    """The conversation, its checks and customer, the answer, evidence, the palette, settings and columns."""
    with at_the_window(tmp_path, qtbot) as person:
        person.stray.meant += (RegionOverlay, QAbstractItemView)
        day = Rest(settled(person))
        day.work(day.reading, day.splitting, day.checking, day.customers, day.answering, day.evidence, day.palette,
                 day.settings, day.columns)
        print(f"\n{day.to.write(tmp_path / 'rest-of-the-day.json')}")
    assert len(day.to.actions) >= WANTED - 10
    assert day.to.slowest.ms <= PATIENCE_MS, day.to.slowest



class Rest(Day):
    """The conversation and everything beside the list."""

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
