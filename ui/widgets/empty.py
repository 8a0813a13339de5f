"""What an area shows when it has nothing to show: one sentence and one action."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.theme import current, icons, theme
from ui.widgets.labels import label, set_role


class EmptyState(QWidget):
    """A sentence in the middle, with at most one button. Also used for loading, offline and error."""

    def __init__(self, parent: QWidget | None = None, *, icon_now: bool = True) -> None:
        """`icon_now` False keeps the icon's place and leaves it to `draw_icon`, after the first paint."""
        super().__init__(parent)
        self._draws = icon_now
        self._slot: Callable[[], None] | None = None
        self._icon_name = ""
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        self._sentence = label(role="quiet", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._button = QPushButton()
        self._button.clicked.connect(self._on_clicked)
        self._lay_out()
        self.show_state("")
        theme().changed.connect(self._paint_icon)

    def show_state(
        self, sentence: str, action: str = "", slot: Callable[[], None] | None = None, *, icon: str = "",
        tone: str = "quiet",
    ) -> None:
        """Say `sentence`; `action` is the button's text and `slot` what it does. `tone` is "quiet" or "error"."""
        self._sentence.setText(sentence)
        self._sentence.setAccessibleName(sentence)
        self.setAccessibleName(sentence)  # it may have the focus of what it stands for
        set_role(self._sentence, tone)
        self._button.setText(action)
        self._button.setAccessibleName(action)
        self._button.setVisible(bool(action))
        self._slot = slot
        self._icon_name = icon
        self._paint_icon()

    def draw_icon(self) -> None:
        """Draw the icon, if that was left for later."""
        self._draws = True
        self._paint_icon()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch(2)
        layout.addWidget(self._icon)
        layout.addWidget(self._sentence)
        layout.addWidget(self._button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def _paint_icon(self) -> None:
        self._icon.setVisible(bool(self._icon_name))
        self._icon.setFixedHeight(icons.LARGE)
        if self._icon_name and self._draws:
            self._icon.setPixmap(icons.pixmap(self._icon_name, current().text_quiet, icons.LARGE, 2))

    def _on_clicked(self) -> None:
        if self._slot is not None:
            self._slot()
