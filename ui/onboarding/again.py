"""The first steps once more, from the menu: over the home that is open, without the two that made it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.onboarding.assistant import Assistant
from ui.onboarding.session import Session
from ui.widgets.screen import open_within
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings


class FirstSteps(QWidget):
    """A window of its own, because the other one is built anew when the language changes."""

    setting_changed = Signal(str)
    left = Signal()

    def __init__(self, bridge: Bridge, settings: Settings) -> None:
        super().__init__()
        self._bridge = bridge
        self.session = Session(bridge, Path(), None, settings, self)
        self.assistant = Assistant(self.session)
        self.session.said = bridge.problem.emit
        self.session.language_changed.connect(self._on_language)
        for end in (self.assistant.finished, self.assistant.later):
            end.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.assistant)
        self.setMinimumSize(420, 420)
        open_within(self, 960, 720)
        self.setWindowTitle(_("Workstation: first steps"))

    def _on_language(self) -> None:
        self.setWindowTitle(_("Workstation: first steps"))
        self.setting_changed.emit("language")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.assistant.stop()
        super().closeEvent(event)
        self.left.emit()
