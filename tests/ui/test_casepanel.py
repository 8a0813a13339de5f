"""The case column: every check with its fact and age, unknown as plain as fail, the raw answer one key away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import ORDER, QUIET_PLATFORM, REF, case_core, case_world, order, panel, parcel
from tests.support.fakecore import NOW, FakeVerification, World
from ui import a11y
from ui.bridge import Bridge
from ui.conversation.texts import isolated
from ui.shell.actions import Actions
from ui.verification import words
from ui.verification.check_row import CheckRow
from ui.verification.view import CasePanel
from workstation.domain.events import ChecksChanged
from workstation.domain.money import Money
from workstation.domain.order import OrderRef, ParcelState, Refund
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import Offline
from workstation.runtime.thread import CoreThread
from workstation.verification.model import Panel, RawAnswer, Verdict

LONG_MS = 60_000

pytestmark = QUIET_PLATFORM


@dataclass
class Side:
    """A case column over a core that tests steer."""

    panel: CasePanel
    world: World
    bot: QtBot
    bridge: Bridge

    def open(self, conversation_id: str) -> None:
        self.panel.show_conversation(conversation_id)
        self.until(lambda: self.panel.presenter.case is not None)

    def hold(self) -> Callable[[], None]:
        """Asking quietly waits until what is returned is called."""
        gate = threading.Event()

        async def slow(conversation_id: str, order: OrderRef | None = None) -> Panel:
            side_world.note("freshen", conversation_id)
            await asyncio.to_thread(gate.wait)
            return await verification.panel(conversation_id, order)

        side_world, verification = self.world, FakeVerification(self.world)
        core = self.bridge.core
        assert core
        core.verification.freshen = slow  # type: ignore[method-assign]
        return gate.set

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)


@pytest.fixture
def side(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Side:
    world = case_world()
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(replace(core, simulated=("simulated shop",)), core_thread)
    shown = CasePanel(lonely_bridge, actions, clock=FixedClock(NOW))
    qtbot.addWidget(shown)
    shown.resize(340, 800)
    shown.show()
    return Side(shown, world, qtbot, lonely_bridge)


def test_each_check_is_one_line_with_mark_name_fact_and_age(side: Side) -> None:
    side.open("pt")
    assert [row.line for row in side.panel.rows] == [
        "✓ Order: The order exists and is this buyer's (9 min)",
        "✓ Delivery: Shipped on 9 Nov 2026 (9 min)",
        "! Tracking: Nothing new from the carrier for 9 days; its service takes 6 (9 min)",
        "✓ Promised date: Promised for 28 Nov 2026, 7 days from now (9 min)",
        "✓ Return window: Open until 12 Dec 2026 (9 min)",
        "? Refund: The shop did not answer in time, so refunds are not known (no answer)",
    ]


def test_checks_are_on_the_screen_as_soon_as_they_are_known(side: Side) -> None:
    seen: list[bool] = []

    def look() -> None:
        seen.extend(row.isVisible() for row in side.panel.rows)

    side.panel.presenter.changed.connect(look)
    side.open("pt")
    assert seen
    assert all(seen)


def test_unknown_is_counted_and_drawn_like_the_others(side: Side) -> None:
    side.open("pt")
    assert side.panel.counts.text == "Checks: 4 pass, 1 warning, 1 unknown"
    unknown = next(row for row in side.panel.rows if row.check.verdict is Verdict.UNKNOWN)
    failed = side.panel.rows[0]
    assert unknown.isVisible()
    assert "unknown" in unknown.head.accessibleName()
    assert unknown.head.width() == failed.head.width()


def test_enter_opens_a_check_and_again_its_raw_answer(side: Side) -> None:
    side.open("pt")
    side.panel.activateWindow()
    row = side.panel.rows[2]
    row.head.setFocus()
    QTest.keyClick(row.head, Qt.Key.Key_Return)
    side.until(row.head.isChecked)
    assert row._details.isVisible()
    row.raw_button.click()
    side.until(lambda: side.panel.answer is not None)
    assert side.panel.answer
    assert f'"order": "{ORDER}"' in side.panel.answer.field.toPlainText()


def test_an_open_check_stays_open_when_the_checks_are_read_again(side: Side) -> None:
    side.open("pt")
    side.panel.rows[2].open_details()
    changed = replace(panel().checks[0], verdict=Verdict.FAIL, fact="It is another buyer's order")
    side.world.panels["pt"] = replace(panel(), checks=(changed, *panel().checks[1:]))
    side.world.bus.publish(ChecksChanged("pt"))
    side.until(lambda: side.panel.rows[0].line.startswith("✕ Order"))
    assert side.panel.rows[2].head.isChecked()


def test_a_check_without_an_answer_offers_none(side: Side) -> None:
    side.open("pt")
    assert side.panel.rows[5].raw_button.isHidden()
    assert not side.panel.rows[0].raw_button.isHidden()


def test_simulated_sources_say_so(side: Side) -> None:
    assert words.is_simulated("simulated carrier", ())
    assert words.is_simulated("shop · norte", ("shop",))
    assert not words.is_simulated("17track", ("shop",))


def test_several_orders_can_be_chosen_from(side: Side) -> None:
    side.open("pt")
    assert not side.panel._orders.isHidden()
    assert [side.panel._orders.itemText(at) for at in range(2)] == [str(REF), "norte.example/#1042"]
    side.panel._orders.activated.emit(1)
    side.until(lambda: side.panel.presenter._order is not None)
    assert side.panel.presenter._order
    assert side.panel.presenter._order.order_id == "#1042"


def test_an_order_is_linked_by_hand(side: Side) -> None:
    side.open("ja")
    assert not side.panel.finder.isHidden()
    side.panel.finder.field.setText("999")
    QTest.keyClick(side.panel.finder.field, Qt.Key.Key_Return)
    side.until(lambda: side.panel.finder.answer.startswith("No order has this number"))
    side.panel.finder.field.setText(ORDER)
    QTest.keyClick(side.panel.finder.field, Qt.Key.Key_Return)
    side.until(lambda: side.panel.finder._found.count() == 1)
    item = side.panel.finder._found.itemAt(0)
    assert item
    button = item.widget()
    assert button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    side.until(lambda: len(side.panel.rows) == 6)
    assert side.world.called("link") == [("ja", REF)]


def test_a_wrong_link_is_corrected(side: Side) -> None:
    side.open("pt")
    assert side.panel.finder.isHidden()
    side.panel.other_button.click()
    assert side.panel.finder.isVisible()
    side.world.bus.publish(ChecksChanged("pt"))
    side.bot.wait(150)
    assert side.panel.finder.isVisible(), "news about the wrong order leave what is typed alone"
    side.panel.finder.field.setText(ORDER)
    QTest.keyClick(side.panel.finder.field, Qt.Key.Key_Return)
    side.until(lambda: side.panel.finder._found.count() == 1)
    item = side.panel.finder._found.itemAt(0)
    button = item.widget() if item else None
    assert button
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    side.until(lambda: side.world.called("link") == [("pt", REF)])
    assert side.panel.finder.isHidden()
    assert len(side.panel.rows) == 6


def test_the_finder_of_a_linked_order_closes_with_the_same_key(side: Side) -> None:
    side.open("pt")
    side.panel.find_other()
    assert side.panel.finder.isVisible()
    side.panel.find_other()
    assert side.panel.finder.isHidden()
    side.open("ja")
    assert side.panel.other_button.isHidden()
    side.panel.find_other()
    assert side.panel.finder.isVisible(), "without an order the finder stays"


def test_an_opened_case_shows_what_is_stored_and_then_asks_quietly(side: Side) -> None:
    gate, dwell = side.hold(), side.panel.presenter._dwell
    dwell.setInterval(LONG_MS)   # a person who is about to read; a busy machine is slower than one
    side.open("pt")
    assert len(side.panel.rows) == 6
    assert not side.world.called("freshen")
    assert dwell.isActive()
    dwell.start(0)
    side.until(side.panel.asking.isVisible)
    assert side.panel._progress.isHidden()
    assert side.world.called("freshen") == ["pt"]
    changed = replace(panel().checks[0], verdict=Verdict.FAIL, fact="It is another buyer's order")
    side.world.panels["pt"] = replace(panel(), checks=(changed, *panel().checks[1:]))
    gate()
    side.until(lambda: side.panel.rows[0].line.startswith("✕ Order"))
    assert side.panel.asking.isHidden()
    assert side.world.called("freshen") == ["pt"], "its own answer is no reason to ask again"


def test_what_is_leafed_past_or_has_no_order_is_not_asked_about(side: Side) -> None:
    dwell = side.panel.presenter._dwell
    dwell.setInterval(LONG_MS)
    side.open("pt")
    assert dwell.isActive()
    side.open("ja")
    assert not dwell.isActive()
    assert side.world.called("freshen") == []


def test_a_source_that_fails_quietly_leaves_the_checks_as_they_were(side: Side) -> None:
    side.open("pt")
    side.world.failure = Offline("No network.", "Later.")
    side.until(lambda: bool(side.world.called("freshen")))
    side.until(lambda: not side.panel.presenter.freshening)
    assert side.panel.presenter.problem == ""
    assert len(side.panel.rows) == 6


def test_refresh_asks_once_while_it_runs(side: Side) -> None:
    side.open("pt")
    side.panel.presenter.refresh()
    side.panel.presenter.refresh()
    side.until(lambda: not side.panel.presenter.refreshing)
    assert side.world.called("refresh") == ["pt"]


def test_facts_of_order_and_parcel_say_what_is_unknown() -> None:
    facts = dict(words.order_facts(order(), parcel()))
    assert facts["Refunds"] == "unknown: the source does not say"
    assert facts["Delivered"] == "not yet"
    assert dict(words.order_facts(order()))["Delivered"] == "unknown"
    there = replace(parcel(), state=ParcelState.DELIVERED, delivered_at=NOW)
    assert dict(words.order_facts(order(), there))["Delivered"] == "21 Nov 2026"
    unshipped = replace(order(), shipped_at=None)
    assert dict(words.order_facts(replace(unshipped, shipping_known=False)))["Shipped"] == "unknown"
    assert dict(words.order_facts(replace(unshipped, shipping_known=True)))["Shipped"] == "not yet"
    assert dict(words.order_facts(replace(order(), refunds_known=True)))["Refunds"] == "none"
    given = replace(order(), refunds=(Refund("1", Money(500, "BRL"), None),))
    assert dict(words.order_facts(given))["Refunds"] == "BRL\u00a05.00 (day unknown)"
    told = words.parcel_facts(parcel())
    assert told[0] == ("Parcel", "LB123456785CN · in transit")
    assert told[2][1] == isolated("Left the country of origin, Shenzhen")


def test_raw_answers_are_shown_as_they_came() -> None:
    def answer(body: bytes, kind: str = "application/json") -> RawAnswer:
        return RawAnswer("a", "shop", NOW, kind, body)

    assert words.readable(answer(b'{"b":1,"a":"\xc3\xa9"}')) == '{\n  "b": 1,\n  "a": "é"\n}'
    assert words.readable(answer(b'{"b":')) == '{"b":'
    assert words.readable(answer(b"[" * 100_000)) == "[" * 100_000
    assert words.readable(answer(b"id\tstate", "text/tab-separated-values")) == "id\tstate"


def test_everything_that_takes_the_focus_has_a_name(side: Side) -> None:
    for conversation_id in ("pt", "ja"):
        side.open(conversation_id)
        assert a11y.unnamed(side.panel) == []


def test_nothing_of_the_case_before_is_painted_once_more(side: Side) -> None:
    """What Qt deletes later is still there when it paints next."""
    side.open("pt")
    side.until(lambda: len(side.panel.rows) == 6)
    side.panel._shown = None
    side.panel._show()
    shown = [row for row in side.panel.findChildren(CheckRow) if row.isVisibleTo(side.panel)]
    assert shown == side.panel.rows
    assert not side.panel._page.updatesEnabled(), "what is half laid out is not painted"
    side.until(side.panel._page.updatesEnabled)
    tops = [row.geometry().top() for row in side.panel.rows]
    assert tops == sorted(set(tops))


def test_what_a_key_goes_to_is_in_sight(side: Side) -> None:
    """The column is longer than the window: evidence is at its end."""
    side.open("pt")
    side.panel.resize(340, 300)
    side.until(lambda: side.panel.evidence.height() > 0 and not side.panel._settled.isActive())
    evidence = side.panel.evidence
    assert not evidence._file.visibleRegion().boundingRect().height()
    evidence.focus_records()
    side.panel._on_focus(None, side.panel.window().focusWidget())
    assert evidence._file.visibleRegion().boundingRect().height() == evidence._file.height()
