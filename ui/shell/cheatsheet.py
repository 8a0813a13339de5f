"""?: every key of the window on one page."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.shell.actions import Actions
from ui.widgets.labels import key_cap, label
from workstation.kernel.i18n import _

COLUMNS = 3


class CheatSheet(QDialog):
    """Reads the registry, so it cannot be wrong. Opened with `.open()`."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._actions = actions
        page = QWidget()
        page.setProperty("role", "page")
        self._fill(QHBoxLayout(page))
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(page)
        scroll.setAccessibleName(_("Keys"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll, 1)
        layout.addWidget(buttons)
        self.resize(980, 760)

    def _fill(self, columns: QHBoxLayout) -> None:
        columns.setSpacing(32)
        groups = [(name, list(specs)) for name, specs in groupby(self._actions.specs(), key=lambda spec: spec.group)]
        groups = [(name, [spec for spec in specs if self._actions.keys(spec.id)]) for name, specs in groups]
        groups = [(name, specs) for name, specs in groups if specs]
        grids = [QGridLayout() for _number in range(COLUMNS)]
        filled = [0] * COLUMNS
        for name, specs in groups:
            shortest = filled.index(min(filled))
            self._add(grids[shortest], name, [spec.id for spec in specs])
            filled[shortest] += len(specs) + 2
        for grid in grids:
            column = QVBoxLayout()
            column.addLayout(grid)
            column.addStretch(1)
            columns.addLayout(column, 1)

    def _add(self, grid: QGridLayout, group: str, names: list[str]) -> None:
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        row = grid.rowCount()
        title = label(self._actions.group_title(group), "title")
        title.setContentsMargins(0, 8, 0, 2)
        grid.addWidget(title, row, 0, 1, 2)
        for name in names:
            row += 1
            grid.addWidget(label(self._actions.action(name).text(), wrap=True), row, 0)
            keys = QHBoxLayout()
            keys.setSpacing(4)
            keys.addStretch(1)
            for key in self._shown(name):
                keys.addWidget(key_cap(key))
            grid.addLayout(keys, row, 1)

    def _shown(self, name: str) -> tuple[str, ...]:
        """At most two keys, and Return stands for Enter too."""
        keys = self._actions.keys(name)
        return tuple(key for key in keys if not key.endswith("Enter"))[:2]
