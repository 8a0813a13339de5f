"""A composer over a core that tests steer, with its pauses shortened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import CaseDrafts, CaseTranslation, case_core, case_world
from tests.support.fakecore import NOW, World
from ui.bridge import Bridge
from ui.composer.view import Composer
from ui.shell.actions import Actions
from workstation.drafts.model import Draft, Mode
from workstation.kernel.clock import FixedClock
from workstation.runtime.thread import CoreThread


@dataclass
class Desk:
    """A composer over a core that tests steer."""

    composer: Composer
    world: World
    drafts: CaseDrafts
    translation: CaseTranslation
    bridge: Bridge
    thread: CoreThread
    bot: QtBot

    def open(self, conversation_id: str) -> None:
        self.composer.show_conversation(conversation_id)
        self.until(lambda: self.composer.presenter.editable)

    def mode(self, mode: Mode) -> None:
        (self.composer.write_note if mode is Mode.NOTE else self.composer.write_reply)()
        self.until(lambda: self.composer.presenter.editable)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.composer.body, text)

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)

    def draft(self, conversation_id: str) -> Draft:
        """The stored reply, an empty one when there is none."""
        return self.world.drafts.get((conversation_id, Mode.REPLY), Draft(conversation_id))

    def stored(self, conversation_id: str, mode: Mode = Mode.REPLY) -> str:
        draft = self.world.drafts.get((conversation_id, mode))
        return draft.body if draft else ""

    def gate(self) -> asyncio.Event:
        async def make() -> asyncio.Event:
            return asyncio.Event()

        return self.thread.run(make())

    def open_gate(self, gate: asyncio.Event) -> None:
        self.thread.loop.call_soon_threadsafe(gate.set)


def make_desk(bridge: Bridge, thread: CoreThread, actions: Actions, bot: QtBot) -> Desk:
    """A shown composer with the Portuguese conversation open."""
    world = case_world()
    core, drafts, translation = case_core(world)
    bridge.attach(core, thread)
    composer = Composer(bridge, actions, clock=FixedClock(NOW))
    bot.addWidget(composer)
    composer.resize(760, 280)
    composer.show()
    presenter = composer.presenter
    assert (presenter._save_timer.interval(), presenter.previews._timer.interval()) == (500, 400)
    presenter._save_timer.setInterval(100)
    presenter.previews._timer.setInterval(80)
    presenter._blockers_timer.setInterval(20)
    made = Desk(composer, world, drafts, translation, bridge, thread, bot)
    made.open("pt")
    return made
