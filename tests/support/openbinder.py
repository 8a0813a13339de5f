"""A case's binder that is open over a core in memory, and a person who has nothing but a keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.fakebinder import CaseEvidence, FakeBinder
from tests.support.fakecase import case_core
from tests.support.fakecore import NOW, World
from ui.binder.view import BinderWindow
from ui.bridge import Bridge
from workstation.kernel.clock import FixedClock
from workstation.runtime.thread import CoreThread

EBAY = "ebay", "PROOF_OF_DELIVERY"
PLAIN, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@dataclass
class Case:
    """An open binder, and the core behind it."""

    window: BinderWindow
    core: FakeBinder
    world: World
    thread: CoreThread
    bot: QtBot

    def until(self, fact: Callable[[], bool]) -> None:
        self.bot.waitUntil(fact, timeout=8_000)

    def press(self, key: Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
        """On whatever has the focus."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.window.pane.model.rows]

    @property
    def said(self) -> str:
        return self.window.said.text

    def settled(self) -> None:
        """Every edit is on disk, and what the core says is on the screen."""
        presenter = self.window.presenter
        self.until(lambda: not presenter._waiting and not presenter._running)
        self.until(lambda: [one.record_id for one in self.core.exhibits] == self.ids)


def opened(bridge: Bridge, thread: CoreThread, world: World, bot: QtBot, core: FakeBinder) -> Case:
    whole, _drafts, _translation = case_core(world)
    bridge.attach(replace(whole, binder=core, evidence=CaseEvidence(world)), thread)
    window = BinderWindow(bridge, "pt", clock=FixedClock(NOW))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    bot.addWidget(window)
    window.resize(1_180, 760)
    window.show()
    window.activateWindow()
    case = Case(window, core, world, thread, bot)
    case.until(lambda: window.presenter.loaded is not None and window.page.filled)
    window.pane.list.setFocus()
    return case
