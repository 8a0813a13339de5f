"""The side of the viewer: where a record comes from and what came of it, and all that it says of itself."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ui.conversation.buttons import ElidedButton, WrapLabel
from ui.conversation.pieces import StateLine
from ui.evidence import facts, words
from ui.evidence.facts import Fact
from ui.widgets.labels import label, plain_tip
from workstation.evidence.model import Details, RecordView
from workstation.kernel.i18n import _

WIDTH = 320


class FactsPanel(QScrollArea):
    """Scrolls by keys; `wanted` carries a RecordView to go to."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("What the record says"))
        self._fill([])

    def show_details(self, details: Details | None) -> None:
        self._fill(self._parts(details) if details is not None else [])

    def _fill(self, parts: list[QWidget]) -> None:
        page = QWidget()
        page.setProperty("role", "page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(2)
        for part in parts:
            layout.addWidget(part)
        layout.addStretch(1)
        self.setWidget(page)

    def _parts(self, details: Details) -> list[QWidget]:
        parts: list[QWidget] = [WrapLabel("\n".join(words.marks(details.record)), "quiet"), *self._lineage(details)]
        shown = ""
        for fact in facts.facts(details):
            if fact.part != shown:
                shown = fact.part
                line = StateLine()
                line.say(shown, _(facts.TITLES[shown]))
                line.setContentsMargins(0, 10, 0, 0)
                parts.append(line)
            parts += _row(fact)
        return parts

    def _lineage(self, details: Details) -> list[QWidget]:
        """Originals above, copies below; nothing for a record that is alone."""
        known = details.lineage
        if not (known.originals or known.copies or known.missing):
            return []
        title = label(_("Original and copies"), "title")
        title.setContentsMargins(0, 10, 0, 0)
        parts: list[QWidget] = [title]
        for at, original in enumerate(known.originals):
            parts.append(self._link(_("Original (O): {title}") if at == 0 else _("Before it: {title}"), original))
        if known.missing:
            parts.append(WrapLabel(_("Its original is not in this store."), "warn"))
        parts += [WrapLabel(facts.operation(line), "quiet") for line in details.record.operations]
        parts += [self._link(_("Copy (C): {title}"), copy) for copy in known.copies]
        return parts

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


def _row(fact: Fact) -> list[QWidget]:
    name = label(fact.name, "caption")
    name.setContentsMargins(0, 6, 0, 0)
    value = WrapLabel(_breakable(fact.value))
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    value.setAccessibleName(f"{fact.name}: {fact.value}")
    return [name, value, WrapLabel(fact.learnt, "caption")] if fact.learnt else [name, value]


def _breakable(text: str) -> str:
    """A hash has no blank to break at: let it break after every eighth sign."""
    return " ".join(text[at:at + 8] for at in range(0, len(text), 8)) if len(text) == 64 else text
