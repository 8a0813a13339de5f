"""The panel of problems at the window's right edge. Built when it is first asked for; the columns fold to make room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.bridge import Bridge
from ui.widgets.labels import rule
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.problems.view import ProblemsPanel

WIDTH = 384
LEAST_BESIDE = 320
"""Pixels the rest of the window needs; with less the drawer covers it."""


class Drawer(QWidget):
    """`moved` when it opened or closed; `wanted` carries an Action for the window and its Problem."""

    moved = Signal()
    wanted = Signal(object, object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._before: QWidget | None = None
        self.panel: ProblemsPanel | None = None
        self.setAccessibleName(_("What needs a look"))
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self.hide()

    def taken(self, width: int) -> int:
        """How much of a window of this width it takes: nothing while it is closed, everything where both do not fit."""
        if self.isHidden():
            return 0
        return WIDTH if width - WIDTH >= LEAST_BESIDE else width

    def toggle(self) -> None:
        """Open with the focus in the list; or close, with the focus where it was."""
        if self.isHidden():
            self.open()
        else:
            self.close_panel()

    def open(self, problem_id: str = "") -> None:
        """Open, with this item chosen when it is listed."""
        panel = self._built()
        if self.isHidden():
            self._before = self.window().focusWidget()
            self.show()
            self.moved.emit()
        panel.choose(problem_id)
        panel.focus_first()

    def close_panel(self) -> None:
        self.hide()
        self.moved.emit()
        if self._before is not None and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)

    def fit(self, width: int) -> None:
        """Take the room that `taken` says."""
        if not self.isHidden():
            self.setFixedWidth(self.taken(width))

    def _built(self) -> ProblemsPanel:
        if self.panel is None:
            from ui.problems.view import ProblemsPanel

            self.panel = ProblemsPanel(self._bridge)
            self.panel.closed.connect(self.close_panel)
            self.panel.presenter.wanted.connect(self.wanted)
            self._row.addWidget(rule(vertical=True))
            self._row.addWidget(self.panel, 1)
        return self.panel
