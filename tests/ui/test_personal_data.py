"""What erasing would destroy is shown before; a hold stands in the way; what was asked for can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import NOW, World
from tests.support.fakeerasure import PREVIEW, RULE, FakeErasure, due_list, with_erasure
from ui import a11y
from ui.bridge import Bridge
from ui.evidence.personal import PersonalDialog, goes
from ui.settings.erasure_page import ErasurePage, summary
from workstation.evidence.erasure.model import Due
from workstation.kernel.clock import FixedClock
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@dataclass
class Asked:
    dialog: PersonalDialog
    world: World
    erasure: FakeErasure
    bot: QtBot

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)

    def press(self, name: str) -> None:
        QTest.mouseClick(getattr(self.dialog, name), Qt.MouseButton.LeftButton)


def opened(bridge: Bridge, thread: CoreThread, bot: QtBot, **changes: object) -> Asked:
    world = case_world()
    core, erasure = with_erasure(case_core(world)[0], world)
    for name, value in changes.items():
        setattr(erasure, name, value)
    bridge.attach(core, thread)
    dialog = PersonalDialog(bridge, "pt", clock=FixedClock(NOW))
    bot.addWidget(dialog)
    dialog.show()
    made = Asked(dialog, world, erasure, bot)
    made.until(lambda: bool(dialog.goes.text()))
    return made


def test_what_goes_stays_and_is_not_reached_is_said_before(
    lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot
) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot)
    dialog = asked.dialog
    assert "3 files" in dialog.goes.text()
    assert "addresses of pages" in dialog.goes.text()
    assert "2 texts" in dialog.goes.text()
    assert "1 copy" in dialog.goes.text()
    assert "5 messages: texts, subjects, raw mails" in dialog.goes.text()
    assert "2 answers of shops" in dialog.goes.text()
    assert "9 records" in dialog.stays.text()
    assert "1 order stays" in dialog.stays.text()
    assert "mail server" in dialog.outside.text()
    assert "1 pack was exported" in dialog.outside.text()
    assert a11y.unnamed(dialog) == []
    dialog.close()


def test_an_erasure_is_asked_for_and_taken_back(lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot)
    dialog = asked.dialog
    dialog.erase_reason.setText("the buyer asks")
    asked.press("erase_button")
    asked.until(dialog.cancel_button.isVisible)
    assert [what for name, what in asked.world.calls if name == "plan"] == [("pt", "the buyer asks")]
    assert "It will be erased at" in dialog.plan_line.text
    assert not dialog.erase_button.isVisible()
    asked.press("cancel_button")
    asked.until(dialog.erase_button.isVisible)
    assert asked.erasure.listed == ()
    dialog.close()


def test_a_customer_or_an_order_is_erased_from_here_too(
    lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot
) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot)
    choice = asked.dialog.subject
    asked.until(lambda: choice.count() > 1)
    assert choice.accessibleName() == "What is erased"
    titles = [choice.itemText(at) for at in range(choice.count())]
    assert titles[:2] == ["This conversation", "Order 702-1234567-1234567, and every conversation about it"]
    choice.setCurrentIndex(1)
    choice.activated.emit(1)
    asked.until(lambda: asked.dialog._seen is not None and asked.dialog._seen.preview.case_id.startswith("order:"))
    asked.press("erase_button")
    asked.until(lambda: any(name == "plan" for name, _what in asked.world.calls))
    assert [str(what[0]).partition(":")[0] for name, what in asked.world.calls
            if name == "plan" and isinstance(what, tuple)] == ["order"]
    asked.dialog.close()


def test_a_hold_needs_a_reason_and_stands_in_the_way(
    lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot
) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot)
    dialog = asked.dialog
    assert not dialog.hold_button.isEnabled()
    dialog.hold_reason.setText("A-to-z claim")
    assert dialog.hold_button.isEnabled()
    asked.press("hold_button")
    asked.until(lambda: "A-to-z claim" in dialog.hold_line.text)
    assert not dialog.erase_button.isEnabled()
    assert dialog.hold_button.text() == "Lift the hold"
    asked.press("hold_button")
    asked.until(dialog.erase_button.isEnabled)
    assert [name for name, _what in asked.world.calls if name in ("hold", "lift")] == ["hold", "lift"]
    dialog.close()


def test_what_fails_is_said(lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot, refuses="The disk is full.")
    asked.press("erase_button")
    asked.until(lambda: "disk is full" in asked.dialog.problem.text)
    asked.dialog.close()


@pytest.mark.parametrize(("due", "words"), [
    (Due("pt", "", RULE, NOW, NOW), "kept at most 30 days"), (Due("pt", "", RULE, None, None), "no source told it"),
])
def test_a_deadline_is_said_with_its_source(
    lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot, due: Due, words: str
) -> None:
    asked = opened(lonely_bridge, core_thread, qtbot, listed=(due,))
    assert words in asked.dialog.plan_line.text
    asked.dialog.close()


def test_nothing_to_erase_is_said(lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot) -> None:
    empty = replace(PREVIEW, records=0, files=0, size=0, values=(), texts=0, copies=0, counts={})
    asked = opened(lonely_bridge, core_thread, qtbot, seen=empty)
    assert asked.dialog.goes.text() == goes(empty)
    assert not asked.dialog.erase_button.isEnabled()
    asked.dialog.close()


def test_the_settings_list_rules_and_what_falls_due(
    lonely_bridge: Bridge, core_thread: CoreThread, qtbot: QtBot
) -> None:
    world = case_world()
    core, erasure = with_erasure(case_core(world)[0], world)
    erasure.listed = due_list()
    lonely_bridge.attach(core, core_thread)
    page = ErasurePage(lonely_bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.due.topLevelItemCount() == 3, timeout=8_000)
    lines = page.text.splitlines()
    assert lines[0].startswith("Amazon | 30 | Amazon, buyer data")
    assert "held: A-to-z claim" in lines[2]
    assert lines[3].startswith("unknown | 壊れていました")
    assert "2 cases fall due" in page.summary.text()
    assert "Of 1 case the delivery is unknown" in page.summary.text()
    assert summary(()) == "Nothing falls due."
