"""The whole loop through the real window, by the keyboard alone, on the demo's own servers.

Nothing is called that a person cannot press; what came of it is read from the screen and from the servers.
"""

from __future__ import annotations

import email
import re
from email.message import Message
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.support.window import CTRL, SHIFT, Key, Person, at_the_window
from ui.composer.strips import KeptLine
from ui.conversation.windows import TextWindow
from workstation.demo import script
from workstation.demo.script import Script
from workstation.inbox.model import ConversationRow

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support", extend=True), pytest.mark.timeout(150)]
TRAIN_REPLY = "Hello, we will refund R$ 34,95 for order #1042."


def answered() -> list[Script]:
    return [each for each in script.scripts() if each.reply]


def is_about(person: Person, wanted: Script) -> str:
    return script.fill(wanted.subject, person.now, wanted.language)


def test_the_whole_loop_with_nothing_but_keys(tmp_path: Path, qtbot: QtBot) -> None:
    with at_the_window(tmp_path, qtbot) as person:
        mail_arrives_sorted_by_what_breaches_next(person)
        row = the_portuguese_mail_reads_in_english(person)
        six_checks_show_their_raw_answer(person)
        the_answer_is_previewed_and_read_back(person)
        a_capture_joins_the_case(person)
        a_reply_is_taken_back_and_sent(person, row)
        search_finds_it(person, row)
        resolve_and_take_it_back(person)
        work_goes_on_without_a_network(person)


def mail_arrives_sorted_by_what_breaches_next(person: Person) -> None:
    waiting = sum(each.letters[-1].author == "buyer" for each in script.scripts())
    person.see(f"{waiting} conversations", lambda: len(person.rows()) >= waiting)
    person.see("the core has settled", lambda: person.status.startswith("online"))
    clocks = [row.due_at for row in person.rows()]
    running = [due for due in clocks if due is not None]
    assert running == sorted(running)
    assert clocks == [*running, *[None] * (len(clocks) - len(running))]
    assert len(running) > 10


def the_portuguese_mail_reads_in_english(person: Person) -> ConversationRow:
    person.press(Key.Key_J)
    assert person.window.list.list.currentIndex().row() == 0
    person.press(Key.Key_J)
    person.press(Key.Key_K)
    assert person.window.list.list.currentIndex().row() == 0
    row = person.walk_to(lambda row: row.subject == is_about(person, answered()[0]))
    timeline = person.window.middle.conversation.timeline
    person.see("the mail is open", lambda: person.window.conversation_id == row.id and bool(timeline.bubbles()))
    person.press(Key.Key_O)
    person.press(Key.Key_T, SHIFT)
    person.see("both texts are side by side", lambda: len(timeline.bubbles()[0].shown_texts()) == 2)
    shown = "\n".join(timeline.bubbles()[0].shown_texts())
    assert "ela não chegou" in shown
    assert "birthday" in shown
    assert shown.count("702-5512873-9046218") == 2
    return row


def six_checks_show_their_raw_answer(person: Person) -> None:
    panel = person.window.case.panel
    verdicts = answered()[0].expect
    person.see("six checks with what the sources answered", lambda: len(panel.rows) == 6 and all(
        row.isVisible() and row.check.verdict == verdicts.get(row.check.id, row.check.verdict) for row in panel.rows))
    assert all(row.line.endswith((" ago)", "(just now)", "(no answer)")) for row in panel.rows)
    assert sum(not row.line.endswith("(no answer)") for row in panel.rows) >= 4
    person.press(Key.Key_C)
    person.see("a check has the focus", lambda: any(row.head.hasFocus() for row in panel.rows))
    row = next(row for row in panel.rows if row.head.hasFocus())
    assert row.check.verdict.value != "pass"
    assert all(row.check.source and row.check.fetched_at for row in panel.rows if row.check.answer_id)
    assert row.check.answer_id, "the first troubled check has an answer behind it"
    person.press(Key.Key_Return)
    assert row.head.isChecked()
    person.press(Key.Key_Return)
    person.see("the raw answer", lambda: panel.answer is not None and panel.answer.isVisible())
    assert isinstance(panel.answer, TextWindow)
    assert any(word in panel.answer.field.toPlainText() for word in ("LX473124829CN", "702-5512873-9046218"))
    person.see("the answer's window is in front", lambda: QApplication.activeWindow() is panel.answer)
    person.press(Key.Key_Escape)
    person.see("it is gone", lambda: not any(isinstance(one, TextWindow) for one in person.windows()))
    person.return_to_the_window()


def the_answer_is_previewed_and_read_back(person: Person) -> None:
    composer = person.window.middle.composer
    person.press(Key.Key_R)
    assert composer.body.hasFocus()
    person.write(script.reply_text(answered()[0], person.now).strip())
    person.see("what survived", lambda: kept_line(person).isVisible() and counted(person)[1] >= 4)
    kept, every = counted(person)
    assert kept == every
    assert "702-5512873-9046218" in composer.target.toPlainText()
    assert composer.target.toPlainText() != composer.body.toPlainText()
    person.see("how it reads back", lambda: "refund" in reads_back(person).lower())


