"""The window over a home on a disk that cannot be written: it reads, says why, and leaves every byte as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import space
from tests.support.cli import ROOT, quick
from tests.support.mail import raw_mail

_WINDOW = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from ui.main import run_window
from ui.shell.only_reading import OnlyReadingBar
from workstation import app
from workstation.app.desk import Desk
from workstation.kernel.paths import Home

opened = app.open_home(Home(Path(sys.argv[1])), Path(sys.argv[2]))
desk = Desk(opened)
found = {"only_reading": desk.only_reading}

def shown(program):
    window, looks = program.window, []

    def look():
        looks.append(1)
        view = window.completed and window.middle.conversation.presenter.view
        if not view and len(looks) < 200:
            if window.completed and window.inbox.model.rowCount():
                window.list.list.show_row(0)
            return
        bar = window.findChild(OnlyReadingBar)
        found.update(
            subject=view.row.subject if view else "", bar=bool(bar and bar.isVisible()),
            composer=window.middle.composer.isVisible(),
            send=window.actions_.action("composer.send").isEnabled(),
            refused=window.actions_.reason("composer.send"))
        timer.stop()
        QTimer.singleShot(1500, window.close)     # long enough for it to be marked as read, were it to be

    timer = QTimer(program, interval=100)
    timer.timeout.connect(look)
    timer.start()

code = run_window(opened, desk, shown)
print(json.dumps({**found, "code": code}))
"""


@pytest.fixture(autouse=True)
def _needs_a_namespace(tmp_path: Path) -> None:
    if not space.available(tmp_path):
        pytest.skip(space.MISSING)


@pytest.mark.long
@pytest.mark.timeout(120)
def test_the_window_reads_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    cli = quick(tmp_path)
    (tmp_path / "mail.eml").write_bytes(raw_mail("a-parcel", body="Where is my parcel?"))
    cli("import", "mail", str(tmp_path / "mail.eml"))
    before = {path: path.read_bytes() for path in cli.home.rglob("*") if path.is_file()}
    variables = cli.variables({})
    command = [*space.read_only(cli.home), sys.executable, "-c", _WINDOW, str(cli.home),
               variables["WORKSTATION_PASSPHRASE_FILE"]]
    environment = {**variables, "PATH": os.environ["PATH"], "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=90)
    found = json.loads(done.stdout.splitlines()[-1])
    assert (found["only_reading"], found["bar"], found["code"]) == (True, True, 0), done.stderr
    assert found["subject"]
    assert "cannot be written" in found["refused"]
    assert (found["composer"], found["send"]) == (False, False)
    assert {path: path.read_bytes() for path in cli.home.rglob("*") if path.is_file()} == before
