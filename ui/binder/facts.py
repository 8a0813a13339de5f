"""What is known of the case as single values: each with its source and age, each copied with one press."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from ui import a11y
from ui.binder import words
from ui.binder.scrolling import replace
from ui.conversation.buttons import WrapLabel, flat_button
from ui.conversation.texts import isolated
from ui.widgets.labels import label, set_role
from workstation.evidence.claims.model import Fact
from workstation.kernel.i18n import _


class Facts(QWidget):
    """A row for each value. `copied` carries its title and the value."""

    copied = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._cells: list[tuple[WrapLabel, WrapLabel, QPushButton]] = []
        self._table = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(label(_("Values"), "title"))
        self._column.addWidget(self._table)

    @property
    def text(self) -> str:
        """The values as text, a line each."""
        return "\n".join(f"{one.title}: {words.value(one)}" for one in self._facts)

    def show_facts(self, facts: Sequence[Fact], now: int) -> None:
        """The same values in place, others anew."""
        if [one.id for one in facts] != [one.id for one in self._facts]:
            self._rebuild(facts)
        self._facts = tuple(facts)
        for fact, (value, source, button) in zip(facts, self._cells, strict=True):
            value.setText(isolated(fact.value) if fact.value else words.value(fact))
            set_role(value, "" if fact.value else "warn")
            source.setText(words.source(fact, now))
            button.setEnabled(bool(fact.value))

    def _rebuild(self, facts: Sequence[Fact]) -> None:
        """A new table, whole before it is seen: each row would otherwise be laid out with all that is around it."""
        table, self._cells = QWidget(), []
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for at, fact in enumerate(facts):
            self._cells.append(self._add_row(grid, at, fact))
        replace(self._column, self._table, table)
        self._table = table
        a11y.tab_order([button for _value, _source, button in self._cells])

    def _add_row(self, grid: QGridLayout, at: int, fact: Fact) -> tuple[WrapLabel, WrapLabel, QPushButton]:
        value, source = WrapLabel(), WrapLabel(role="caption")
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        button = flat_button(_("Copy"), _("Copy {what}").format(what=fact.title))
        button.clicked.connect(partial(self._on_copy, at))
        cell = QVBoxLayout()
        cell.setSpacing(0)
        cell.addWidget(value)
        cell.addWidget(source)
        grid.addWidget(label(fact.title, "caption"), at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addLayout(cell, at, 1)
        grid.addWidget(button, at, 2, Qt.AlignmentFlag.AlignTop)
        return value, source, button

    def _on_copy(self, at: int, _checked: bool = False) -> None:
        self.copied.emit(self._facts[at].title, self._facts[at].value)
