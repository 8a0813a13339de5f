"""From a start without an open home to the inbox: the first steps, or what helps a home that does not open.

The core is built as soon as the first steps made the home; the inbox takes it over with everything it has fetched.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ui.bridge import Bridge
from ui.errors.again import start_again, wanted_door
from ui.errors.catcher import Catcher
from ui.errors.crashes import Crashes
from ui.main import make_application
from ui.onboarding.entry import Entry
from ui.theme import theme
from workstation.kernel import i18n
from workstation.kernel.errors import StoreError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.onboarding.door import Door, Home, Inbox, Seat
    from workstation.api import Core
    from workstation.kernel import paths

log = logging.getLogger("workstation.ui")


class Arrival(QObject):
    """One start. `found` is the home whose first steps go on, or why there is none."""

    _ready = Signal(object)
    _failed = Signal(object)
    _fronted = Signal(str, object)

    def __init__(self, door: Door, place: paths.Home, found: Home | Exception) -> None:
        make_application()
        super().__init__()
        settings = Settings(place.settings)
        i18n.use_language(settings.text("language"))
        theme().choose(settings.text("theme"))
        self._door = door
        self._seat: Seat | None = None
        self._core: Core | None = None
        self._leaving = self._again = self._ended = False
        self._sitting = threading.Lock()
        self.running: Inbox | None = None
        self._log: logging.Handler | None = None
        self.catcher = Catcher()
        self.catcher.install()
        self.crashes = Crashes(self.catcher, self._host, _nothing, _none, self)
        self.bridge = Bridge(self)
        self.entry = Entry(door, place.root, self.bridge)
        self._wire()
        self._begin(found)
        theme().wear()
        self.entry.show()

    def end(self) -> None:
        """After the last event."""
        self.bridge.close()
        with self._sitting:
            self._ended = True
        if self.running is not None:
            self.running.end()
        else:
            if self._seat is not None:
                self._seat.shutdown()
            self.catcher.uninstall()
        if self._log is not None:
            self._log.close()
        if self._again:
            start_again()

    def _wire(self) -> None:
        self.entry.home_made.connect(self._build)
        self.entry.opened.connect(self._to_inbox)
        self.entry.finished.connect(self._leave)
        self.entry.closed.connect(self._on_closed)
        self.crashes.restart.connect(self._restart)
        self.bridge.problem.connect(self.entry.say_problem)
        self.bridge.bug.connect(self.catcher.report)
        self.catcher.known.connect(self.entry.say_problem)
        self._ready.connect(self._attach)
        self._failed.connect(self._on_core_failed)
        self._fronted.connect(self._bring)

    def _begin(self, found: Home | Exception) -> None:
        if isinstance(found, WorkstationError):
            self.entry.show_problem(found)
            self.entry.take(wanted_door())
        elif isinstance(found, Exception):
            self.entry.show_problem(StoreError(
                _("Something unexpected stopped the start ({what}).").format(what=type(found).__name__)))
            self.catcher.report(found)
        else:
            self.entry.go_on(found)

    # the core behind the first steps

    def _build(self, home: Home) -> None:
        """The home is made: use it, and build the core while the person reads on."""
        from workstation.kernel.logs import log_to

        if self._log is not None:
            self._log.close()   # it is tried again
        self._log = log_to(home.home.logs)
        self._sit(home, self._start)

    def _sit(self, home: Home, then: Callable[[Seat], None]) -> None:
        """Take the home for this window, on a thread: another window may have to answer first."""
        def seated(seat: Seat | None) -> None:
            if seat is None:  # another window has it and is in front now
                self.entry.close()
            else:
                then(seat)

        self.entry.background.run(partial(self._take, home), seated, self.entry.show_problem, self)

    def _take(self, home: Home) -> Seat | None:
        """On a thread. A window that was closed meanwhile lets go of the home at once."""
        seat = self._door.sit(home)
        with self._sitting:
            if seat is not None and self._ended:
                seat.shutdown()
            else:
                self._seat = seat
        return seat

    def _start(self, seat: Seat) -> None:
        seat.start(self, self._on_ready, self._on_failed, self.catcher.on_loop, self._on_front)

    def _on_ready(self, core: Core) -> None:
        """On the core thread."""
        self._ready.emit(core)

    def _on_failed(self, problem: BaseException) -> None:
        """On the core thread."""
        self._failed.emit(problem)

    def _on_core_failed(self, problem: BaseException) -> None:
        """Without its core no step ends: what stands in the way has a page with what helps, and the way back here."""
        if self._core is not None or self._seat is None or not isinstance(problem, WorkstationError):
            self.catcher.report(problem)
            return
        seat, self._seat = self._seat, None
        self._leaving = False
        ended = partial(self._show_problem, problem)
        self.entry.background.run(seat.shutdown, ended, self.entry.show_problem, self)

    def _show_problem(self, problem: WorkstationError, _ended: None) -> None:
        self.entry.show_problem(problem)

    def _on_front(self, token: str, done: Callable[[], None]) -> None:
        """On a thread of the handover: the window was started again."""
        self._fronted.emit(token, done)

    def _attach(self, core: Core) -> None:
        self._core = core
        if self._seat is not None:
            self.bridge.attach(core, self._seat.thread)
        if self._leaving:
            self._leave()

    def _bring(self, token: str, done: Callable[[], None]) -> None:
        if self.running is not None:
            self.running.program.come_to_front(token, done)
            return
        from ui.shell.front import bring

        bring(self.entry, token)
        done()

    # on to the inbox

    def _leave(self) -> None:
        """The first steps are left: the inbox takes the core over, once it is there."""
        self._leaving = True
        if self._core is not None and self._seat is not None:
            self._hand_over(self._seat)

    def _to_inbox(self, home: Home) -> None:
        """A home that did not open at first is open now."""
        if self._seat is not None:
            self._hand_over(self._seat)
        else:
            self._sit(home, self._hand_over)

    def _hand_over(self, seat: Seat) -> None:
        self.catcher.uninstall()
        try:
            self.running = seat.inbox(self._core)
        except WorkstationError as problem:   # its first page cannot be read: this window stays, and says so
            self.catcher.install()
            self.entry.show_problem(problem)
            return
        self.bridge.close()
        self.entry.closed.disconnect(self._on_closed)
        self.entry.close()
        self.entry.deleteLater()

    def _on_closed(self) -> None:
        self.bridge.close()
        QCoreApplication.quit()

    def _restart(self) -> None:
        self._again = True
        self.entry.close()

    def _host(self) -> QWidget | None:
        return self.entry if self.running is None else None


def _nothing() -> None:
    """Nothing is typed here that a draft could keep."""


def _none() -> int:
    """No reply can be waiting yet."""
    return 0
