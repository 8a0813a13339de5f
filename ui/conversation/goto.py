"""Choosing a day of the conversation to go to."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QDate, QPoint, Qt, Signal
from PySide6.QtWidgets import QCalendarWidget, QDialog, QVBoxLayout, QWidget

from workstation.kernel.clock import to_datetime
from workstation.kernel.i18n import _


class DayChooser(QDialog):
    """A calendar; Enter or a press goes to the day, Escape does nothing. `chosen` carries where it begins (ms UTC)."""

    chosen = Signal(object)

    def __init__(self, at: int, now: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Go to a day"))
        self.calendar = QCalendarWidget()
        self.calendar.setAccessibleName(_("Go to a day"))
        self.calendar.setMaximumDate(_date(now))
        self.calendar.setSelectedDate(_date(at))
        self.calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        self.calendar.activated.connect(self._on_chosen)
        self.calendar.clicked.connect(self._on_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.calendar)

    def open_at(self, place: QPoint) -> None:
        """Show it there, with the keys on the calendar."""
        self.move(place)
        self.show()
        self.calendar.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_chosen(self, day: QDate) -> None:
        local = datetime(day.year(), day.month(), day.day()).astimezone()
        self.chosen.emit(round(local.timestamp() * 1_000))
        self.close()


def _date(at: int) -> QDate:
    local = to_datetime(at).astimezone()
    return QDate(local.year, local.month, local.day)
