"""The parts a message is drawn from: its text, what happened to its translation, and how its delivery is doing."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QClipboard, QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from ui import a11y, direction
from ui.conversation import delivery
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.presenter import Entry
from ui.conversation.texts import rich
from ui.widgets.marks import Mark
from workstation.domain.conversation import Delivery
from workstation.kernel.actions import Action, title
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _

_STATES = {
    Delivery.DONE: "pass", Delivery.HELD: "pending", Delivery.QUEUED: "pending", Delivery.SENDING: "pending",
    Delivery.UNKNOWN: "unknown", Delivery.FAILED: "failed",
}


_USUAL_WIDTH = 400


class Prose(WrapLabel):
    """Text of a person: selectable, in its own direction, what must survive underlined, links clickable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.plain = ""
        self._heights: dict[int, int] = {}
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setOpenExternalLinks(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, survivors: Iterable[str] = ()) -> None:
        self.plain = text
        self._heights.clear()
        self.setText(rich(text, survivors))
        self.setAccessibleName(text[:2_000])
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        if "<a href" in self.text():
            flags |= Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.setTextInteractionFlags(flags)

    def sizeHint(self) -> QSize:
        """Any width will do; Qt's own answer lays the whole text out to say so."""
        return QSize(_USUAL_WIDTH, self.fontMetrics().height())

    def heightForWidth(self, width: int) -> int:
        """Qt lays the text out twice for each answer, and a layout asks several times."""
        known = self._heights.get(width)
        if known is None:
            known = self._heights[width] = super().heightForWidth(width)
        return known

    def changeEvent(self, event: QEvent) -> None:
        self._heights.clear()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.matches(QKeySequence.StandardKey.Copy):
            _as_written(QClipboard.Mode.Clipboard)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if QApplication.clipboard().supportsSelection() and self.hasSelectedText():
            _as_written(QClipboard.Mode.Selection)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        super().contextMenuEvent(event)
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            menu.triggered.connect(_copied, Qt.ConnectionType.QueuedConnection)


def _copied(*_chosen: object) -> None:
    _as_written(QClipboard.Mode.Clipboard)


def _as_written(mode: QClipboard.Mode) -> None:
    """What was just copied from a drawn text, without the marks that only drawing needs."""
    clipboard = QApplication.clipboard()
    drawn = clipboard.text(mode)
    written = direction.without_marks(drawn)
    if written != drawn:
        clipboard.setText(written, mode)


class StateLine(QWidget):
    """A mark, a sentence and perhaps one button."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = Mark("pending")
        self._text = WrapLabel(role="quiet")
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.button: QPushButton | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def say(self, state: str, sentence: str, action: str = "") -> None:
        """Show a state ("warn", "unknown", …) with its sentence; an empty sentence hides the line."""
        self._mark.set_state(state)
        self.set_sentence(sentence)
        if action and self.button is None:
            self.button = flat_button(action)
            self.button.clicked.connect(self.pressed)
            self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignVCenter)
        if self.button:
            self.button.setText(action)
            self.button.setAccessibleName(action or _("Nothing to do"))
            self.button.setVisible(bool(action))
        self.setVisible(bool(sentence))

    def set_sentence(self, sentence: str) -> None:
        self._text.setText(sentence)
        self._text.setAccessibleName(sentence)


class DeliveryLine(StateLine):
    """How a reply is doing; a held one counts down. `chosen` carries "undo", "retry" or "look"."""

    chosen = Signal(str)

    def __init__(self, clock: Clock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._state = Delivery.DONE
        self._known = False
        self._reason = ""
        self._release_at: int | None = None
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._tick)
        self.pressed.connect(self._on_pressed)

    def show_delivery(self, state: Delivery, reason: str, release_at: int | None, can_act: bool) -> None:
        """`can_act`: the reply is known to be on its way, so that it can be named in a command."""
        news = self._known and state is not self._state
        self._state, self._reason, self._release_at, self._known = state, reason, release_at, True
        told = delivery.told(state)
        self.say(_STATES[state], self._words(), told.label if can_act else "")
        if news:
            a11y.announce(self, self._words())
        if state is Delivery.HELD and release_at:
            self._timer.start()
        else:
            self._timer.stop()

    def rest(self) -> None:
        """It is of no message now: what comes next is no news of it."""
        self._timer.stop()
        self._known = False
        self.hide()

    def _words(self) -> str:
        return delivery.sentence(self._state, self._reason, self._release_at, self._clock.now())

    def _tick(self) -> None:
        self.set_sentence(self._words())

    def _on_pressed(self) -> None:
        self.chosen.emit(delivery.told(self._state).action)

def quiet_line(sentence: str) -> WrapLabel:
    """A sentence about a message that asks for nothing."""
    line = WrapLabel(sentence, "quiet")
    line.setAccessibleName(sentence)
    return line


def translation_state(entry: Entry) -> tuple[str, str, str]:
    """What a state line says of a translation that is not there: state, sentence, what can be done."""
    if entry.message.translation or not entry.translation:
        return "pending", "", ""
    if entry.translation == "working":
        return "pending", _("Translating…"), ""
    absent = entry.translation == "absent"
    return "unknown", entry.problem, title(Action.INSTALL_LANGUAGE) if absent else _("Try again")
