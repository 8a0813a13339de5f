"""Garbage is collected on the window's thread alone, and the long passes only while the person rests.

Python collects cycles on whatever thread allocates just then. A cycle that holds Qt's objects, collected on the core's
thread, destroys them there, which Qt does not survive: the program ends by SIGSEGV. A pass over everything that lives
takes a tenth of a second, which is felt while typing: what has lived through one is set apart (`gc.freeze`) and looked
through again only when nobody has touched the window for a while.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QWindow

EVERY_MS = 250
"""Often, so that there is little each time."""
SELDOM_MS = 2_000
"""While nobody is there and little happens: a computer that is woken four times a second does not sleep."""
MIDDLE_AFTER = 4
"""So many passes over the youngest before what lived through them is looked through; Python waits for ten."""
START_S = 10.0
"""What is loaded meanwhile stays for good: it is set apart without a look."""
REST_S = 2.0
"""Without a key, a click or the wheel for so long, what is older is looked through."""
LONG_REST_S = 60.0
DEEP_AFTER = 20
"""So many passes set something apart before all of it is looked through again."""

_TOUCHES = ("KeyPress", "KeyRelease", "MouseButtonPress", "MouseButtonRelease", "MouseMove", "Wheel", "TouchUpdate",
            "InputMethod")
"""Types of events by their names: the class that knows their numbers takes milliseconds to load."""


class Collector(QObject):
    """Collects by Python's own thresholds, but only where it lives. From its making on no other thread does. `now` is
    a clock in seconds."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = monotonic) -> None:
        super().__init__(parent)
        gc.disable()
        self._now = now
        self._begun = self._touched = now()
        self._apart = 0
        self._loaded = False
        self._touches: frozenset[QEvent.Type] = frozenset()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collect the youngest objects that are due, and older ones while the person rests."""
        now = self._now()
        if not self._loaded:
            self._loaded = now - self._begun >= START_S
            gc.freeze()
            if self._loaded:
                self._begin_watching()
            return
        resting = now - self._touched
        (allocated, passed, middle_passed), (most, _usual, most_old) = gc.get_count(), gc.get_threshold()
        if resting >= LONG_REST_S and self._apart >= DEEP_AFTER:
            self._apart = 0
            gc.unfreeze()
            self._all()
        elif resting >= REST_S and middle_passed > most_old:
            self._apart += 1
            self._all()
        elif allocated > most:
            gc.collect(1 if passed >= MIDDLE_AFTER else 0)
        self._look_again(SELDOM_MS if resting >= LONG_REST_S and allocated <= most else EVERY_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of a window: what the person does to it."""
        if event.type() in self._touches:
            self._touched = self._now()
            self._look_again(EVERY_MS)
        return super().eventFilter(watched, event)

    def _begin_watching(self) -> None:
        """Not before everything is loaded: until then no pass is made, and a filter loads a crowd of Qt's names."""
        from PySide6.QtCore import QEvent

        self._touches = frozenset(QEvent.Type[name] for name in _TOUCHES)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)
            self._watch(application.focusWindow())

    def _watch(self, window: QWindow | None) -> None:
        self._touched = self._now()
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def _look_again(self, after_ms: int) -> None:
        if self._timer.interval() != after_ms:   # setting it begins to wait anew
            self._timer.setInterval(after_ms)

    def _all(self) -> None:
        gc.collect()
        gc.freeze()
