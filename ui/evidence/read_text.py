"""Below what a record says: the text that a machine read in its picture, and the numbers in it as ways to go on.

It is not evidence and says so: the picture is. What was read may be wrong, and may be read again at any time.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.bridge import Bridge
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.pieces import StateLine
from ui.evidence.order_sheet import OrderSheet
from ui.evidence.read_text_presenter import ReadTextPresenter
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import label, plain_tip, rule
from workstation.evidence.model import RecordView
from workstation.evidence.reading.model import FoundNumber, State, scripts, unread
from workstation.kernel.i18n import _

WIDTH = 320
LEAST, MOST = 44, 120
"""Pixels of the text: it gives way to what the record says where the window is low."""
MOST_NUMBERS = 8
"""The first ones, as buttons; the others stand in the text."""


class ReadText(QWidget):
    """Text, copy, and a button for each number. Hidden for what is no picture.

    `pointed` carries the FoundNumber whose button has the focus, or None; `words_wanted` whether its words are to be
    shown on the picture.
    """

    pointed = Signal(object)
    words_wanted = Signal(bool)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.presenter = ReadTextPresenter(bridge, self)
        self.state = StateLine()
        self.text = QPlainTextEdit()
        self.copy = flat_button(_("Copy text"), _("Copy the text that was read in this picture"))
        self.again = flat_button(_("Read now"), _("Read the text in this picture now"))
        self.words = flat_button(_("Show on the picture (W)"), _("Frame what was read on the picture"))
        self.words.setCheckable(True)
        self.numbers: list[QPushButton] = []
        self.order: OrderSheet | None = None
        self._open = True
        self._lay_out()
        self.copy.clicked.connect(self._on_copy)
        self.words.clicked.connect(self.words_wanted)
        self.again.clicked.connect(self.presenter.read)
        self.presenter.changed.connect(self._show)
        self._show()

    def show_record(self, record: RecordView | None) -> None:
        """Turn to a record, or to none."""
        picture = record is not None and record.mime.startswith("image/")
        self.presenter.show(record.id if record is not None and picture else "")

    def set_open(self, on: bool) -> None:
        """Shown where there is a picture, or never."""
        self._open = on
        self._show()

    def _lay_out(self) -> None:
        self.setFixedWidth(WIDTH)
        self.text.setReadOnly(True)
        self.text.setMinimumHeight(LEAST)
        self.text.setMaximumHeight(MOST)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_("Text read in this picture"))
        self._chips = QWidget()
        self._chips.setAccessibleName(_("Numbers in this picture"))
        self._flow = FlowLayout(self._chips)
        self._unread = WrapLabel(role="caption")
        self._unread.setToolTip(plain_tip(scripts()))
        self._unread.setAccessibleDescription(scripts())
        self._note = WrapLabel(_("Read by a machine; it may be wrong. The picture is the evidence, this is not."),
                               "caption")
        buttons = QHBoxLayout()
        for button in (self.copy, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.words, self.copy, self.again):
            button.setAutoDefault(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(4)
        title = label(_("Read in this picture"), "title")
        for part in (rule(), title, self.state, self._chips, self.text, self._unread, self._note):
            layout.addWidget(part)
        layout.addWidget(self.words, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addLayout(buttons)

    @Slot()
    def _show(self) -> None:
        presenter, told = self.presenter, self.presenter.told
        self.setVisible(self._open and presenter.there)
        text = told.text if told is not None else ""
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)
        for part in (self.text, self.copy):
            part.setVisible(bool(text))
        self._note.setVisible(bool(text))
        self.words.setVisible(told is not None and bool(told.lines))
        self._unread.setText(unread(told.unread) if told is not None else "")
        self._unread.setVisible(bool(self._unread.text()))
        self.state.say(*_state(presenter))
        done = told is not None and told.state in {State.READ, State.NOTHING}
        self.again.setText(_("Read again") if done else _("Read now"))
        self.again.setEnabled(not presenter.busy)
        self.again.setVisible(told is None or told.state is not State.UNFIT)
        self._show_numbers(told.numbers if told is not None else ())

    def _show_numbers(self, numbers: tuple[FoundNumber, ...]) -> None:
        for old in self.numbers:
            self._flow.removeWidget(old)
            old.deleteLater()
        self.numbers = [self._number(number) for number in numbers[:MOST_NUMBERS]]
        self._chips.setVisible(bool(numbers))
        a11y.tab_order([*self.numbers, self.text, self.words, self.copy, self.again])

    def _number(self, number: FoundNumber) -> QPushButton:
        tip = _tip(number)
        made = flat_button(f"✓ {number.value}" if number.known else number.value, tip)
        made.setAccessibleName(f"{number.value}: {tip}")
        made.setAutoDefault(False)
        made.clicked.connect(partial(self._on_number, number))
        made.setProperty("number", number)
        made.installEventFilter(self)
        self._flow.addWidget(made)
        made.show()
        return made

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn:
            self.pointed.emit(watched.property("number"))
        elif event.type() == QEvent.Type.FocusOut:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)

    def follow(self, number: FoundNumber) -> None:
        """To the order itself where it is known, beside the picture; else to what can be found of it."""
        if number.kind == "order" and number.known:
            self.order = OrderSheet(self._bridge, number.value, self.window())
            self.order.searched.connect(partial(self._search, number))
            self.order.show()
        else:
            self._search(number)

    def _on_number(self, number: FoundNumber, _checked: bool = False) -> None:
        self.follow(number)

    def _search(self, number: FoundNumber) -> None:
        self._bridge.search_wanted.emit(query(number))

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.state.say("pass", _("Copied."))


def query(number: FoundNumber) -> str:
    """Where a number leads: the conversations with this order or parcel."""
    return f'{"order" if number.kind == "order" else "parcel"}:"{number.value}"'


def _tip(number: FoundNumber) -> str:
    if number.kind != "order":
        return _("Look for this parcel")
    return _("Open this order") if number.known else _("Look for this order; it is not known here yet")


def _state(presenter: ReadTextPresenter) -> tuple[str, str]:
    told = presenter.told
    if presenter.busy:
        return "pending", _("Reading…")
    if presenter.problem:
        return "fail", presenter.problem
    if told is None or told.state is State.WAITING:
        return "unknown", _("Not read yet.")
    if told.state is State.READ:
        return "pass", ""
    if told.state is State.NOTHING:
        return "unknown", told.why or _("No text was found.")
    return "warn", told.why
