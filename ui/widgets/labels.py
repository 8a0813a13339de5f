"""Labels in the few shapes the window uses."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QResizeEvent, Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget


def label(text: str = "", role: str = "", parent: QWidget | None = None, *, wrap: bool = False) -> QLabel:
    """A plain-text label. Roles are those of the stylesheet: "quiet", "caption", "title", "display", "error"."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def plain_tip(text: str) -> str:
    """A tooltip that shows `text` as it is. Qt takes words that look like markup for markup, and reads the pictures
    they name from wherever that is: nothing that somebody else wrote may be given to it bare."""
    return f"<p style='white-space:pre-wrap'>{escape(text)}</p>" if Qt.mightBeRichText(text) else text


def quiet(text: str = "", parent: QWidget | None = None) -> QLabel:
    return label(text, "quiet", parent)


def chip(text: str, parent: QWidget | None = None, *, tip: str = "") -> QLabel:
    """A quiet small box: an issue, a language, a channel."""
    made = label(text, "chip", parent)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.setToolTip(plain_tip(tip))
    return made


def key_cap(text: str, parent: QWidget | None = None) -> QLabel:
    """A key, as it is written on the keyboard."""
    made = label(text, "key", parent)
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return made


def rule(parent: QWidget | None = None, *, vertical: bool = False) -> QFrame:
    """A hairline between two areas."""
    made = QFrame(parent)
    made.setProperty("role", "line")
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made


def set_role(widget: QWidget, role: str) -> None:
    """Change a widget's role and let the stylesheet see it."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line that ends in "…" when it is too long; the whole text is in the tooltip and for screen readers."""

    _edges = 0
    """Pixels of its width that the text has not."""

    def __init__(
        self, text: str = "", role: str = "", parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(parent)
        self._full = self._tip = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)
        self.set_full_text(text)

    @property
    def full_text(self) -> str:
        return self._full

    def set_full_text(self, text: str) -> None:
        self._full = " ".join(text.split())
        self.setAccessibleName(self._full)
        self._elide()

    def setText(self, text: str) -> None:
        """As `set_full_text`: what is set otherwise is gone with the next change of width."""
        self.set_full_text(text)

    def set_tip(self, tip: str) -> None:
        """What a tooltip says besides the whole text of one that is cut."""
        self._tip = tip
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().sizeHint().height())

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self._full) + 4 + self._edges
        return QSize(width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self.width() - self._edges, 24)
        shown = QFontMetrics(self.font()).elidedText(self._full, self._mode, room)
        super().setText(shown)
        said = "\n".join(line for line in ("" if shown == self._full else self._full, self._tip) if line)
        self.setToolTip(plain_tip(said))


class ElidedChip(ElidedLabel):
    """A chip that is shortened where a line is too short for it. `wrong`: something is the matter with what it says."""

    _edges = 12

    def __init__(self, text: str, parent: QWidget | None = None, *, wrong: bool = False) -> None:
        super().__init__(text, "chip-warn" if wrong else "chip", parent)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.ensurePolished()   # its room is measured in its own font
