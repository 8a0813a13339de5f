"""One step among all: a line with its mark, number, title and how it stands. Pressed, it is ticked or open again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.conversation.buttons import WrapLabel
from ui.conversation.texts import isolated
from ui.playbooks import words
from ui.verification.check_row import RowButton
from ui.widgets.marks import Mark
from workstation.playbooks.model import Step


class StepRow(RowButton):
    """Draws a step."""

    def __init__(self, place: int, count: int, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(False)
        self.step = step
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(WrapLabel(f"{place}  {isolated(step.title)}"))
        if told := words.state(step):
            column.addWidget(WrapLabel(told, "caption"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(Mark(words.MARKS[step.state]), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(words.spoken(place, count, step))
