"""The playbook's section in each of its states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from tests.support.fakecore import World
from tests.support.fakeplaybooks import FakePlaybooks
from tests.support.stage import Stage
from ui.playbooks.view import PlaybookSection
from workstation.playbooks.model import Course


def _parts(world: World) -> dict[str, Any]:
    return {"playbooks": FakePlaybooks(world)}


def _undecided(world: World) -> dict[str, Any]:
    made = FakePlaybooks(world)
    made.courses["pt"] = Course("pt")
    return {"playbooks": made}


def _section(stage: Stage, parts: Callable[[World], dict[str, Any]], words: str) -> PlaybookSection:
    stage.parts = parts
    section = stage.reading("pt").case.playbook
    stage.until(lambda: words in section.text)
    return section


def all_steps(stage: Stage) -> QWidget:
    """The next step, what it lacks, and who the case goes to; and how every step stands."""
    section = _section(stage, _parts, "step 2 of 5")
    section.toggle()
    return section


def undecided(stage: Stage) -> QWidget:
    """Nobody said what it is about."""
    return _section(stage, _undecided, "Nobody said")


PLAYBOOK: dict[str, Callable[[Stage], QWidget]] = {
    "playbook": all_steps, "playbook-none": undecided,
}
