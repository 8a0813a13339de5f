"""A plain text field in which numbers, amounts and links inside Arabic or Hebrew run from left to right.

Unicode turns the groups of `702-7654321-7654321` around after an Arabic letter. The marks that stop this stand in the
document, for a text field draws nothing else; they are put in and taken out as a person types, the keys step over them,
and nobody who reads or copies the text ever gets one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui import direction

MARKS = (direction.FROM_LEFT, direction.END)
_NONE = dict.fromkeys(map(ord, MARKS))
MOST_STEPS = 4
"""Marks that may stand side by side: the end of one run and the beginning of the next, and as many to spare."""


class Isolating(QPlainTextEdit):
    """`toPlainText` and the clipboard have the text as it was written; the document has the marks besides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changed: tuple[int, int] | None = None
        self._isolating = False
        self.document().contentsChange.connect(self._on_contents)

    def toPlainText(self) -> str:
        return unmarked(super().toPlainText())

    def setPlainText(self, text: str) -> None:
        """With its marks from the beginning, so that there is nothing to undo."""
        super().setPlainText("\n".join(direction.readable(line) for line in unmarked(text).split("\n")))

    def createMimeDataFromSelection(self) -> QMimeData:
        copied = QMimeData()
        copied.setText(unmarked(self.textCursor().selection().toPlainText()))
        return copied

    def insertFromMimeData(self, source: QMimeData) -> None:
        self._as_one(partial(self.insertPlainText, unmarked(source.text())))

    def isolate(self) -> None:
        """Put the marks right in what was changed since the last time, as a part of that change. What is undone or done
        again has its marks already, and must not be changed under Qt's hands."""
        if self._isolating or self._changed is None or self.document().isRedoAvailable():
            return
        (begin, end), self._changed = self._changed, None
        self._isolating = True
        block = self.document().findBlock(begin)
        while block.isValid() and block.position() <= end:
            _isolate(block)
            block = block.next()
        self._isolating = False

    @property
    def isolating(self) -> bool:
        """The document changes now, the text does not."""
        return self._isolating

    def places(self, wanted: Iterable[str]) -> list[QTextCursor]:
        """Where each of `wanted` stands first, selected, whatever marks are within it."""
        raw = super().toPlainText()
        text, offsets = unmarked(raw), list(_offsets(raw))
        found = ((text.find(words), words) for words in wanted if words)
        return [self._selected(offsets[at], offsets[at + len(words) - 1] + _units(words[-1]))
                for at, words in found if at >= 0]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A step that went over a mark only is no step: it goes on to the next character."""
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._step_over(back=event.key() == Qt.Key.Key_Backspace)
        if self._within_a_line(event):
            self._as_one(partial(super().keyPressEvent, event))
            return
        before = self.textCursor().position()
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            for _step in range(MOST_STEPS):
                now = self.textCursor().position()
                if abs(now - before) != 1 or self.document().characterAt(min(now, before)) not in MARKS:
                    break
                before = now
                super().keyPressEvent(event)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        if event.commitString() and direction.has_rtl(self.textCursor().block().text()):
            self._as_one(partial(super().inputMethodEvent, event))
        else:
            super().inputMethodEvent(event)

    def _within_a_line(self, event: QKeyEvent) -> bool:
        """Whether this key changes one line, in which numbers stand between Arabic: what it does and the marks it moves
        are taken back in one. Elsewhere a whole word is."""
        if not (event.text().isprintable() and event.text()) and event.key() not in (
                Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            return False
        cursor = self.textCursor()
        block = cursor.block()
        inside = block.position() <= cursor.anchor() < block.position() + block.length()
        joins = not cursor.hasSelection() and (
            (event.key() == Qt.Key.Key_Backspace and cursor.atBlockStart())
            or (event.key() == Qt.Key.Key_Delete and cursor.atBlockEnd()))
        text = block.text() + event.text()
        return inside and not joins and direction.readable(unmarked(text)) != unmarked(text)

    def _as_one(self, change: Callable[[], None]) -> None:
        edit = QTextCursor(self.textCursor())
        edit.beginEditBlock()
        change()
        _isolate(self.textCursor().block())
        edit.endEditBlock()

    def _step_over(self, *, back: bool) -> None:
        cursor = self.textCursor()
        if cursor.hasSelection():
            return
        kind = QTextCursor.MoveOperation.PreviousCharacter if back else QTextCursor.MoveOperation.NextCharacter
        for _step in range(MOST_STEPS):
            if self.document().characterAt(cursor.position() - (1 if back else 0)) not in MARKS:
                break
            cursor.movePosition(kind)
        self.setTextCursor(cursor)

    def _selected(self, begin: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(begin)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def _on_contents(self, begin: int, _removed: int, added: int) -> None:
        if not self._isolating:
            earlier = self._changed or (begin, begin + added)
            self._changed = min(begin, earlier[0]), max(begin + added, earlier[1])


def unmarked(text: str) -> str:
    """`text` without the marks of this field."""
    return text.translate(_NONE)


def _isolate(block: QTextBlock) -> None:
    """Only what differs is changed: the cursor and what can be undone stay."""
    now = block.text()
    wanted = direction.readable(unmarked(now))
    if now == wanted:
        return
    cursor = QTextCursor(block)
    cursor.joinPreviousEditBlock()
    for place, mark in reversed(list(_edits(now, wanted))):
        cursor.setPosition(block.position() + place)
        if mark:
            cursor.insertText(mark)
        else:
            cursor.deleteChar()
    cursor.endEditBlock()


def _edits(now: str, wanted: str) -> Iterator[tuple[int, str]]:
    """What makes `wanted` of `now`, which differ in marks only: a place in UTF-16 units and the mark that comes there,
    "" for one that goes."""
    at = there = offset = 0
    while at < len(now) or there < len(wanted):
        if at < len(now) and there < len(wanted) and now[at] == wanted[there]:
            offset += _units(now[at])
            at, there = at + 1, there + 1
        elif at < len(now) and now[at] in MARKS:
            yield offset, ""
            offset += 1
            at += 1
        else:
            yield offset, wanted[there]
            there += 1


def _offsets(raw: str) -> Iterator[int]:
    """The place in the document of each character that is no mark, in UTF-16 units."""
    offset = 0
    for letter in raw:
        if letter not in MARKS:
            yield offset
        offset += _units(letter)


def _units(letter: str) -> int:
    return 2 if ord(letter) > 0xFFFF else 1
