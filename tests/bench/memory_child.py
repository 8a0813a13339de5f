"""The measured side of `memory`: the product's window, used by a script until its time is over; or a bare window."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

PAUSE_MS = 120
"""Between two actions: a quick agent's hands, not a machine's."""
SETTLE_MS = 8_000
WORDS = ("order", "refund", "broken", "pedido", "bestellung", "订单", "配送", "702-", "kettle", "invoice")


class Hands(QObject):
    """Presses one thing after the other. The same seed presses the same."""

    def __init__(self, program: object, minutes: float) -> None:
        super().__init__()
        self._window = program.window  # type: ignore[attr-defined]
        self._quit = program.quit  # type: ignore[attr-defined]
        self._chance = random.Random(1)
        self._until = time.monotonic() + SETTLE_MS / 1_000 + 60 * minutes
        self.done = 0
        self._timer = QTimer(self, interval=PAUSE_MS)
        self._timer.timeout.connect(self._press)
        QTimer.singleShot(SETTLE_MS, self._timer.start)

    def _press(self) -> None:
        if time.monotonic() > self._until:
            self._timer.stop()
            sys.stdout.write(f"{self.done}\n")
            sys.stdout.flush()
            return   # stands still until it is measured and ended
        self.done += 1
        doing = self._chance.choices((self._scroll, self._open, self._search, self._resolve), (50, 35, 10, 5))[0]
        doing()

    def _scroll(self) -> None:
        bar = self._window.list.list.verticalScrollBar()
        far = self._chance.random() < 0.05
        bar.setValue(self._chance.randrange(bar.maximum() + 1) if far else bar.value() + bar.pageStep() // 2)

    def _open(self) -> None:
        self._act("list.next")
        self._act("list.open")

    def _search(self) -> None:
        field = self._window.list.search
        word = self._chance.choice(WORDS)
        field.setText("" if field.text() else word[: self._chance.randint(2, len(word))])

    def _resolve(self) -> None:
        self._act("conversation.resolve")
        self._act("app.undo")

    def _act(self, name: str) -> None:
        self._window.actions_.action(name).trigger()


def bare() -> None:
    from PySide6.QtCore import QStringListModel
    from PySide6.QtWidgets import QApplication, QListView

    application = QApplication([])
    view = QListView()
    view.setModel(QStringListModel([f"Row {n}" for n in range(50)]))
    view.resize(1280, 800)
    view.show()
    application.exec()


def product(home: Path, passphrase: Path, minutes: float) -> None:
    from workstation.cli import load_window

    window = load_window()
    from workstation import app
    from workstation.app.desk import Desk
    from workstation.kernel.paths import Home

    opened = app.open_home(Home(home), passphrase)
    kept: list[Hands] = []
    window.run_window(opened, Desk(opened), lambda program: kept.append(Hands(program, minutes)))


if __name__ == "__main__":
    if sys.argv[1] == "bare":
        bare()
    else:
        product(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))
