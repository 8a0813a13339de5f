"""The rows of a timeline that are no messages: a day, the mark of what is new, quiet lines with what they lead to."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ui.conversation import words
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.rows import Row
from ui.theme import current, fonts, icons, theme
from ui.widgets.labels import label, plain_tip, rule
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _, ngettext

ICONS = {
    "check": "order", "evidence": "lock", "approval": "check", "state": "resolve", "merge": "list",
    "system": "settings", "message": "mail",
}


BESIDE = 32
"""Pixels of a line's button that are not words."""


class _Centred(QWidget):
    """Something in the middle of the column."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)


class _Ruled(_Centred):
    """Words between two hairlines."""

    def __init__(self, text: str, tip: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = label(text, role)
        self._words.setToolTip(plain_tip(tip))
        self._rules: list[QFrame] = [rule(), rule()]
        self._row.addWidget(self._rules[0], 1)
        self._row.addWidget(self._words)
        self._row.addWidget(self._rules[1], 1)

    @property
    def text(self) -> str:
        return self._words.text()


class DayLine(_Ruled):
    """ "Today", "Friday 20 November": a press asks for another day."""

    pressed = Signal()

    def __init__(self, row: Row, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__("", "", "caption", parent)
        self._clock = clock
        self.turn_to(row)

    def turn_to(self, row: Row) -> None:
        """Another day, in the same widgets."""
        self._words.setText(words.day_line(row.at, self._clock.now()))
        self._words.setToolTip(words.full_time(row.at))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()


class UnreadLine(_Ruled):
    """What is below came since the person looked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("New since you looked"), "", "caption", parent)
        self._colour()
        theme().changed.connect(self._colour)

    def _colour(self) -> None:
        accent = current().accent
        self._words.setStyleSheet(f"color: {accent}")
        for line in self._rules:
            line.setStyleSheet(f"background: {accent}")


class LineButton(QToolButton):
    """A quiet line that can be pressed; it ends in "…" where there is no room, and its tooltip has the whole."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.full_text = ""
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(fonts.font(fonts.CAPTION))

    def say(self, text: str, name: str, tip: str) -> None:
        """`name` is for screen readers."""
        self.full_text = " ".join(text.split())
        self.setAccessibleName(name)
        self.setToolTip(plain_tip(tip))
        self._elide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.full_text) + BESIDE, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(BESIDE + 40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - BESIDE + 4, 24)
        self.setText(self.fontMetrics().elidedText(self.full_text, Qt.TextElideMode.ElideRight, room))


class _Said(WrapLabel):
    """A quiet line that leads nowhere: as wide as its words while there is room."""

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4, super().sizeHint().height())


class QuietLine(_Centred):
    """What happened, in one line with its mark. One that leads somewhere is a button; `asked` carries the line, and
    what is asked of it: "open" or "part"."""

    asked = Signal(object, str)

    def __init__(self, line: SystemLine, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self.text = f"{words.local_time(line.at, clock.now())}  {line.text}"
        self._button: LineButton | None = None
        self._icon: QLabel | None = None
        tip = words.full_time(line.at)
        self._row.addStretch(1)
        if line.ref and line.kind != "merge":
            self._button = LineButton()
            self._button.say(self.text, _("{text}. Open it.").format(text=self.text), f"{line.text}\n{tip}")
            self._button.clicked.connect(self._on_open)
            self._row.addWidget(self._button)
        else:
            self._put_words(tip)
        if line.kind == "merge":
            part = flat_button(_("Part them again"), _("Part what was joined: {text}").format(text=line.text))
            part.clicked.connect(self._on_part)
            self._row.addWidget(part)
        self._row.addStretch(1)
        self._draw_icon()
        theme().changed.connect(self._draw_icon)

    def _put_words(self, tip: str) -> None:
        self._icon = QLabel()
        said = _Said(self.text, "caption")
        said.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        said.setToolTip(plain_tip(tip))
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(said)

    def _draw_icon(self) -> None:
        name = ICONS.get(self.line.kind, "settings")
        if self._button is not None:
            self._button.setIcon(icons.icon(name))
        elif self._icon is not None:
            self._icon.setPixmap(icons.pixmap(name, current().text_quiet))

    def _on_open(self) -> None:
        self.asked.emit(self.line, "open")

    def _on_part(self) -> None:
        self.asked.emit(self.line, "part")


class FoldLine(_Centred):
    """ "5 checks": many quiet lines in one that opens."""

    pressed = Signal(object)
    """The key of the fold."""

    def __init__(self, row: Row, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = row.key
        self._opened = False
        self._button = LineButton()
        self._button.clicked.connect(self._on_pressed)
        self._row.addStretch(1)
        self._row.addWidget(self._button)
        self._row.addStretch(1)
        self.show_row(row)
        theme().changed.connect(self._draw_icon)

    @property
    def text(self) -> str:
        return self._button.full_text

    def show_row(self, row: Row) -> None:
        """News of the same run, or it was opened or closed."""
        said, self._opened = folded(row.lines), row.opened
        tip = (_("Fold {what}") if row.opened else _("Show {what}")).format(what=said)
        self._button.say(said, tip, tip)
        self._draw_icon()

    def _draw_icon(self) -> None:
        self._button.setIcon(icons.icon("chevron-down" if self._opened else "chevron-right"))

    def _on_pressed(self) -> None:
        self.pressed.emit(self.key)


def folded(lines: tuple[SystemLine, ...]) -> str:
    """What a run of quiet lines is called when it is folded: "5 checks", or "7 events" of several kinds."""
    n, kinds = len(lines), {line.kind for line in lines}
    if kinds == {"check"}:
        return ngettext("{n} check", "{n} checks", n).format(n=n)
    if kinds == {"evidence"}:
        return ngettext("{n} record", "{n} records", n).format(n=n)
    return ngettext("{n} event", "{n} events", n).format(n=n)

