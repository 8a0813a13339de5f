"""A message as it came. Its headers first; of a mail of 50 MB the first part, and more as it is asked for. It is only
ever text: nothing in it is run, fetched or followed."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextCursor
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from ui.bridge import Bridge
from ui.conversation.buttons import flat_button
from ui.conversation.windows import as_text
from ui.theme import fonts
from ui.widgets.labels import label
from ui.widgets.screen import open_within
from ui.widgets.timetext import size
from workstation.api import Core
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

FIRST = 200_000
MORE = 250_000
"""Bytes that are shown at first, and with each wish for more."""
MOST = 8_000_000
"""Bytes that one window shows; a field of text slows down beyond them. The rest can be searched and saved."""


class SourceWindow(QDialog):
    """Raw mail in a font of fixed width, with a field to find in all of it."""

    def __init__(self, bridge: Bridge, content: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._content = content
        self._shown = 0
        self._found = -1
        self.setWindowTitle(_("Source of the message"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QPlainTextEdit()
        self.find_field = QLineEdit()
        self.said = label(role="quiet")
        self._more = flat_button(_("Show more"))
        self._lay_out()
        self.show_more(FIRST)

    @property
    def shown_bytes(self) -> int:
        return self._shown

    def show_more(self, count: int = MORE) -> None:
        """Add the next part at the end."""
        end_at = min(self._shown + count, MOST, len(self._content))
        at_line = self._content.rfind(b"\n", max(self._shown, end_at - 4_000), end_at) + 1
        part = self._content[self._shown : at_line or end_at] if end_at < len(self._content) else (
            self._content[self._shown : end_at])
        if part:
            keep = self.field.textCursor()
            end = QTextCursor(self.field.document())
            end.movePosition(QTextCursor.MoveOperation.End)
            end.insertText(as_text(part))
            self._shown += len(part)
            self.field.setTextCursor(keep)
        self._more.setVisible(self._shown < min(MOST, len(self._content)))
        self.said.setText(_("{shown} of {all} shown").format(shown=size(self._shown), all=size(len(self._content))))

    def find_next(self) -> None:
        """Go to the next place where the words stand, in what is shown or beyond it. Capitals do not count."""
        words = self.find_field.text()
        if words:
            start = self._found + 1
            self._bridge.call(partial(_find, self._content, words, start), self._on_found, self, replaces="find")

    def save_to(self, path: str) -> None:
        """Write the whole source to `path`."""
        self._bridge.call(partial(_write, self._content, Path(path)), self._on_saved, self)

    def _lay_out(self) -> None:
        self.field.setReadOnly(True)
        self.field.setUndoRedoEnabled(False)
        self.field.setFont(fonts.fixed())
        self.field.setAccessibleName(_("Source of the message"))
        self.field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.find_field.setPlaceholderText(_("Find in the source"))
        self.find_field.setAccessibleName(_("Find in the source"))
        self.find_field.returnPressed.connect(self.find_next)
        self.find_field.textEdited.connect(self._on_edited)
        self._more.clicked.connect(self._on_more)
        find = flat_button(_("Find next"))
        find.clicked.connect(self.find_next)
        save = flat_button(_("Save…"), _("Save the source"))
        save.clicked.connect(self._on_save)
        for key, slot in (("Ctrl+F", self._on_find_key), ("F3", self.find_next), ("Ctrl+S", self._on_save)):
            QShortcut(QKeySequence(key), self).activated.connect(slot)
        bar = QHBoxLayout()
        bar.setSpacing(6)
        for widget, stretch in ((self.find_field, 1), (find, 0), (self.said, 0), (self._more, 0), (save, 0)):
            bar.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(bar)
        layout.addWidget(self.field, 1)
        open_within(self, 860, 640)
        self.field.setFocus()
        for widget in (find, save, self._more):
            widget.setAutoDefault(False)

    def _on_found(self, place: int) -> None:
        if place < 0:
            again = self._found >= 0
            self._found = -1
            self.said.setText(_("No more of it. Enter begins again.") if again else _("It does not stand here."))
            return
        self._found = place
        words = self.find_field.text()
        if place + len(words.encode()) > self._shown and place < MOST:
            self.show_more(place + len(words.encode()) + MORE // 5 - self._shown)
        if place >= self._shown:
            beyond = _("It stands at byte {n}, beyond what is shown. Save the source to read it.")
            self.said.setText(beyond.format(n=place))
            return
        cursor = self._cursor_at(place, words)
        if cursor is not None:
            self.field.setTextCursor(cursor)
            self.field.centerCursor()
            self.said.setText(_("Found"))

    def _cursor_at(self, place: int, words: str) -> QTextCursor | None:
        """What is shown breaks long lines, so the text before gives about where to look."""
        lines = self._content.count(b"\n", 0, place)
        block = self.field.document().findBlockByNumber(lines)
        start = QTextCursor(block if block.isValid() else self.field.document().begin())
        found = self.field.document().find(words, start)
        return None if found.isNull() else found

    def _on_edited(self) -> None:
        self._found = -1

    def _on_find_key(self) -> None:
        self.find_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_field.selectAll()

    def _on_more(self) -> None:
        self.show_more()

    def _on_save(self) -> None:
        dialog = QFileDialog(self, _("Save the source"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile("message.eml")
        dialog.fileSelected.connect(self.save_to)
        dialog.open()

    def _on_saved(self, path: Path) -> None:
        self.said.setText(_("Saved as {name}.").format(name=path.name))


async def _find(content: bytes, words: str, start: int, _core: Core) -> int:
    return await asyncio.to_thread(_search, content, words, start)


def _search(content: bytes, words: str, start: int) -> int:
    """The place of `words` at or after `start`, -1 nowhere. ASCII letters in either case, others exactly; read in
    pieces, so that no second copy of a large mail is made."""
    wanted = words.encode().lower()
    step = 1 << 20
    for at in range(start, len(content), step):
        place = content[at : at + step + len(wanted) - 1].lower().find(wanted)
        if place >= 0:
            return at + place
    return -1


async def _write(content: bytes, path: Path, _core: Core) -> Path:
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as problem:
        sentence = _("{name} could not be written.").format(name=path.name)
        raise InputError(sentence, _("Choose another folder.")) from problem
    return path
