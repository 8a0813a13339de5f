"""The two text fields of the composer. They know when an input method is composing, hand pasted pictures and dropped
files on, write each paragraph in its own direction, and underline what must survive translation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QInputMethodEvent,
    QKeyEvent,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.composer.isolating import Isolating
from ui.conversation.texts import is_rtl
from workstation.kernel.i18n import _

MARKS_AT_MOST = 200
MOST_TYPED = 100_000
"""Letters of a text; a log that is pasted by mistake would make each key wait. More goes along as a file."""


class Editor(Isolating):
    """A plain text field of the composer."""

    image_pasted = Signal(object)
    files_dropped = Signal(object)
    refused = Signal(int)
    """A text of so many letters was to be pasted, which is too long."""
    left = Signal()
    """Escape: the person is done with typing for now."""
    typed = Signal()
    """The person changed the text; setting it from the program is silent."""
    _ahead: str | None = None
    """What was typed while the draft was on its way; None when none is awaited."""

    def __init__(self, name: str, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._composing = False
        self._silent = False
        self._marked: tuple[str, ...] = ()
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self._rtl = False
        self.textChanged.connect(self._on_changed)

    @property
    def composing(self) -> bool:
        """Whether an input method holds letters that are not decided yet: Enter belongs to it then."""
        return self._composing

    def show_text(self, text: str) -> None:
        """Put `text` in without telling anyone; the cursor goes to its end. Nothing happens when it is there."""
        if text == self.toPlainText():
            return
        self._silent = True
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self._silent = False
        self._underline()

    def hold(self) -> None:
        """The draft is on its way: what is typed until it is there is put into it, and is no key of the window."""
        if self.isReadOnly() and self._ahead is None:
            self._ahead = ""

    def put(self, text: str) -> None:
        """Write where the cursor is, on a line of its own; once the draft is there when that is on its way."""
        if self.isReadOnly():
            self._ahead = (self._ahead or "") + text
            return
        before = self.textCursor().block().text()[:self.textCursor().positionInBlock()]
        self.insertPlainText(f"\n{text}" if before.strip() else text)

    def setReadOnly(self, read_only: bool) -> None:
        super().setReadOnly(read_only)
        if not read_only and self._ahead is not None:
            text, self._ahead = self._ahead, None
            self.insertPlainText(text)

    def mark(self, items: Iterable[str]) -> None:
        """Underline these with dots wherever they stand."""
        wanted = tuple(items)
        if wanted != self._marked:
            self._marked = wanted
            self._underline()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif self._ahead is not None and _writes(event):
            self._ahead += "\n" if event.text() == "\r" else event.text()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._ahead is not None and isinstance(
                event, QKeyEvent) and _writes(event):
            event.accept()
            return True
        return bool(super().event(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ahead = None
        super().focusOutEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
        image = source.imageData() if source.hasImage() else None
        if paths:
            self.files_dropped.emit(tuple(paths))
        elif isinstance(image, QImage) and not image.isNull():
            self.image_pasted.emit(image)
        elif self.document().characterCount() + len(source.text()) > MOST_TYPED:
            self.refused.emit(len(source.text()))
        else:
            super().insertFromMimeData(source)

    def _on_changed(self) -> None:
        if self.isolating:
            return
        self._turn(is_rtl(self.toPlainText()[:500]))
        if not self._silent:
            if not self._composing:     # the input method's letters are not in the text yet
                self.isolate()
            self._underline()
            self.typed.emit()

    def _turn(self, rtl: bool) -> None:
        """Write from the right when the text begins so (a plain text field aligns by its option only)."""
        if rtl != self._rtl:
            self._rtl = rtl
            option = self.document().defaultTextOption()
            right, left = Qt.LayoutDirection.RightToLeft, Qt.LayoutDirection.LeftToRight
            option.setTextDirection(right if rtl else left)
            option.setAlignment(Qt.AlignmentFlag.AlignRight if rtl else Qt.AlignmentFlag.AlignLeft)
            self.document().setDefaultTextOption(option)

    def _underline(self) -> None:
        style = QTextCharFormat()
        style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        self.setExtraSelections([_selection(cursor, style) for cursor in self.places(self._marked[:MARKS_AT_MOST])])


def _writes(event: QKeyEvent) -> bool:
    """Whether a key writes something, AltGr or not."""
    plain = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    altgr = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    text = event.text()
    return bool(text) and (text.isprintable() or text == "\r") and plain in (Qt.KeyboardModifier.NoModifier, altgr)


def _selection(cursor: QTextCursor, style: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = cursor
    selection.format = style
    return selection


def body_editor(parent: QWidget | None = None) -> Editor:
    return Editor(_("Your text"), _("Write in your language"), parent)


def target_editor(parent: QWidget | None = None) -> Editor:
    return Editor(_("What the buyer reads"), _("The translation appears here"), parent)