def a_capture_joins_the_case(person: Person) -> None:
    strip = person.window.case.panel.evidence
    assert strip.list.count() == 0
    person.press(Key.Key_S, CTRL | SHIFT)
    person.see("the capture is in the strip", lambda: strip.list.count() == 1)
    assert "not a real screen" in strip.list.item(0).text()


def a_reply_is_taken_back_and_sent(person: Person, row: ConversationRow) -> None:
    composer = person.window.middle.composer
    written = composer.body.toPlainText(), composer.target.toPlainText()
    person.see("nothing stops the send", lambda: not composer.presenter.blockers and not composer.presenter.unsaved)
    person.press(Key.Key_Return, CTRL)
    person.see("the reply is held", lambda: "leaves in" in person.toast and not composer.body.toPlainText())
    person.press(Key.Key_Z)
    person.see("the exact draft is back", lambda: (
        composer.body.toPlainText(), composer.target.toPlainText()) == written)
    assert person.world.mail.received == []
    person.press(Key.Key_Return, CTRL)
    person.see("the reply is held again", lambda: "leaves in" in person.toast)
    person.see("it left", lambda: len(person.world.mail.received) == 1)
    sent = email.message_from_bytes(person.world.mail.received[0][1])
    assert sent["In-Reply-To"] == script.message_id(answered()[0], len(answered()[0].letters) - 1, person.now)
    assert "702-5512873-9046218" in plain_text(sent)
    assert "refund" not in plain_text(sent)
    person.see("the row lost its clock", lambda: _without_clock(person, row.id))


def search_finds_it(person: Person, row: ConversationRow) -> None:
    before = len(person.rows())
    person.press(Key.Key_Slash)
    assert person.window.list.search.hasFocus()
    person.write("LX473124829CN")
    person.see("the search found it", lambda: [found.id for found in person.rows()] == [row.id])
    person.press(Key.Key_Escape)
    person.see("the whole queue again", lambda: len(person.rows()) == before)


def resolve_and_take_it_back(person: Person) -> None:
    person.press(Key.Key_J)
    row = person.window.list.current()
    assert row is not None
    person.press(Key.Key_E)
    person.see("it left the queue", lambda: person.row(row.id) is None)
    person.see("it can be undone", lambda: person.window.toast.can_undo)
    person.press(Key.Key_Z)
    person.see("it is back", lambda: person.row(row.id) is not None)


def work_goes_on_without_a_network(person: Person) -> None:
    composer = person.window.middle.composer
    person.world.cut()
    person.press(Key.Key_F5)
    person.see("the window says so", lambda: person.status.startswith("offline"))
    row = person.walk_to(lambda row: row.subject == is_about(person, answered()[1]))
    person.see("the draft is open", lambda: bool(composer.presenter.draft) and composer.presenter.row is not None)
    person.press(Key.Key_R)
    person.write(TRAIN_REPLY)
    person.see("translated offline", lambda: counted(person) == (2, 2) and not composer.presenter.unsaved)
    person.press(Key.Key_Return, CTRL)
    person.see("something is pending", lambda: "pending" in person.status and "nothing" not in person.status)
    person.see("the reply waits", lambda: _delivery(person, row.id) == "queued")
    assert len(person.world.mail.received) == 1
    person.world.restore()
    person.press(Key.Key_F5)
    person.see("the reply left", lambda: len(person.world.mail.received) == 2)
    person.see("online and nothing waits", lambda: "online" in person.status and "nothing pending" in person.status)
    message_ids = [message_id for message_id, _raw in person.world.mail.received]
    assert len(set(message_ids)) == 2, "each reply went out once"
    sent = email.message_from_bytes(person.world.mail.received[1][1])
    assert "#1042" in plain_text(sent)
    assert "R$ 34,95" in plain_text(sent)


def _without_clock(person: Person, conversation_id: str) -> bool:
    row = person.row(conversation_id)
    return row is not None and row.due_at is None and not row.unanswered


def _delivery(person: Person, conversation_id: str) -> str:
    row = person.row(conversation_id)
    return row.delivery.value if row else ""


def kept_line(person: Person) -> KeptLine:
    found = person.window.middle.composer.findChild(KeptLine)
    assert isinstance(found, KeptLine)
    return found


def counted(person: Person) -> tuple[int, int]:
    """ "5 of 6 items kept" as (5, 6); (0, 0) when something else is said."""
    found = re.match(r"(\d+) of (\d+) items? kept", kept_line(person).text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def reads_back(person: Person) -> str:
    fields = person.window.middle.composer.findChildren(QPlainTextEdit)
    return next(field.toPlainText() for field in fields if field.accessibleName() == "Translated back")


def plain_text(mail: Message) -> str:
    """The first plain part, decoded."""
    for part in mail.walk():
        if part.get_content_type() == "text/plain":
            return bytes(part.get_payload(decode=True) or b"").decode()
    return ""
