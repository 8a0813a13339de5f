"""What every page of rules has: the rules as rows, buttons, and a form that takes the rows' place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.widgets.labels import label, set_role
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class RuleFields(QFrame):
    """The form of one rule: saved, or left as it was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self.save_button, self.leave_button = QPushButton(_("Save")), QPushButton(_("Leave as it is"))

    def _end_with(self, form: QFormLayout, *buttons: QPushButton) -> None:
        form.addRow("", in_a_row(buttons))


class RulesPage(QWidget):
    """The list, its buttons, the form in its place, and what went wrong below."""

    def __init__(self, bridge: Bridge, fields: RuleFields, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.tree = QTreeWidget()
        self.add_button = QPushButton(_("Add a rule…"))
        self.change_button = QPushButton(_("Change…"))
        self.remove_button = QPushButton(_("Remove"))
        self._buttons: tuple[QPushButton, ...] = (self.add_button, self.change_button, self.remove_button)
        self._fields = fields
        self.message = label(role="quiet", wrap=True)

    @property
    def text(self) -> str:
        """The rules, a line each, for tests and for a person without a screen."""
        items = [self.tree.topLevelItem(at) for at in range(self.tree.topLevelItemCount())]
        columns = range(self.tree.columnCount())
        return "\n".join(" | ".join(item.text(column) for column in columns) for item in items if item is not None)

    def _lay_out_rules(self, name: str, columns: Sequence[str], said: str, form_stretch: int) -> None:
        """`said`: what the rules are for; `form_stretch`: how much of a tall page the form takes."""
        self.tree.setHeaderLabels(list(columns))
        self.tree.setAccessibleName(name)
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(len(columns) - 1, QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(label(said, "quiet", wrap=True))
        layout.addWidget(self.tree, 1)
        layout.addLayout(in_a_row(self._buttons))
        layout.addWidget(self._fields, form_stretch)
        layout.addWidget(self.message)
        self._fields.hide()

    def _make_room(self) -> None:
        """For the form, in the list's place: both together leave too little of either."""
        self.tree.hide()
        for button in self._buttons:
            button.hide()

    def _fold(self) -> None:
        self._fields.hide()
        self.tree.show()
        for button in self._buttons:
            button.show()
        self.tree.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_problem(self, problem: WorkstationError) -> None:
        self._say(str(problem), True)

    def _say(self, text: str, wrong: bool) -> None:
        set_role(self.message, "error" if wrong else "quiet")
        self.message.setText(text)


def in_a_row(buttons: Sequence[QPushButton]) -> QHBoxLayout:
    """Buttons from the left, none of them pressed by Enter in a field."""
    row = QHBoxLayout()
    for button in buttons:
        button.setAutoDefault(False)
        row.addWidget(button)
    row.addStretch(1)
    return row
