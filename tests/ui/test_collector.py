"""Cycles that hold Qt's objects end on the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent, QWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.collector import DEEP_AFTER, EVERY_MS, LONG_REST_S, REST_S, SELDOM_MS, START_S, Collector

MANY = 200_000   # allocations: enough for every generation to be due


class Ends(QObject):
    """Garbage in a cycle that says on which thread it was collected."""

    def __init__(self, told: list[int]) -> None:
        super().__init__()
        self.told = told
        self.cycle = self

    def __del__(self) -> None:
        self.told.append(threading.get_ident())


class Seconds:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def collector(qapp: object, seconds: Seconds) -> Iterator[Collector]:
    """One that has seen the start of the program end."""
    before = gc.isenabled()
    gc.enable()
    made = Collector(now=seconds)
    seconds.at += START_S
    made.look()
    seconds.at += REST_S
    yield made
    made.deleteLater()
    gc.unfreeze()
    (gc.enable if before else gc.disable)()


def allocate() -> None:
    kept: list[object] = [[] for _number in range(MANY)]
    kept.clear()


def elsewhere() -> None:
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()


def passes() -> tuple[list[int], Callable[[str, dict[str, int]], None]]:
    """The generations that were collected, and who writes them down."""
    told: list[int] = []

    def tell(phase: str, about: dict[str, int]) -> None:
        if phase == "stop":
            told.append(about["generation"])

    return told, tell


def grow_old() -> None:
    """Everything is due, as after a long while."""
    for _time in range(12):
        gc.collect(1)
    allocate()


def test_another_thread_collects_nothing_and_this_one_does(collector: Collector) -> None:
    told: list[int] = []
    Ends(told)
    elsewhere()
    assert told == []
    kept: list[object] = [[] for _number in range(MANY)]
    collector.look()
    assert told == [threading.get_ident()]
    assert len(kept) == MANY


def test_where_little_was_made_nothing_is_collected(collector: Collector) -> None:
    gc.collect()
    told: list[int] = []
    Ends(told)
    collector.look()
    assert told == []
    gc.collect()
    assert len(told) == 1


def test_old_garbage_is_collected_too(collector: Collector) -> None:
    told: list[int] = []
    garbage = Ends(told)
    for _time in range(2):
        gc.collect(1)     # it is among the oldest now
    del garbage
    for _look in range(150):
        kept: list[object] = [[] for _number in range(1_000)]
        collector.look()
        kept.clear()
        if told:
            break
    assert told == [threading.get_ident()]


def test_what_was_loaded_is_not_walked_again(qapp: object, seconds: Seconds) -> None:
    before = gc.isenabled()
    made = Collector(now=seconds)
    gc.unfreeze()
    told, tell = passes()
    gc.callbacks.append(tell)
    try:
        made.look()
        allocate()
        made.look()
        assert gc.get_freeze_count() > 0
        assert told == []
    finally:
        gc.callbacks.remove(tell)
        made.deleteLater()
        gc.unfreeze()
        (gc.enable if before else gc.disable)()


def test_no_long_pass_while_the_person_is_at_it(collector: Collector, seconds: Seconds, qtbot: QtBot) -> None:
    window = QWindow()
    window.show()
    collector._watch(window)
    kept: list[object] = []
    told, tell = passes()
    gc.callbacks.append(tell)
    try:
        for act in (partial(QTest.keyClick, window, Qt.Key.Key_A), partial(wheel, window)):
            grow_old()
            told.clear()
            seconds.at += REST_S * 4
            act()
            kept += [[] for _number in range(5_000)]
            collector.look()
            assert told == [0], "the old wait"
            seconds.at += REST_S
            grow_old()
            told.clear()
            collector.look()
            assert told == [2]
        assert len(kept) == 10_000
    finally:
        gc.callbacks.remove(tell)
        window.close()


def test_while_nobody_is_there_and_little_happens_the_computer_is_woken_seldom(
    collector: Collector, seconds: Seconds, qtbot: QtBot
) -> None:
    window = QWindow()
    window.show()
    collector._watch(window)
    gc.collect()
    collector.look()
    assert collector._timer.interval() == EVERY_MS
    seconds.at += LONG_REST_S
    collector.look()
    assert collector._timer.interval() == SELDOM_MS
    kept: list[object] = [[] for _number in range(MANY)]
    collector.look()                                     # something happens: mail arrives
    assert collector._timer.interval() == EVERY_MS
    assert len(kept) == MANY
    collector.look()
    assert collector._timer.interval() == SELDOM_MS
    QTest.keyClick(window, Qt.Key.Key_A)                 # somebody is back
    assert collector._timer.interval() == EVERY_MS
    window.close()


def wheel(window: QWindow) -> None:
    at = QPointF(5, 5)
    QCoreApplication.sendEvent(window, QWheelEvent(
        at, at, QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False))


def test_what_lived_through_a_long_pass_is_not_walked_by_the_next(collector: Collector, seconds: Seconds) -> None:
    kept: list[object] = [[] for _number in range(MANY)]
    grow_old()
    collector.look()
    assert len(gc.get_objects()) < MANY < gc.get_freeze_count()
    assert len(kept) == MANY


def test_what_was_set_apart_and_died_goes_in_a_long_rest(collector: Collector, seconds: Seconds) -> None:
    told: list[int] = []
    garbage = Ends(told)
    for _pass in range(DEEP_AFTER):
        for _time in range(12):
            gc.collect(1)
        collector.look()
    del garbage
    grow_old()
    collector.look()
    assert told == [], "set apart"
    seconds.at += LONG_REST_S
    collector.look()
    assert told == [threading.get_ident()]
