"""The conversation column: translation first, what was lost said, nothing jumps, and every reply's fate is in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.support.fakecase import ORDER, QUIET_PLATFORM, CaseDrafts, CaseTranslation, arrive, case_core, case_world
from tests.support.fakecore import NOW, World, make_message
from ui import a11y
from ui.bridge import Bridge
from ui.conversation.bubble import DELIVERY, LOST, TRANSLATION, Bubble
from ui.conversation.view import ConversationView
from ui.shell.actions import Actions
from workstation.domain.conversation import Address, Attachment, Delivery, Direction
from workstation.domain.events import ConversationsChanged, EnginesChanged
from workstation.drafts.model import Draft, Outgoing
from workstation.kernel.clock import FixedClock
from workstation.kernel.settings import Settings
from workstation.runtime.thread import CoreThread
from workstation.translation.model import Translation

pytestmark = QUIET_PLATFORM


@dataclass
class Room:
    """A conversation column over a core that tests steer."""

    view: ConversationView
    world: World
    drafts: CaseDrafts
    translation: CaseTranslation
    bridge: Bridge
    thread: CoreThread
    clock: FixedClock
    bot: QtBot

    def open(self, conversation_id: str) -> None:
        self.view.show_conversation(conversation_id)
        self.until(lambda: bool(self.view.timeline.bubbles()) and self.view.timeline.settled)

    def until(self, condition: Callable[[], bool]) -> None:
        self.bot.waitUntil(condition, timeout=8_000)

    def bubble(self, message_id: str) -> Bubble:
        found = self.view.timeline.bubble_of(message_id)
        assert found is not None
        return found

    def in_sight(self) -> Bubble:
        """The bubble in the middle of what is seen."""
        timeline = self.view.timeline
        middle = timeline.viewport().height() // 2
        return min(timeline.bubbles(), key=lambda b: abs(b.y() + b.height() // 2 - middle))

    def reply(self, state: Delivery, sentence: str = "", release_at: int = 0) -> Bubble:
        """A reply in the timeline that is on its way in this state."""
        outgoing = Outgoing("o1", "pt", "<m9@example.test>", "", state, release_at, 1, sentence)
        self.world.outgoing = [outgoing]
        self.world.messages["pt"].append(make_message(
            9, "pt", direction=Direction.OUT, author=Address("loja@example.test", "Loja"), text="Olá", delivery=state))
        self.open("pt")
        return self.bubble("m9")


def press(bubble: Bubble) -> None:
    """The button of the delivery line."""
    assert bubble.delivery
    assert bubble.delivery.button
    bubble.delivery.button.click()


@pytest.fixture
def room(
    lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, settings: Settings, qtbot: QtBot
) -> Room:
    world = case_world()
    core, drafts, translation = case_core(world)
    lonely_bridge.attach(core, core_thread)
    clock = FixedClock(NOW)
    view = ConversationView(lonely_bridge, actions, settings=settings, clock=clock)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    return Room(view, world, drafts, translation, lonely_bridge, core_thread, clock, qtbot)


def test_the_translation_comes_first_and_the_original_is_a_key_away(room: Room) -> None:
    room.open("pt")
    bubble = room.bubble("m1")
    assert bubble.shown_texts()[0].startswith("Hello, my order")
    bubble.setFocus()
    room.view.timeline.current = "m1"
    room.view.toggle_original()
    assert bubble.shown_texts()[0].startswith("Olá, o meu pedido")
    room.view.toggle_original()
    assert bubble.shown_texts()[0].startswith("Hello")


def test_side_by_side_shows_both_and_is_kept(room: Room, settings: Settings) -> None:
    room.open("pt")
    room.view.toggle_side_by_side()
    first, second = room.bubble("m1").shown_texts()
    assert first.startswith("Hello")
    assert second.startswith("Olá")
    assert settings.flag("translate_side_by_side")
    for prose in (room.bubble("m1")._first, room.bubble("m1")._second):
        assert prose
        assert f"dotted\">{ORDER}" in prose.text()


def test_what_did_not_survive_is_listed(room: Room) -> None:
    room.open("pt")
    assert room.bubble("m4").said(LOST) == "Did not survive translation: R$ 129,90"
    assert room.bubble("m1").said(LOST) == ""


def test_no_engine_is_a_plain_state_that_can_be_tried_again(room: Room) -> None:
    room.open("ja")
    room.until(lambda: "no engine" in room.bubble("m20").said(TRANSLATION))
    assert room.bubble("m20").shown_texts()[0].startswith("注文番号")
    asked = len(room.world.called("read_message"))
    room.world.bus.publish(EnginesChanged())
    room.until(lambda: len(room.world.called("read_message")) == asked + 1)


def test_translating_is_said_only_when_it_takes_long(room: Room) -> None:
    async def closed() -> None:
        import asyncio
        room.translation.gate = asyncio.Event()

    room.thread.run(closed())
    room.world.messages["long"][0] = replace(room.world.messages["long"][0], language="pt", text="Oi")
    room.translation.readable["m40"] = Translation("Oi", "Hi", "pt", "en", "firefox")
    room.open("long")
    assert room.bubble("m40").said(TRANSLATION) == ""
    room.until(lambda: room.bubble("m40").said(TRANSLATION) == "Translating…")
    assert room.translation.gate
    room.thread.loop.call_soon_threadsafe(room.translation.gate.set)
    room.until(lambda: room.bubble("m40").shown_texts()[0] == "Hi")
    assert room.bubble("m40").said(TRANSLATION) == ""


def test_a_late_answer_of_the_conversation_before_is_dropped(room: Room) -> None:
    room.view.show_conversation("ja")
    room.view.show_conversation("pt")
    room.until(lambda: bool(room.view.timeline.bubbles()))
    room.bot.wait(150)
    assert {b.entry.message.conversation_id for b in room.view.timeline.bubbles()} == {"pt"}
    assert room.view.header.subject == "Cadê o meu pacote?"


def test_quoted_history_is_folded_until_asked_for(room: Room) -> None:
    room.open("pt")
    bubble = room.bubble("m1")
    assert bubble.quoted is None
    room.view.timeline.current = "m1"
    room.view.toggle_quoted()
    assert bubble.quoted
    assert "Seu pedido foi enviado" in bubble.quoted.plain
    room.view.toggle_quoted()
    assert bubble.quoted.isHidden()


def test_the_layout_view_can_be_opened_and_closed(room: Room) -> None:
    room.open("pt")
    bubble = room.bubble("m1")
    bubble.toggle_html()
    assert bubble._html is not None
    assert ORDER in bubble._html.toPlainText()
    assert bubble.shown_texts() == ()
    bubble.toggle_html()
    assert bubble.shown_texts()


def test_arabic_runs_from_the_right_in_a_window_that_does_not(room: Room) -> None:
    room.open("ar")
    assert 'dir="rtl"' in room.bubble("m30")._first.text()
    assert not room.view.isRightToLeft()


def test_a_message_that_arrives_while_reading_above_is_announced_and_moves_nothing(room: Room) -> None:
    room.world.messages["pt"] = [
        make_message(n, "pt", id=f"x{n}", text=f"line {n}\n" * 4, language="en", at=NOW - 100_000 + n)
        for n in range(20)]
    room.open("pt")
    bar = room.view.timeline.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    room.until(lambda: room.view.timeline.settled)
    before, reading = bar.value(), room.in_sight()
    place = reading.mapTo(room.view.timeline.viewport(), reading.rect().topLeft())
    arrive(room.world, make_message(99, "pt", at=NOW, text="new", language="en"))
    room.until(lambda: not room.view._arrived.isHidden() and room.view.timeline.settled)
    assert reading.mapTo(room.view.timeline.viewport(), reading.rect().topLeft()) == place
    assert room.view._arrived.text() == "1 new message below"
    room.view._arrived.click()
    room.until(room.view._arrived.isHidden)
    room.until(lambda: bar.value() > before)


def test_a_held_reply_counts_down_and_can_be_undone(room: Room) -> None:
    bubble = room.reply(Delivery.HELD, release_at=NOW + 12_000)
    assert bubble.said(DELIVERY) == "Sending in 12 s"
    room.clock.advance(3_000)
    room.until(lambda: bubble.said(DELIVERY) == "Sending in 9 s")
    room.drafts.sent["o1"] = Draft("pt", body="again")
    press(bubble)
    room.until(lambda: room.world.called("undo_send") == ["o1"])


def test_a_failed_reply_says_why_and_can_be_tried_again(room: Room) -> None:
    bubble = room.reply(Delivery.FAILED, "the mailbox is full")
    assert bubble.said(DELIVERY) == "Not sent: the mailbox is full"
    press(bubble)
    room.until(lambda: room.world.called("retry") == ["o1"])


def test_an_unknown_outcome_is_looked_for_never_repeated(room: Room) -> None:
    bubble = room.reply(Delivery.UNKNOWN, "no receipt came")
    assert bubble.delivery
    assert bubble.delivery.button
    assert bubble.delivery.button.text() == "Look again"
    press(bubble)
    room.until(lambda: room.world.called("look_for") == ["o1"])
    assert room.world.called("retry") == []


def test_what_was_wrong_with_a_mail_is_said(room: Room) -> None:
    room.open("ja")
    from ui.conversation.pieces import StateLine

    said = [line.text for line in room.bubble("m20").findChildren(StateLine)]
    assert "The mail's date was missing; the time of receipt is shown." in said


def test_the_source_of_a_message_can_be_read(room: Room) -> None:
    room.open("pt")
    room.view.timeline.current = "m1"
    room.view.show_source()
    room.until(lambda: room.view.source is not None)
    assert room.view.source
    assert "Message-ID: m1" in room.view.source.field.toPlainText()


def test_an_attachment_is_saved_where_the_person_says(room: Room, tmp_path: Path) -> None:
    room.open("pt")
    files = room.view.files
    target = tmp_path / "saved.txt"
    files.save_to(Attachment("a7", "x", "text/plain", 7), str(target))
    room.until(target.exists)
    room.until(lambda: target.read_bytes() == b"content")
    with room.bot.waitSignal(room.bridge.problem):
        files.save_to(Attachment("a7", "x", "text/plain", 7), str(tmp_path / "missing" / "x"))


def test_only_what_changed_is_drawn_again(room: Room) -> None:
    room.open("pt")
    before = {b.entry.message.id: b for b in room.view.timeline.bubbles()}
    room.world.messages["pt"][1] = replace(room.world.messages["pt"][1], text="corrected", translation=None)
    room.world.bus.publish(ConversationsChanged(("pt",)))
    room.until(lambda: "corrected" in room.bubble("m2").shown_texts()[0])
    assert {b.entry.message.id: b for b in room.view.timeline.bubbles()} == before


def test_the_keyboard_walks_through_messages(room: Room) -> None:
    room.open("pt")
    room.view.activateWindow()
    room.view.setFocus()
    room.until(lambda: room.view.timeline.current == "m4")
    room.view.previous_message()
    assert room.view.timeline.current == "m3"
    room.view.next_message()
    assert room.view.timeline.current == "m4"
    QTest.qWait(10)


def test_a_conversation_that_is_gone_says_so(room: Room) -> None:
    room.view.show_conversation("nowhere")
    room.until(lambda: room.view._empty.sentence == "This conversation is no longer here.")


def test_everything_that_takes_the_focus_has_a_name(room: Room) -> None:
    for conversation_id in ("pt", "ja", "ar", "long"):
        room.open(conversation_id)
        assert [one for one in a11y.unnamed(room.view) if "EmptyState" not in one] == []
