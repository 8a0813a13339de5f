"""Run by test_atspi in a session bus and a display of its own: the window on the screen, read by another process.

No `test_` name, so it is collected only when it is asked for. Writes what the bus said and what the window's own tree
has, as JSON, into the file that ATSPI_ANSWER names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess

from tests.support.screens import reading
from tests.support.stage import Stage
from tests.support.tree import nodes
from tests.ui.test_tree import settled, stage

__all__ = ["stage"]

READER = """
import json, time
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
Atspi.init()
heard = []
def walk(one, depth=0):
    if one is None or depth > 40 or len(heard) > 3000:
        return
    heard.append((one.get_role_name(), (one.get_name() or "").strip()))
    for at in range(min(one.get_child_count(), 60)):
        walk(one.get_child_at_index(at), depth + 1)
until = time.monotonic() + 20
while time.monotonic() < until and not heard:
    desktop = Atspi.get_desktop(0)
    for at in range(desktop.get_child_count()):
        one = desktop.get_child_at_index(at)
        if one is not None and one.get_child_count():
            walk(one)
    time.sleep(0.1)
print(json.dumps(heard))
"""


@pytest.mark.qt_log_ignore("AtSpiAdaptor", extend=True)
def test_the_bus_is_read(stage: Stage) -> None:
    window = reading(stage)
    settled(stage, window)
    reader = QProcess()
    reader.start("/usr/bin/python3", ["-c", READER])
    stage.bot.waitUntil(lambda: reader.state() == QProcess.ProcessState.NotRunning, timeout=40_000)
    said = bytes(reader.readAllStandardOutput().data()).decode()
    assert said, bytes(reader.readAllStandardError().data()).decode()
    tree = [(node.role, node.name) for node in nodes(window)]
    Path(os.environ["ATSPI_ANSWER"]).write_text(json.dumps({"bus": json.loads(said), "tree": tree}))
