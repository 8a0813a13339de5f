"""Under the search box: what was understood of it as chips, operators and their values to take, the order of the hits.

Made when somebody types for the first time; the list itself does without.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
)
from PySide6.QtWidgets import QWidget as Widget

from ui import a11y
from ui.inbox import words
from ui.inbox.choice_lines import CHOICE, ChoiceDelegate
from ui.inbox.presenter import InboxPresenter
from ui.widgets.composing import Composing
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import ElidedChip, label
from workstation.domain.query import OPERATORS, STATES, THINGS, Term, parse
from workstation.domain.states import Channel
from workstation.kernel.i18n import N_, _

MOST = 8
_MEANINGS = {
    "from": N_("who wrote"), "to": N_("who it went to"), "order": N_("order number"), "parcel": N_("tracking number"),
    "channel": N_("channel"), "store": N_("store"), "lang": N_("language"), "is": N_("state"), "has": N_("with"),
    "before": N_("older than a day"), "after": N_("newer than a day"), "tag": N_("tag"), "assignee": N_("who has it"),
    "issue": N_("situation"), "risk": N_("risk"), "subject": N_("words of the subject"), "file": N_("file name"),
    "in": N_("queue"),
}
_SHORT = _MEANINGS | {"before": N_("before"), "after": N_("since")}
"""What a chip calls an operator; the meaning of one that is offered is longer."""


class SearchHelp(Widget):
    """Chips, suggestions and the order of the hits for the text of a search box."""

    taken = Signal()
    """A suggestion changed the text."""

    def __init__(self, presenter: InboxPresenter, field: QLineEdit, parent: Widget) -> None:
        super().__init__(parent)
        self._presenter, self._field = presenter, field
        self._chips = FlowLayout()
        self._made: list[ElidedChip] = []
        self._note = label(role="caption", wrap=True)
        self._order = QPushButton()
        self._order.setProperty("role", "flat")
        self._order.clicked.connect(self._on_order)
        self.offers = _Offers(parent)
        self.offers.list.itemClicked.connect(self._on_clicked)
        self._lay_out()
        self._composing = Composing(field)
        field.installEventFilter(self)
        field.textChanged.connect(self.follow)
        field.cursorPositionChanged.connect(self._on_cursor)
        presenter.state_changed.connect(self._show_state)
        self.follow(field.text())

    def follow(self, text: str) -> None:
        """Show what is understood of `text`."""
        for old in self._made:
            self._chips.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._made = []
        for term in parse(text).filters:
            made = ElidedChip(_said(term), self, wrong=bool(term.problem))
            made.set_tip(term.problem)
            made.setAccessibleName(f"{_said(term)} {term.problem}".strip())
            self._chips.addWidget(made)
            made.show()
            self._made.append(made)
        a11y.reading_order(self)
        self.setVisible(bool(text.strip()))
        self._show_state()

    def chips(self) -> list[str]:
        """What the chips say."""
        return [made.full_text for made in self._made]

    def suggestions(self) -> list[str]:
        """What may stand where the cursor is: operators, or values of the operator that was begun."""
        _begin, part = self._part()
        if not part.strip("-"):
            return []
        name, colon, value = part.lstrip("-").partition(":")
        minus = part[:len(part) - len(part.lstrip("-"))]
        if not colon:
            found = [f"{minus}{one}:" for one in OPERATORS if one.startswith(name.casefold()) and one != name]
        else:
            wanted = value.strip('"').casefold()
            found = [f"{minus}{name}:{_quoted(one)}" for one in self._values(name.casefold())
                     if one.casefold().startswith(wanted) and one.casefold() != wanted]
        return found[:MOST]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and event.type() == QEvent.Type.FocusOut:
            self.offers.hide()
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._on_key(event.key())
        return bool(super().eventFilter(watched, event))

    def _on_key(self, key: int) -> bool:
        """Arrows walk the suggestions and Enter takes the one they stand at; otherwise the keys are the field's own."""
        if self._composing.active or not self.offers.isVisible():
            return False
        row = self.offers.list.currentRow()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.offers.walk(1 if key == Qt.Key.Key_Down else -1)
            if (item := self.offers.list.currentItem()) is not None:
                a11y.announce(self._field, item.text())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab) and row >= 0:
            self._take(self.offers.list.item(row))
        elif key == Qt.Key.Key_Escape:
            self.offers.hide()
        else:
            return False
        return True

    def _on_clicked(self, item: QListWidgetItem) -> None:
        self._take(item)

    def _take(self, item: QListWidgetItem) -> None:
        begin, part = self._part()
        text, word = self._field.text(), str(item.data(Qt.ItemDataRole.UserRole))
        end = word if word.endswith(":") else f"{word} "
        self._field.setText(text[:begin] + end + text[begin + len(part):].lstrip())
        self._field.setCursorPosition(begin + len(end))
        self.taken.emit()

    def _on_cursor(self, _before: int, _now: int) -> None:
        found = self.suggestions() if self._field.hasFocus() else []
        self.offers.show_under(self._field, [(word, _explained(word)) for word in found])

    def _part(self) -> tuple[int, str]:
        """Where the word at the cursor begins, and the word up to the cursor."""
        before = self._field.text()[:self._field.cursorPosition()]
        outside = before[:before.rfind('"')] if before.count('"') % 2 else before
        begin = outside.rfind(" ") + 1
        return begin, before[begin:]

    def _values(self, operator: str) -> list[str]:
        groups = {"channel": "channel:", "store": "store:", "lang": "lang:", "tag": "tag:"}
        queues = self._presenter.queues
        if operator in groups:
            found = [queue.key.removeprefix(groups[operator]) for queue in queues
                     if queue.key.startswith(groups[operator])]
            return found or ([str(one) for one in Channel] if operator == "channel" else [])
        return {
            "is": list(STATES), "has": list(THINGS), "issue": sorted(set(words.ISSUES)), "risk": list(words.RISKS),
            "before": ["7d", "3w", "2m", "1y"], "after": ["7d", "3w", "2m", "1y"],
            "in": [queue.key for queue in queues if not queue.group],
            "assignee": ["me", *(member.name for member in self._presenter.members)],
        }.get(operator, [])

    def _on_order(self) -> None:
        self._presenter.sort_hits(not self._presenter.relevance)
        self._show_state()

    def _show_state(self) -> None:
        self._order.setText(_("Best first") if self._presenter.relevance else _("Newest first"))
        self._order.setToolTip(_("Change the order of the hits"))
        self._note.setText(self._presenter.note if self._presenter.search else "")
        self._note.setVisible(bool(self._note.text()))

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addLayout(self._chips, 1)
        row.addWidget(self._order, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 0, 8, 6)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self._note)


