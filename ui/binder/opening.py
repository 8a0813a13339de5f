"""Opens binders, one window for each case: asked for again, it comes to the front."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ui.bridge import Bridge
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from ui.binder.edits import History
    from ui.binder.view import BinderWindow


MOST_HISTORIES = 20
"""Cases of which it is known what was done, after their window was closed."""


class BinderOpener(QObject):
    """`windows` are those that are open, by case."""

    def __init__(self, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(parent)
        self.windows: dict[str, BinderWindow] = {}
        self._bridge, self._parent = bridge, parent
        self._histories: dict[str, History] = {}

    def open(self, case_id: str | None) -> None:
        """The binder of this case; without one it is said what to do."""
        if not case_id:
            self._bridge.notice(_("Open a conversation first: a binder belongs to a case."), tone="warn")
            return
        from ui.binder.view import BinderWindow

        self.windows = {case: one for case, one in self.windows.items() if isValid(one) and one.isVisible()}
        window = self.windows.get(case_id)
        if window is None:
            over = self._parent.window()
            window = self.windows[case_id] = BinderWindow(
                self._bridge, case_id, over, history=self._history(case_id))
            closing = getattr(over, "closing", None)
            if isinstance(closing, SignalInstance):      # with the window behind it everything ends
                closing.connect(window.page.keep)
        window.show()
        window.raise_()
        window.activateWindow()
        window.pane.list.setFocus()

    def _history(self, case_id: str) -> History:
        """Of the cases that were opened last."""
        from ui.binder.edits import History

        history = self._histories.pop(case_id, None) or History()
        self._histories[case_id] = history
        while len(self._histories) > MOST_HISTORIES:
            del self._histories[next(iter(self._histories))]
        return history
