"""Screens of what goes and what must not: personal data of a case, and what falls due in the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from tests.support.fakecore import NOW, World
from tests.support.fakeerasure import PREVIEW, FakeErasure, due_list
from tests.support.stage import Stage
from ui.evidence.personal import PersonalDialog
from ui.settings.dialog import SettingsDialog
from workstation.evidence.erasure.model import GRACE, Due, Hold
from workstation.kernel.clock import FixedClock


def _with(**changes: object) -> Callable[[World], dict[str, Any]]:
    def parts(world: World) -> dict[str, Any]:
        made = FakeErasure(world)
        for name, value in changes.items():
            setattr(made, name, value)
        return {"erasure": made}

    return parts


def _dialog(stage: Stage, **changes: object) -> QWidget:
    stage.parts = _with(**changes)
    stage.attach()
    dialog = stage.show(PersonalDialog(stage.bridge, "pt", clock=FixedClock(NOW)))
    stage.until(lambda: bool(dialog.goes.text()))
    return dialog


def personal(stage: Stage) -> QWidget:
    return _dialog(stage)


def planned(stage: Stage) -> QWidget:
    return _dialog(stage, listed=(Due("pt", "Where is my parcel?", None, NOW, NOW + GRACE, "the buyer asks"),))


def held(stage: Stage) -> QWidget:
    hold = Hold("pt", NOW, "A-to-z claim 111-2223334-5556667", "h1")
    return _dialog(stage, seen=replace(PREVIEW, hold=hold), listed=(replace(due_list()[0], hold=hold),))


def erasing(stage: Stage) -> QWidget:
    """The page of the settings."""
    stage.parts = _with(listed=due_list())
    stage.attach()
    dialog = SettingsDialog(stage.settings, stage.actions, bridge=stage.bridge)
    dialog.tabs.setCurrentWidget(dialog.erasure_page)
    stage.show(dialog)
    stage.until(lambda: dialog.erasure_page.due.topLevelItemCount() == 3)
    return dialog.erasure_page


EXHIBITS: dict[str, Callable[[Stage], QWidget]] = {
    "personal-data": personal, "personal-data-planned": planned, "personal-data-held": held,
    "settings-erasing": erasing,
}
