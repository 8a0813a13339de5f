"""The seconds before a delayed capture, large and with a way out; gone from the screen when it is taken."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QScreen
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.theme import fonts
from ui.widgets.labels import label
from workstation.kernel.i18n import _, ngettext

SETTLE_MS = 250
"""So long a window that was hidden may still be on the screen: a compositor draws when it likes."""
_MARGIN = 32


class Countdown(QWidget):
    """`ended` when it is time; `cancelled` when the person thought better of it. It never takes the focus away."""

    ended = Signal()
    cancelled = Signal()

    def __init__(self, seconds: int, screen: QScreen | None = None) -> None:
        kind = Qt.WindowType
        super().__init__(None, kind.Tool | kind.FramelessWindowHint | kind.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(_("Delayed capture"))
        self.left = seconds
        self._number = QLabel()
        self._number.setFont(fonts.font(fonts.DISPLAY, bold=True))
        self._number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton(_("Cancel"))
        self.button.clicked.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(label(_("The screen is captured in"), "quiet"))
        layout.addWidget(self._number)
        layout.addWidget(self.button)
        self._clock = QTimer(self, interval=1_000)
        self._clock.timeout.connect(self.tick)
        self._over = False
        self._say()
        self._place(screen)

    def begin(self) -> None:
        """Show it and count."""
        self.show()
        self._clock.start()

    def tick(self) -> None:
        """A second passed."""
        self.left -= 1
        if self.left > 0:
            self._say()
            return
        self._clock.stop()
        self._over = True
        self.hide()
        QTimer.singleShot(SETTLE_MS, self._end)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._clock.stop()
        if not self._over:
            self._over = True
            self.cancelled.emit()
        super().closeEvent(event)

    def _end(self) -> None:
        self.ended.emit()
        self.close()

    def _say(self) -> None:
        text = ngettext("{n} second", "{n} seconds", self.left).format(n=self.left)
        self._number.setText(text)
        self.setAccessibleName(text)
        self.button.setAccessibleName(_("Cancel the delayed capture"))
        a11y.announce(self, text)

    def _place(self, screen: QScreen | None) -> None:
        """In the lower right corner, where it covers least; a Wayland desktop places it itself."""
        self.adjustSize()
        if screen is not None:
            area = screen.availableGeometry()
            self.move(area.right() - self.width() - _MARGIN, area.bottom() - self.height() - _MARGIN)
