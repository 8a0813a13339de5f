"""The rows of a timeline that are no messages: a day, the mark of what is new, quiet lines with what they lead to."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from ui.conversation import words
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.rows import Row
from ui.theme import current, icons, theme
from ui.widgets.labels import label, rule
from workstation.inbox.model import SystemLine
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _, ngettext

ICONS = {
    "check": "order", "evidence": "lock", "approval": "check", "state": "resolve", "merge": "list",
    "system": "settings", "message": "mail",
}


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
        self._words.setToolTip(tip)
        self._words.setAccessibleName(text)
        self._rules: list[QFrame] = [rule(), rule()]
        self._row.addWidget(self._rules[0], 1)
        self._row.addWidget(self._words)
        self._row.addWidget(self._rules[1], 1)
        self.setAccessibleName(text)

    @property
    def text(self) -> str:
        return self._words.text()


class DayLine(_Ruled):
    """ "Today", "Friday 20 November": a press asks for another day."""

    pressed = Signal()

    def __init__(self, row: Row, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(words.day_line(row.at, clock.now()), words.full_time(row.at), "caption", parent)

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


class QuietLine(_Centred):
    """What happened, in one line with its mark. One that leads somewhere is a button; `asked` carries the line, and
    what is asked of it: "open" or "part"."""

    asked = Signal(object, str)

    def __init__(self, line: SystemLine, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self._icon = QLabel()
        self._icon.setAccessibleName("")
        text = f"{words.local_time(line.at, clock.now())}  {line.text}"
        self._words = self._button(text) if line.ref and line.kind != "merge" else _said(text)
        self._words.setToolTip(words.full_time(line.at))
        self._row.addStretch(1)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._words, 1_000)
        if line.kind == "merge":
            part = flat_button(_("Part them again"), _("Part what was joined: {text}").format(text=line.text))
            part.clicked.connect(self._on_part)
            self._row.addWidget(part)
        self._row.addStretch(1)
        self._draw_icon()
        theme().changed.connect(self._draw_icon)

    @property
    def text(self) -> str:
        return self._words.text()

    def _button(self, text: str) -> QPushButton:
        button = flat_button(text, _("{text}. Open it.").format(text=text))
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(self._on_open)
        return button

    def _draw_icon(self) -> None:
        self._icon.setPixmap(icons.pixmap(ICONS.get(self.line.kind, "settings"), current().text_quiet))

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
        self._button = flat_button("")
        self._button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._button.clicked.connect(self._on_pressed)
        self._row.addStretch(1)
        self._row.addWidget(self._button)
        self._row.addStretch(1)
        self.show_row(row)

    @property
    def text(self) -> str:
        return self._button.text()

    def show_row(self, row: Row) -> None:
        """News of the same run, or it was opened or closed."""
        said = folded(row.lines)
        self._button.setText(f"{'▾' if row.opened else '▸'}  {said}")
        tip = _("Fold {what}") if row.opened else _("Show {what}")
        self._button.setAccessibleName(tip.format(what=said))
        self._button.setToolTip(tip.format(what=said))

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


def _said(text: str) -> WrapLabel:
    line = WrapLabel(text, "caption")
    line.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
    line.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return line
