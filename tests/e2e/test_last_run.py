"""The real window over the real core tells of a last run that ended badly, of a bug of its core, and ends cleanly."""

from __future__ import annotations

import errno
import logging
import os
import signal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.cli import prepared
from ui.errors.lastrun import MARK, REPORT, LastRun
from ui.main import Run
from workstation import app
from workstation.app.desk import Desk
from workstation.kernel import logs
from workstation.kernel.paths import Home

PATIENCE_MS = 30_000


def test_a_bad_end_is_told_once_and_a_good_one_leaves_no_mark(tmp_path: Path, qtbot: QtBot) -> None:
    cli = prepared(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    folder = cli.home / "logs"
    folder.mkdir(exist_ok=True)
    (folder / MARK).write_text("{}")
    opened = app.open_home(Home(cli.home), Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
    opened.settings.set("notifications", False)
    run = Run(opened, Desk(opened), opened.first_page())
    window, program = run.program.window, run.program
    try:
        qtbot.waitUntil(lambda: "ended unexpectedly" in window.toast.text, timeout=PATIENCE_MS)
        assert window.toast.remedy == "Show the report"
        assert (folder / MARK).exists()
        qtbot.waitUntil(lambda: "1 needs a look" in window.status.text, timeout=PATIENCE_MS)
        try:
            raise LookupError("a mailbox's thread met a bug")
        except LookupError:
            logging.getLogger("workstation.connectors.email.imap").exception("mailbox failed")
        dialog = program.crashes.dialog
        assert dialog is not None
        assert "tests" not in dialog.windowTitle()
        assert "LookupError" in dialog.text
        dialog.reject()
        assert (folder / REPORT).exists(), "kept until a person dismisses it"
    finally:
        with qtbot.waitSignal(program.ended, timeout=PATIENCE_MS):
            _ask_to_end()
        run.end()
        window.deleteLater()
    assert not (folder / MARK).exists()
    assert signal.getsignal(signal.SIGTERM) is before


def _ask_to_end() -> None:
    """As a session does that ends. Never where nobody hears it: this very process would be gone, and the run."""
    assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_DFL, None), "nobody hears SIGTERM"
    os.kill(os.getpid(), signal.SIGTERM)


def test_a_disk_that_takes_no_mark_keeps_nobody_from_reading(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli = prepared(tmp_path)
    opened = app.open_home(Home(cli.home), Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))

    def full(_self: LastRun) -> bool:
        raise OSError(errno.ENOSPC, "no room")

    def no_log(_folder: Path) -> logging.Handler:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(LastRun, "begin", full)
    monkeypatch.setattr(logs, "log_to", no_log)
    run = Run(opened, Desk(opened), opened.first_page())
    try:
        qtbot.waitUntil(lambda: run.program.bridge.core is not None, timeout=PATIENCE_MS)
        assert "disk is full" in run.program.window.toast.text
    finally:
        with qtbot.waitSignal(run.program.ended, timeout=PATIENCE_MS):
            run.program.window.close()
        run.end()
        run.program.window.deleteLater()
