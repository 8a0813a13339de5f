"""How the window's end of the line is closed: soon, and without saying what is not so."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workstation.app import handover
from workstation.app.handover import Handover
from workstation.kernel.paths import Home
from workstation.runtime.line import Gone, Line, call, read_door

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it speaks to the socket itself")
FAR = 30.0   # seconds; what is waited for comes much sooner


def called(home: Path) -> Line:
    """A proved line, once somebody listens."""
    deadline = time.monotonic() + FAR
    while time.monotonic() < deadline:
        try:
            line = call(home)
        except Gone:
            continue
        if line is not None:
            return line
    raise AssertionError("nobody listens")


def open_over(home: Path, front: Callable[[str, Callable[[], None]], None] | None = None) -> Handover:
    opened = Handover(Home(home), None, front)  # type: ignore[arg-type]
    opened.start()
    return opened


def test_a_window_that_is_closed_while_it_comes_to_the_front_does_not_answer_no(tmp_path: Path) -> None:
    asked = threading.Event()
    window = open_over(tmp_path, lambda _token, _done: asked.set())
    line = called(tmp_path)
    line.send({"do": "front"})
    assert asked.wait(FAR)
    window.close()
    with pytest.raises(Gone):
        line.receive(FAR)
    line.close()


def test_closing_waits_once_for_all_and_not_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hang, there = threading.Event(), threading.Semaphore(0)

    def hangs(_window: Handover, _door: object, _line: Line) -> None:
        there.release()
        hang.wait(FAR)

    monkeypatch.setattr(Handover, "_answer", hangs)
    monkeypatch.setattr(handover, "CLOSE_SECONDS", 0.2)
    window = open_over(tmp_path)
    while (door := read_door(tmp_path)) is None:
        assert not there.acquire(timeout=0.01)
    callers = [socket.socket(socket.AF_UNIX) for _n in range(10)]
    for caller in callers:
        caller.connect(door.address)
        assert there.acquire(timeout=FAR)
    began = time.monotonic()
    window.close()
    took = time.monotonic() - began
    hang.set()
    for caller in callers:
        caller.close()
    assert took < 1.5, "ten times 0.2 seconds would be two"


def test_a_window_that_is_closed_while_it_begins_to_listen_leaves_no_door(tmp_path: Path) -> None:
    for _n in range(20):
        window = open_over(tmp_path)
        window.close()
        assert not (tmp_path / "handover.json").exists()
