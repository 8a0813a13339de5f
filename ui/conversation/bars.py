"""The bars below the messages: what others did meanwhile, and what was selected. They take room from below, so that
neither what is read nor the composer moves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui import a11y
from ui.conversation.buttons import WrapLabel, flat_button
from ui.widgets.marks import Mark
from workstation.kernel.i18n import _, ngettext


class ChangeBar(QFrame):
    """Sentences about a change that came from elsewhere."""

    seen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self._said: tuple[str, ...] = ()
        self._text = WrapLabel()
        self._see = flat_button(_("Show"), _("Show what changed"))
        self._close = flat_button(_("Close"), _("Close the news of this conversation"))
        self._see.clicked.connect(self._on_see)
        self._close.clicked.connect(self.forget)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(Mark("warn"), 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._see)
        layout.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, sentences: tuple[str, ...], key: str = "") -> None:
        """Add these to what is said; the newest is last, and what is said again is said once."""
        self._said = tuple(dict.fromkeys((*[one for one in self._said if one not in sentences], *sentences)))[-4:]
        self._text.setText(" ".join(self._said))
        self._text.setAccessibleName(self.text)
        self._see.setText(f"{_('Show')}  {key}" if key else _("Show"))
        self.show()
        a11y.announce(self, self.text)

    def forget(self) -> None:
        self._said = ()
        self.hide()

    def _on_see(self) -> None:
        self.forget()
        self.seen.emit()


class SelectionBar(QFrame):
    """How many messages are selected, and what can be done with them."""

    split = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "sunken")
        self._text = WrapLabel()
        self._split = flat_button(_("Move to a conversation of their own"))
        self._clear = flat_button(_("Clear"), _("Select no message"))
        self._split.clicked.connect(self.split)
        self._clear.clicked.connect(self.cleared)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._split)
        layout.addWidget(self._clear)
        self.hide()

    def show_count(self, count: int) -> None:
        text = ngettext("{n} message selected", "{n} messages selected", count).format(n=count)
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.setVisible(count > 0)
