"""Bugs end in the crash dialog without private data; known failures never do."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from ui.errors.catcher import Catcher, trace
from ui.errors.crash import CrashDialog
from workstation.kernel.errors import InputError


@pytest.fixture
def catcher(qapp: object) -> Iterator[Catcher]:
    made = Catcher()
    before = (sys.excepthook, threading.excepthook)
    made.install()
    yield made
    made.uninstall()
    assert (sys.excepthook, threading.excepthook) == before


def caught(message: str = "boom") -> BaseException:
    try:
        raise ZeroDivisionError(message)
    except ZeroDivisionError as bug:
        return bug


def test_a_trace_holds_no_addresses() -> None:
    text = trace(caught("ana.souza@example.com password: hunter2"))
    assert "ZeroDivisionError" in text
    assert "ana.souza" not in text
    assert "hunter2" not in text.splitlines()[-1]


def test_bugs_of_any_thread_are_told(catcher: Catcher, qtbot: QtBot) -> None:
    told: list[BaseException] = []
    catcher.bug.connect(told.append)
    bug = caught()
    sys.excepthook(type(bug), bug, bug.__traceback__)

    def fail() -> None:
        raise KeyError("elsewhere")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert [type(one) for one in told] == [ZeroDivisionError, KeyError]


def test_a_known_failure_is_no_bug(catcher: Catcher, qtbot: QtBot) -> None:
    known: list[object] = []
    catcher.known.connect(known.append)
    with qtbot.assertNotEmitted(catcher.bug, wait=20):
        catcher.report(InputError("Not like that."))
    assert len(known) == 1


def test_the_loop_reports_forgotten_tasks(catcher: Catcher, qtbot: QtBot) -> None:
    with qtbot.waitSignal(catcher.bug):
        catcher.on_loop(None, {"message": "Task exception was never retrieved", "exception": caught()})


def test_the_crash_dialog_shows_and_copies(qtbot: QtBot) -> None:
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QPushButton

    dialog = CrashDialog(caught())
    qtbot.addWidget(dialog)
    dialog.open()
    copy = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy")
    copy.click()
    assert "ZeroDivisionError: boom" in QGuiApplication.clipboard().text()
