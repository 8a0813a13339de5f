"""The running program: bridge, hooks, notifications, and the window, which is built anew for another language."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from ui.bridge import Bridge, CoreRunner, Notice
from ui.errors.catcher import Catcher
from ui.errors.crashes import Crashes
from ui.shell.actions import Actions
from ui.shell.window import MainWindow
from ui.theme import theme
from workstation.kernel import i18n
from workstation.kernel.actions import Action, title
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.evidence.hotkey import GlobalKeys, HotKey
    from ui.onboarding.again import FirstSteps
    from ui.onboarding.sample import Sample
    from ui.shell.notify import Notifier
    from ui.shell.qttexts import QtTexts
    from workstation.api import Core
    from workstation.inbox.listing import ConversationRow

log = logging.getLogger("workstation.ui")
PATIENCE_MS = 12_000
"""How long an end may take before the program ends anyway; what is committed is safe in any case."""


class Program(QObject):
    """Everything between the QApplication and the core."""

    ended = Signal()
    _shut_down = Signal()
    _core_failed = Signal(object)

    def __init__(self, settings: Settings, catcher: Catcher, *, sample: bool = False) -> None:
        """`sample`: what is shown is invented, and every window says so."""
        super().__init__()
        self.settings = settings
        self._sample = sample
        self._only_read = False
        self._samples: Sample | None = None
        self._first_steps: FirstSteps | None = None
        self.catcher = catcher
        self.bridge = Bridge(self)
        self._shutdown: Callable[[], None] | None = None
        self.restarting = False
        self.door = ""
        """The page before the inbox that a new start is to show; "" for none."""
        self._ending = False
        i18n.use_language(settings.text("language"))
        theme().choose(settings.text("theme"))
        self.window = self._make_window()
        theme().wear()
        self.notifier: Notifier | None = None
        self.qt_texts: QtTexts | None = None
        self.hotkey: HotKey | None = None
        self.bridge.bug.connect(catcher.report)
        self.crashes = Crashes(catcher, self._crash_host, self._save_typed, self._replies_waiting, self)
        self.crashes.restart.connect(self.restart)
        catcher.known.connect(self._show_known)
        self._core_failed.connect(self._on_core_failed)
        self._shut_down.connect(self._end)

    def show(self, rows: Sequence[ConversationRow]) -> None:
        """Show the window with its first page, before the core exists."""
        self.window.inbox.show_first(rows)
        self.window.show()

    def only_read(self) -> None:
        """Nothing of this home can be written, as long as the program runs."""
        self._only_read = True
        self.window.only_read(self.restart)

    def attach(self, core: Core, runner: CoreRunner, shutdown: Callable[[], None]) -> None:
        """The core was built. `shutdown` ends it; it blocks, and is called on a thread of its own."""
        self._shutdown = shutdown
        if self._ending:
            self._run_shutdown()
            return
        from threading import Thread

        from ui.shell.clipboard import ClipboardGuard
        from ui.shell.notify import Notifier
        from ui.shell.qttexts import QtTexts
        from ui.widgets import timetext

        self.clipboard = ClipboardGuard(self.settings, self)
        self.qt_texts = QtTexts(self)
        self.qt_texts.use(i18n.language())
        self.notifier = Notifier(self.bridge, self.settings, self)
        self.notifier.opened.connect(self._on_notification)
        self.notifier.near.connect(self._on_clocks_near)
        Thread(target=timetext.warm, name="dates", daemon=True).start()
        self.bridge.attach(core, runner)

    def listen(self, keys: GlobalKeys) -> None:
        """Have the key that captures while another program is in front, when one is set."""
        from ui.evidence.hotkey import HotKey

        self.hotkey = HotKey(self.settings, keys, self.bridge, self)
        self.hotkey.pressed.connect(self._on_capture_key)
        self.ended.connect(self.hotkey.close)
        self.hotkey.use()

    def _on_capture_key(self) -> None:
        self.window.actions_.action("evidence.region").trigger()

    def _on_clocks_near(self, n: int, last: bool) -> None:
        """Said in the window as well; the queue of what breaks next has its key."""
        text = ngettext("{n} conversation must be answered soon", "{n} conversations must be answered soon", n)
        self.bridge.notice(text.format(n=n), seconds=15 if last else 8, tone="warn" if last else "")

    def come_to_front(self, token: str, done: Callable[[], None]) -> None:
        """The window was started again: show this one. `done` is called when that was asked of the window system."""
        from ui.shell.front import bring

        bring(self.window, token)
        done()

    def core_failed(self, problem: BaseException) -> None:
        """From any thread: the core could not be built. The list stays readable; nothing can be done in it."""
        self._core_failed.emit(problem)

    # looks and language

    def _make_window(self) -> MainWindow:
        actions = Actions(self.settings, icons_now=False)
        window = MainWindow(self.bridge, actions, self.settings)
        actions.setParent(window)
        actions.on("app.first_steps", self._show_first_steps)
        actions.on("app.sample", self._show_sample)
        if self._sample:
            self._mark_sample(window)
        if self._only_read:
            window.only_read(self.restart)
        window.settings_changed.connect(self._on_setting)
        window.closing.connect(self.quit)
        window.door_wanted.connect(self.restart_at)
        return window

    def _mark_sample(self, window: MainWindow) -> None:
        """In the title, and in the menu bar with the way out."""
        from PySide6.QtWidgets import QPushButton

        window.setWindowTitle(_("Sample data – Workstation"))
        leave = QPushButton(_("Sample data: leave"), window.menuBar())
        leave.setProperty("role", "flat")
        leave.setToolTip(_("These buyers are invented. Closing the window deletes everything of the sample."))
        leave.clicked.connect(window.close)
        window.menuBar().setCornerWidget(leave)

    def _show_first_steps(self) -> None:
        """The assistant once more, over the home that is open."""
        from ui.onboarding.again import FirstSteps

        if self._first_steps is None:
            self._first_steps = FirstSteps(self.bridge, self.settings)
            self._first_steps.setting_changed.connect(self._on_setting)
            self._first_steps.left.connect(self._on_first_steps_left)
        self._first_steps.show()
        self._first_steps.raise_()
        self._first_steps.activateWindow()

    def _on_first_steps_left(self) -> None:
        if self._first_steps is not None:
            self._first_steps.deleteLater()
        self._first_steps = None
        self.window.activateWindow()

    def _show_sample(self) -> None:
        """Sample data in a process, a window and a throw-away home of their own."""
        from ui.onboarding.sample import Sample

        if self._samples is None:
            self._samples = Sample(self)
            self._samples.ended.connect(self._on_sample_ended)
        self._samples.start()
        self.bridge.notice(_("The sample opens in a window of its own; closing that window ends it."))

    def _on_sample_ended(self, sentence: str) -> None:
        if sentence:
            self.bridge.notice(sentence, seconds=12, tone="fail")

    def _on_setting(self, name: str) -> None:
        if name == "theme":
            theme().apply(self.settings.text("theme"))
        elif name == "capture_key" and self.hotkey is not None:
            self.hotkey.use()
        elif name == "language":
            QTimer.singleShot(0, self.rebuild)

    def rebuild(self) -> None:
        """The language changed: the same window with the same conversation in other words."""
        old = self.window
        i18n.use_language(self.settings.text("language"))
        if self.qt_texts is not None:
            self.qt_texts.use(i18n.language())
        open_id, queue = old.conversation_id, old.inbox.queue
        rows = [old.inbox.model.row(at) for at in range(min(50, old.inbox.model.rowCount()))]
        old.middle.composer.flush()
        old.keep()
        old.closing.disconnect(self.quit)
        self.window = self._make_window()
        self.window.complete()
        self.window.inbox.queue = queue
        self.window.inbox.show_first(rows)
        self.window.start_again()
        if open_id:
            self.window.open_conversation(open_id)
        self.window.show()
        old.hide()
        old.deleteLater()

    # the end

    def close_window(self) -> None:
        """As a person would: what is typed is saved."""
        self.window.close()

    def quit(self) -> None:
        """Refuse commands, let those under way finish, end the core, then the program."""
        if self._ending:
            return
        self._ending = True
        QTimer.singleShot(PATIENCE_MS, self._end)
        self.bridge.finish(self._run_shutdown)

    def _run_shutdown(self) -> None:
        if self._shutdown is None:
            self._shut_down.emit()
            return
        import threading

        threading.Thread(target=self._shut_down_core, name="shutdown", daemon=True).start()

    def _shut_down_core(self) -> None:
        shutdown, self._shutdown = self._shutdown, None
        try:
            if shutdown is not None:
                shutdown()
        except Exception:
            log.exception("the core did not end cleanly")
        finally:
            self._shut_down.emit()

    def _end(self) -> None:
        self.ended.emit()
        QCoreApplication.quit()

    # what went wrong

    def _crash_host(self) -> QWidget | None:
        return None if self._ending else self.window

    def _save_typed(self) -> None:
        if self.window.completed:
            self.window.middle.composer.flush()

    def _replies_waiting(self) -> int:
        return len(self.window.status_presenter.state.outgoing)

    def tell_last_run(self, report: Path) -> None:
        """The last run ended unexpectedly. Said once, quietly; the list of problems keeps it until it is dismissed."""
        act = partial(self.window.remedies.show_report, report)
        self.window.say(Notice(
            _("The program ended unexpectedly the last time. Everything saved before is here."), seconds=15,
            tone="warn", remedy=title(Action.SHOW_REPORT), act=act))

    def restart(self) -> None:
        """End as always, and let `ui.main` begin the program anew once the home is free."""
        self.restarting = True
        self.quit()

    def restart_at(self, way: str) -> None:
        """As `restart`, with this page before the inbox."""
        self.door = way
        self.restart()

    def _show_known(self, problem: WorkstationError) -> None:
        self.window.say_problem(problem)

    def _on_core_failed(self, problem: BaseException) -> None:
        self.window.inbox.give_up(problem if isinstance(problem, WorkstationError) else None)
        self.catcher.report(problem)

    def _on_notification(self, conversation_id: str) -> None:
        self.window.showNormal() if self.window.isMinimized() else self.window.show()
        self.window.open_conversation(conversation_id)
