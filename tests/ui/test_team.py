"""Who else is in the conversation: shown while it lasts, told upstream as the person reads and types, and a warning
before two people answer one buyer."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_team import FakeTeam
from ui.bridge import Bridge
from ui.shell.window import MainWindow
from ui.team.strip import PresenceStrip, sentence
from workstation.runtime.thread import CoreThread
from workstation.team.model import Doing, Presence

CASE = "c000000"


@pytest.fixture
def team(world: World) -> FakeTeam:
    return FakeTeam(world)


@pytest.fixture
def bridge(lonely_bridge: Bridge, world: World, core_thread: CoreThread, team: FakeTeam, qtbot: QtBot) -> Bridge:
    lonely_bridge.attach(replace(make_core(world), team=team), core_thread)
    return lonely_bridge


_MARKS = dict.fromkeys(map(ord, "\u200e\u2066\u2068\u2069"))


def plain(text: str) -> str:
    """Without the marks that keep a name's direction to itself."""
    return text.translate(_MARKS)


def strip(window: MainWindow) -> PresenceStrip:
    found = window.middle.conversation.header.findChild(PresenceStrip)
    assert found is not None
    return found


def publish(window: MainWindow, thread: CoreThread, what: object) -> None:
    assert callable(what)

    async def work() -> None:
        what()

    thread.run(work())


def opened(window: MainWindow, qtbot: QtBot) -> None:
    window.open_conversation(CASE)
    qtbot.waitUntil(lambda: window.middle.composer.presenter.editable)


def test_a_colleague_is_seen_while_they_are_there(
    window: MainWindow, team: FakeTeam, core_thread: CoreThread, qtbot: QtBot
) -> None:
    opened(window, qtbot)
    assert not strip(window).isVisibleTo(window)
    publish(window, core_thread, lambda: team.come(CASE, "Bo"))
    qtbot.waitUntil(lambda: plain(strip(window).text) == "Bo is here")
    publish(window, core_thread, lambda: team.come(CASE, "Bo", Doing.WRITING))
    qtbot.waitUntil(lambda: plain(strip(window).text) == "Bo is writing an answer")
    assert strip(window).accessibleName() == strip(window).text
    publish(window, core_thread, lambda: team.go(CASE, "Bo"))
    qtbot.waitUntil(lambda: not strip(window).isVisibleTo(window))


def test_reading_typing_and_going_on_are_told(
    window: MainWindow, world: World, team: FakeTeam, qtbot: QtBot
) -> None:
    opened(window, qtbot)
    qtbot.waitUntil(lambda: (CASE, Doing.VIEWING) in world.called("here"))
    body = window.middle.composer.body
    QTest.keyClicks(body, "Hel")
    qtbot.waitUntil(lambda: (CASE, Doing.WRITING) in world.called("here"))
    QTest.keyClicks(body, "lo Ana, it is on its way")
    window.middle.team._writing.timeout.emit()
    window.open_conversation("c000001")
    qtbot.waitUntil(lambda: ("c000001", Doing.VIEWING) in world.called("here"))
    assert world.called("here").count((CASE, Doing.WRITING)) == 1, "said once, not with each key"


def test_two_people_are_warned_before_they_answer_one_buyer(
    window: MainWindow, world: World, team: FakeTeam, core_thread: CoreThread, qtbot: QtBot
) -> None:
    opened(window, qtbot)
    composer = window.middle.composer
    QTest.keyClicks(composer.body, "Sorry, Ana")
    publish(window, core_thread, lambda: team.come(CASE, "Bo", Doing.WRITING))
    QTest.keyClick(composer.body, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(composer.presenter.blockers))
    assert composer.presenter.blockers == ("Bo is writing to this buyer, too: send again to send anyway",)
    assert world.called("send") == []
    qtbot.waitUntil(lambda: composer.presenter.editable)
    QTest.keyClick(composer.body, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(world.called("send")) == 1)


def test_many_colleagues_are_counted_and_a_hostile_name_keeps_to_its_place() -> None:
    names = ["Ana", "Bo", "Cy", "Di", "אבי"]
    here = [Presence(name, name, Doing.VIEWING, 0) for name in names]
    assert plain(sentence(here)) == "Ana, Bo, Cy, 2 more are here"
    hebrew = sentence([Presence("x", "אבי", Doing.WRITING, 0)])
    assert plain(hebrew) == "אבי is writing an answer"
    assert "\u2068אבי\u2069" in hebrew
    assert sentence(()) == ""
