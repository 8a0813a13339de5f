"""Who has room in the window: the columns a person wants, less what does not fit beside the drawer."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QMainWindow, QWidget

from ui.shell import columns
from ui.shell.actions import Actions
from ui.shell.drawer import Drawer
from ui.widgets.screen import open_within
from ui.widgets.splitter import Splitter
from workstation.kernel.settings import Settings


class Room(QObject):
    """Shares a window's width out among the columns of `splitter`, which lie in `stack`, and the drawer beside it."""

    def __init__(
        self, window: QMainWindow, actions: Actions, stack: QWidget, splitter: Splitter, drawer: Drawer,
    ) -> None:
        super().__init__(window)
        self._window, self._actions, self._stack = window, actions, stack
        self._splitter, self._drawer = splitter, drawer
        self._columns = columns.Columns(splitter)
        drawer.moved.connect(self.fold)
        actions.on("view.queues", self.toggle_queues)
        actions.on("view.list", self.toggle_list)
        actions.on("view.case", self.toggle_case)

    def read(self, reading: bool) -> None:
        """Whether a conversation is read, which takes the list's place in a narrow window."""
        self._columns.reading = reading
        self.fold()

    def show_list(self) -> None:
        """The list, even where a person hid it."""
        self._columns.hidden.discard("list")
        self.read(False)

    def give_queues(self, wish: int) -> None:
        """The width the names of the queues want, given where there is room for it."""
        self._columns.wish = wish
        self.fold()

    def toggle_queues(self) -> None:
        self._toggle("queues")

    def toggle_list(self) -> None:
        self._toggle("list")

    def toggle_case(self) -> None:
        self._toggle("case")

    def _toggle(self, name: str) -> None:
        self._columns.toggle(name)
        self.fold()

    def fold(self) -> None:
        """Show what fits now."""
        width = self._window.width()
        taken = self._drawer.taken(width)
        self._stack.setVisible(taken < width)
        self._drawer.fit(width)
        self._columns.fold(width - taken)
        for name, column in columns.NAMES.items():
            self._actions.action(f"view.{name}").setChecked(not self._columns.widget(column).isHidden())

    def restore(self, settings: Settings) -> None:
        """As it was when the window was closed last."""
        kept = columns.load(settings)
        if not kept.geometry or not self._window.restoreGeometry(QByteArray.fromBase64(kept.geometry.encode())):
            open_within(self._window, 1_280, 800)
        self._columns.hidden = set(kept.hidden)
        self._splitter.setSizes(self._columns.sizes(self._window.width(), kept.columns))
        self.fold()

    def keep(self, settings: Settings, rows: list[int]) -> None:
        """For the next time, with the heights of the conversation's parts. Raises ReadOnly."""
        columns.save(settings, self._window.saveGeometry(), self._splitter.sizes(), rows, sorted(self._columns.hidden))
