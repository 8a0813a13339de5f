"""Response clocks in the settings: read in words, added, changed and removed, and a mistake is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_team import FakeTeam
from ui import a11y
from ui.bridge import Bridge
from ui.settings.clocks_page import ClocksPage, in_words
from ui.settings.name_field import NameField
from workstation.inbox.model import ClockRule
from workstation.kernel.errors import ReadOnly
from workstation.runtime.thread import CoreThread


@pytest.fixture
def page(bridge: Bridge, qtbot: QtBot) -> ClocksPage:
    made = ClocksPage(bridge)
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    qtbot.waitUntil(lambda: "Amazon" in made.text)
    return made


def first(page: ClocksPage) -> None:
    item = page.tree.topLevelItem(0)
    assert item is not None
    page.tree.setCurrentItem(item)


def test_every_shipped_rule_is_read_in_words_with_its_source(page: ClocksPage) -> None:
    assert "Lazada | all others | received until 18:00, answered by 19:00 | Lazada:" in page.text
    assert "eBay | all others | 3 working days | eBay:" in page.text
    assert "a greeting is no answer" in page.text
    assert "from the last message" in page.text
    assert a11y.unnamed(page) == []


def test_a_rule_is_added_changed_and_removed(page: ClocksPage, world: World, qtbot: QtBot) -> None:
    page.add_button.click()
    form = page.form
    form.channel.setCurrentIndex(form.channel.findData("ebay"))
    form.kind.setCurrentIndex(form.kind.findData("business_hours"))
    assert not form.days.isVisibleTo(page)
    form.hours.set_value(6)
    form.times["opens"].setText("09:00")
    form.times["closes"].setText("18:00")
    form.markets.setText("gb， de")
    form.save_button.click()
    qtbot.waitUntil(lambda: "eBay | GB, DE | 6 opening hours, 09:00 to 18:00 | you" in page.text)
    (rule,) = world.own_rules
    assert rule == ClockRule("ebay", "business_hours", ("GB", "DE"), hours=6, opens="09:00", closes="18:00", own=True,
                             week=("mon", "tue", "wed", "thu", "fri"))
    first(page)
    page.change_button.click()
    form.hours.set_value(1)
    form.save_button.click()
    qtbot.waitUntil(lambda: "1 opening hour, 09:00" in page.text)
    first(page)
    page.remove_button.click()
    qtbot.waitUntil(lambda: "you" not in page.text)
    assert world.own_rules == ()


def test_a_shipped_rule_is_not_changed_but_preceded(page: ClocksPage, world: World, qtbot: QtBot) -> None:
    first(page)
    assert not page.remove_button.isEnabled()
    page.change_button.click()
    page.form.hours.set_value(2)
    page.form.save_button.click()
    qtbot.waitUntil(lambda: len(world.own_rules) == 1)
    assert world.own_rules[0].source == ""


def test_what_could_not_be_saved_is_said_and_the_form_stays(page: ClocksPage, world: World, qtbot: QtBot) -> None:
    page.add_button.click()
    world.failure = ReadOnly("The rules could not be saved.", "Make the folder writable.")
    page.form.save_button.click()
    qtbot.waitUntil(lambda: "could not be saved" in page.message.text())
    assert page.form.isVisible()


def test_the_words_of_a_rule() -> None:
    assert in_words(ClockRule("email", "hours", hours=1)) == "1 hour, every day"
    assert in_words(ClockRule("email", "none")) == "no clock"


def test_the_name_colleagues_read_is_kept_when_the_field_is_left(
    lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot
) -> None:
    team = FakeTeam(world)
    lonely_bridge.attach(replace(make_core(world), team=team), core_thread)
    field = NameField(lonely_bridge)
    qtbot.addWidget(field)
    qtbot.waitUntil(lambda: field.text() == "Wei")
    field.setText("  Wei   Zhang ")
    field.editingFinished.emit()
    qtbot.waitUntil(lambda: world.called("rename") == ["Wei Zhang"])
    field.setText(" ")
    field.editingFinished.emit()
    assert field.text() == "Wei Zhang"
