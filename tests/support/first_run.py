"""The first steps in the real window over the real core, and a newcomer who has nothing but a keyboard."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QListView, QWidget
from pytestqt.qtbot import QtBot

from tests.support.window import StrayWindows
from ui import a11y
from ui.arrival import Arrival
from ui.main import FrontDoor, make_application
from ui.onboarding.assistant import Assistant
from ui.onboarding.entry import Entry
from ui.onboarding.page import Page
from ui.onboarding.repair_page import RepairPage
from ui.shell.program import Program
from workstation import app
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.store.keybox import Argon

PATIENCE_MS = 30_000
PASSPHRASE = "four unrelated words here"
Key = Qt.Key
ALT, PLAIN = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.NoModifier


@dataclass
class Newcomer:
    """Sees the window and presses keys; `keys` counts them."""

    arrival: Arrival
    qtbot: QtBot
    keys: int = 0
    bugs: list[BaseException] = field(default_factory=list)

    @property
    def assistant(self) -> Assistant:
        found = self.arrival.entry.assistant
        assert found is not None, "the first steps are not shown"
        return found

    @property
    def page(self) -> Page:
        return self.assistant.page

    @property
    def repair(self) -> RepairPage:
        found = self.arrival.entry.repair
        assert found is not None, "nothing is wrong"
        return found

    def press(self, key: Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        self.keys += 1
        QTest.keyClick(self._focused(), key, modifier)

    def write(self, text: str) -> None:
        self.keys += len(text)
        QTest.keyClicks(self._focused(), text)

    def tab_to(self, target: QWidget) -> None:
        """With Tab to this widget; fails when it cannot be reached."""
        for _step in range(60):
            here = self._focused()
            if here is target or target.isAncestorOf(here) or target.focusProxy() is here:
                return
            self.press(Key.Key_Tab)
            self.see("the focus moved", partial(_left, here), 2_000)
        raise AssertionError(f"Tab never reaches {target.accessibleName() or target}")

    def at(self, step: str) -> None:
        """Wait for a step, and for its first field to have the keyboard."""
        self.see(f"the step {step}", lambda: self.assistant.here == step)
        wanted = self.page.first() or self.assistant.next_button
        self.see(f"the keyboard is in {step}", lambda: _has_focus(wanted))

    def see(self, what: str, fact: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> None:
        __tracebackhide__ = True

        def check() -> None:
            if self.bugs:
                raise self.bugs[0]
            assert fact(), what

        self.qtbot.waitUntil(check, timeout=patience_ms)

    def name_a_file(self, path: Path) -> None:
        """Type a path into the file dialog that is open, and take it."""
        self.see("the file dialog", lambda: isinstance(QApplication.activeWindow(), QFileDialog))
        dialog = QApplication.activeWindow()
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit)
        assert line is not None
        self.see("the name has the keyboard", line.hasFocus)
        line.selectAll()
        self.write(str(path))
        self.press(Key.Key_Return)
        self.see("it closed", lambda: not dialog.isVisible())
        self.arrival.entry.activateWindow()
        self.see("the window is in front", self.arrival.entry.isActiveWindow)

    def nameless(self) -> list[str]:
        """Focusable parts of the page without a name a screen reader could say."""
        return a11y.unnamed(self.arrival.entry)

    def cut_off(self) -> list[str]:
        """Words of the page that do not fit into their place."""
        return [widget.text() for widget in self.page.findChildren(QWidget)
                if hasattr(widget, "text") and widget.isVisible() and not isinstance(widget, QLineEdit)
                and widget.width() < widget.minimumSizeHint().width()]

    def choose_passphrase(self, passphrase: str = PASSPHRASE) -> None:
        """On the page of the home: a passphrase, twice."""
        self.at("home")
        keeper = self.page.keeper  # type: ignore[attr-defined]
        if not keeper.passphrase.isChecked():
            self.press(Key.Key_Down)
        self.see("the fields", keeper.first_field.isVisible)
        for one in (keeper.first_field, keeper.second_field):
            self.tab_to(one.line)
            self.write(passphrase)
        self.press(Key.Key_Return)

    def retype_two_groups(self) -> None:
        """On the page of the key: copy two groups from what was shown."""
        self.at("key")
        groups = [shown.text() for shown in self.page.groups]  # type: ignore[attr-defined]
        for asked, one in zip((2, 6), self.page.proofs, strict=True):  # type: ignore[attr-defined]
            self.tab_to(one)
            self.write(groups[asked].lower())
        self.press(Key.Key_Return)

    def _focused(self) -> QWidget:
        return QApplication.focusWidget() or QApplication.activeWindow() or self.arrival.entry


def _complete(program: Program) -> bool:
    return program.bridge.core is not None


def _left(before: QWidget) -> bool:
    return QApplication.focusWidget() is not before


def _has_focus(widget: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is widget or widget.isAncestorOf(focused))


@contextmanager
def arriving(root: Path, qtbot: QtBot) -> Iterator[Newcomer]:
    """Start `workstation` on this folder; everything is ended again, also when the inbox was reached."""
    place = Home(root)
    found: app.Opened | Exception
    try:
        found = app.open_home(place)
    except WorkstationError as problem:
        found = problem
    stray, application = StrayWindows(), make_application()
    application.installEventFilter(stray)
    stray.meant = (*stray.meant, Entry, QListView)  # the second is what a file dialog proposes
    arrival = Arrival(FrontDoor(None), place, found)
    newcomer = Newcomer(arrival, qtbot)
    arrival.catcher.bug.connect(newcomer.bugs.append)
    arrival.bridge.bug.connect(newcomer.bugs.append)
    arrival.entry.activateWindow()
    qtbot.waitUntil(arrival.entry.isActiveWindow, timeout=PATIENCE_MS)
    try:
        yield newcomer
    finally:
        if arrival.running is not None:
            qtbot.waitUntil(partial(_complete, arrival.running.program), timeout=PATIENCE_MS)
            with qtbot.waitSignal(arrival.running.program.ended, timeout=PATIENCE_MS):
                arrival.running.program.window.close()
            arrival.running.program.window.deleteLater()
        else:
            arrival.entry.close()
            arrival.entry.deleteLater()
        arrival.end()
        arrival.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # not left to a collector on any thread
        application.removeEventFilter(stray)
    assert newcomer.bugs == []
    assert stray.seen == [], f"shown before it had a place: {stray.seen}"


def made_home(folder: Path, setup: str = "mailbox") -> Home:
    """A home with a passphrase, made without the window, whose first steps stopped at `setup`."""
    file = folder / "passphrase"
    file.write_text(PASSPHRASE)
    file.chmod(0o600)
    opened = app.create_home(Home(folder / "home"), file, folder / "recovery.txt")
    Settings(opened.home.settings).set("setup", setup)
    file.unlink()
    return opened.home


def cheap_argon() -> Argon:
    """The same way with less work, for tests that do not measure it."""
    return Argon(os.urandom(16), passes=1, memory_kib=64)


__all__ = ["ALT", "PASSPHRASE", "Key", "Newcomer", "arriving", "cheap_argon", "made_home"]
