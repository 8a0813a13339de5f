"""Commands cross once, replies reach only who still wants them, events come merged."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from tests.support.fakecore import World
from tests.support.fakecore_rest import make_core
from ui.bridge import Bridge
from workstation.api import Core
from workstation.domain.events import ConversationsChanged, JobChanged, MessageArrived
from workstation.inbox.model import Queue
from workstation.kernel.errors import NotFound, WorkstationError
from workstation.runtime.thread import CoreThread


class Asker(QObject):
    """A view that asks and remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[object] = []
        self.problems: list[WorkstationError] = []
        self.threads: list[QThread] = []

    def on_value(self, value: object) -> None:
        self.threads.append(QThread.currentThread())
        self.told.append(value)

    def on_problem(self, problem: WorkstationError) -> None:
        self.problems.append(problem)


async def queues(core: Core) -> tuple[Queue, ...]:
    return await core.inbox.queues()


async def lost(core: Core) -> str:
    raise NotFound("Gone.", "Look elsewhere.")


async def broken(core: Core) -> str:
    raise ZeroDivisionError


def test_a_reply_comes_back_on_the_main_thread(bridge: Bridge, qtbot: QtBot) -> None:
    asker = Asker()
    bridge.call(queues, asker.on_value, asker)
    qtbot.waitUntil(lambda: bool(asker.told))
    assert asker.threads == [asker.thread()]


def test_a_command_before_the_core_exists_waits(
    lonely_bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    asker = Asker()
    lonely_bridge.call(queues, asker.on_value, asker)
    qtbot.wait(20)
    assert not asker.told
    lonely_bridge.attach(make_core(world), core_thread)
    qtbot.waitUntil(lambda: bool(asker.told))


def test_only_the_newest_of_a_kind_is_delivered(bridge: Bridge, qtbot: QtBot) -> None:
    asker, gate = Asker(), threading.Event()

    async def slow(_core: Core) -> str:
        import asyncio

        await asyncio.to_thread(gate.wait)
        return "old"

    async def fast(_core: Core) -> str:
        return "new"

    bridge.call(slow, asker.on_value, asker, replaces="search")
    bridge.call(fast, asker.on_value, asker, replaces="search")
    qtbot.waitUntil(lambda: asker.told == ["new"])
    gate.set()
    qtbot.wait(50)
    assert asker.told == ["new"]


def test_a_dead_owner_is_told_nothing(bridge: Bridge, qtbot: QtBot) -> None:
    asker, other = Asker(), Asker()
    bridge.call(queues, other.on_value, asker)
    from shiboken6 import delete

    delete(asker)
    last = Asker()
    bridge.call(queues, last.on_value, last)
    qtbot.waitUntil(lambda: bool(last.told))
    assert not other.told


def test_a_pending_reply_keeps_no_view_alive(bridge: Bridge, qtbot: QtBot) -> None:
    import gc
    import weakref

    asker = Asker()
    reference = weakref.ref(asker)
    bridge.call(queues, asker.on_value, asker)
    del asker
    gc.collect()
    assert reference() is None
    qtbot.wait(20)


def test_known_failures_go_to_their_handler_or_to_the_toast(bridge: Bridge, qtbot: QtBot) -> None:
    asker, shown = Asker(), Asker()
    bridge.problem.connect(shown.on_problem)
    bridge.call(lost, asker.on_value, asker, asker.on_problem)
    qtbot.waitUntil(lambda: len(asker.problems) == 1)
    assert not shown.problems
    bridge.call(lost, asker.on_value, asker)
    qtbot.waitUntil(lambda: len(shown.problems) == 1)


def test_a_bug_reaches_the_crash_dialog_even_when_nobody_waits(bridge: Bridge, qtbot: QtBot) -> None:
    asker, shown = Asker(), Asker()
    bridge.bug.connect(shown.on_value)
    bridge.call(broken, asker.on_value, asker, asker.on_problem)
    qtbot.waitUntil(lambda: bool(shown.told))
    assert isinstance(shown.told[0], ZeroDivisionError)
    assert not asker.problems


def test_after_close_commands_are_refused(bridge: Bridge, world: World, qtbot: QtBot) -> None:
    asker = Asker()
    bridge.close()
    bridge.call(queues, asker.on_value, asker)
    world.bus.publish(ConversationsChanged(("c1",)))
    qtbot.wait(80)
    assert not asker.told


def test_a_burst_of_events_arrives_once_with_every_id(
    bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    asker = Asker()
    bridge.conversations_changed.connect(asker.on_value)
    bridge.message_arrived.connect(asker.on_value)

    async def burst() -> None:
        for number in range(500):
            world.bus.publish(ConversationsChanged((f"c{number}", "c0")))
        world.bus.publish(MessageArrived("c1", "m1"))
        world.bus.publish(MessageArrived("c1", "m1"))
        world.bus.publish(MessageArrived("c2", "m2"))

    core_thread.submit(burst())
    qtbot.waitUntil(lambda: len(asker.told) >= 3)
    qtbot.wait(80)
    assert asker.told == [
        ConversationsChanged(tuple(dict.fromkeys(f"c{n}" for n in range(500)))),
        MessageArrived("c1", "m1"), MessageArrived("c2", "m2"),
    ]


def test_of_a_job_only_the_newest_state_is_told(
    bridge: Bridge, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    asker = Asker()
    bridge.job_changed.connect(asker.on_value)

    async def run() -> None:
        for done in range(100):
            world.bus.publish(JobChanged("import", "Import", done, 100, "running"))

    core_thread.submit(run())
    qtbot.waitUntil(lambda: bool(asker.told))
    assert asker.told == [JobChanged("import", "Import", 99, 100, "running")]


def test_cancelling_drops_the_reply_and_stops_the_command(bridge: Bridge, qtbot: QtBot) -> None:
    import asyncio

    asker, stopped = Asker(), threading.Event()

    async def endless(_core: Core) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return "never"

    call = bridge.call(endless, asker.on_value, asker)
    qtbot.wait(20)
    call.cancel()
    qtbot.waitUntil(stopped.is_set)
    assert not asker.told


def test_progress_reaches_the_slot_on_the_main_thread(bridge: Bridge, qtbot: QtBot) -> None:
    class Bar(Asker):
        def on_progress(self, done: int, total: int) -> None:
            self.threads.append(QThread.currentThread())
            self.told.append((done, total))

    bar = Bar()
    report = bridge.progress(bar.on_progress)
    thread = threading.Thread(target=report, args=(2, 5))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bar.told == [(2, 5)])
    assert bar.threads == [bar.thread()]
