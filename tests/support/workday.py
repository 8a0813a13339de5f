"""An agent's day at the list, by the keyboard alone: each step is a key and what a person sees after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
)

from tests.support.accessible import spoken_name
from tests.support.recording import Recording
from tests.support.window import Key, Person
from workstation.inbox.model import ConversationRow

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(200)]
WANTED = 50
QUEUES = (("G, U", "unassigned"), ("G, W", "unanswered"), ("G, B", "breaching"), ("G, V", "review"), ("G, M", "mine"),
          ("G, F", "failed"), ("G, R", "resolved"), ("G, A", "all"), ("G, I", "open"))


def settled(person: Person) -> Person:
    """When everything has arrived."""
    person.see("every conversation", lambda: len(person.rows()) >= 20)
    person.see("the core has settled", lambda: person.status.startswith("online"))
    return person


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
