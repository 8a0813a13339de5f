"""The Qt binding leaks no references: PySide6 6.12.0 dropped one of None for every void call and one of True for every
signal, and aborted after a few thousand. Small integers, None and True are immortal only from Python 3.12 on."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter, QPen

CALLS = 2_000
SLACK = 200  # other threads and caches come and go; a leak is one for every call


class Sender(QObject):
    told = Signal(bool)


def drift(singleton: object, work: Callable[[], None]) -> int:
    """How many references `singleton` gained or lost over `CALLS` calls, after a warm-up."""
    for _ in range(10):
        work()
    before = sys.getrefcount(singleton)
    for _ in range(CALLS):
        work()
    return sys.getrefcount(singleton) - before


@pytest.mark.parametrize("singleton", [None, True, False])
def test_void_calls_leak_nothing(qapp: object, singleton: object) -> None:
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    painter, pen = QPainter(image), QPen()
    try:
        assert abs(drift(singleton, lambda: painter.setPen(pen))) < SLACK
    finally:
        painter.end()


@pytest.mark.parametrize("singleton", [None, True, False])
def test_signals_leak_nothing(qapp: object, singleton: object) -> None:
    sender = Sender()
    heard: list[int] = []

    def hear(_value: bool) -> None:
        heard[:] = [1]

    sender.told.connect(hear)
    assert abs(drift(singleton, lambda: sender.told.emit(True))) < SLACK
    assert heard == [1]
