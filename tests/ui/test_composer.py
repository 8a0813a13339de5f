"""The composer's promises: a text stays with the conversation and mode it was typed in, nothing is sent twice or
while an input method composes, and what was lost in translation is said before anything leaves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.support.casedesk import Desk, make_desk
from tests.support.fakecase import ORDER, QUIET_PLATFORM, arrive
from tests.support.fakecore import make_message
from ui import a11y
from ui.bridge import Bridge, Notice
from ui.shell.actions import Actions
from workstation.domain.events import ConnectivityChanged, DeliveryChanged
from workstation.drafts.model import Draft, Mode
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM


@pytest.fixture
def desk(lonely_bridge: Bridge, core_thread: CoreThread, actions: Actions, qtbot: QtBot) -> Desk:
    return make_desk(lonely_bridge, core_thread, actions, qtbot)


def test_a_pause_saves_the_draft(desk: Desk) -> None:
    desk.type("Hello Ana")
    desk.until(lambda: desk.stored("pt") == "Hello Ana")


def test_switching_at_once_saves_the_first_and_mixes_nothing(desk: Desk) -> None:
    desk.type("for Ana")
    desk.composer.show_conversation("ja")
    assert desk.composer.body.toPlainText() == ""
    desk.until(lambda: desk.composer.presenter.editable)
    desk.type("for Tanaka")
    desk.composer.show_conversation("pt")
    desk.until(lambda: desk.composer.body.toPlainText() == "for Ana")
    desk.until(lambda: desk.stored("ja") == "for Tanaka")
    assert desk.stored("pt") == "for Ana"


def test_nothing_can_be_typed_before_the_draft_is_read(desk: Desk) -> None:
    desk.composer.show_conversation("ja")
    desk.type("lost?")
    assert desk.composer.body.toPlainText() == ""
    desk.until(lambda: desk.composer.presenter.editable)
    assert desk.composer.body.toPlainText() == ""


def test_coming_back_before_the_save_is_done_shows_what_was_typed(desk: Desk) -> None:
    desk.drafts.gate = desk.gate()
    desk.type("slow save")
    desk.composer.show_conversation("ja")
    desk.until(lambda: desk.composer.presenter.editable)
    desk.composer.show_conversation("pt")
    assert desk.composer.body.toPlainText() == "slow save"
    desk.type(" and more")
    desk.open_gate(desk.drafts.gate)
    desk.until(lambda: desk.stored("pt") == "slow save and more")


def test_reply_and_note_never_swap_text(desk: Desk) -> None:
    desk.type("to the buyer")
    desk.mode(Mode.NOTE)
    assert desk.composer.body.toPlainText() == ""
    desk.type("to the team")
    desk.mode(Mode.REPLY)
    desk.until(lambda: desk.composer.body.toPlainText() == "to the buyer")
    desk.until(lambda: desk.stored("pt", Mode.NOTE) == "to the team")
    assert desk.stored("pt") == "to the buyer"


def test_a_note_looks_like_one_and_is_not_translated(desk: Desk) -> None:
    desk.mode(Mode.NOTE)
    desk.type("ask the carrier")
    desk.until(lambda: desk.stored("pt", Mode.NOTE) == "ask the carrier")
    assert desk.composer._frame.property("role") == "note"
    assert desk.composer._bottom._send.accessibleName() == "Add note"
    assert desk.composer._buyer.isHidden()
    assert desk.world.called("translate") == []


def test_an_input_method_keeps_its_enter(desk: Desk) -> None:
    desk.type("Hello")
    desk.until(lambda: desk.stored("pt") == "Hello")
    QApplication.sendEvent(desk.composer.body, QInputMethodEvent("にほん", []))
    desk.composer.send()
    desk.bot.wait(200)
    assert desk.world.called("send") == []
    decided = QInputMethodEvent("", [])
    decided.setCommitString("日本")
    QApplication.sendEvent(desk.composer.body, decided)
    desk.until(lambda: desk.composer.target.toPlainText().endswith("日本"))
    desk.composer.send()
    desk.until(lambda: len(desk.world.called("send")) == 1)


def test_the_preview_follows_and_says_what_was_kept(desk: Desk) -> None:
    desk.type(f"Order {ORDER}, R$ 129,90")
    desk.until(lambda: desk.composer.target.toPlainText() == f"[pt] Order {ORDER}, R$ 129,90")
    assert desk.composer._buyer.kept.text == "2 of 2 items kept"
    assert "back: Order" in desk.composer._buyer.back_text
    assert len(desk.composer.body.extraSelections()) == 2


def test_the_buyers_text_is_never_made_from_older_words(desk: Desk) -> None:
    seen: list[str] = []
    desk.composer.target.textChanged.connect(lambda: seen.append(desk.composer.target.toPlainText()))
    desk.translation.gate = desk.gate()
    desk.type("first")
    desk.bot.wait(150)
    desk.type(" second")
    desk.open_gate(desk.translation.gate)
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] first second")
    assert "[pt] first" not in seen


def test_a_late_preview_does_not_overwrite_what_was_written_by_hand(desk: Desk) -> None:
    desk.translation.gate = desk.gate()
    desk.type("Hello")
    desk.bot.wait(150)
    desk.composer.target.setPlainText("Olá!")
    desk.open_gate(desk.translation.gate)
    desk.until(lambda: desk.draft("pt").translated == "Olá!")
    desk.bot.wait(150)
    assert desk.composer.target.toPlainText() == "Olá!"


def test_what_was_lost_blocks_until_it_is_accepted(desk: Desk) -> None:
    desk.translation.loses = ("R$ 129,90",)
    desk.type("You paid R$ 129,90")
    desk.until(lambda: desk.composer._buyer.kept.text == "Lost: R$ 129,90")
    desk.until(lambda: "R$ 129,90" in desk.composer._bottom.blockers.text)
    desk.composer.send()
    desk.until(lambda: desk.composer.presenter.editable)
    assert desk.world.called("send") == []
    desk.composer._bottom.blockers.jump()
    assert desk.composer._buyer.kept._accept.hasFocus() or not desk.composer.isActiveWindow()
    desk.composer._buyer.kept._accept.click()
    desk.until(lambda: desk.composer._bottom.blockers.reasons == ())
    desk.composer.send()
    desk.until(lambda: len(desk.world.called("send")) == 1)


def test_a_hand_made_translation_is_kept_and_marked_when_the_words_move_on(desk: Desk) -> None:
    desk.translation.loses = ("R$ 129,90",)
    desk.type("You paid R$ 129,90")
    desk.until(lambda: desk.composer._buyer.kept.text == "Lost: R$ 129,90")
    desk.composer.target.setPlainText("Você pagou R$ 129,90")
    assert desk.composer._buyer.kept.text == "1 of 1 item kept"
    desk.type("!")
    desk.bot.wait(300)
    assert desk.composer.target.toPlainText() == "Você pagou R$ 129,90"
    assert desk.composer._buyer.state_text == "Out of date"
    desk.composer.presenter.translate_again()
    desk.until(lambda: desk.composer.target.toPlainText().startswith("[pt]"))


def test_no_engine_is_said_and_the_buyers_text_can_be_written_by_hand(desk: Desk) -> None:
    desk.open("ja")
    desk.type("Sorry")
    desk.until(lambda: "No engine" in desk.composer._buyer.back_text)
    desk.composer.target.setPlainText("申し訳ございません")
    desk.until(lambda: desk.draft("ja").translated == "申し訳ございません")
    assert desk.draft("ja").edited


def test_sending_clears_and_undo_brings_the_exact_draft_back(desk: Desk) -> None:
    desk.type(f"Order {ORDER}")
    desk.until(lambda: desk.composer.target.toPlainText().endswith(ORDER))
    before = (desk.composer.body.toPlainText(), desk.composer.target.toPlainText())
    desk.composer.send()
    desk.until(lambda: desk.composer.presenter.editable and desk.composer.body.toPlainText() == "")
    assert desk.composer.presenter.sending.undo()
    desk.until(lambda: (desk.composer.body.toPlainText(), desk.composer.target.toPlainText()) == before)


def test_the_toast_says_when_it_leaves_and_takes_it_back(desk: Desk) -> None:
    notices: list[Notice] = []
    desk.bridge.noticed.connect(notices.append)
    desk.type("Hello")
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] Hello")
    desk.composer.send()
    desk.until(lambda: bool(notices))
    assert (notices[0].text, notices[0].seconds) == ("The reply to Ana Souza leaves in 15 s.", 15)
    assert notices[0].undo
    notices[0].undo()
    desk.until(lambda: desk.composer.body.toPlainText() == "Hello")


def test_undo_from_another_conversation_does_not_touch_it(desk: Desk) -> None:
    desk.type("for Ana")
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] for Ana")
    desk.composer.send()
    desk.until(lambda: bool(desk.world.called("send")) and desk.composer.presenter.editable)
    desk.open("ja")
    desk.type("for Tanaka")
    desk.composer.presenter.sending.undo()
    desk.until(lambda: desk.stored("pt") == "for Ana")
    assert desk.composer.body.toPlainText() == "for Tanaka"


def test_what_was_typed_after_the_send_survives_the_undo(desk: Desk) -> None:
    desk.type("first")
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] first")
    desk.composer.send()
    desk.until(lambda: bool(desk.world.called("send")) and desk.composer.presenter.editable)
    desk.type("second")
    desk.composer.presenter.sending.undo()
    desk.until(lambda: desk.composer.body.toPlainText() == "first")
    assert any(draft.body == "second" for draft in desk.drafts.kept)


def test_pressing_send_twice_sends_once(desk: Desk) -> None:
    desk.type("Hello")
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] Hello")
    desk.composer.send()
    desk.composer.send()
    desk.until(lambda: bool(desk.world.called("send")))
    desk.bot.wait(200)
    assert len(desk.world.called("send")) == 1


def test_a_reply_on_its_way_cannot_be_undone_here(desk: Desk) -> None:
    desk.type("Hello")
    desk.until(lambda: desk.composer.target.toPlainText() == "[pt] Hello")
    desk.composer.send()
    desk.until(lambda: desk.composer.presenter.sending.held is not None)
    held = desk.composer.presenter.sending.held
    assert held
    desk.world.bus.publish(DeliveryChanged("pt", held.id, "sending"))
    desk.until(lambda: desk.composer.presenter.sending.held is None)
    assert not desk.composer.presenter.sending.undo()


def test_an_arriving_message_moves_nothing(desk: Desk) -> None:
    desk.type("half a sentence")
    places = (desk.composer.geometry(), desk.composer.body.geometry(), desk.composer.body.textCursor().position())
    arrive(desk.world, make_message(99, "pt", text="Are you there?"))
    desk.bot.wait(200)
    now = (desk.composer.geometry(), desk.composer.body.geometry(), desk.composer.body.textCursor().position())
    assert now == places
    assert desk.composer.body.toPlainText() == "half a sentence"


def test_arabic_is_written_from_the_right(desk: Desk) -> None:
    desk.composer.target.show_text("مرحبا 702")
    assert desk.composer.target.document().defaultTextOption().textDirection() == Qt.LayoutDirection.RightToLeft
    desk.composer.target.show_text("Hello")
    assert desk.composer.target.document().defaultTextOption().textDirection() == Qt.LayoutDirection.LeftToRight


def test_every_field_and_button_has_a_name(desk: Desk) -> None:
    desk.type("R$ 129,90")
    desk.until(lambda: desk.composer._buyer.kept.text != "")
    assert a11y.unnamed(desk.composer) == []


def test_the_keyboard_alone_writes_and_sends(desk: Desk, actions: Actions) -> None:
    actions.scope("window", desk.composer)
    desk.composer.activateWindow()
    desk.bot.waitUntil(desk.composer.isActiveWindow, timeout=3_000)
    QTest.keyClick(desk.composer, Qt.Key.Key_N)
    desk.until(lambda: desk.composer.presenter.editable and desk.composer.body.hasFocus())
    QTest.keyClicks(desk.composer.body, "rn note")
    assert desk.composer.body.toPlainText() == "rn note"
    QTest.keyClick(desk.composer.body, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.until(lambda: len(desk.world.called("send")) == 1)
    sent = desk.world.called("send")[0]
    assert isinstance(sent, Draft)
    assert (sent.mode, sent.body) == (Mode.NOTE, "rn note")


def test_a_channel_with_a_limit_counts_what_is_sent(desk: Desk) -> None:
    desk.open("long")
    desk.type("Hello")
    desk.until(lambda: desk.composer._bottom._count.text() == "5 / 2000")
    desk.open("pt")
    assert desk.composer._bottom._count.text() == ""


def test_offline_is_said_beside_the_button(desk: Desk) -> None:
    desk.world.bus.publish(ConnectivityChanged(False))
    desk.until(lambda: "Offline" in desk.composer._bottom.blockers.text)
    desk.world.bus.publish(ConnectivityChanged(True))
    desk.until(lambda: "Offline" not in desk.composer._bottom.blockers.text)
