"""Bugs end in one crash dialog without private data; known failures never do; a run that ended badly is told of."""

from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support.source import ROOT
from ui import a11y
from ui.errors import again, report
from ui.errors.catcher import Catcher, trace
from ui.errors.crash import CrashDialog, ReportDialog
from ui.errors.crashes import Crashes, signature
from ui.errors.lastrun import MARK, REPORT, LastRun
from workstation.kernel.errors import DiskFull, InputError, WorkstationError

PRIVATE = "ana.souza@example.com password: hunter2 João da Silva, Rua das Flores 7"


@pytest.fixture
def catcher(qapp: object) -> Iterator[Catcher]:
    made = Catcher()
    before = (sys.excepthook, threading.excepthook, list(logging.getLogger("workstation").handlers))
    made.install()
    yield made
    made.uninstall()
    assert (sys.excepthook, threading.excepthook, list(logging.getLogger("workstation").handlers)) == before


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def saved() -> list[str]:
    return []


@pytest.fixture
def crashes(catcher: Catcher, host: QWidget, saved: list[str]) -> Crashes:
    return Crashes(catcher, lambda: host, lambda: saved.append("typed"), lambda: 2, host)


def caught(message: str = "boom") -> BaseException:
    try:
        raise LookupError(message)
    except LookupError as bug:
        return bug


def other() -> BaseException:
    try:
        raise ZeroDivisionError(PRIVATE)
    except ZeroDivisionError as bug:
        return bug


def button(dialog: QWidget, text: str) -> QPushButton:
    return next(found for found in dialog.findChildren(QPushButton) if found.text() == text)


def assert_private(text: str) -> None:
    for word in ("ana.souza", "hunter2", "João", "Silva", "Flores", str(Path.home()), str(ROOT)):
        assert word not in text


def test_a_trace_says_where_and_nothing_about_anybody() -> None:
    text = trace(caught(PRIVATE))
    assert "LookupError" in text
    assert "ui/test_errors.py:" in text
    assert_private(text)


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
    assert [type(one) for one in told] == [LookupError, KeyError]


def test_bugs_that_a_service_caught_and_logged_are_told_too(catcher: Catcher, qtbot: QtBot) -> None:
    """A mailbox's thread goes on after a bug, a job is tried again, a handler of an event is passed over."""
    told: list[BaseException] = []
    catcher.bug.connect(told.append)
    log = logging.getLogger("workstation.connectors.email.imap")

    def fail() -> None:
        try:
            raise KeyError(PRIVATE)
        except KeyError:
            log.exception("mailbox failed")
        try:
            raise InputError("Not like that.", "Otherwise.")
        except InputError:
            log.exception("known")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(told) == 1)
    assert isinstance(told[0], KeyError)
    assert "ERROR workstation.connectors.email.imap mailbox failed" in "\n".join(catcher.recent())
    assert_private("\n".join(catcher.recent()))


def test_the_last_lines_are_told_as_they_were_logged(catcher: Catcher) -> None:
    """Not when the report is made: by then nobody knows any more which sentence stood in the code."""
    log = logging.getLogger("workstation.runtime.jobs")
    log.warning("%s failed %d times for %s", "sender", 3, PRIVATE)
    qWarning(f"QLayout::addChildLayout: layout \"{PRIVATE}\" already has a parent")
    first, second = catcher.recent()[-2:]
    assert first.endswith("WARNING workstation.runtime.jobs sender failed 3 times for <text>")
    assert "QLayout::addChildLayout" in second or "characters left out" in second
    assert_private("\n".join(catcher.recent()))
    qWarning("QPainter::begin: Paint device returned engine == 0, type: 2")
    assert "Qt: QPainter::begin" in catcher.recent()[-1]


def test_a_bug_that_is_reported_is_told_once(catcher: Catcher, qtbot: QtBot) -> None:
    told: list[BaseException] = []
    catcher.bug.connect(told.append)
    catcher.report(caught())
    qtbot.wait(10)
    assert len(told) == 1


@pytest.mark.parametrize(("problem", "kind"), [
    (InputError("Not like that.", "Otherwise."), InputError), (OSError(errno.ENOSPC, "no room"), DiskFull),
])
def test_a_known_failure_is_no_bug(
    catcher: Catcher, qtbot: QtBot, problem: Exception, kind: type[WorkstationError],
) -> None:
    known: list[object] = []
    catcher.known.connect(known.append)
    with qtbot.assertNotEmitted(catcher.bug, wait=20):
        catcher.report(problem)
    assert [type(one) for one in known] == [kind]


def test_the_loop_reports_forgotten_tasks(catcher: Catcher, qtbot: QtBot) -> None:
    with qtbot.waitSignal(catcher.bug):
        catcher.on_loop(None, {"message": "Task exception was never retrieved", "exception": caught()})


