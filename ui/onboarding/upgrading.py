"""Over the window while a store of an older program is brought up to date: how far it is, and that it can wait.

Small stores are done before anybody could read it, so nothing is shown for the first moments.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from ui.onboarding.page import in_the_middle
from ui.widgets.labels import label
from workstation.kernel.i18n import _

PATIENCE_MS = 300


class Upgrading(QWidget):
    """Covers `parent` from the first report on until `done`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.title = label(_("Your store is being brought up to date"), "title", wrap=True)
        self.words = label(_(
            "This version keeps more than the one that wrote it. You can close the window: nothing is lost, and it "
            "begins again with the next start."), "quiet", wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(_("Progress"))
        self.setAccessibleName(self.title.text())
        self.setAccessibleDescription(self.words.text())
        self._lay_out()
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self._appear)
        parent.installEventFilter(self)
        self.hide()

    def report(self, done: int, total: int) -> None:
        """How far; the first one begins."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.setAccessibleDescription(_("{n} %").format(n=done * 100 // total if total else 0))
        if self.isHidden() and not self._timer.isActive():
            self._timer.start()

    def done(self) -> None:
        """It is up to date, or could not be brought there, which is told elsewhere."""
        self._timer.stop()
        self._over.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.parent() and event.type() is QEvent.Type.Resize:
            self._fit()
        return False

    def _lay_out(self) -> None:
        inner = QWidget()
        inner.setMaximumWidth(480)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        for part in (self.title, self.words, self.bar):
            column.addWidget(part)
        in_the_middle(self, inner)

    def _appear(self) -> None:
        self._fit()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _fit(self) -> None:
        self.setGeometry(self._over.rect())
