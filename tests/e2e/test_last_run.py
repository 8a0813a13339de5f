"""The real window over the real core tells of a last run that ended badly, of a bug of its core, and ends cleanly."""

from __future__ import annotations

import logging
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.support.cli import quick
from ui.errors.lastrun import MARK, REPORT
from ui.main import Run
from workstation import app
from workstation.app.desk import Desk
from workstation.kernel.paths import Home

PATIENCE_MS = 30_000


def test_a_bad_end_is_told_once_and_a_good_one_leaves_no_mark(tmp_path: Path, qtbot: QtBot) -> None:
    cli = quick(tmp_path)
    logs = cli.home / "logs"
    logs.mkdir(exist_ok=True)
    (logs / MARK).write_text("{}")
    opened = app.open_home(Home(cli.home), Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
    opened.settings.set("notifications", False)
    run = Run(opened, Desk(opened), opened.first_page())
    window, program = run.program.window, run.program
    try:
        qtbot.waitUntil(lambda: "ended unexpectedly" in window.toast.text, timeout=PATIENCE_MS)
        assert window.toast.remedy == "Show the report"
        assert (logs / MARK).exists()
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
        assert (logs / REPORT).exists(), "kept until a person dismisses it"
    finally:
        with qtbot.waitSignal(program.ended, timeout=PATIENCE_MS):
            window.close()
        run.end()
        window.deleteLater()
    assert not (logs / MARK).exists()
