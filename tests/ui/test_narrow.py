"""In the narrowest window that shows all columns nothing is cut at a column's edge, whatever the checks say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world, panel
from tests.support.fakecore import NOW
from ui.bridge import Bridge
from ui.shell.actions import Actions
from ui.shell.columns import MINIMUM, NAMES, Columns
from ui.verification.view import CasePanel
from ui.widgets.labels import ElidedLabel
from ui.widgets.splitter import Splitter
from workstation.kernel.clock import FixedClock
from workstation.runtime.thread import CoreThread
from workstation.verification.model import Verdict

pytestmark = QUIET_PLATFORM


@pytest.mark.parametrize("evidence", [False, True], ids=["no evidence", "evidence"])
def test_the_case_fits_its_narrowest_column(
    lonely_bridge: Bridge, actions: Actions, core_thread: CoreThread, qtbot: QtBot, evidence: bool
) -> None:
    world = case_world()
    verdicts = [*Verdict, Verdict.PASS, Verdict.WARN]
    checks = [replace(check, verdict=verdict) for check, verdict in zip(panel().checks, verdicts, strict=True)]
    world.panels = {"pt": replace(panel(), checks=tuple(checks))}
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(replace(core, simulated=("shop", "carrier")), core_thread)
    made = CasePanel(lonely_bridge, actions, clock=FixedClock(NOW))
    qtbot.addWidget(made)
    made.resize(MINIMUM[NAMES["case"]], 600)
    made.show()
    made.show_conversation("pt")
    qtbot.waitUntil(lambda: len(made.rows) == 6)
    if evidence:
        made.evidence.capture()
        qtbot.waitUntil(lambda: made.evidence.list.count() == 1)
    scroll = made.findChild(QScrollArea)
    assert scroll is not None
    page = scroll.widget()
    assert page is not None
    qtbot.waitUntil(lambda: page.width() <= scroll.viewport().width())
    names = [label for row in made.rows for label in row.head.findChildren(ElidedLabel)]
    assert [label.text() for label in names] == [label.full_text for label in names], "a check's name is cut"


@pytest.mark.parametrize("width", [1_024, 1_023, 1_000, 864, 863, 600])
def test_the_columns_that_are_shown_have_their_room(width: int, qapp: object) -> None:
    shown = Columns(Splitter()).shown(width)
    assert sum(MINIMUM[column] + 1 for column, visible in shown.items() if visible) - 1 <= width
