"""Cycles that hold Qt's objects end on the window's thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from ui.collector import Collector

MANY = 200_000   # allocations: enough for every generation to be due


class Ends(QObject):
    """Garbage in a cycle that says on which thread it was collected."""

    def __init__(self, told: list[int]) -> None:
        super().__init__()
        self.told = told
        self.cycle = self

    def __del__(self) -> None:
        self.told.append(threading.get_ident())


@pytest.fixture
def collector(qapp: object) -> Iterator[Collector]:
    before = gc.isenabled()
    gc.enable()
    made = Collector()
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


def test_another_thread_collects_nothing_and_this_one_does(collector: Collector) -> None:
    collector.look()
    told: list[int] = []
    Ends(told)
    elsewhere()
    assert told == []
    kept: list[object] = [[] for _number in range(MANY)]
    collector.look()
    assert told == [threading.get_ident()]
    assert len(kept) == MANY


def test_where_little_was_made_nothing_is_collected(collector: Collector) -> None:
    collector.look()
    gc.collect()
    told: list[int] = []
    Ends(told)
    collector.look()
    assert told == []
    gc.collect()
    assert len(told) == 1


def test_old_garbage_is_collected_too(collector: Collector) -> None:
    collector.look()
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


def test_what_was_loaded_is_not_walked_again(collector: Collector) -> None:
    gc.unfreeze()
    collector.look()
    assert gc.get_freeze_count() > 0
