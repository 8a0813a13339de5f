"""The claim itself in the binder: when it came in, its reference, how many days are left; and desks that are broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakebinder import CaseEvidence, FakeBinder
from tests.support.fakecase import QUIET_PLATFORM, case_core
from tests.support.fakecore import NOW, World
from tests.support.openbinder import CTRL, EBAY, Case, Key, opened
from ui import a11y
from ui.binder import days
from ui.binder.opening import BinderOpener
from ui.binder.view import BinderWindow
from ui.bridge import Bridge
from workstation.evidence.claims.model import Claim, Deadline
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
TODAY = days.local(NOW)


@pytest.fixture
def case(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Case:
    core = FakeBinder(world, choice=EBAY, problems=("The claims desk in mine.toml cannot be used. It lies in /x.",))
    return opened(lonely_bridge, core_thread, world, qtbot, core)


def test_a_claim_is_written_by_keys_alone_and_its_days_are_counted(case: Case) -> None:
    bar = case.window.page.claim
    assert "reckoned" in bar.line.text
    bar.opened.setFocus()
    case.press(Key.Key_T)
    assert bar.opened.text() == TODAY.isoformat()
    case.press(Key.Key_Down)
    case.press(Key.Key_Return)
    opened_on = date.fromordinal(TODAY.toordinal() - 1).isoformat()
    case.until(lambda: case.core.claims_at == {"ebay": Claim(opened_on)})
    case.until(lambda: "4 days left" in bar.line.text)
    case.press(Key.Key_Tab)
    case.press(Key.Key_Tab)
    assert QApplication.focusWidget() is bar.reference
    for letter in (Key.Key_5, Key.Key_0, Key.Key_1):
        case.press(letter)
    case.press(Key.Key_Tab)
    case.until(lambda: case.core.claims_at == {"ebay": Claim(opened_on, "501")})
    case.until(lambda: "Answer by" in case.window.page.facts.text)
    case.press(Key.Key_Z, CTRL)
    case.settled()
    assert a11y.unnamed(case.window) == []


def test_what_is_no_date_is_said_and_nothing_is_sent(case: Case) -> None:
    bar = case.window.page.claim
    bar.opened.setText("11/12/2026")
    bar.keep()
    assert "is not a date" in bar.line.text
    bar.opened.setText("20.11.2026")
    case.window.close()
    case.until(lambda: case.core.claims_at == {"ebay": Claim("2026-11-20")})


def test_a_desk_that_cannot_be_read_is_named_with_its_place(case: Case) -> None:
    assert "mine.toml" in case.window.page.bar.unread.text
    assert "/x" in case.window.page.bar.unread.text


@pytest.mark.parametrize(("ahead", "state", "words"), [
    (5, "pass", "5 days left"), (2, "warn", "2 days left"), (1, "warn", "1 day left"),
    (0, "warn", "today is the last day"), (-1, "fail", "1 day too late"), (-3, "fail", "3 days too late")])
def test_near_and_past_are_told_apart(ahead: int, state: str, words: str) -> None:
    on = date.fromordinal(TODAY.toordinal() + ahead)
    found = days.left(Deadline(on.isoformat(), "48 hours", hours=True), TODAY)
    assert (found[0], words in found[1], "to the hour" in found[1]) == (state, True, True)


@pytest.mark.parametrize(("text", "iso"), [
    ("2026-11-20", "2026-11-20"), ("20261120", "2026-11-20"), ("2026/1/2", "2026-01-02"), ("20.11.2026", "2026-11-20"),
    ("11/12/2026", ""), ("2026-02-30", ""), ("", ""), ("soon", ""), ("2026111", "")])
def test_days_as_people_write_them(text: str, iso: str) -> None:
    assert days.iso(text) == iso


def test_a_window_that_is_opened_again_can_take_back_what_the_last_one_did(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot
) -> None:
    core = FakeBinder(world, choice=EBAY)
    whole, _drafts, _translation = case_core(world)
    lonely_bridge.attach(replace(whole, binder=core, evidence=CaseEvidence(world)), core_thread)
    over = QWidget()
    qtbot.addWidget(over)
    opener = BinderOpener(lonely_bridge, over)

    def window() -> BinderWindow:
        opener.open("pt")
        made = opener.windows["pt"]
        qtbot.waitUntil(lambda: made.presenter.loaded is not None and made.page.filled, timeout=8_000)
        return made

    first = window()
    first.presenter.caption("r2", "Torn corner")
    qtbot.waitUntil(lambda: core.exhibits[1].caption == "Torn corner" and first.presenter.can_undo
                    and not first.presenter._waiting, timeout=8_000)
    first.close()
    again = window()
    assert again is not first
    assert again.presenter.undo_words() == "Caption"
    again.presenter.undo()
    qtbot.waitUntil(lambda: core.exhibits[1].caption != "Torn corner", timeout=8_000)
    again.presenter.redo()
    qtbot.waitUntil(lambda: core.exhibits[1].caption == "Torn corner", timeout=8_000)
    again.close()
