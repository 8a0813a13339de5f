"""The measured side of `startup`: shows a window, says when its list was painted, and ends at once."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def _said() -> None:
    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()
    os._exit(0)


def bare() -> None:
    """The least a PySide6 program can do to show a list."""
    from PySide6.QtCore import QStringListModel, QTimer
    from PySide6.QtWidgets import QApplication, QListView

    class List(QListView):
        def paintEvent(self, event):  # type: ignore[no-untyped-def]
            super().paintEvent(event)
            QTimer.singleShot(0, _said)

    application = QApplication([])
    view = List()
    view.setModel(QStringListModel([f"Row {n}" for n in range(50)]))
    view.resize(1280, 800)
    view.show()
    application.exec()


def product(home: Path) -> None:
    """The product's own window over an opened home, with the key given."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    from ui.main import run_window
    from workstation import app
    from workstation.app.desk import Desk
    from workstation.kernel.paths import Home
    from workstation.kernel.settings import Settings
    from workstation.store.vault import OpenedHome
    KEY = bytes(range(32))  # tests.bench.startup would import the ORM before the clock stops

    class Watch(QObject):
        def eventFilter(self, watched, event):  # type: ignore[no-untyped-def]
            if event.type() == QEvent.Type.Paint:
                QTimer.singleShot(0, _said)
            return False

    place = Home(home)
    opened = app.Opened(OpenedHome(place, KEY, "home", "device", "passphrase"), Settings(place.settings))
    watch = Watch()

    def shown(program):  # type: ignore[no-untyped-def]
        program.window.list.list.viewport().installEventFilter(watch)

    run_window(opened, Desk(opened), shown)


if __name__ == "__main__":
    bare() if sys.argv[1] == "bare" else product(Path(sys.argv[2]))
