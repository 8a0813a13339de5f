"""Time-stamp authorities in the settings: added with a root, tried, removed; what fails is said where one looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from tests.support.fakecore_stamps import AT, FakeAuthorities, authority
from ui import a11y
from ui.bridge import Bridge
from ui.settings.stamps_page import StampsPage
from workstation.evidence.tokens import BadToken
from workstation.runtime.thread import CoreThread


@pytest.fixture
def known() -> FakeAuthorities:
    failing = authority("Old", waiting=2, failure="Old did not answer in time. Try again in a moment.", failed_at=AT)
    return FakeAuthorities([authority(), failing, authority("Demo", simulated=True)])


@pytest.fixture
def page(known: FakeAuthorities, qtbot: QtBot) -> Iterator[StampsPage]:
    thread = CoreThread()
    world = World()
    bridge = Bridge()
    bridge.attach(replace(make_core(world), authorities=known), thread)
    made = StampsPage(bridge)
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    qtbot.waitUntil(lambda: made.tree.topLevelItemCount() == len(known.known))
    yield made
    bridge.close()
    thread.stop()


def choose(page: StampsPage, row: int) -> None:
    item = page.tree.topLevelItem(row)
    assert item is not None
    page.tree.setCurrentItem(item)


def test_the_list_says_what_each_does(page: StampsPage) -> None:
    assert page.text.split("\n") == [
        "DigiStamp | 12 | Everything is stamped", "Old | 12 | Old did not answer in time. Try again in a moment.",
        "Demo (simulated, proves nothing) | 12 | Everything is stamped"]
    item = page.tree.topLevelItem(0)
    assert item is not None
    assert "abab abab" in item.toolTip(0)
    assert a11y.unnamed(page) == []
    assert page.test_button.isEnabled() == (page.tree.currentItem() is not None)


def test_an_authority_is_added_with_its_root(
    page: StampsPage, known: FakeAuthorities, qtbot: QtBot, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(b"PEM")
    QTest.keyClick(page.add_button, Qt.Key.Key_Space)
    form = page.fields
    assert form.name.hasFocus()
    QTest.keyClicks(form.name, "New")
    QTest.keyClick(form.name, Qt.Key.Key_Tab)
    QTest.keyClicks(form.url, "https://new.example")
    form.root.setText(str(root))
    assert a11y.unnamed(page) == []
    form.save_button.click()
    qtbot.waitUntil(lambda: "New | 0 | 3 records wait" in page.text)
    assert known.asked == [("New", "https://new.example", b"PEM")]
    assert "Compare its root" in page.message.text()
    assert not form.isVisible()


def test_a_test_says_what_works_and_what_does_not(
    page: StampsPage, known: FakeAuthorities, qtbot: QtBot
) -> None:
    choose(page, 0)
    page.test_button.click()
    qtbot.waitUntil(lambda: page.message.text().startswith("It works: CN=DigiStamp stamped"))
    known.ahead = 3_600_000
    page.test_button.click()
    qtbot.waitUntil(lambda: "differ by 3600 seconds" in page.message.text())
    known.refuses = BadToken("The certificate was not valid.", "Nothing was kept. Ask.", "expired")
    page.test_button.click()
    qtbot.waitUntil(lambda: page.message.text() == "The certificate was not valid. Nothing was kept. Ask.")
    assert page.message.property("role") == "error"


def test_what_is_typed_can_be_tried_before_it_is_added(
    page: StampsPage, known: FakeAuthorities, qtbot: QtBot, tmp_path: Path
) -> None:
    page.add_button.click()
    page.fields.test_button.click()
    qtbot.waitUntil(lambda: "file cannot be read" in page.message.text())
    (tmp_path / "large.pem").write_bytes(b"x" * 300_000)
    page.fields.root.setText(str(tmp_path / "large.pem"))
    page.fields.save_button.click()
    qtbot.waitUntil(lambda: "too large" in page.message.text())
    assert page.fields.isVisible()
    assert known.asked == []
    page.fields.leave_button.click()
    assert page.tree.isVisible()


def test_removing_says_that_what_was_stamped_stays(page: StampsPage, known: FakeAuthorities, qtbot: QtBot) -> None:
    choose(page, 1)
    page.remove_button.click()
    qtbot.waitUntil(lambda: "Old" not in page.text)
    assert "stays proved" in page.message.text()
    assert [one.name for one in known.known] == ["DigiStamp", "Demo"]


def test_without_one_the_page_says_what_records_say(known: FakeAuthorities, page: StampsPage, qtbot: QtBot) -> None:
    known.known = []
    page.refresh()
    qtbot.waitUntil(lambda: page.text == "" and "device time only" in page.message.text())
