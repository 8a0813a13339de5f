"""An exhibit of the binder, painted: its picture, number and title, what it is, how sure it is, caption and slot.

The caption is edited in the row itself (F2, or a double click on it): the field lies where the caption is painted.
"""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QObject, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.binder.list_model import PICTURE, ROW, Index, Row
from ui.inbox.fitting import colour, line, text_width
from ui.theme import current, fonts, icons
from ui.widgets.marks import paint_mark
from workstation.kernel.i18n import _

HEIGHT = 96
THUMB = QSize(96, 60)
LEFT = 44
"""Room for the number."""
TEXT = LEFT + THUMB.width() + 12
RIGHT = 12
TITLE, FACTS, CAPTION, SLOT = (8, 20), (29, 16), (48, 20), (72, 16)
"""Top and height of the four lines."""
LONGEST_CAPTION = 500
"""Characters that can be typed; a desk that takes fewer is told by the core."""


class ExhibitDelegate(QStyledItemDelegate):
    """Paints a Row."""

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        rect: QRect = option.rect
        return QSize(rect.width(), HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, picture = index.data(ROW), index.data(PICTURE)
        if not isinstance(row, Row):
            return
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        rect: QRect = option.rect
        _ground(painter, rect, option.state)
        _number(painter, rect, row)
        _thumbnail(painter, rect, row, picture if isinstance(picture, QPixmap) else None)
        _words(painter, rect, row)
        painter.restore()

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        field = QLineEdit(parent)
        field.setMaxLength(LONGEST_CAPTION)
        field.setAccessibleName(_("Caption"))
        field.setPlaceholderText(_("What does it show?"))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit):
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        rect: QRect = option.rect
        height = editor.sizeHint().height()
        top = rect.top() + CAPTION[0] + (CAPTION[1] - height) // 2
        editor.setGeometry(rect.left() + TEXT - 8, top, rect.width() - TEXT - RIGHT + 16, height)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter ends the caption and does not open the exhibit as well."""
        done = super().eventFilter(editor, event)
        enter = isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return done or (enter and event.type() == QEvent.Type.KeyPress)


def _ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
    tokens, flag = current(), QStyle.StateFlag
    if state & flag.State_Selected:
        painter.fillRect(rect, colour(tokens.surface_selected))
    elif state & flag.State_MouseOver:
        painter.fillRect(rect, colour(tokens.surface_hover))
    painter.setPen(QPen(colour(tokens.line), 1))
    painter.drawLine(rect.bottomLeft(), rect.bottomRight())
    if state & flag.State_HasFocus:
        painter.setPen(QPen(colour(tokens.focus), 2))
        painter.drawRect(rect.adjusted(1, 1, -2, -2))


def _number(painter: QPainter, rect: QRect, row: Row) -> None:
    tokens = current()
    name = tokens.text if row.included else tokens.text_quiet
    shown = line(str(row.number) if row.included else "–", fonts.TITLE, row.included)
    painter.setFont(fonts.font(fonts.TITLE, bold=row.included))
    painter.setPen(colour(name))
    left = rect.left() + (LEFT - shown.width) / 2
    painter.drawStaticText(QPointF(left, rect.top() + (HEIGHT - shown.height) / 2), shown.words)


def _thumbnail(painter: QPainter, rect: QRect, row: Row, picture: QPixmap | None) -> None:
    """The picture whole, in the middle of its room; a sheet where there is none, crossed out where it was erased."""
    tokens = current()
    room = QRectF(rect.left() + LEFT, rect.top() + (HEIGHT - THUMB.height()) / 2, THUMB.width(), THUMB.height())
    painter.setPen(QPen(colour(tokens.line_strong if row.erased else tokens.line), 1))
    painter.setBrush(colour(tokens.surface_sunken))
    painter.drawRect(room.adjusted(0.5, 0.5, -0.5, -0.5))
    if picture is not None and not picture.isNull():
        fitted = picture.size().scaled(THUMB - QSize(2, 2), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, fitted.width(), fitted.height())
        place.moveCenter(room.center())
        painter.setOpacity(1.0 if row.included else 0.45)
        painter.drawPixmap(place, picture, QRectF(picture.rect()))
        painter.setOpacity(1.0)
        return
    sheet = icons.pixmap("close" if row.erased else "file", tokens.text_quiet, icons.LARGE,
                         painter.device().devicePixelRatioF())
    painter.drawPixmap(QPointF(room.center().x() - icons.LARGE / 2, room.center().y() - icons.LARGE / 2), sheet)


def _words(painter: QPainter, rect: QRect, row: Row) -> None:
    tokens = current()
    strong = tokens.text if row.included else tokens.text_quiet
    _line(painter, rect, TITLE, row.title, fonts.BODY, strong, bold=row.included)
    taken = _line(painter, rect, FACTS, row.facts, fonts.CAPTION, tokens.text_quiet)
    _marks(painter, rect, row, rect.left() + TEXT + taken + 10)
    caption = row.caption or _("No caption yet: F2 writes one")
    _line(painter, rect, CAPTION, caption, fonts.BODY, tokens.text if row.caption else tokens.text_quiet)
    said = row.slot if row.included else _("Left out of the pack")
    _line(painter, rect, SLOT, said, fonts.CAPTION, tokens.text_quiet)


def _marks(painter: QPainter, rect: QRect, row: Row, left: int) -> None:
    """Shape, colour and word of each mark; where there is no room for the words, every shape all the same."""
    tokens, right = current(), rect.right() - RIGHT
    wide = left + sum(text_width(words, fonts.CAPTION) + 30 for _state, words in row.marks) - 12 <= right
    for state, words in row.marks:
        paint_mark(painter, QRectF(left, rect.top() + FACTS[0], 16, 16), state)
        left += 20
        if wide:
            shown = line(words, fonts.CAPTION, False)
            painter.setFont(fonts.font(fonts.CAPTION))
            painter.setPen(colour(tokens.text_quiet))
            painter.drawStaticText(QPointF(left - 2, rect.top() + FACTS[0] + (16 - shown.height) / 2), shown.words)
            left += text_width(words, fonts.CAPTION) + 10


def _line(
    painter: QPainter, rect: QRect, place: tuple[int, int], text: str, size: int, name: str, *, bold: bool = False,
) -> int:
    """A line from the side it is read from; returns the width its words take."""
    room = rect.width() - TEXT - RIGHT
    if not text or room < 16:
        return 0
    shown = line(text, size, bold, room)
    left = rect.left() + TEXT + (room - shown.width if shown.right_to_left else 0)
    painter.setFont(fonts.font(size, bold=bold))
    painter.setPen(colour(name))
    top, height = place
    painter.drawStaticText(QPointF(left, rect.top() + top + (height - shown.height) / 2), shown.words)
    return shown.width
