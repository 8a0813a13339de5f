"""A start on an empty folder: the first page comes without anything heavy, and sample data stays apart from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.architecture.test_first_paint import HEAVY
from tests.support.source import ROOT
from ui.onboarding.sample import Sample, command
from ui.shell.program import Program
from workstation.kernel.settings import Settings

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
CHILD = """
import os, sys
from pathlib import Path
from workstation.cli import load_window

window = load_window()
import ui.onboarding.language_page as pages

class Watched(pages.LanguagePage):
    def paintEvent(self, event):
        super().paintEvent(event)
        sys.stdout.write(" ".join(["painted", *sorted(name.partition(".")[0] for name in sys.modules)]))
        sys.stdout.flush()
        os._exit(0)

pages.LanguagePage = Watched
window.main(home=Path(sys.argv[1]))
"""


def test_the_first_page_needs_nothing_heavy_and_writes_nothing(tmp_path: Path) -> None:
    around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", CHILD, str(tmp_path / "home")], cwd=ROOT, env=around,
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = set(done.stdout.split())
    assert {"painted", "PySide6", "ui"} <= said
    assert said & HEAVY == set()
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_without_a_display_one_line_says_so(tmp_path: Path) -> None:
    around = {name: value for name, value in os.environ.items()
              if name not in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run([sys.executable, "-m", "workstation.cli", "--home", str(tmp_path / "home")], cwd=ROOT,
                          env=around, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


@pytest.mark.long
def test_sample_data_runs_apart_and_leaves_nothing(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    assert command()[1][-1] == "demo"
    sample = Sample()
    with qtbot.waitSignal(sample.opened, timeout=10_000):
        sample.start()
    qtbot.waitUntil(lambda: list(tmp_path.glob("workstation-demo-*/home/home.json")) != [], timeout=30_000)
    with qtbot.waitSignal(sample.ended, timeout=30_000) as ended:
        sample.stop()
    assert ended.args == [""]
    assert list(tmp_path.glob("workstation-demo-*")) == []
    assert not sample.running


def test_a_sample_that_cannot_run_says_why(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.onboarding.sample.command", lambda: ("/nowhere/workstation", ["demo"]))
    sample = Sample()
    with qtbot.waitSignal(sample.ended) as ended:
        sample.start()
    assert str(ended.args[0]).startswith("The sample could not be shown: ")


def test_sample_data_is_marked_in_every_window(tmp_path: Path, qtbot: QtBot) -> None:
    from ui.errors.catcher import Catcher

    program = Program(Settings(tmp_path / "settings.json"), Catcher(), sample=True)
    qtbot.addWidget(program.window)
    assert program.window.windowTitle() == "Sample data – Workstation"
    assert program.window.menuBar().cornerWidget().text() == "Sample data: leave"  # type: ignore[attr-defined]
    program.window.complete()
    old = program.window
    program.settings.set("language", "zh_CN")
    program.rebuild()
    assert program.window is not old
    assert program.window.menuBar().cornerWidget() is not None
    program.bridge.close()
    program.window.close()
    program.window.deleteLater()
