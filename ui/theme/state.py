"""Which theme is on, and who must repaint when it changes."""

from __future__ import annotations

import sys
from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme import fonts, style
from ui.theme.tokens import LIGHT, THEMES, Tokens

DRAWN = "drawn_by_fusion"
"""The property of an application that was started with `-style fusion`; asking for its style would load QStyle."""


class Theme(QObject):
    """The colours in use. `changed` is emitted after the application wears the new ones."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens = LIGHT
        self.wanted = "system"

    def choose(self, name: str) -> None:
        """Take the colours of a theme without dressing the application: before the first window is built, because
        every widget that joins a dressed window is styled again."""
        self.wanted = name
        self.tokens = THEMES[name] if name in THEMES else THEMES[_system()]
        if QApplication.instance() is not None:
            QApplication.setFont(fonts.font())

    def wear(self) -> None:
        """Dress the application in the chosen colours. What was built since `choose` has them already."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            _dress(application, self.tokens)

    def apply(self, name: str) -> None:
        """Wear "light", "dark", "contrast", or what the system wears ("system"), and tell whoever paints."""
        self.choose(name)
        self.wear()
        self.changed.emit()

    def follow_system(self) -> None:
        """Call once there is an application: follow the system as long as that is wanted."""
        QApplication.styleHints().colorSchemeChanged.connect(self._on_scheme)

    def _on_scheme(self) -> None:
        if self.wanted not in THEMES:
            self.apply(self.wanted)


@cache
def theme() -> Theme:
    """The one theme of the program."""
    return Theme()


def current() -> Tokens:
    """The colours in use now. Painted things ask again each time they paint."""
    return theme().tokens


def _system() -> str:
    return "dark" if QApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


def _dress(application: QApplication, tokens: Tokens) -> None:
    if not application.property(DRAWN) and sys.platform != "darwin":
        application.setStyle("Fusion")
        application.setProperty(DRAWN, True)
    application.setFont(fonts.font())
    application.setPalette(_palette(tokens))
    application.setStyleSheet(style.sheet(tokens))


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for name, colour in (
        (role.Window, tokens.surface), (role.WindowText, tokens.text), (role.Base, tokens.surface),
        (role.AlternateBase, tokens.surface_sunken), (role.Text, tokens.text), (role.Button, tokens.surface_raised),
        (role.ButtonText, tokens.text), (role.ToolTipBase, tokens.surface_raised), (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.accent), (role.HighlightedText, tokens.accent_text), (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent), (role.PlaceholderText, tokens.text_quiet), (role.Accent, tokens.accent),
        (role.Mid, tokens.line), (role.Dark, tokens.line_strong), (role.Light, tokens.surface_raised),
        (role.Midlight, tokens.line), (role.Shadow, tokens.line), (role.BrightText, tokens.fail),
    ):
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(tokens.text_disabled))
    return palette
