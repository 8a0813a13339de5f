"""One problem in full: what happened, why, what was kept, what to do, and a button for each thing that can be done."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui.conversation.buttons import WrapLabel
from ui.problems import words
from ui.widgets.labels import label
from ui.widgets.timetext import moment
from workstation.domain.problem import Problem
from workstation.kernel.actions import Action, title
from workstation.kernel.i18n import _

SHOWN_LINES = 7


class ProblemDetail(QWidget):
    """Draws a Problem. `chosen` carries an Action; what cannot be undone is asked once more, in the same place."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problem: Problem | None = None
        self.buttons: dict[Action, QPushButton] = {}
        self._inside: QWidget | None = None
        self._said = WrapLabel("", "error")
        self._confirm = _Confirm()
        self._confirm.yes.connect(self._on_sure)
        self._confirm.no.connect(self._to_first)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 8, 12, 12)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._said)
        self._layout.addWidget(self._confirm)
        self._layout.addStretch(1)

    def show_problem(self, problem: Problem | None, now: int, busy: bool, said: str) -> None:
        """`said`: what came of the last try. The buttons stay the same while the problem does, and so does the focus.
        """
        if problem != self.problem:
            self.problem = problem
            self._confirm.hide()
            self._rebuild(now)
        for button in self.buttons.values():
            button.setEnabled(not busy)
        self._said.setText(said)
        self._said.setVisible(bool(said))

    def focus_first(self) -> None:
        """To the first thing that can be done."""
        for button in self.buttons.values():
            if button.isEnabled():
                button.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def choose(self, action: Action) -> None:
        """As if its button was pressed."""
        if action is Action.SEND_AGAIN:
            self._show_buttons(False)
            self._confirm.ask()
        else:
            self.chosen.emit(action)

    def _on_sure(self) -> None:
        self._show_buttons(True)
        self.chosen.emit(Action.SEND_AGAIN)

    def _rebuild(self, now: int) -> None:
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self._inside, self.buttons = None, {}
        if self.problem is not None:
            self._inside = self._page(self.problem, now)
            self._layout.insertWidget(0, self._inside)

    def _page(self, problem: Problem, now: int) -> QWidget:
        page = QWidget()
        page.setAccessibleName(words.spoken(problem, now, False))
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(WrapLabel(problem.what, "title"))
        column.addLayout(_rows(problem))
        if problem.details:
            column.addWidget(_details(problem))
        for action in problem.actions:
            column.addWidget(self._button(action), 0, Qt.AlignmentFlag.AlignLeft)
        return page

    def _button(self, action: Action) -> QPushButton:
        button = QPushButton(title(action))
        if not self.buttons:
            button.setProperty("role", "primary")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoDefault(True)
        button.clicked.connect(partial(self._on_pressed, action))
        self.buttons[action] = button
        return button

    def _on_pressed(self, action: Action, _checked: bool = False) -> None:
        self.choose(action)

    def _show_buttons(self, shown: bool) -> None:
        for button in self.buttons.values():
            button.setVisible(shown)

    def _to_first(self) -> None:
        self._show_buttons(True)
        self.focus_first()


class _Confirm(QFrame):
    """Asks once more before a reply that may have arrived is sent again. Nothing else stops meanwhile."""

    yes = Signal()
    no = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "note")
        question = _("If it did arrive after all, the buyer gets the same reply twice. Send it again?")
        self._no = QPushButton(_("No, leave it"))
        send = QPushButton(_("Yes, send it again"))
        for button, slot in ((send, self._on_yes), (self._no, self._on_no)):
            button.setAutoDefault(True)
            button.clicked.connect(slot)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(WrapLabel(question))
        for button in (self._no, send):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self.setAccessibleName(question)
        self.hide()

    def ask(self) -> None:
        """Show it, with the focus on the safe answer."""
        self.show()
        self._no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_yes(self) -> None:
        self.hide()
        self.yes.emit()

    def _on_no(self) -> None:
        self.hide()
        self.no.emit()


def _rows(problem: Problem) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    rows = (
        (_("Why"), problem.why), (_("Since"), moment(problem.since) if problem.since else ""),
        (_("Kept"), problem.kept), (_("What to do"), problem.remedy), (_("Where"), problem.place),
    )
    for at, (name, text) in enumerate(row for row in rows if row[1]):
        grid.addWidget(label(name, "caption"), at, 0, Qt.AlignmentFlag.AlignTop)
        value = WrapLabel(_breakable(text) if name == _("Where") else text)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(value, at, 1)
    return grid


def _breakable(path: str) -> str:
    """A path that may go on in the next line after each part."""
    return path.replace("/", "/\u200b").replace("\\", "\\\u200b")


def _details(problem: Problem) -> QPlainTextEdit:
    view = QPlainTextEdit("\n".join(problem.details), readOnly=True)
    view.setAccessibleName(_("What could not be used, and why"))
    view.setTabChangesFocus(True)
    lines = min(SHOWN_LINES, len(problem.details) + 1)
    view.setFixedHeight(view.fontMetrics().lineSpacing() * lines + 16)
    return view