class _Offers(QFrame):
    """The suggestions, over the list."""

    def __init__(self, parent: Widget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self.list = QListWidget()
        self.list.setItemDelegate(ChoiceDelegate(self.list))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(_("Suggestions"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self.list)
        self.hide()

    def show_under(self, field: QLineEdit, offered: list[tuple[str, str]]) -> None:
        self.list.clear()
        for word, meaning in offered:
            item = QListWidgetItem(f"{word}   {meaning}" if meaning else word)
            item.setData(Qt.ItemDataRole.UserRole, word)
            item.setData(CHOICE, (word, meaning, False))
            self.list.addItem(item)
        self.list.setCurrentRow(-1)
        parent = self.parentWidget()
        if not offered or parent is None:
            self.hide()
            return
        height = sum(self.list.sizeHintForRow(at) for at in range(self.list.count())) + 14
        self.setFixedSize(field.width(), height)
        self.move(field.mapTo(parent, QPoint(0, field.height() + 2)))
        self.show()
        self.raise_()

    def walk(self, step: int) -> None:
        self.list.setCurrentRow(max(-1, min(self.list.currentRow() + step, self.list.count() - 1)))


def _said(term: Term) -> str:
    value = words.channel_name(term.text) if term.operator == "channel" else term.text
    said = f"{_(_SHORT[term.operator])}: {value}" if term.operator in _MEANINGS else term.text
    return _("not {what}").format(what=said) if term.excluded else said


def _explained(word: str) -> str:
    name, _colon, value = word.lstrip("-").partition(":")
    return _(_MEANINGS[name]) if not value and name in _MEANINGS else ""


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
