"""Two records' pictures beside each other, looked at as one; or one of them, with what differs left bright."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.conversation.buttons import flat_button
from ui.conversation.pieces import StateLine
from ui.evidence.canvas import Canvas
from ui.evidence.drawing import to_rect
from ui.evidence.viewer_presenter import Compared
from ui.theme import current
from ui.widgets.choice import Choice
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import ElidedLabel
from ui.widgets.timetext import number
from workstation.evidence.model import Difference, RecordView
from workstation.kernel.i18n import _, ngettext

SHADE = 170
"""Opacity, of 255, of what is the same in both."""


class ComparePane(QWidget):
    """Keys: D shows what differs and back, [ and ] go from region to region, Esc leaves."""

    left = Signal()
    chosen = Signal(object)
    """Another RecordView to compare with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.one, self.other = Canvas(), Canvas()
        self.state = StateLine()
        self.marked = False
        self.region = -1
        self._difference: Difference | None = None
        self._following = False
        self._names = (ElidedLabel(role="caption"), ElidedLabel(role="caption"))
        self._choice = Choice(_("Compare with"))
        self._choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._choice.setMinimumContentsLength(24)
        self._lay_out()
        self._choice.activated.connect(self._on_choice)
        for canvas, twin in ((self.one, self.other), (self.other, self.one)):
            canvas.keys = self.key
            canvas.viewed.connect(partial(self._follow, canvas, twin))
            canvas.over = self._over

    def show_compared(self, found: Compared, choices: tuple[RecordView, ...]) -> None:
        """Both pictures, at the same place and zoom from now on."""
        self._difference, self.region, self.marked = found.difference, -1, False
        self._choice.clear()
        for record in choices:
            self._choice.addItem(_title(record), record)
        ids = [record.id for record in choices]
        self._choice.setCurrentIndex(ids.index(found.other.record.id) if found.other.record.id in ids else -1)
        self._following = True
        for canvas, seen, name in zip((self.one, self.other), (found.one, found.other), self._names, strict=True):
            canvas.show_levels(seen.levels, _title(seen.record))
            name.set_full_text(_title(seen.record))
        self._following = False
        self._look_alike(self.one, self.other)
        self._show()
        self.state.say(*told(found.difference))
        a11y.announce(self, self.state.text)
        self.one.setFocus()

    def toggle(self) -> None:
        """What differs, or both side by side."""
        self.marked = not self.marked
        self._show()

    def next_region(self, by: int = 1) -> None:
        """To another region that differs, close enough to see it."""
        if self._difference is None or not self._difference.regions:
            return
        regions = self._difference.regions
        self.region = (self.region + by) % len(regions) if self.region >= 0 else (0 if by > 0 else len(regions) - 1)
        rect = regions[self.region]
        room = self.other.viewport().size()
        close = min(room.width() / (rect.width * 2), room.height() / (rect.height * 2), 4.0)
        self.other.zoom_to(max(close * self.other.devicePixelRatioF(), 0.1))
        self.other.go_to(rect.x + rect.width / 2, rect.y + rect.height / 2)
        said = _("Region {n} of {all}: {width} × {height} pixels at {x}, {y}").format(
            n=self.region + 1, all=len(regions), width=rect.width, height=rect.height, x=rect.x, y=rect.y)
        self.other.setAccessibleDescription(said)
        a11y.announce(self, said)

    def key(self, event: QKeyEvent) -> bool:
        acts: dict[Qt.Key, Callable[[], None]] = {
            Qt.Key.Key_D: self.toggle, Qt.Key.Key_BracketRight: partial(self.next_region, 1),
            Qt.Key.Key_BracketLeft: partial(self.next_region, -1), Qt.Key.Key_Escape: self._leave,
        }
        act = acts.get(Qt.Key(event.key()))
        if act is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return False
        act()
        return True

    def _show(self) -> None:
        self._one_side.setVisible(not self.marked)
        self._toggle.setText(_("Side by side (D)") if self.marked else _("What differs (D)"))
        (self.other if self.marked else self.one).setFocus()
        for canvas in (self.one, self.other):
            canvas.viewport().update()

    def _over(self, painter: QPainter, _scale: float) -> None:
        """Frames around what differs; with the difference asked for, all else goes dark."""
        if self._difference is None:
            return
        regions = [to_rect(rect) for rect in self._difference.regions]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self.marked:
            self._darken(painter, regions)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for at, region in enumerate(regions):
            pen = QPen(QColor(current().fail), 4 if at == self.region else 2)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawRect(region)

    def _darken(self, painter: QPainter, regions: list[QRectF]) -> None:
        image = self.other.image
        if image is not None:
            same, differs = QPainterPath(), QPainterPath()
            same.addRect(QRectF(0, 0, image.width(), image.height()))
            differs.setFillRule(Qt.FillRule.WindingFill)
            for region in regions:
                differs.addRect(region)
            painter.fillPath(same.subtracted(differs), QColor(0, 0, 0, SHADE))

    def _follow(self, canvas: Canvas, twin: Canvas) -> None:
        if not self._following:
            self._look_alike(canvas, twin)

    def _look_alike(self, canvas: Canvas, twin: Canvas) -> None:
        self._following = True
        if canvas.fits:
            twin.fit()
            zoom = min(canvas.zoom, twin.zoom)
            if canvas.image is not None and twin.image is not None and canvas.image.size() != twin.image.size():
                twin.follow(zoom, canvas.centre)
        else:
            twin.follow(canvas.zoom, canvas.centre)
        self._following = False

    def _leave(self) -> None:
        self.left.emit()

    def _on_choice(self, at: int) -> None:
        record = self._choice.itemData(at)
        if isinstance(record, RecordView):
            self.chosen.emit(record)

    def _lay_out(self) -> None:
        bar = FlowLayout()
        self._toggle = flat_button(_("What differs (D)"), _("Show what differs"))
        buttons: tuple[tuple[QPushButton, Callable[[], None]], ...] = (
            (self._toggle, self.toggle), (flat_button("[", _("Region before")), partial(self.next_region, -1)),
            (flat_button("]", _("Next region")), partial(self.next_region, 1)),
            (flat_button(_("Back"), _("Back to the record (Esc)")), self._leave),
        )
        bar.addWidget(self._choice)
        for button, act in buttons:
            button.setAutoDefault(False)
            button.clicked.connect(partial(_without, act))
            bar.addWidget(button)
        sides = QHBoxLayout()
        sides.setSpacing(2)
        self._one_side = QWidget()
        for side, canvas, name in zip((self._one_side, QWidget()), (self.one, self.other), self._names, strict=True):
            column = QVBoxLayout(side)
            column.setContentsMargins(8, 0, 8, 0)
            column.addWidget(name)
            column.addWidget(canvas, 1)
            sides.addWidget(side, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        top = QVBoxLayout()
        top.setContentsMargins(8, 6, 8, 0)
        top.addLayout(bar)
        top.addWidget(self.state)
        layout.addLayout(top)
        layout.addLayout(sides, 1)


def _without(act: Callable[[], None], *_checked: object) -> None:
    """A button tells whether it is checked; nobody here asks."""
    act()


def _title(record: RecordView) -> str:
    return _("{title}, number {n}").format(title=record.title, n=record.sequence)


def told(difference: Difference) -> tuple[str, str]:
    """A state and a sentence: the same, or how much differs, and whether the sizes do."""
    if difference.exact:
        return "pass", _("Done to the original once more, the copy's operations give exactly this copy.")
    if difference.exact is False:
        return "fail", _("The copy is not what its operations make of the original.")
    if difference.same:
        return "pass", _("The pictures are the same, pixel for pixel.")
    sizes = "" if difference.same_size else _("The sizes differ: {one} and {other}. ").format(
        one="{} × {}".format(*difference.one), other="{} × {}".format(*difference.other))
    if not difference.pixels:
        return "warn", sizes + _("As far as both reach from the upper left corner they are the same.")
    regions = len(difference.regions)
    sentence = ngettext("{n} pixel differs", "{n} pixels differ", difference.pixels).format(n=number(difference.pixels))
    where = ngettext("in {n} region.", "in {n} regions.", regions).format(n=regions)
    return "warn", f"{sizes}{sentence} {where}"
