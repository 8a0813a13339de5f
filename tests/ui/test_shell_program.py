"""The program around the window: first page before the core, language and theme live, an end that loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.support.fakecore import NOW, World, make_row
from tests.support.fakecore_rest import make_core
from ui.errors.catcher import Catcher
from ui.shell.notify import Notifier
from ui.shell.program import Program
from ui.shell.status import Part, State, parts
from ui.theme import current
from workstation.api import Core
from workstation.domain.conversation import Delivery
from workstation.drafts.model import Outgoing
from workstation.inbox.model import Account, AccountSettings, ServerSettings
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread
from workstation.sync.model import SyncStatus
from workstation.translation.model import Engine

SERVER = ServerSettings("127.0.0.1", 993)


@pytest.fixture
def program(settings: Settings, qtbot: QtBot) -> Iterator[Program]:
    made = Program(settings, Catcher())
    yield made
    made.bridge.close()
    made.window.close()
    made.window.deleteLater()
    made.deleteLater()


def test_the_list_is_painted_before_the_core_exists(
    program: Program, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    with qtbot.waitSignal(program.window.first_painted):
        program.show(world.rows[:5])
        assert program.window.inbox.model.rowCount() == 5
    QTest.keyClick(program.window, Qt.Key.Key_J)
    assert program.window.conversation_id == "c000000"
    program.attach(make_core(world), core_thread, _nothing)
    qtbot.waitUntil(lambda: program.window.inbox.model.rowCount() == 10)
    row = program.window.list.current()
    assert row is not None
    assert row.id == "c000000"


def test_language_and_theme_change_while_it_runs(
    program: Program, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    program.show(world.rows)
    program.attach(make_core(world), core_thread, _nothing)
    program.window.open_conversation("c000003")
    program.settings.set("theme", "dark")
    program.window.settings_changed.emit("theme")
    assert current().dark
    old = program.window
    program.settings.set("language", "zh_CN")
    program.window.settings_changed.emit("language")
    qtbot.waitUntil(lambda: program.window is not old)
    assert program.window.conversation_id == "c000003"
    assert program.window.inbox.model.rowCount() == 10
    qtbot.waitUntil(lambda: not old.isVisible())


def test_the_end_waits_for_what_is_under_way(
    program: Program, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    gate, order = threading.Event(), list[str]()

    async def slow(_core: Core) -> None:
        import asyncio

        await asyncio.to_thread(gate.wait)
        order.append("saved")

    program.show(world.rows)
    program.attach(make_core(world), core_thread, lambda: order.append("core ended"))
    program.bridge.call(slow, _told, program)
    with qtbot.waitSignal(program.ended):
        program.window.close()
        qtbot.wait(50)
        assert order == []
        gate.set()
    assert order == ["saved", "core ended"]


def test_the_end_before_the_core_is_built(program: Program, world: World, qtbot: QtBot) -> None:
    program.show(world.rows)
    with qtbot.waitSignal(program.ended):
        program.window.close()


def test_a_core_that_cannot_be_built_is_reported(program: Program, world: World, qtbot: QtBot) -> None:
    from workstation.kernel.errors import DiskFull

    program.show(world.rows)
    program.core_failed(DiskFull("No room is left.", "Free some."))
    qtbot.waitUntil(lambda: program.window.toast.text == "No room is left. Free some.")


def test_the_status_line_in_words() -> None:
    account = Account("a", AccountSettings("s@example.test", "s", SERVER, SERVER), "online")
    engines = (Engine("firefox", "pt", "en"), Engine("firefox", "en", "pt"), Engine("argos", "de", "en"))
    waiting = Outgoing("o", "c", "<m>", "", Delivery.QUEUED, 0, 0, "")
    status = SyncStatus(True, True, 1, 0, 0, NOW, True)
    line = parts(State(status, (account,), (waiting,), engines, ("shop",)))
    texts = [part.text for part in line]
    assert texts[:2] == ["online", "2 pending"]
    assert texts[2].startswith("last copied upstream ")
    assert texts[3:] == ["pt→en en→pt +1 ready", "simulated: shop"]


def test_without_a_hub_nothing_waits_for_one() -> None:
    account = Account("a", AccountSettings("s@example.test", "s", SERVER, SERVER), "online")
    waiting = Outgoing("o", "c", "<m>", "", Delivery.QUEUED, 0, 0, "")
    alone = SyncStatus(False, False, 7, 3, 0, None, None)
    assert [part.text for part in parts(State(alone, (account,)))] == ["online", "nothing pending", "no hub"]
    assert parts(State(alone, (account,), (waiting,)))[1] == Part("1 pending", "pending")


def test_what_is_still_to_copy_is_never_called_upstream() -> None:
    files = parts(State(SyncStatus(True, True, 1, 3, 0, NOW, True), ()))
    assert [part.text for part in files] == ["no mailbox", "1 pending", "3 files still to copy"]
    first = parts(State(SyncStatus(True, True, 0, 0, 0, NOW, True, log_trust="first_sight"), ()))
    assert any("trusted at first sight" in part.tip for part in first)
    done = parts(State(SyncStatus(True, True, 0, 0, 0, NOW, True), ()))
    assert not any("trusted at first sight" in part.tip for part in done)
    assert done[2].text.startswith("all evidence upstream ")


@pytest.mark.parametrize(("state", "expected"), [
    (State(), Part("starting", "pending")),
    (State(SyncStatus(False, False, 0, 0, 0, None, None), ()), Part("no hub", "")),
    (State(SyncStatus(True, True, 0, 3, 0, NOW, True), ()), Part("3 files still to copy", "pending")),
    (State(SyncStatus(True, True, 0, 0, 2, NOW, True, "Refused."), ()), Part("2 refused upstream", "fail", "Refused.")),
    (State(SyncStatus(True, True, 0, 0, 0, NOW, False), ()), Part("differs from the hub", "warn")),
    (State(None, (), (), ()), Part("no translation", "warn")),
])
def test_the_status_line_is_honest(state: State, expected: Part) -> None:
    said = {(part.text, part.mark) for part in parts(state)}
    assert (expected.text, expected.mark) in said


def test_a_refused_mailbox_is_named() -> None:
    settings = AccountSettings("s@example.test", "s", SERVER, SERVER)
    line = parts(State(None, (Account("a", settings, "refused", "Wrong password."),)))
    assert line[0] == Part("mailbox refused", "fail", "s@example.test: Wrong password.")
    line = parts(State(None, (Account("a", settings, "offline", "No network."),)))
    assert (line[0].text, line[0].mark) == ("offline", "warn")


def test_notifications_hide_who_wrote_unless_wanted(program: Program, settings: Settings) -> None:
    notifier = Notifier(program.bridge, settings, program)
    rows = (make_row(1), make_row(2))
    assert notifier.words(rows) == ("2 conversations have new messages", "")
    assert notifier.words(rows[:1]) == ("1 conversation has a new message", "")
    settings.set("notification_shows", "sender")
    assert notifier.words(rows[:1]) == ("Buyer 1", "")
    settings.set("notification_shows", "subject")
    assert notifier.words(rows[:1]) == ("Buyer 1", "Where is parcel 1?")
    assert notifier.words(rows) == ("2 conversations have new messages", "")


def test_the_status_line_shows_marks_beside_words(
    program: Program, world: World, core_thread: CoreThread, qtbot: QtBot,
) -> None:
    program.show(world.rows)
    program.attach(make_core(world), core_thread, _nothing)
    qtbot.waitUntil(lambda: "all evidence upstream" in program.window.status.text)
    texts = [label.text() for label in program.window.status.findChildren(QLabel)]
    assert "simulated: shop, carrier" in texts


def _nothing() -> None:
    """There is nothing to end."""


def _told(_value: None) -> None:
    """Nobody waits for it."""
