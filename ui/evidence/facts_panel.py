"""The side of the viewer: where a record comes from and what came of it, and all that it says of itself.

Each part is one label whose text changes: widgets of their own for every line would stop the window for a while
whenever it turns to another record.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from ui.conversation.buttons import ElidedButton, WrapLabel
from ui.conversation.pieces import StateLine
from ui.evidence import facts, words
from ui.evidence.facts import Fact
from ui.theme import current, fonts
from ui.widgets.labels import label, plain_tip
from workstation.evidence.model import Details, RecordView
from workstation.kernel.i18n import _

WIDTH = 320


class FactsPanel(QScrollArea):
    """Scrolls by keys; `wanted` carries a RecordView to go to."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details: Details | None = None
        self._marks = WrapLabel(role="quiet")
        self._family = QWidget()
        self._members = QVBoxLayout(self._family)
        self._parts = {part: (StateLine(), _text()) for part in facts.TITLES}
        self.setFixedWidth(WIDTH)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("What the record says"))
        self._lay_out()

    def show_details(self, details: Details | None) -> None:
        self._details = details
        page = self.widget()
        if page is not None:
            page.setVisible(details is not None)
        if details is None:
            return
        self._marks.setText("\n".join(words.marks(details.record)))
        self._show_family(details)
        rows = facts.facts(details)
        for part, (line, text) in self._parts.items():
            shown = [fact for fact in rows if fact.part == part]
            line.say(part, _(facts.TITLES[part]) if shown else "")
            text.setText("".join(map(_paragraph, shown)))
            text.setVisible(bool(shown))
        self.verticalScrollBar().setValue(0)

    def changeEvent(self, event: QEvent) -> None:
        """Another theme: the colours of the lines are in their text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._details is not None:
            self.show_details(self._details)

    def _lay_out(self) -> None:
        page = QWidget()
        page.setProperty("role", "page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(2)
        self._members.setContentsMargins(0, 10, 0, 0)
        self._members.setSpacing(2)
        layout.addWidget(self._marks)
        layout.addWidget(self._family)
        for line, text in self._parts.values():
            line.setContentsMargins(0, 10, 0, 0)
            layout.addWidget(line)
            layout.addWidget(text)
        layout.addStretch(1)
        self.setWidget(page)
        page.hide()

    def _show_family(self, details: Details) -> None:
        """Originals above, copies below; nothing for a record that is alone."""
        while (item := self._members.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for part in self._relatives(details):
            self._members.addWidget(part)
        self._family.setVisible(self._members.count() > 0)

    def _relatives(self, details: Details) -> Sequence[QWidget]:
        known = details.lineage
        if not (known.originals or known.copies or known.missing):
            return ()
        parts: list[QWidget] = [label(_("Original and copies"), "title")]
        for at, original in enumerate(known.originals):
            parts.append(self._link(_("Original (O): {title}") if at == 0 else _("Before it: {title}"), original))
        if known.missing:
            parts.append(WrapLabel(_("Its original is not in this store."), "warn"))
        if details.record.operations:
            parts.append(WrapLabel("\n".join(map(facts.operation, details.record.operations)), "quiet"))
        return [*parts, *(self._link(_("Copy (C): {title}"), copy) for copy in known.copies)]

    def _link(self, text: str, record: RecordView) -> QWidget:
        said = text.format(title=_("{title}, number {n}").format(title=record.title, n=record.sequence))
        button = ElidedButton()
        button.setAccessibleName(said)
        button.setToolTip(plain_tip(said))
        button.setAutoDefault(False)
        button.set_full_text(said)
        button.clicked.connect(partial(self._on_link, record))
        return button

    def _on_link(self, record: RecordView, _checked: bool = False) -> None:
        self.wanted.emit(record)


def _text() -> QLabel:
    """Text that can be read and copied from by keys."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setWordWrap(True)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
    return made


def _paragraph(fact: Fact) -> str:
    """A line: its name, its value, how it was learnt. Nothing in it is taken for markup."""
    small = f'<span style="color:{current().text_quiet};font-size:{fonts.CAPTION}px">'
    value = escape(_breakable(fact.value)).replace("\n", "<br>")
    learnt = f"<br>{small}{escape(fact.learnt)}</span>" if fact.learnt else ""
    return f'<p style="margin:5px 0 0 0">{small}{escape(fact.name)}</span><br>{value}{learnt}</p>'


def _breakable(text: str) -> str:
    """A hash has no blank to break at: let it break after every eighth sign."""
    return " ".join(text[at:at + 8] for at in range(0, len(text), 8)) if len(text) == 64 else text
