"""Assignment rules in the settings: added, tried, ordered, changed and removed, and a mistake is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_team import ME, FakeTeam
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.settings.assigning_page import AssigningPage
from workstation.kernel.clock import HOUR
from workstation.runtime.thread import CoreThread


@pytest.fixture
def page(lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot) -> AssigningPage:
    lonely_bridge.attach(replace(make_core(world), team=FakeTeam(world)), core_thread)
    made = AssigningPage(lonely_bridge)
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    qtbot.waitUntil(lambda: made.form.people.count() == 2)
    return made


def add(page: AssigningPage, qtbot: QtBot, title: str, query: str, *members: str) -> None:
    page.add_button.click()
    page.form.title.setText(title)
    page.form.query.setText(query)
    page.form.choose(*members)
    page.form.save_button.click()
    qtbot.waitUntil(lambda: title in page.text)


def choose(page: AssigningPage, row: int) -> None:
    item = page.tree.topLevelItem(row)
    assert item is not None
    page.tree.setCurrentItem(item)


def test_rules_are_added_ordered_changed_and_removed(page: AssigningPage, qtbot: QtBot) -> None:
    add(page, qtbot, "Portuguese", "lang:pt", "device-2")
    add(page, qtbot, "The rest", "is:open", ME, "device-2")
    assert page.text == "Portuguese | lang:pt | Bo\nThe rest | is:open | whoever has least: Wei, Bo"
    choose(page, 1)
    assert not page.down_button.isEnabled()
    page.up_button.click()
    qtbot.waitUntil(lambda: page.text.startswith("The rest"))
    moved = page.tree.currentItem()
    assert moved is not None
    assert moved.text(0) == "The rest", "the rule that was moved stays chosen"
    page.change_button.click()
    page.form.on.setChecked(False)
    qtbot.keyClick(page.form.save_button, Qt.Key.Key_Space)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: "The rest (off)" in page.text)
    choose(page, 0)
    page.remove_button.click()
    qtbot.waitUntil(lambda: page.text == "Portuguese | lang:pt | Bo")


def test_a_search_is_tried_and_a_mistake_is_said_and_the_form_stays(page: AssigningPage, qtbot: QtBot) -> None:
    page.add_button.click()
    assert a11y.unnamed(page) == []
    page.form.title.setText("Late")
    page.form.query.setText("is:nonsense")
    page.form.choose(ME)
    page.form.test_button.click()
    qtbot.waitUntil(lambda: "cannot be a rule" in page.message.text())
    page.form.save_button.click()
    page.form.query.setText("is:open")
    page.form.test_button.click()
    qtbot.waitUntil(lambda: "open conversations fit now" in page.message.text())
    assert page.form.isVisibleTo(page)


def test_what_a_rule_did_is_taken_back_and_given_again(
    page: AssigningPage, lonely_bridge: Bridge, world: World, qtbot: QtBot
) -> None:
    add(page, qtbot, "Portuguese", "lang:pt", "device-2")
    assert not page.back_button.isEnabled()
    choose(page, 0)
    world.rows = [row._replace(assignee="device-2" if n < 2 else "") for n, row in enumerate(world.rows)]
    said: list[Notice] = []
    lonely_bridge.noticed.connect(said.append)
    page.back_button.click()
    qtbot.waitUntil(lambda: len(said) == 1)
    assert page.message.text() == said[0].text == "2 conversations: unassign."
    assert {row.assignee for row in world.rows} == {""}
    assert ("take_back_assignments", ("Portuguese", HOUR)) in world.calls
    undo = said[0].undo
    assert undo is not None
    undo()
    qtbot.waitUntil(lambda: sum(row.assignee == "device-2" for row in world.rows) == 2)
    world.rows = [row._replace(assignee="") for row in world.rows]
    page.back_button.click()
    qtbot.waitUntil(lambda: "nothing is left as it was" in page.message.text())
    assert len(said) == 1


def test_without_a_rule_the_page_says_what_happens(page: AssigningPage, qtbot: QtBot) -> None:
    assert page.message.text() == "There is no rule yet: conversations wait for somebody to take them."
    add(page, qtbot, "The rest", "is:open", ME)
    qtbot.waitUntil(lambda: page.message.text() == "")