def test_one_dialog_counts_what_follows(crashes: Crashes, catcher: Catcher, saved: list[str], qtbot: QtBot) -> None:
    bug = caught(PRIVATE)
    catcher.report(bug)
    dialog = crashes.dialog
    assert dialog is not None
    assert dialog.isVisible()
    assert not dialog.again.isVisible()
    catcher.report(bug)
    catcher.report(other())
    assert crashes.dialog is dialog
    assert "It happened 2 times." in dialog.again.text()
    assert "1 other fault followed" in dialog.again.text()
    assert "happened: 2 ×" in dialog.text
    assert_private(dialog.text)
    assert saved == ["typed"]
    button(dialog, "Go on working").click()
    assert crashes.dialog is None
    catcher.report(bug)
    assert crashes.dialog is None, "the same bug opens no second dialog"


def test_after_it_was_closed_another_bug_is_shown(crashes: Crashes, catcher: Catcher) -> None:
    catcher.report(caught())
    assert crashes.dialog is not None
    crashes.dialog.reject()
    fresh = other()
    catcher.report(fresh)
    assert crashes.dialog is not None
    assert "ZeroDivisionError" in crashes.dialog.text
    crashes.dialog.reject()


def test_a_bug_in_the_dialog_ends_on_standard_error(
    crashes: Crashes, catcher: Catcher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:
    def broken(*_what: object) -> str:
        raise RuntimeError(PRIVATE)

    monkeypatch.setattr(report, "compose", broken)
    catcher.report(caught())
    assert crashes.dialog is None
    said = capsys.readouterr().err
    assert "LookupError" in said
    assert "RuntimeError" in said
    assert_private(said)


def test_the_dialog_says_what_was_kept_and_copies_and_saves(qtbot: QtBot, tmp_path: Path) -> None:
    text = report.compose(trace(caught(PRIVATE)), ["a line of the log"], 1)
    dialog = CrashDialog(text, 2)
    qtbot.addWidget(dialog)
    dialog.open()
    assert "2 replies wait" in dialog.accessibleDescription()
    assert a11y.unnamed(dialog) == []
    button(dialog, "Copy the report").click()
    assert QGuiApplication.clipboard().text() == text
    dialog.save(str(tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == text
    assert dialog.said.text() == "The report is saved."
    dialog.save(str(tmp_path))
    assert "could not be saved" in dialog.said.text()
    for word in ("workstation: ", "python: ", "qt: ", "screens: ", "store: ", "a line of the log"):
        assert word in text
    with qtbot.waitSignal(dialog.restart):
        button(dialog, "Start the program again").click()


def test_two_bugs_are_the_same_by_kind_and_place() -> None:
    assert signature(caught("one")) == signature(caught("two"))
    assert signature(caught()) != signature(other())


CRASH = """
import ctypes, sys
from pathlib import Path
from ui.errors.lastrun import LastRun
import logging
from workstation.kernel.logs import log_to
log_to(Path(sys.argv[1]))
logging.getLogger("workstation").info("something of the last run")
LastRun(Path(sys.argv[1])).begin()
if sys.argv[2] == "fault":
    ctypes.string_at(0)
"""


@pytest.mark.parametrize(("how", "said"), [
    ("fault", "Fatal Python error: Segmentation fault"), ("stop", "It left no trace"),
])
def test_a_run_that_ended_badly_is_told_of_at_the_next_start(tmp_path: Path, how: str, said: str, qtbot: QtBot) -> None:
    logs = tmp_path / "logs"
    around = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run([sys.executable, "-c", CRASH, str(logs), how], cwd=tmp_path, env=around, capture_output=True,
                   timeout=60, check=False)
    last = LastRun(logs)
    assert last.begin()
    last.end()
    kept = (logs / REPORT).read_text(encoding="utf-8")
    assert said in kept
    assert "something of the last run" in kept
    assert_private(kept)
    dialog = ReportDialog(logs / REPORT)
    qtbot.addWidget(dialog)
    assert dialog.text == kept
    again_started = LastRun(logs)
    assert not again_started.begin(), "it ended as it should"
    again_started.end()
    assert not (logs / MARK).exists()


def test_files_of_a_fault_are_named_as_the_program_names_them() -> None:
    wrote = 'File "/home/ana/work/ui/shell/window.py", line 7 in x\nFile "/usr/lib/python3/json.py", line 1'
    text = report.faults(wrote)
    assert 'File "ui/shell/window.py", line 7 in x' in text
    assert 'File "json.py"' in text


def test_the_program_is_begun_anew_as_it_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "workstation.cli", "--home", "/x"])
    assert again.command() == (sys.executable, ["-m", "workstation.cli", "--home", "/x"])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["workstation", "--home", "/x"])
    assert again.command() == (sys.executable, ["--home", "/x"])
