"""?: every key of the window on one page, as this person has them; typing narrows it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui import a11y
from ui.shell import presets
from ui.shell.actions import Actions
from ui.widgets.composing import Composing
from ui.widgets.labels import key_cap, label
from workstation.kernel.i18n import _, ngettext

WIDE, HIGH = 980, 760
COLUMN = 300
"""A column is at least so wide; the page has as many as fit, three at most."""
MARGIN = 48
"""Around the sheet, in the window it stands over."""


@dataclass(frozen=True, slots=True)
class _Line:
    """An action's line: what it is found by, and its widgets."""

    found_by: str
    widgets: tuple[QWidget, ...]


class _Group(QWidget):
    """A title and its actions, each with its keys."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title
        self.lines: list[_Line] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(label(title, "title"), 0, 0, 1, 2)
        self.setAccessibleName(title)

    def add(self, words: str, keys: tuple[str, ...]) -> None:
        row = self._grid.rowCount()
        said = label(words, wrap=True)
        said.setAccessibleName(_("{action}: {keys}").format(action=words, keys=_(" or ").join(keys)))
        caps = QWidget()
        inside = QHBoxLayout(caps)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addStretch(1)
        for key in keys:
            inside.addWidget(key_cap(key))
        self._grid.addWidget(said, row, 0)
        self._grid.addWidget(caps, row, 1)
        self.lines.append(_Line(f"{self.title} {words} {' '.join(keys)}".casefold(), (said, caps)))

    def narrow(self, wanted: list[str]) -> int:
        """Show the lines with every one of these words or keys; how many there are."""
        count = 0
        for line in self.lines:
            fits = all(word in line.found_by for word in wanted)
            count += fits
            for widget in line.widgets:
                widget.setVisible(fits)
        self.setVisible(count > 0)
        return count


class CheatSheet(QDialog):
    """Reads the registry, so it cannot be wrong. Opened with `.open()`; Escape, ? and F1 close it."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        self._shown_columns = 0
        self.field = QLineEdit(clearButtonEnabled=True)
        self._composing = Composing(self.field)
        self._count = label(role="quiet")
        self._page = QWidget()
        self._page.setProperty("role", "page")
        self._columns = QHBoxLayout(self._page)
        self._columns.setSpacing(32)
        self.groups = self._made()
        self._scroll = QScrollArea(widgetResizable=True)
        self._lay_out()
        self._narrow("")
        window = parent.window() if parent is not None else None
        room = (WIDE, HIGH) if window is None else (window.width() - MARGIN, window.height() - MARGIN)
        self.resize(min(WIDE, room[0]), min(HIGH, room[1]))
        self._place()

    def lines(self) -> list[str]:
        """What is shown, as a screen reader says it."""
        return [line.widgets[0].accessibleName() for group in self.groups for line in group.lines
                if not line.widgets[0].isHidden()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and not self._composing.active:
            return self._on_key(event)
        return bool(super().eventFilter(watched, event))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _lay_out(self) -> None:
        self.field.setPlaceholderText(_("Type an action or a key"))
        self.field.setAccessibleName(_("Find a key"))
        self.field.textChanged.connect(self._narrow)
        self.field.installEventFilter(self)
        self._scroll.setWidget(self._page)
        self._scroll.setAccessibleName(_("Keys"))
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.field, 1)
        head.addWidget(self._count)
        head.addWidget(label(self._whose(), "quiet"))
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(buttons)
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _whose(self) -> str:
        """Which set of keys this is."""
        name = presets.of(self._actions.changed_keys())
        if name is None:
            return _("Your own keys")
        return _("Keys as in {program}").format(program=_(presets.BY_ID[name].title))

    def _made(self) -> list[_Group]:
        groups = []
        for name, specs in groupby(self._actions.specs(), key=lambda spec: spec.group):
            group = _Group(self._actions.group_title(name))
            for spec in specs:
                if keys := self._keys(spec.id):
                    group.add(self._actions.action(spec.id).text(), keys)
            if group.lines:
                groups.append(group)
        return groups

    def _keys(self, name: str) -> tuple[str, ...]:
        """At most two keys, and Return stands for Enter too."""
        return tuple(key for key in self._actions.keys(name) if not key.endswith("Enter"))[:2]

    def _on_key(self, event: QKeyEvent) -> bool:
        """Up and down scroll; Enter does nothing; what opened the sheet closes it."""
        bar, key = self._scroll.verticalScrollBar(), event.key()
        steps = {Qt.Key.Key_Down: bar.singleStep(), Qt.Key.Key_Up: -bar.singleStep(),
                 Qt.Key.Key_PageDown: bar.pageStep(), Qt.Key.Key_PageUp: -bar.pageStep()}
        if Qt.Key(key) in steps:
            bar.setValue(bar.value() + steps[Qt.Key(key)])
        elif event.text() == "?" or key == Qt.Key.Key_F1:
            self.reject()
        elif key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return False
        return True

    @Slot(str)
    def _narrow(self, text: str) -> None:
        wanted = text.casefold().split()
        n = sum(group.narrow(wanted) for group in self.groups)
        said = ngettext("{n} action", "{n} actions", n).format(n=n) if n else _("No action fits.")
        self._count.setText(said)
        if wanted:
            a11y.announce(self.field, said)
        self._scroll.verticalScrollBar().setValue(0)

    def _place(self) -> None:
        """As many columns as there is room for, filled to about the same height."""
        fitting = max(1, min(3, self.width() // COLUMN))
        if fitting == self._shown_columns:
            return
        self._shown_columns = fitting
        while item := self._columns.takeAt(0):
            if (old := item.layout()) is not None:
                while old.takeAt(0):
                    pass
                old.deleteLater()
        columns = [QVBoxLayout() for _number in range(fitting)]
        filled = [0] * fitting
        for group in self.groups:
            shortest = filled.index(min(filled))
            columns[shortest].addWidget(group)
            filled[shortest] += len(group.lines) + 2
        for column in columns:
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        for group in self.groups:  # read, and walked, in the order of the table
            group.raise_()
