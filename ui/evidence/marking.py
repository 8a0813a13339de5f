"""Marking and redacting a picture by keys or mouse: a bar of tools, and what the keys do to the change in hand.

A key takes a tool in hand; arrows move it, with Shift they resize, with Ctrl in tens; Enter puts it down, Esc lets go.
Nothing is stored before it is saved, and then as a new record.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.conversation.buttons import WrapLabel, flat_button
from ui.evidence.canvas import Canvas
from ui.evidence.drawing import bounds, draw, to_rect
from ui.evidence.sketch import LONGEST_WORDS, Sketch, Tool
from ui.theme import current
from ui.widgets.flow import FlowLayout
from workstation.evidence.model import Arrow, Box, Crop, Number, Operation, Rect, Redact, Words
from workstation.kernel.i18n import N_, _

TOOLS = {
    Tool.ARROW: (N_("Arrow"), "A"), Tool.BOX: (N_("Box"), "B"), Tool.WORDS: (N_("Words"), "T"),
    Tool.NUMBER: (N_("Number"), "N"), Tool.REDACT: (N_("Redact"), "R"), Tool.CROP: (N_("Crop"), "X"),
}
_KEYS = {Qt.Key[f"Key_{key}"]: tool for tool, (_name, key) in TOOLS.items()}
_MOVES = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}
SHADE = 150
"""Opacity, of 255, of what a crop leaves out."""


class MarkBar(QWidget):
    """Tools over one canvas. `saved` carries the operations and whether the window's title goes along."""

    saved = Signal(object, bool)
    left = Signal()
    """Marking ended; nothing is in hand or placed."""

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self.sketch = Sketch(1, 1)
        self.tool: Tool | None = None
        self.buttons: dict[Tool, QPushButton] = {}
        self.words = QLineEdit()
        self.words.setMaxLength(LONGEST_WORDS)
        self.words.setPlaceholderText(_("What it is to say"))
        self.words.setAccessibleName(_("Words on the picture"))
        self.keep_title = QCheckBox(_("With the window's title"))
        self.hint = WrapLabel("", "quiet")
        self._lay_out()
        self.words.textChanged.connect(self._on_words)
        self.words.returnPressed.connect(self._on_words_done)
        self.hide()

    def begin(self, tool: Tool | None = None) -> None:
        """Mark the canvas's picture, anew or going on, with a tool in hand when one is named."""
        image = self.canvas.image
        if image is None:
            return
        if self.isHidden():
            self.sketch = Sketch(image.width(), image.height())
            self.canvas.over, self.canvas.keys = self.paint, self.key
            self.canvas.dragged.connect(self._on_dragged)
            self.show()
        self.canvas.setFocus()
        self.choose(tool)

    def end(self) -> None:
        """Leave, and forget what was not saved."""
        if not self.isHidden():
            self.canvas.dragged.disconnect(self._on_dragged)
            self.canvas.over = self.canvas.keys = None
            self.canvas.drawing = False
            self.sketch = Sketch(1, 1)
            self.tool = None
            self.hide()
            self.canvas.viewport().update()
            self.left.emit()

    def choose(self, tool: Tool | None) -> None:
        """Another tool; its change is in hand at once, so that keys alone can place it."""
        self.tool = tool
        self.canvas.drawing = tool is not None
        self.sketch.cancel()
        if tool is not None:
            self.sketch.begin(tool, self.canvas.seen(), self.words.text())
        self._show()
        if tool is Tool.WORDS:
            self.words.setFocus()
            self.words.selectAll()
        elif tool is not None:
            self.canvas.setFocus()

    def save(self) -> None:
        """What is in hand is put down first."""
        self.sketch.place()
        self._show()
        if self.sketch.done:
            self.saved.emit(self.sketch.done, self.keep_title.isChecked())
        else:
            self._say(_("Nothing is marked or redacted yet."))

    def undo(self) -> None:
        self._told(self.sketch.undo(), _("Taken back."))

    def redo(self) -> None:
        self._told(self.sketch.redo(), _("Done again."))

    def remove(self) -> None:
        self._told(self.sketch.remove(), _("Taken away."))

    def key(self, event: QKeyEvent) -> bool:
        """What a key does while the picture is being marked; False leaves it to the canvas."""
        key, held = Qt.Key(event.key()), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        if key in _MOVES and self.sketch.draft is not None:
            self._step(key, control, bool(held & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            self._place()
        elif key == Qt.Key.Key_Escape:
            self.escape()
        elif key in (Qt.Key.Key_Comma, Qt.Key.Key_Period) and not control:
            self._pick(1 if key == Qt.Key.Key_Period else -1)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        elif key in _KEYS and not control:
            self.choose(_KEYS[key])
        else:
            return False
        return True

    def escape(self) -> None:
        """Let go of what is in hand; with nothing in hand and nothing placed, leave."""
        if self.sketch.draft is not None:
            self.sketch.cancel()
            self.choose(None)
        elif self.sketch.done:
            self._say(_("Save the copy with Ctrl+S, or discard what you marked."))
        else:
            self.end()

    def paint(self, painter: QPainter, scale: float) -> None:
        """Everything that is placed and in hand, in pixels of the picture."""
        for one in self.sketch.shown:
            self._paint(painter, one)
        if self.sketch.draft is not None:
            self._paint(painter, self.sketch.draft)
            self._outline(painter, self.sketch.draft, scale)

    def _paint(self, painter: QPainter, one: Operation) -> None:
        painter.save()
        if isinstance(one, Redact):
            painter.fillRect(to_rect(one.rect), Qt.GlobalColor.black)
        elif isinstance(one, Crop):
            outside = QPainterPath()
            outside.addRect(QRectF(0, 0, self.sketch.width, self.sketch.height))
            outside.addRect(to_rect(one.rect))
            painter.fillPath(outside, QColor(0, 0, 0, SHADE))
        else:
            draw(painter, one, self.sketch.width)
        painter.restore()

    def _outline(self, painter: QPainter, one: Operation, scale: float) -> None:
        """A dashed frame around what is in hand, seen on light and dark, two pixels of the screen away."""
        rect = to_rect(one.rect) if isinstance(one, Redact | Crop) else bounds(one, self.sketch.width)
        away = 2 / scale
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, style in (("#ffffff", Qt.PenStyle.SolidLine), (current().focus, Qt.PenStyle.DashLine)):
            pen = QPen(QColor(colour), 2, style)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawRect(rect.adjusted(-away, -away, away, away))

    def _step(self, key: Qt.Key, tens: bool, resize: bool) -> None:
        by = 10 if tens else 1
        dx, dy = _MOVES[key]
        (self.sketch.resize if resize else self.sketch.move)(dx * by, dy * by)
        self._show()
        if self.sketch.draft is not None:
            self.canvas.reveal(_around(self.sketch.draft, self.sketch.width))

    def _place(self) -> None:
        if self.sketch.place():
            self._show()
            self._say(_("Placed. {hint}").format(hint=self._next_hint()))
        elif isinstance(self.sketch.draft, Words):
            self.words.setFocus()

    def _pick(self, step: int) -> None:
        if self.sketch.pick(step):
            if isinstance(self.sketch.draft, Words):
                with QSignalBlocker(self.words):
                    self.words.setText(self.sketch.draft.text)
            self._show()
            self._say(self.hint.text())

    def _told(self, done: bool, sentence: str) -> None:
        self._show()
        self._say(sentence if done else _("There is nothing to take back."))

    def _say(self, sentence: str) -> None:
        self.hint.setText(sentence)
        a11y.announce(self, sentence)

    def _next_hint(self) -> str:
        return _("A key takes the next tool, . and , take one in hand again, Ctrl+S saves the copy.")

    def _show(self) -> None:
        draft = self.sketch.draft
        for tool, button in self.buttons.items():
            button.setChecked(tool is self.tool and draft is not None)
        self.words.setEnabled(isinstance(draft, Words))
        self.undo_button.setEnabled(self.sketch.can_undo)
        self.redo_button.setEnabled(self.sketch.can_redo)
        self.remove_button.setEnabled(self.sketch.changed)
        self.save_button.setEnabled(self.sketch.changed)
        keys = _("arrows move, Shift resizes, Ctrl in tens, Enter puts it down, Esc lets go")
        self.hint.setText(f"{place(draft)}   ·   {keys}" if draft is not None else _(
            "A tool's key takes it in hand; or draw with the mouse. {hint}").format(hint=self._next_hint()))
        self.canvas.setAccessibleDescription(self.hint.text())
        self.canvas.viewport().update()

    def _on_words(self, text: str) -> None:
        self.sketch.reword(text)
        self.canvas.viewport().update()

    def _on_words_done(self) -> None:
        """From the field to the picture, where arrows move the words."""
        if self.words.text().strip():
            self.canvas.setFocus()
            self._show()

    def _on_dragged(self, start: tuple[int, int], end: tuple[int, int], done: bool) -> None:
        if self.tool is None:
            return
        self.sketch.drag(self.tool, start, end, self.words.text())
        self._show()
        if not done:
            return
        if self.tool is Tool.WORDS and not self.words.text().strip():
            self.words.setFocus()
        else:
            self._place()

    def _lay_out(self) -> None:
        row = FlowLayout()
        for tool, (name, key) in TOOLS.items():
            button = flat_button(f"{_(name)} ({key})", _(name))
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._on_tool, tool))
            self.buttons[tool] = button
            row.addWidget(button)
        self.words.setFixedWidth(170)
        row.addWidget(self.words)
        self.undo_button = self._button(_("Undo"), _("Take back the last change (Ctrl+Z)"), self.undo)
        self.redo_button = self._button(_("Redo"), _("Do it again (Ctrl+Shift+Z)"), self.redo)
        self.remove_button = self._button(_("Remove"), _("Take away the one in hand, or the last (Del)"), self.remove)
        self.discard_button = self._button(_("Discard"), _("Leave without a copy"), self.end)
        self.save_button = self._button(_("Save copy"), _("Seal a copy with these changes (Ctrl+S)"), self.save)
        self.save_button.setProperty("role", "primary")
        for widget in (self.undo_button, self.redo_button, self.remove_button, self.keep_title, self.discard_button,
                       self.save_button):
            row.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.hint)

    def _button(self, text: str, tip: str, slot: object) -> QPushButton:
        button = flat_button(text, tip)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _on_tool(self, tool: Tool, _checked: bool = False) -> None:
        self.choose(tool)


def place(one: Operation) -> str:
    """What is in hand and where, for the line below and for a screen reader."""
    if isinstance(one, Arrow):
        return _("Arrow from {x}, {y} to {x2}, {y2}").format(x=one.x1, y=one.y1, x2=one.x2, y2=one.y2)
    if isinstance(one, Words):
        return _("Words at {x}, {y}, {n} pixels high").format(x=one.x, y=one.y, n=one.size)
    if isinstance(one, Number):
        return _("Number {n} at {x}, {y}").format(n=one.number, x=one.x, y=one.y)
    name = _("Box") if isinstance(one, Box) else _("Redact") if isinstance(one, Redact) else _("Crop")
    area = _("{width} × {height} pixels at {x}, {y}").format(
        width=one.rect.width, height=one.rect.height, x=one.rect.x, y=one.rect.y)
    return f"{name}: {area}"


def _around(one: Operation, width: int) -> Rect:
    if isinstance(one, Redact | Crop):
        return one.rect
    area = bounds(one, width)
    return Rect(int(area.x()), int(area.y()), int(area.width()) + 1, int(area.height()) + 1)
