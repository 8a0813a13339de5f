"""The measured side of `startup`: shows a window, says when its list was painted, and ends at once."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from types import ModuleType


def _said() -> None:
    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()
    os._exit(0)


def bare() -> None:
    """The least a PySide6 program can do to show a list."""
    from PySide6.QtCore import QStringListModel
    from PySide6.QtWidgets import QApplication, QListView

    class List(QListView):
        def paintEvent(self, event):  # type: ignore[no-untyped-def]
            super().paintEvent(event)
            _said()

    application = QApplication([])
    view = List()
    view.setModel(QStringListModel([f"Row {n}" for n in range(50)]))
    view.resize(1280, 800)
    view.show()
    application.exec()


def product(home: Path, key: bytes = bytes(range(32))) -> None:
    """The product's own window over an opened home, with the key given: by default that of `tests.bench.startup`, which
    made the store and would import the ORM before the clock stops."""
    window = _window()
    from workstation import app
    from workstation.app.desk import Desk
    from workstation.kernel.paths import Home
    from workstation.kernel.settings import Settings
    from workstation.store.vault import OpenedHome

    place = Home(home)
    opened = app.Opened(OpenedHome(place, key, "home", "device", "passphrase"), Settings(place.settings))
    window.run_window(opened, Desk(opened))


def keyring(home: Path) -> None:
    """The product as it is started, with its key in the keyring."""
    _window().main(home=home)


def _window() -> ModuleType:
    """The window as `workstation` loads it, whose list says when it was painted."""
    from workstation.cli import load_window

    window = load_window()
    import ui.inbox.view
    from ui.inbox.rows_list import ConversationList

    class Watched(ConversationList):
        def paintEvent(self, event):  # type: ignore[no-untyped-def]
            super().paintEvent(event)
            if self.model().rowCount():
                _said()

    ui.inbox.view.ConversationList = Watched  # type: ignore[attr-defined]
    return window


SIDES = {"product": product, "keyring": keyring}

if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    elif len(sys.argv) > 3:
        product(Path(sys.argv[2]), bytes.fromhex(sys.argv[3]))
    else:
        SIDES[sys.argv[1]](Path(sys.argv[2]))
