"""One sentence at the bottom of the window, with a button where something can be done: undo, or what puts a failure
right. It never takes the focus."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from ui.theme import current, icons, theme
from ui.widgets.labels import label
from ui.widgets.marks import Mark
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent

LEFT, MARGIN = 16, 40
"""At the bottom left, over the list: the composer and its Send are never covered."""


class Toast(QFrame):
    """Shows the newest notice over `parent`; hovering keeps it."""

    changed = Signal()
    """Whether there is something to undo may have changed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "popup")
        self._host = parent
        self._remaining = 0
        self._undo: Callable[[], None] | None = None
        self._mark = Mark("fail")
        self._text = label(wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Minimum)
        self._button = QPushButton(_("Undo"))
        self._button.setProperty("role", "flat")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.clicked.connect(self.take_back)
        self._act: Callable[[], None] | None = None
        self._remedy = QPushButton()
        self._remedy.setProperty("role", "flat")
        self._remedy.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._remedy.clicked.connect(self.act)
        self._close = QToolButton()
        self._close.setAccessibleName(_("Dismiss"))
        self._close.setToolTip(_("Dismiss"))
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.clicked.connect(self.dismiss)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self._lay_out()
        theme().changed.connect(self._on_theme)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text() if not self.isHidden() else ""

    @property
    def can_undo(self) -> bool:
        return self._undo is not None

    @property
    def remedy(self) -> str:
        """The words on the button that puts it right, "" when there is none."""
        return self._remedy.text() if self._act is not None else ""

    def say(
        self, text: str, undo: Callable[[], None] | None = None, seconds: int = 6, tone: str = "", hint: str = "",
        remedy: str = "", act: Callable[[], None] | None = None,
    ) -> None:
        """Show `text`; `tone` is "", "warn" or "fail", `hint` the key that undoes; `act` is what `remedy` does."""
        self._text.setText(text)
        self._undo = undo
        self._act = act
        self._remedy.setText(remedy)
        self._remedy.setVisible(act is not None)
        self._mark.setVisible(bool(tone))
        if tone:
            self._mark.set_state(tone)
        self._button.setVisible(undo is not None)
        self._button.setText(f"{_('Undo')}  {hint}" if hint else _("Undo"))
        self.setAccessibleName(text)
        self._paint_icon()
        self._place()
        self._host.installEventFilter(self)
        self.show()
        self.raise_()
        self._timer.start(seconds * 1_000)
        self.changed.emit()

    def take_back(self) -> None:
        """Undo what the toast speaks of, once."""
        undo, self._undo = self._undo, None
        self.dismiss()
        if undo is not None:
            undo()

    def act(self) -> None:
        """Do what puts it right, once."""
        act, self._act = self._act, None
        self.dismiss()
        if act is not None:
            act()

    def dismiss(self) -> None:
        self._timer.stop()
        self._undo = self._act = None
        self._host.removeEventFilter(self)
        self.hide()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, _event: QEnterEvent) -> None:
        self._remaining = self._timer.remainingTime()
        self._timer.stop()

    def leaveEvent(self, _event: QEvent) -> None:
        if not self.isHidden():
            self._timer.start(max(1_500, self._remaining))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(8)
        for widget in (self._mark, self._text, self._remedy, self._button, self._close):
            row.addWidget(widget, 1 if widget is self._text else 0)

    def _place(self) -> None:
        host = self._host
        width = min(480 if self._act is None else 496, host.width() - 2 * LEFT)
        extra = 140 if self._undo is not None else 72
        if self._act is not None:
            extra += self._remedy.sizeHint().width() + 8
        wish = self._text.fontMetrics().horizontalAdvance(self._text.text()) + extra + 24
        self.setFixedWidth(max(240, min(width, wish)))
        self.adjustSize()
        row = self.layout()
        if row is not None:  # words that wrap need more height than the hint of one line says
            self.resize(self.width(), max(self.height(), row.totalHeightForWidth(self.width())))
        self.move(LEFT, host.height() - self.height() - MARGIN)

    def _on_theme(self) -> None:
        if not self.isHidden():
            self._paint_icon()

    def _paint_icon(self) -> None:
        self._close.setIcon(icons.icon("close", current().text_quiet))
