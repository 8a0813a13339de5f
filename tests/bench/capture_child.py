"""The window's side of the capture bench: the product's own strip over a real home, asked for one capture a line.

    python -m tests.bench.capture_child HOME     reads "capture" lines, writes a line of JSON for each
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow

from ui.bridge import Bridge
from ui.evidence.capture import QtCapture
from ui.evidence.view import EvidenceStrip
from ui.shell.actions import Actions
from workstation import app
from workstation.app import screen
from workstation.app.wiring import Parts
from workstation.evidence import filing, sealer
from workstation.evidence.model import RecordView
from workstation.kernel.paths import Home
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread
from workstation.store.blobs import BlobFiles


class Stages:
    """When each stage of the running capture began and ended, on the one clock of this process."""

    def __init__(self) -> None:
        self.spans: dict[str, tuple[float, float]] = {}

    def around(self, owner: Any, name: str, stage: str) -> None:
        """Time a function of the product, as it is, wherever it runs."""
        work = getattr(owner, name)
        timed = self._awaited if asyncio.iscoroutinefunction(work) else self._called
        setattr(owner, name, timed(stage, work))

    def _called(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*values: Any, **named: Any) -> Any:
            began = time.perf_counter()
            result = work(*values, **named)
            self.spans[stage] = (began, time.perf_counter())
            return result

        return timed

    def _awaited(self, stage: str, work: Callable[..., Any]) -> Callable[..., Any]:
        async def timed(*values: Any, **named: Any) -> Any:
            began = time.perf_counter()
            result = await work(*values, **named)
            self.spans[stage] = (began, time.perf_counter())
            return result

        return timed

    def told(self, pressed: float, known: float) -> dict[str, float]:
        """Milliseconds: how long each took, how long until the core began, and the whole way."""
        first = min(began for began, _ended in self.spans.values())
        lengths = {stage: (ended - began) * 1_000 for stage, (began, ended) in self.spans.items()}
        return {"to_core": (first - pressed) * 1_000, **lengths, "all": (known - pressed) * 1_000}


class Bench(QObject):
    """Presses the key and waits until the window is told that the capture is kept."""

    asked = Signal()

    def __init__(self, window: QMainWindow, strip: EvidenceStrip, stages: Stages, beside: QApplication) -> None:
        super().__init__()
        self._window, self._stages, self._application = window, stages, beside
        self._pressed = self._last = self._block = 0.0
        self._beat = QTimer(self, interval=0)
        self._beat.timeout.connect(self._come_round)
        self.asked.connect(self._press, Qt.ConnectionType.QueuedConnection)
        known = strip.presenter._on_captured
        strip.presenter._on_captured = partial(self._known, known)  # type: ignore[method-assign]

    def _press(self) -> None:
        """Once the window has the focus: an X server without a window manager gives it to whoever asked last."""
        if not self._window.isActiveWindow():
            self._window.activateWindow()
            QTimer.singleShot(20, self._press)
            return
        self._stages.spans.clear()
        self._block, self._last = 0.0, time.perf_counter()
        self._beat.start()
        self._pressed = time.perf_counter()
        QTest.keyClick(self._window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier
                       | Qt.KeyboardModifier.ShiftModifier)

    def _come_round(self) -> None:
        now = time.perf_counter()
        self._block, self._last = max(self._block, now - self._last), now
        time.sleep(0.001)   # who measures takes as little as possible of the two cores that are measured

    def _known(self, known: Callable[[RecordView], None], record: RecordView) -> None:
        told = self._stages.told(self._pressed, time.perf_counter())
        self._come_round()
        self._beat.stop()
        known(record)
        sys.stdout.write(json.dumps({**told, "blocked_ms": self._block * 1_000}) + "\n")
        sys.stdout.flush()


def _listen(bench: Bench, application: QApplication) -> None:
    """On a thread: a line is a capture, the end of the input is the end."""
    for _line in sys.stdin:
        bench.asked.emit()
    QTimer.singleShot(0, application, application.quit)


def main(root: Path) -> None:
    application = QApplication(sys.argv[:1])
    passphrase = root.with_suffix(".passphrase")
    passphrase.write_text("a pass phrase for one benchmark")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(root), passphrase, root.with_suffix(".recovery"))
    thread, stages = CoreThread(), Stages()
    back = QtCapture(screen=screen.back_end())
    running = thread.run(app.build(opened, Parts(capture=back)))
    stages.around(back, "grab", "grab")
    stages.around(filing.Filing, "keep", "encode_encrypt_fsync")
    stages.around(filing.Filing, "look", "hash_thumbnail_help")
    stages.around(BlobFiles, "keep", "fsync")
    stages.around(sealer.Sealer, "append", "sign_and_commit")
    window, bridge = QMainWindow(), Bridge()
    actions = Actions(Settings(root / "bench.json"))
    strip = EvidenceStrip(bridge, actions)
    window.setCentralWidget(strip)
    actions.scope("window", window)
    bridge.attach(running.core, thread)
    strip.show_conversation("bench")
    window.setGeometry(100, 100, 400, 500)
    window.show()
    window.activateWindow()
    bench = Bench(window, strip, stages, application)
    threading.Thread(target=_listen, args=(bench, application), daemon=True).start()
    try:
        application.exec()
    finally:
        bridge.close()
        thread.run(running.shutdown())
        running.close()
        thread.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
