"""One check: a line with its mark, name, fact and age; opened, its source, why, and what would change it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.conversation import words as said
from ui.conversation.buttons import WrapLabel, flat_button
from ui.theme import current, fonts
from ui.verification.words import check_name
from ui.widgets import marks
from ui.widgets.labels import ElidedLabel, chip, label
from ui.widgets.marks import Mark
from ui.widgets.timetext import age
from workstation.kernel.i18n import _
from workstation.verification.model import Check


class RowButton(QAbstractButton):
    """A whole line that can be pressed, by mouse, Enter or Space."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return layout.sizeHint() if layout else super().sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tokens = current()
        painter.setPen(QPen(QColor(tokens.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        if self.underMouse() or self.isChecked():
            painter.setBrush(QColor(tokens.surface_hover))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)


class CheckRow(QFrame):
    """Draws a Check. `raw` carries the answer's id."""

    raw = Signal(str)

    def __init__(self, check: Check, now: int, simulated: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.check = check
        self.head = RowButton()
        self._details = QWidget()
        self._details.hide()
        self.raw_button = flat_button(_("Raw answer"), _("Show the raw answer behind this check"))
        self.raw_button.clicked.connect(self._on_raw)
        self.head.toggled.connect(self._details.setVisible)
        self._fill_head(now, simulated)
        self._fill_details()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self._details)

    @property
    def line(self) -> str:
        """The line as text: mark, name, fact and age."""
        return self._line

    def open_details(self, wanted: bool = True) -> None:
        self.head.setChecked(wanted)

    def _fill_head(self, now: int, simulated: bool) -> None:
        check = self.check
        name = ElidedLabel()
        name.setFont(fonts.font(bold=True))
        name.set_full_text(check_name(check.id))
        fact = WrapLabel(check.fact)
        old = age(check.fetched_at, now) if check.fetched_at is not None else _("no answer")
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(name, 1)
        if simulated:
            top.addWidget(chip(_("simulated"), tip=_("This source is simulated; it is not a real shop or carrier.")))
        top.addWidget(label(old, "caption"))
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(fact)
        layout = QHBoxLayout(self.head)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(Mark(check.verdict.value), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column, 1)
        for child in self.head.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        mark = marks.MARKS[check.verdict.value]
        self._line = f"{mark.glyph} {check_name(check.id)}: {check.fact} ({old})"
        word = marks.word(check.verdict.value)
        self.head.setAccessibleName(f"{check_name(check.id)}, {word}: {check.fact}, {old}")
        self.head.setToolTip(word)

    def _fill_details(self) -> None:
        check = self.check
        grid = QGridLayout(self._details)
        grid.setContentsMargins(32, 0, 8, 8)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        rows = [
            (_("Source"), check.source or _("none")),
            (_("Fetched"), said.full_time(check.fetched_at) if check.fetched_at is not None else _("never")),
            (_("Good until"), said.full_time(check.expires_at) if check.expires_at is not None else _("not set")),
            (_("Why"), check.why),
            (_("Would change"), check.change),
        ]
        for at, (name, value) in enumerate(row for row in rows if row[1]):
            grid.addWidget(label(name, "caption"), at, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_selectable(value), at, 1)
        grid.addWidget(self.raw_button, len(rows), 1, Qt.AlignmentFlag.AlignLeft)
        self.raw_button.setVisible(bool(check.answer_id))

    def _on_raw(self) -> None:
        self.raw.emit(self.check.answer_id)


def _selectable(text: str) -> QWidget:
    made = WrapLabel(text)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
