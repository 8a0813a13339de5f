"""What a conversation is about stands above its messages, with why; one key opens the choices, one more chooses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.faketriage import FakeTriage, findings
from ui.bridge import Bridge
from ui.inbox.words import issue_name
from ui.shell.window import MainWindow
from ui.triage import words
from ui.triage.strip import TriageStrip
from workstation.runtime.thread import CoreThread
from workstation.triage.model import Finding, Issue, Risk, Urgency

CASE = "c000003"


@pytest.fixture
def triage(world: World) -> FakeTriage:
    return FakeTriage(world)


@pytest.fixture
def bridge(
    lonely_bridge: Bridge, world: World, core_thread: CoreThread, triage: FakeTriage, qtbot: QtBot
) -> Bridge:
    lonely_bridge.attach(replace(make_core(world), triage=triage), core_thread)
    return lonely_bridge


def opened(window: MainWindow, qtbot: QtBot) -> TriageStrip:
    window.open_conversation(CASE)
    strip = window.middle.conversation.header.findChild(TriageStrip)
    assert strip is not None
    presenter = window.middle.triage
    qtbot.waitUntil(lambda: presenter.triage is not None and presenter.triage.conversation_id == CASE)
    return strip


def press(strip: TriageStrip, key: Qt.Key) -> None:
    assert strip.menu is not None
    QTest.keyClick(strip.menu, key)


def test_it_says_what_it_is_about_and_why(window: MainWindow, triage: FakeTriage, qtbot: QtBot) -> None:
    triage.told[CASE] = findings("late", 1, "chargeback")
    strip = opened(window, qtbot)
    assert strip.issue.text() == "late"
    assert strip.urgency.text() == "soon"
    assert strip.risk.text() == "risk: chargeback"
    assert "promised delivery passed 6 days ago" in strip.why.full_text
    assert "says “chargeback”" in strip.risk.toolTip()
    assert "late" in strip.issue.accessibleName()


def test_nothing_is_claimed_that_was_not_found(window: MainWindow, triage: FakeTriage, qtbot: QtBot) -> None:
    triage.told[CASE] = (Finding("issue", "", 0.4, ("not told",)), Finding("urgency", "0", 0.6, ()),
                         Finding("risk", "", 0.6, ()))
    strip = opened(window, qtbot)
    assert strip.issue.text() == "not told"
    assert (strip.urgency.isVisible(), strip.risk.isVisible()) == (False, False)


def test_one_key_opens_and_one_chooses(window: MainWindow, triage: FakeTriage, world: World, qtbot: QtBot) -> None:
    strip = opened(window, qtbot)
    window.list.list.setFocus()
    window.actions_.action("conversation.triage").trigger()
    press(strip, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: strip.issue.text() == "damaged")
    assert ("correct", (CASE, "issue", "damaged")) in world.calls
    assert strip.why.full_text.startswith("set by a person")


def test_a_correction_is_taken_back(window: MainWindow, triage: FakeTriage, world: World, qtbot: QtBot) -> None:
    strip = opened(window, qtbot)
    strip.choose()
    press(strip, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: strip.issue.text() == "missing item")
    qtbot.waitUntil(lambda: window.toast.can_undo)
    window.actions_.action("app.undo").trigger()
    qtbot.waitUntil(lambda: strip.issue.text() == "late")


def test_risk_and_urgency_are_corrected_too(window: MainWindow, world: World, qtbot: QtBot) -> None:
    strip = opened(window, qtbot)
    strip.choose()
    press(strip, Qt.Key.Key_K)
    assert strip.menu is not None
    risk = next(menu for menu in strip.menu.findChildren(type(strip.menu)) if "&S  safety" in
                [line.text() for line in menu.actions()])
    QTest.keyClick(risk, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: ("correct", (CASE, "risk", "safety")) in world.calls)


def test_every_value_has_a_word_and_a_key_of_its_own() -> None:
    for keys, every in ((words.ISSUE_KEYS, Issue), (words.RISK_KEYS, Risk), (words.URGENCY_KEYS, Urgency)):
        assert set(keys) == set(every)
        assert len(set(keys.values())) == len(keys)
    assert not {"U", "K"} & set(words.ISSUE_KEYS.values())
    assert all(" " in issue_name(str(issue)) or issue_name(str(issue)).isalpha() for issue in Issue if issue)
    assert len({words.issue(str(issue)) for issue in Issue}) == len(Issue)
