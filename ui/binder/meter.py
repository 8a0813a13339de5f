"""How complete the case is for the chosen desk: a bar, and a line for each thing it wants with what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import words
from ui.binder.scrolling import replace
from ui.binder.words import Step
from ui.conversation.buttons import WrapLabel, flat_button
from ui.theme import current, fonts, theme
from ui.widgets.labels import label
from ui.widgets.marks import MARKS
from ui.widgets.marks import Mark as MarkSign
from workstation.evidence.claims.model import Fill, Mark
from workstation.kernel.i18n import _

GAP = 3


class Bar(QWidget):
    """A piece for each requirement: filled, half filled, empty. What it says stands beside it in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fills: tuple[Fill, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_marks(self, marks: Sequence[Mark]) -> None:
        self._fills = tuple(sorted((mark.fill for mark in marks), key=list(Fill).index))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 10)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(tokens.line_strong))
        width = (self.width() - GAP * (len(self._fills) - 1)) / max(1, len(self._fills))
        for at, fill in enumerate(self._fills):
            piece = QRectF(at * (width + GAP) + 0.5, 0.5, max(2.0, width - 1), self.height() - 1)
            painter.setBrush(QColor(tokens.surface_sunken))
            painter.drawRect(piece)
            if fill is not Fill.MISSING:
                part = 1.0 if fill is Fill.HAVE else 0.5
                colour = tokens.passed if fill is Fill.HAVE else tokens.warn
                painter.fillRect(QRectF(piece.left(), piece.top(), piece.width() * part, piece.height()),
                                 QColor(colour))


class Line(QFrame):
    """One requirement. `wanted` carries a Step, `pointed` the record ids that stand for it."""

    wanted = Signal(object)
    pointed = Signal(object)

    def __init__(self, mark: Mark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mark = mark
        self._step: Step | None = None
        self._sign = MarkSign(words.STATES[mark.fill])
        self._title = WrapLabel()
        self._title.setFont(fonts.font(bold=True))
        self._need = label(role="caption")
        self._why, self._todo = WrapLabel(), WrapLabel(role="quiet")
        self.button = QPushButton()
        self.show_button = flat_button(_("Show"))
        self.button.clicked.connect(self._on_wanted)
        self.show_button.clicked.connect(self._on_shown)
        self._lay_out()
        self.show_mark(mark, letters=False)

    @property
    def text(self) -> str:
        """The line as text: mark, title, why."""
        return f"{MARKS[words.STATES[self.mark.fill]].glyph} {self.mark.slot.title}: {self.mark.why}"

    def show_mark(self, mark: Mark, *, letters: bool) -> None:
        """The same requirement as it stands now; what has the focus keeps it."""
        self.mark = mark
        self._step = step = words.step(mark, letters=letters)
        self._sign.set_state(words.STATES[mark.fill])
        self._title.setText(mark.slot.title)
        self._need.setText(words.need(mark))
        self._why.setText(mark.why)
        self._todo.setText(mark.todo)
        self._todo.setVisible(bool(mark.todo))
        text = _(words.STEPS[step]) if step is not None else ""
        self.button.setText(text)
        self.button.setAccessibleName(f"{text} ({mark.slot.title})" if text else _("Nothing to do"))
        self.button.setVisible(step is not None)
        self.show_button.setAccessibleName(_("Show the exhibits for: {what}").format(what=mark.slot.title))
        self.show_button.setVisible(bool(mark.record_ids))
        self.setAccessibleName(words.spoken(mark))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._title, 1)
        top.addWidget(self._need, 0, Qt.AlignmentFlag.AlignTop)
        does = QHBoxLayout()
        does.setSpacing(4)
        does.addWidget(self.button)
        does.addWidget(self.show_button)
        does.addStretch(1)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._why)
        column.addWidget(self._todo)
        column.addLayout(does)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(8)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)

    def _on_wanted(self) -> None:
        if self._step is not None:
            self.wanted.emit(self._step)

    def _on_shown(self) -> None:
        self.pointed.emit(self.mark.record_ids)


class Meter(QWidget):
    """All requirements. `wanted` carries a Step and its slot's id, `pointed` record ids."""

    wanted = Signal(object, str)
    pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[Line] = []
        self._count = label()
        self.bar = Bar()
        head = QHBoxLayout()
        head.addWidget(label(_("What the desk wants"), "title"), 1)
        head.addWidget(self._count)
        self._rows = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addLayout(head)
        self._column.addWidget(self.bar)
        self._column.addWidget(self._rows)

    @property
    def text(self) -> str:
        return self._count.text()

    def show_marks(self, marks: Sequence[Mark], *, letters: bool = False) -> None:
        """The same requirements in place, others anew. `letters`: the correspondence is in the pack."""
        self._count.setText(words.count(marks))
        self.bar.setAccessibleName(self._count.text())
        self.bar.show_marks(marks)
        if [line.mark.slot.id for line in self.lines] != [mark.slot.id for mark in marks]:
            self._rebuild(marks)
        for line, mark in zip(self.lines, marks, strict=True):
            line.show_mark(mark, letters=letters)

    def line(self, slot: str) -> Line | None:
        return next((one for one in self.lines if one.mark.slot.id == slot), None)

    def _rebuild(self, marks: Sequence[Mark]) -> None:
        """New lines, all of them before they are seen."""
        rows, self.lines = QWidget(), []
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for mark in marks:
            line = Line(mark)
            line.wanted.connect(partial(self._on_wanted, mark.slot.id))
            line.pointed.connect(self.pointed)
            column.addWidget(line)
            self.lines.append(line)
        replace(self._column, self._rows, rows)
        self._rows = rows
        a11y.tab_order(a11y.stops(self.lines))

    def _on_wanted(self, slot: str, step: Step) -> None:
        self.wanted.emit(step, slot)
