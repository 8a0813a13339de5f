"""One record up close: its picture to the pixel or its text, all that it says of itself, its original and its copies,
beside another one, and what is marked and redacted on it to be kept as a copy.

Keys: PgUp and PgDn go through the case; O and C to the original and the copies; D compares; I shows what the record
says; W frames the words read; A B T N R X take a tool; Ctrl+C copies the picture, H the hash; Esc goes back a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QHBoxLayout,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.windows import readable
from ui.evidence import words
from ui.evidence.canvas import Canvas
from ui.evidence.compare import ComparePane
from ui.evidence.facts_panel import FactsPanel
from ui.evidence.found_words import FoundWords
from ui.evidence.marking import TOOLS, MarkBar
from ui.evidence.opening import FilePage
from ui.evidence.read_text import ReadText
from ui.evidence.sketch import Tool
from ui.evidence.viewer_bar import ViewerBar
from ui.evidence.viewer_presenter import Compared, Seen, ViewerPresenter
from ui.theme import fonts
from ui.widgets.progress import ProgressLine
from ui.widgets.screen import open_within
from workstation.evidence.model import Operation, RecordView
from workstation.kernel.i18n import _

_TOOL_KEYS = {Qt.Key[f"Key_{key}"]: tool for tool, (_name, key) in TOOLS.items()}


class RecordWindow(QDialog):
    """Shows a record once its seal is checked, and the others of its case one key away."""

    def __init__(self, bridge: Bridge, record: RecordView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.presenter = ViewerPresenter(bridge, record, self)
        self.canvas = Canvas()
        self.marks = MarkBar(self.canvas)
        self.compare = ComparePane()
        self.text = RecordText()
        self.file = FilePage(bridge)
        self.facts = FactsPanel()
        self.read = ReadText(bridge)
        self.found = FoundWords(self.canvas, self.read, self.marks)
        self.bar = ViewerBar()
        self.question: QMessageBox | None = None
        self._shown: Seen | None = None
        self._raw = False
        self._progress = ProgressLine(cancellable=False)
        self._lay_out()
        self._wire()
        open_within(self, 1_160, 760)
        self.presenter.open(record)

    @property
    def page(self) -> QWidget:
        """What is shown: the canvas, the text, the page of a file, or two pictures beside each other."""
        return self._stack.currentWidget() or self

    @property
    def marking(self) -> bool:
        return not self.marks.isHidden()

    def go(self, record: RecordView) -> None:
        """To another record, unless something is marked that was not saved."""
        if self._free():
            self.marks.end()
            self.presenter.open(record)

    def step(self, by: int) -> None:
        if self._free():
            self.marks.end()
            self.presenter.step(by)

    def original(self) -> None:
        record = self.presenter.original()
        if record is not None:
            self.go(record)
        else:
            self.bar.say("unknown", _("This record is an original."))

    def copies(self) -> None:
        """To the first copy."""
        copies = self.presenter.copies()
        if copies:
            self.go(copies[0])
        else:
            self.bar.say("unknown", _("There is no copy of this record."))

    def compare_with(self, record: RecordView | None = None) -> None:
        """Beside another one: by itself the original, a copy, or the picture before it in the case."""
        other = record or self.presenter.original() or next(iter(self.presenter.copies()), None)
        pictures = self.presenter.pictures()
        other = other or next((one for one in reversed(pictures) if one.sequence < self.presenter.record.sequence),
                              next(iter(pictures), None))
        if self.page is self.text or other is None or self.canvas.image is None:
            self.bar.say("unknown", _("There is no other picture in this case to compare with."))
        elif self._free():
            self.marks.end()
            self.presenter.compare(other)

    def mark(self, tool: Tool | None = None) -> None:
        """Mark or redact the picture."""
        if self.page is self.canvas and self.canvas.image is not None:
            self.marks.begin(tool)
        else:
            self.bar.say("unknown", _("Only pictures can be marked and redacted."))

    def copy_picture(self) -> None:
        """To the clipboard, once it is on record that it left the store."""
        if self.canvas.image is not None and self.page is self.canvas:
            self.presenter.hand_out()

    @Slot()
    def _on_copied(self) -> None:
        if self.canvas.image is not None:
            QGuiApplication.clipboard().setImage(self.canvas.image)
            self.bar.say("pass", _("The picture is in the clipboard. A pasted picture is no proof: export the record."))

    def copy_hash(self) -> None:
        """The file's hash, or the record's where there is no file."""
        seen = self._shown
        if seen is not None:
            said = seen.record.sha256 or seen.details.record_hash
            QGuiApplication.clipboard().setText(said)
            self.bar.say("pass", _("SHA-256 copied: {hash}").format(hash=said))

    def toggle_facts(self) -> None:
        if self.page is not self.compare:
            self.facts.setVisible(self.facts.isHidden())
            self.bar.facts.setChecked(not self.facts.isHidden())
        self.read.set_open(not self.facts.isHidden())

    def toggle_source(self) -> None:
        """A text as it was sealed, or as it reads."""
        if self.page is self.text:
            self._raw = not self._raw
            self._show_text()

    # what arrives

    @Slot()
    def _on_changed(self) -> None:
        presenter = self.presenter
        self.setWindowTitle(presenter.record.title)
        if presenter.busy:
            self._progress.start(presenter.busy)
        else:
            self._progress.stop()
        self.bar.show_place(presenter.at, len(presenter.records))
        if presenter.seen is not self._shown:
            self._shown = presenter.seen
            self._show_seen()
        if presenter.problem:
            self.bar.say("fail", presenter.problem)
            if self._shown is None:
                self.file.show_file(presenter.record, presenter.problem)
                self._stack.setCurrentWidget(self.file)

    def _show_seen(self) -> None:
        seen = self._shown
        self.facts.show_details(seen.details if seen else None)
        self.read.show_record(seen.record if seen else None)
        self.canvas.clear()
        self.bar.clear()
        self._raw = False
        if seen is None:
            return
        self.bar.show_record(seen)
        if seen.levels:
            self.canvas.show_levels(seen.levels, seen.record.title)
            self._stack.setCurrentWidget(self.canvas)
        elif seen.look is not None and seen.look.text:
            self._show_text()
            self._stack.setCurrentWidget(self.text)
        else:
            self.file.show_file(seen.record, self._why(seen))
            self._stack.setCurrentWidget(self.file)
        self._show_zoom()
        self.page.setFocus()

    def _why(self, seen: Seen) -> str:
        if seen.record.erased_at is not None:
            return "\n".join(words.marks(seen.record))
        if seen.look is None:
            return _("This record has no file; what it says stands beside.")
        return seen.look.trouble or _("Files of this type are not shown here.")

    def _show_text(self) -> None:
        look = self._shown.look if self._shown else None
        if look is not None:
            self.text.setPlainText(readable(look.content) if self._raw else look.text)

    @Slot(object)
    def _on_compared(self, found: Compared) -> None:
        self.compare.show_compared(found, self.presenter.pictures())
        self._stack.setCurrentWidget(self.compare)
        self.bar.set_tools(False)
        self.facts.hide()

    def _on_compare_left(self) -> None:
        self._stack.setCurrentWidget(self.canvas)
        self.bar.set_tools(True)
        self.facts.setVisible(self.bar.facts.isChecked())
        self.canvas.setFocus()

    def _on_save(self, operations: tuple[Operation, ...], keep_title: bool) -> None:
        self.presenter.derive(operations, keep_title)

    @Slot(object)
    def _on_sealed(self, record: RecordView) -> None:
        """The copy is on disk: look at it."""
        self.marks.end()
        self.presenter.open(record)
        self.bar.keep("pass", _("Sealed as number {n}. The original stays as it is.").format(n=record.sequence))

    @Slot()
    def _show_zoom(self) -> None:
        image, zoom = self.canvas.image, self.canvas.zoom if self.page is self.canvas else 0
        self.bar.show_zoom(zoom if image is not None else 0)
        if image is not None and not self.marking:
            self.canvas.setAccessibleDescription(_("{width} × {height} pixels, {n} %").format(
                width=image.width(), height=image.height(), n=round(zoom * 100)))

    # closing

    def _free(self) -> bool:
        """Nothing is marked that would be lost; otherwise it is asked for."""
        if self.marking and self.marks.sketch.done:
            self.bar.say("warn", _("Save the copy with Ctrl+S, or discard what you marked."))
            return False
        return True

    def reject(self) -> None:
        """Esc goes back a step before it closes."""
        if self.page is self.compare:
            self._on_compare_left()
        elif self.marking:
            self.marks.escape()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.presenter.sealing:
            event.ignore()   # a moment, and it can be seen that the copy is on the disk
        elif self.marking and self.marks.sketch.done:
            event.ignore()
            self._ask()
        else:
            self.file.close_files()
            event.accept()   # QDialog would ask `reject`, which goes back a step

    def _ask(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(_("Marks were not saved"))
        box.setText(_("What you marked is not kept yet."))
        save = box.addButton(_("Save copy"), QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton(_("Discard"), QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton(_("Go on marking"), QMessageBox.ButtonRole.RejectRole)
        save.clicked.connect(self.marks.save)
        discard.clicked.connect(self._discard)
        box.setDefaultButton(save)
        box.setEscapeButton(stay)
        self.question = box
        box.open()

    def _discard(self) -> None:
        self.marks.end()
        self.close()

    # keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._acts().get(self._stroke(event))
        tool = _TOOL_KEYS.get(Qt.Key(event.key()))
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if act is not None:
            act()
        elif tool is not None and plain and self.page is self.canvas:
            self.mark(tool)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = self.focusWidget()
            if isinstance(focused, QAbstractButton):   # a dialog would press one that has not the focus
                focused.click()
        else:
            super().keyPressEvent(event)

    def _stroke(self, event: QKeyEvent) -> str:
        held = event.modifiers()
        names = [name for name, key in (("Ctrl", Qt.KeyboardModifier.ControlModifier),
                                        ("Shift", Qt.KeyboardModifier.ShiftModifier),
                                        ("Alt", Qt.KeyboardModifier.AltModifier)) if held & key]
        return "+".join((*names, Qt.Key(event.key()).name.removeprefix("Key_")))

    def _acts(self) -> dict[str, Callable[[], None]]:
        """What each key does; the picture's own (zoom, move) and those of the change in hand come before."""
        acts: dict[str, Callable[[], None]] = {
            "PageUp": partial(self.step, -1), "PageDown": partial(self.step, 1), "Alt+Left": partial(self.step, -1),
            "Alt+Right": partial(self.step, 1), "O": self.original, "C": self.copies, "D": self.compare_with,
            "I": self.toggle_facts, "E": self.mark, "H": self.copy_hash, "U": self.toggle_source,
            "W": self.found.toggle,
            "Ctrl+C": self.copy_picture,
        }
        if self.marking:
            acts |= {"Ctrl+Z": self.marks.undo, "Ctrl+Shift+Z": self.marks.redo, "Ctrl+Y": self.marks.redo,
                     "Ctrl+S": self.marks.save}
        if self.page is self.compare:
            acts |= {"D": self.compare.toggle, "BracketRight": self.compare.next_region,
                     "BracketLeft": partial(self.compare.next_region, -1)}
        return acts

    # layout

    def _lay_out(self) -> None:
        room = QWidget()
        self._stack = QStackedLayout(room)
        for page in (self.canvas, self.text, self.file, self.compare):
            self._stack.addWidget(page)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(room, 1)
        side = QVBoxLayout()
        side.addWidget(self.facts, 1)
        side.addWidget(self.read)
        middle.addLayout(side)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for part in (self.bar, self.marks, self._progress):
            layout.addWidget(part)
        layout.addLayout(middle, 1)

    def _wire(self) -> None:
        presenter, bar = self.presenter, self.bar
        presenter.changed.connect(self._on_changed)
        presenter.compared.connect(self._on_compared)
        presenter.sealed.connect(self._on_sealed)
        presenter.copied.connect(self._on_copied)
        self.canvas.viewed.connect(self._show_zoom)
        self.marks.saved.connect(self._on_save)
        self.compare.left.connect(self._on_compare_left)
        self.compare.chosen.connect(self.compare_with)
        self.facts.wanted.connect(self.go)
        for button, act in (
            (bar.before, partial(self.step, -1)), (bar.after, partial(self.step, 1)),
            (bar.away, partial(self.canvas.zoom_by, -1)), (bar.closer, partial(self.canvas.zoom_by, 1)),
            (bar.fit, self.canvas.fit), (bar.actual, partial(self.canvas.zoom_to, 1.0)),
            (bar.double, partial(self.canvas.zoom_to, 2.0)), (bar.beside, self.compare_with), (bar.mark, self.mark),
            (bar.copy, self.copy_picture), (bar.hash, self.copy_hash), (bar.facts, self.toggle_facts),
            (bar.source, self.toggle_source),
        ):
            button.clicked.connect(partial(_act, act))
        a11y.tab_order([*bar.stops(), *self.marks.findChildren(QPushButton)])


class RecordText(QPlainTextEdit):
    """Text to read and to copy from; the window's keys are left to the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFont(fonts.fixed())
        self.setAccessibleName(_("Content of the record"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        held = event.modifiers()
        typed = bool(event.text().strip()) and not held & Qt.KeyboardModifier.ControlModifier
        if typed or held & Qt.KeyboardModifier.AltModifier:
            event.ignore()
        else:
            super().keyPressEvent(event)


def _act(act: Callable[[], None], *_checked: object) -> None:
    """A button tells whether it is checked; nobody here asks."""
    act()
