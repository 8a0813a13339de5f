"""The real window over the real core and the demo's world, and a person who has nothing but a keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot

from ui.main import Run
from ui.shell.window import MainWindow
from workstation import app
from workstation.app.desk import Desk
from workstation.app.wiring import Parts
from workstation.demo.prepare import Prepare
from workstation.demo.world import SIMULATED, World
from workstation.inbox.model import ConversationRow
from workstation.kernel.clock import SystemClock
from workstation.kernel.paths import Home

PATIENCE_MS = 30_000
SOURCE_PATIENCE = 2.0
UNDO_SECONDS = 4
Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


class StrayWindows(QObject):
    """Watches for parts that are shown before they have a place: each flashes as a window of its own and takes the
    focus with it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.meant: tuple[type[QWidget], ...] = (QMainWindow, QDialog, QMenu)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow() and not (
                isinstance(watched, self.meant)):
            self.seen.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


@dataclass
class Person:
    """Sees what the window shows and presses keys on whatever has the focus; nothing else is touched."""

    run: Run
    world: World
    now: int
    qtbot: QtBot
    bugs: list[BaseException] = field(default_factory=list)
    stray: StrayWindows = field(default_factory=StrayWindows)

    @property
    def window(self) -> MainWindow:
        return self.run.program.window

    def press(self, key: Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """One key on the focused widget, or on the window when nothing has the focus."""
        QTest.keyClick(self._focused(), key, modifier)

    def write(self, text: str) -> None:
        """Type a text, letter by letter."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press(Key.Key_Return)
            QTest.keyClicks(self._focused(), line)

    def see(self, what: str, fact: Callable[[], bool], patience_ms: int = PATIENCE_MS) -> None:
        """Wait until it is so. Fails with `what`, or at once with a bug the program met meanwhile."""
        __tracebackhide__ = True

        def check() -> None:
            if self.bugs:
                raise self.bugs[0]
            assert fact(), what

        self.qtbot.waitUntil(check, timeout=patience_ms)

    def windows(self) -> list[QWidget]:
        """Every window on the screen."""
        return [window for window in QApplication.topLevelWidgets() if window.isVisible()]

    def return_to_the_window(self) -> None:
        """What a window manager does when a window closes, and the offscreen platform does not."""
        self.window.activateWindow()
        self.see("the window is in front", self.window.isActiveWindow)

    def rows(self) -> list[ConversationRow]:
        """The list as it stands: the rows that are there, and not the places of those that are still being read."""
        return list(self.window.inbox.model.loaded)

    def row(self, conversation_id: str) -> ConversationRow | None:
        return self.window.inbox.model.known(conversation_id)

    def walk_to(self, wanted: Callable[[ConversationRow], bool]) -> ConversationRow:
        """With J and K to the first row that is wanted."""
        target = next(at for at, row in enumerate(self.rows()) if wanted(row))
        for _step in range(len(self.rows())):
            at = self.window.list.list.currentIndex().row()
            if at == target:
                break
            self.press(Key.Key_J if at < target else Key.Key_K)
        row = self.window.list.current()
        assert row is not None
        assert wanted(row)
        return row

    @property
    def toast(self) -> str:
        return self.window.toast.text

    @property
    def status(self) -> str:
        return self.window.status.text

    def arrived(self, subject_part: str) -> list[bytes]:
        """Mails the SMTP server took whose text has this part."""
        return [raw for _id, raw in self.world.mail.received if subject_part.encode() in raw]

    def _focused(self) -> QWidget:
        return QApplication.focusWidget() or QApplication.activeWindow() or self.window


@contextmanager
def at_the_window(folder: Path, qtbot: QtBot) -> Iterator[Person]:
    """The demo as `workstation demo` starts it, shown offscreen; everything is ended and closed again."""
    passphrase = folder / "passphrase"
    passphrase.write_text("a pass phrase for one test")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(folder / "home"), passphrase, folder / "recovery")
    opened.settings.set("undo_seconds", UNDO_SECONDS)
    opened.settings.set("notifications", False)
    now = SystemClock().now()
    outside = folder / "world"
    outside.mkdir()
    world = World(outside, now)
    world.start(now)
    try:
        parts = Parts(sources=world.sources, simulated=SIMULATED, patience=SOURCE_PATIENCE)
        with _shown(opened, Desk(opened, parts, Prepare(world, outside, now)), qtbot) as run:
            person = Person(run, world, now, qtbot)
            run.program.catcher.bug.connect(person.bugs.append)
            run.program.bridge.bug.connect(person.bugs.append)
            application = QApplication.instance()
            assert application is not None
            application.installEventFilter(person.stray)
            yield person
            application.removeEventFilter(person.stray)
            assert person.stray.seen == [], "shown before it had a place"
    finally:
        world.stop()


@contextmanager
def _shown(opened: app.Opened, desk: Desk, qtbot: QtBot) -> Iterator[Run]:
    run = Run(opened, desk, opened.first_page())
    window = run.program.window
    try:
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
        yield run
    finally:
        with qtbot.waitSignal(run.program.ended, timeout=PATIENCE_MS):
            window.close()
        run.end()
        window.deleteLater()
