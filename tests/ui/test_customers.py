"""The customer beside the conversation: proposals say why, people decide by keys, and can take it back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_customers import FakeCustomers
from tests.support.fakecore_rest import make_core
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.customers.view import CustomerSection
from ui.shell.window import MainWindow
from workstation.runtime.thread import CoreThread


@pytest.fixture
def customers(world: World) -> FakeCustomers:
    return FakeCustomers(world)


@pytest.fixture
def bridge(
    lonely_bridge: Bridge, world: World, core_thread: CoreThread, customers: FakeCustomers, qtbot: QtBot
) -> Bridge:
    lonely_bridge.attach(replace(make_core(world), customers=customers), core_thread)
    return lonely_bridge


@pytest.fixture
def section(window: MainWindow, qtbot: QtBot) -> CustomerSection:
    window.open_conversation("c000000")
    shown = window.case.customer
    qtbot.waitUntil(lambda: "Buyer 0" in shown.text)
    return shown


def press(section: CustomerSection, text: str) -> None:
    """By keyboard: the focus goes there and Space presses."""
    button = next(one for one in section.findChildren(QPushButton) if one.isVisibleTo(section) and (
        one.text() == text or getattr(one, "full_text", "") == text))
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def test_who_they_are_and_what_came_before_is_shown(section: CustomerSection, window: MainWindow) -> None:
    assert "9 conversations · 2 orders · Portuguese · BR" in section.text
    assert "Earlier question 1" in section.text
    assert "Earlier question 6" not in section.text
    assert "Both write about order 702-1234567-1234567." in section.text
    assert "different languages" in section.text, "what speaks against it is said, too"
    assert a11y.unnamed(section) == []


def test_nobody_is_merged_but_by_a_person_and_the_way_back_is_offered(
    section: CustomerSection, window: MainWindow, world: World, customers: FakeCustomers, bridge: Bridge, qtbot: QtBot
) -> None:
    notices: list[Notice] = []
    bridge.noticed.connect(notices.append)
    press(section, "Same person")
    qtbot.waitUntil(lambda: "Also" in section.text)
    assert world.called("merge") == [("customer of c000000", "home")]
    assert "May be the same person" not in section.text
    focus = window.focusWidget()
    assert focus is not None
    assert section.isAncestorOf(focus), "what was pressed is gone, and the focus stays where the person is"
    qtbot.waitUntil(lambda: bool(notices))
    undo = notices[-1].undo
    assert undo is not None
    undo()
    qtbot.waitUntil(lambda: customers.undone == ["undo merge"])
    press(section, "Part")
    qtbot.waitUntil(lambda: "Also" not in section.text)


def test_a_refused_proposal_goes(section: CustomerSection, world: World, qtbot: QtBot) -> None:
    press(section, "Somebody else")
    qtbot.waitUntil(lambda: "May be the same person" not in section.text)
    assert world.called("dismiss") == [("customer of c000000", "home")]


def test_more_of_the_history_is_read_by_parts_and_opened(
    section: CustomerSection, window: MainWindow, qtbot: QtBot
) -> None:
    press(section, "Earlier conversations")
    assert "Earlier question 6" in section.text
    press(section, "Earlier conversations")
    qtbot.waitUntil(lambda: "Earlier question 8" in section.text)
    line = next(one.full_text for one in section.findChildren(QPushButton)  # type: ignore[attr-defined]
                if "question 3" in getattr(one, "full_text", ""))
    press(section, line)
    assert window.conversation_id == "c000003"


def test_the_section_has_its_key(section: CustomerSection, window: MainWindow) -> None:
    window.list.list.setFocus()
    QTest.keyClick(window.list.list, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    focus = window.focusWidget()
    assert focus is not None
    assert section.isAncestorOf(focus)


def test_people_and_orders_are_found_in_the_palette_as_typed(
    window: MainWindow, world: World, qtbot: QtBot
) -> None:
    window.palette_.open_over()
    QTest.keyClicks(window.palette_.field, "buyer 3")
    wanted = "Buyer 3 · c000003@marketplace.amazon.com"
    qtbot.waitUntil(lambda: wanted in window.palette_.entries())
    window.palette_.list.setCurrentRow(window.palette_.entries().index(wanted))
    QTest.keyClick(window.palette_.field, Qt.Key.Key_Return)
    assert window.list.search.text() == 'from:"c000003@marketplace.amazon.com"'
    assert window.inbox.queue == "all"
    window.palette_.open_over()
    QTest.keyClicks(window.palette_.field, "702-12")
    qtbot.waitUntil(lambda: "loja-1/702-1234567-1234567 · Ana Souza" in window.palette_.entries())
