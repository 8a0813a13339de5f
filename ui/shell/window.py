"""The window: four columns, a status line, and the actions that belong to no single pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from ui.bridge import Bridge, Notice
from ui.inbox.presenter import InboxPresenter
from ui.inbox.queues import QueueColumn
from ui.inbox.view import ListColumn
from ui.shell import columns
from ui.shell.actions import Actions
from ui.shell.drawer import Drawer
from ui.shell.inbox_keys import InboxKeys
from ui.shell.menus import ROW_MENU, Menus
from ui.shell.panes import Case, Middle
from ui.shell.remedies import Remedies
from ui.shell.room import Room
from ui.shell.status import StatusLine, StatusPresenter
from ui.shell.walking import walk
from ui.theme import icons
from ui.widgets.labels import rule
from ui.widgets.splitter import Splitter
from ui.widgets.toast import Toast
from workstation.kernel.actions import title
from workstation.kernel.errors import ReadOnly, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QCloseEvent, QPaintEvent, QResizeEvent, QShowEvent, QWindow

    from workstation.inbox.model import Account

UNSEEN_MS = 1_000
"""A window that nobody paints (minimised, another desktop) is completed after this time."""
READ_AFTER_MS = 700
"""A conversation that stayed open this long was read."""


class MainWindow(QMainWindow):
    """Everything a person sees. Rebuilt when the language changes."""

    settings_changed = Signal(str)
    closing = Signal()
    door_wanted = Signal(str)
    """The program is to begin anew with this page before the inbox (`ui.onboarding.repair.WAYS`)."""
    first_painted = Signal()
    """The list is on the screen, and everything else was built behind it."""

    def __init__(self, bridge: Bridge, actions: Actions, settings: Settings) -> None:
        super().__init__()
        self.bridge, self.actions_, self._settings = bridge, actions, settings
        self.inbox = InboxPresenter(bridge, self)
        self.queues = QueueColumn(self.inbox, settings)
        self.list = ListColumn(self.inbox)
        self.middle = Middle(bridge, actions, settings)
        self.case = Case(bridge, actions)
        self.status_presenter = StatusPresenter(bridge, self)
        self.status = StatusLine(self.status_presenter)
        self.drawer = Drawer(bridge)
        self.remedies = Remedies(
            bridge, actions, settings.folder, self.open_conversation, self._show_report, self._show_languages,
            self.door_wanted.emit, self)
        self.conversation_id: str | None = None
        self._splitter = Splitter()
        self._page = QWidget()
        self._stack = QStackedWidget()
        self._read = QTimer(self, singleShot=True, interval=READ_AFTER_MS)
        self._read.timeout.connect(self._mark_read)
        self._complete = self._painted = self.only_reading = False
        self._lay_out()
        self.room = Room(self, actions, self._stack, self._splitter, self.drawer)
        self.toast = Toast(self._page)
        self.keys = InboxKeys(actions, self.inbox, self.list)
        self.menus = Menus(actions, self.inbox, self.keys.snooze)
        self._fill_menus()
        self._connect()
        self.room.restore(settings)
        self.list.list.setFocus(Qt.FocusReason.OtherFocusReason)   # an agent begins with the list, not with the queues

    @property
    def completed(self) -> bool:
        """Everything is built, not only the list."""
        return self._complete

    def complete(self) -> None:
        """Everything that the first paint of the list can do without. Called once, right after it."""
        if self._complete:
            return
        from ui.onboarding.first_run import FirstRun
        from ui.shell.dialogs import Dialogs
        from ui.shell.palette import Palette

        self._complete = True
        self.actions_.show_icons()
        self.list.show_icon()
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setWindowIcon(icons.own())
            application.focusWindowChanged.connect(self._on_focus_window)
        self.middle.fill()
        self.case.fill()
        self.case.opened.connect(self.open_conversation)
        self.case.playbook.worded.connect(self.middle.composer.put_wording)
        self.first_run = FirstRun(self.actions_)
        self._stack.addWidget(self.first_run)
        self.palette_ = Palette(
            self.bridge, self.actions_, self.inbox, self.open_conversation, self._search_for, self._page)
        self.dialogs = Dialogs(self.bridge, self.actions_, self._settings, self)
        self.dialogs.changed.connect(self.settings_changed)
        self.actions_.on("app.palette", self.palette_.open_over)
        self.middle.composer.setHidden(self.only_reading)
        self.middle.split.restore(columns.load(self._settings).rows)
        if self.bridge.core is not None:
            self._ask_accounts()

    # what others call

    def open_conversation(self, conversation_id: str) -> None:
        """Show a conversation, and mark it in the list when it is there. "" only raises the window."""
        self.raise_()
        self.activateWindow()
        if not conversation_id:
            return
        at = self.inbox.model.position(conversation_id)
        if at >= 0:
            self.list.list.show_row(at)
        else:
            self.list.list.selectionModel().clear()
        self._open(conversation_id)

    def say(self, notice: Notice) -> None:
        """Show a notice in the toast."""
        from ui import a11y

        hint = self.actions_.hint("app.undo") if notice.undo else ""
        self.toast.say(notice.text, notice.undo, notice.seconds, notice.tone, hint, notice.remedy, notice.act)
        a11y.announce(self, notice.text)

    def say_problem(self, problem: WorkstationError) -> None:
        """A known failure nobody else handled, with a button where one helps."""
        act = self.remedies.button(problem)
        words = title(problem.action) if act is not None and problem.action is not None else ""
        self.say(Notice(str(problem), seconds=12, tone="fail", remedy=words, act=act))

    def only_read(self, again: Callable[[], None]) -> None:
        """Nothing of this home can be written: say so, and offer nothing that would write. `again` tries anew."""
        from ui.shell import only_reading

        self.only_reading = True
        self.actions_.bar(only_reading.writing(), only_reading.reason())
        self._above.addWidget(only_reading.OnlyReadingBar(again))
        if self._complete:
            self.middle.composer.hide()

    def quit(self) -> None:
        self.close()

    def start_again(self) -> None:
        """After a change of language: what the core is asked for when it is attached is asked for now."""
        if self.bridge.core is not None:
            self.inbox.reload()
            self.status_presenter.refresh()
            self._ask_accounts()

    # building

    def _lay_out(self) -> None:
        self.setWindowTitle(_("Workstation"))
        self.setMinimumSize(420, 420)
        self.queues.setProperty("role", "sunken")
        for widget, minimum in zip((self.queues, self.list, self.middle, self.case), columns.MINIMUM, strict=True):
            widget.setMinimumWidth(minimum)
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(columns.MIDDLE, 1)
        self._stack.addWidget(self._splitter)
        layout, beside = QVBoxLayout(self._page), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._above = QVBoxLayout()
        layout.addLayout(self._above)
        beside.addWidget(self._stack, 1)
        beside.addWidget(self.drawer)
        layout.addLayout(beside, 1)
        layout.addWidget(rule())
        layout.addWidget(self.status)
        self.setCentralWidget(self._page)

    def _fill_menus(self) -> None:
        self.menus.chooser("theme", self._settings.text("theme"), self._on_theme)
        self.menus.chooser("language", self._settings.text("language"), self._on_language)
        self.menus.fill_bar(self.menuBar())
        self.actions_.scope("window", self)

    def _connect(self) -> None:
        on = self.actions_.on
        on("list.search", self._search)
        on("list.back", self._back)
        on("list.open", self._enter)
        on("conversation.snooze", self._ask_snooze)
        on("app.undo", self.toast.take_back)
        on("app.help", self._show_keys)
        on("app.quit", self.quit)
        on("view.problems", self._toggle_problems)
        on("view.next_pane", self._next_pane)
        on("view.previous_pane", self._previous_pane)
        self.queues.chosen.connect(self.inbox.show_queue)
        self.queues.widened.connect(self.room.give_queues)
        self.middle.language_wanted.connect(self._show_languages)
        self.list.opened.connect(self._open)
        self.list.entered.connect(self._enter)
        self.list.menu_asked.connect(self._show_row_menu)
        self.toast.changed.connect(self._undo_changed)
        self.bridge.noticed.connect(self.say)
        self.bridge.problem.connect(self.say_problem)
        self.bridge.search_wanted.connect(self._come_and_search)
        self.bridge.attached.connect(self._ask_accounts)
        self.bridge.accounts_changed.connect(self._ask_accounts)
        self.inbox.state_changed.connect(self._leave_first_run)
        self.status_presenter.changed.connect(self._show_offline)
        self.status.pressed.connect(self.drawer.open)
        self.drawer.wanted.connect(self.remedies.do)
        self.closing.connect(self.remedies.give_up)
        self._undo_changed()

    # what happens

    def _open(self, conversation_id: str) -> None:
        if conversation_id == self.conversation_id:
            return
        self.complete()
        self.conversation_id = conversation_id
        row = self.inbox.model.known(conversation_id)
        self.middle.show_conversation(conversation_id, row.found_message if row is not None else "")
        self.case.show_conversation(conversation_id)
        self.keys.open_id = conversation_id
        self.room.read(True)
        self._read.start()

    def _mark_read(self) -> None:
        row = self.inbox.model.known(self.conversation_id or "")
        if row is not None and row.unread and not self.only_reading and self.isActiveWindow():
            self.inbox.mark_read((row.id,), True)

    def _enter(self) -> None:
        self.complete()
        if self.conversation_id is None:
            self.list.list.show_row(0)
        self.middle.conversation.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _back(self) -> None:
        self.room.read(False)
        self.list.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _search(self) -> None:
        self.room.show_list()
        self.list.focus_search()

    def _search_for(self, text: str) -> None:
        """Look everywhere for a text in the search box's own language."""
        self.inbox.search_everywhere()
        self._search()
        self.list.search.setText(text)

    def _come_and_search(self, text: str) -> None:
        """Another window asked: its person looks at the list from now on."""
        self.raise_()
        self.activateWindow()
        self._search_for(text)

    def _show_row_menu(self, place: QPoint) -> None:
        menu = self.menus.fill(QMenu(self), ROW_MENU)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)

    def _ask_snooze(self) -> None:
        self.list.pickers().snooze()

    def _show_keys(self) -> None:
        from ui.shell.cheatsheet import CheatSheet

        CheatSheet(self.actions_, self).open()

    def _undo_changed(self) -> None:
        self.actions_.enable("app.undo", self.toast.can_undo, _("There is nothing to undo just now."))

    def _show_offline(self) -> None:
        self.list.offline.setVisible(self.status_presenter.offline and not self.only_reading)

    def _ask_accounts(self) -> None:
        self.bridge.call(lambda core: core.accounts.list(), self._on_accounts, self, replaces="accounts")

    def _on_accounts(self, accounts: tuple[Account, ...]) -> None:
        listed = self.inbox.model.rowCount() or self.inbox.queue != "open" or self.inbox.search
        empty = not accounts and not listed
        self.complete()
        self._stack.setCurrentWidget(self.first_run if empty else self._splitter)

    def _leave_first_run(self) -> None:
        if self.inbox.model.rowCount():
            self._stack.setCurrentWidget(self._splitter)

    # areas

    def _toggle_problems(self) -> None:
        self.complete()
        self.drawer.toggle()

    def _show_report(self, file: Path) -> None:
        from ui.errors.crash import ReportDialog

        ReportDialog(file, self).open()

    def _show_languages(self) -> None:
        self.complete()
        self.dialogs.languages()

    def _next_pane(self) -> None:
        self._walk(1)

    def _previous_pane(self) -> None:
        self._walk(-1)

    def _walk(self, step: int) -> None:
        """F6: to the next area that can take the focus."""
        self.complete()
        middle = self.middle
        every: list[QWidget] = [self.queues.list, self.list.list, middle.conversation, middle.composer, self.case.panel]
        walk(self, [*every, self.drawer.panel.list] if self.drawer.panel is not None else every, step)

    # looks and language

    def _on_theme(self, name: str) -> None:
        self._settings.set("theme", name)
        self.settings_changed.emit("theme")

    def _on_language(self, name: str) -> None:
        self._settings.set("language", name)
        self.settings_changed.emit("language")

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(UNSEEN_MS, self._on_painted)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            QTimer.singleShot(0, self._on_painted)

    def _on_painted(self) -> None:
        if not self._painted:
            self._painted = True
            self.complete()
            self.first_painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.room.fold()

    def _on_focus_window(self, _window: QWindow | None) -> None:
        """Not `changeEvent`, which would load every kind of event before the first paint."""
        if self.isActiveWindow():
            self._read.start()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._complete:
            self.middle.composer.flush()
            self.keep()
        self.closing.emit()
        super().closeEvent(event)

    def keep(self) -> None:
        """Remember sizes and columns. A folder that cannot be written is no reason to stay open."""
        if self.only_reading:
            return
        try:
            self.room.keep(self._settings, self.middle.split.sizes())
        except ReadOnly as problem:
            self.say_problem(problem)
