"""The conversation column under mails made to stop it: everything is drawn within two seconds, nothing is fetched,
pictures stay within their limits, and what is not what it looks like is said in words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support import hostile, hostile_seeds
from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import NOW, FakeInbox, World, make_message
from tests.support.fakecore_rest import make_core
from ui.bridge import Bridge
from ui.composer.files import LARGEST, read_bounded
from ui.conversation.attachments import AttachmentFiles, AttachmentRow
from ui.conversation.bounded import MOST_TEXT, bounded
from ui.conversation.bubble import MOST_FILES, Bubble
from ui.conversation.buttons import WrapLabel
from ui.conversation.html_view import SafeHtml
from ui.conversation.link_bar import LinkBar
from ui.conversation.pictures import WIDEST_INLINE, decode, decode_inline
from ui.conversation.pieces import Prose, StateLine
from ui.conversation.presenter import Entry
from ui.conversation.windows import MOST_LINES, readable
from ui.widgets.labels import ElidedLabel
from workstation.connectors.email.html import clean
from workstation.connectors.email.mapper import parse
from workstation.domain.conversation import Attachment
from workstation.inbox.model import IncomingMail, MessageView
from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import InputError
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
PATIENCE = 2.0    # seconds of processor time
SAMPLE = 15
NEST = "<table><tr><td>"

EXPENSIVE = {
    "tables inside each other": NEST * 900 + "x" + "</td></tr></table>" * 900,
    "full tables inside each other": NEST * 3 + "<table>" + ("<tr>" + "<td>word</td>" * 10 + "</tr>") * 140,
    "one endless word": "<p>" + "w" * 500_000 + "</p>",
    "one endless entity": "<p>" + "&amp;" * 300_000 + "</p>",
    "wide spans": "<table>" + "<tr><td colspan=1000>x</td></tr>" * 1_000 + "</table>",
    "tall spans": "<table>" + ("<tr>" + "<td rowspan=1000>x</td>" * 50 + "</tr>") * 30 + "</table>",
    "10,000 rows": "<table>" + "<tr><td>x<td>y</tr>" * 10_000 + "</table>",
    "10,000 cells": "<table><tr>" + "<td>x" * 10_000 + "</tr></table>",
    "40,000 paragraphs": "<p>x</p>" * 39_000,
    "lists inside each other": "<ul><li>" * 900,
    "quotes inside each other": "<blockquote>" * 900 + "x",
    "vast pictures": '<img src="cid:a" width="1000000" height="1000000">' * 300,
    "accents without end": "<p>a" + "\u0301" * 200_000,
    "a list that starts late": '<ol type="i" start="2000000000">' + "<li>x" * 2_000,
}


def shown(view: QWidget) -> float:
    """Seconds of processor time until it is drawn at two widths."""
    begun = time.process_time()
    view.resize(640, 400)
    view.show()
    view.grab()
    view.resize(400, 400)
    view.grab()
    return time.process_time() - begun


@pytest.mark.parametrize("name", EXPENSIVE)
def test_no_html_stops_the_window(name: str, qtbot: QtBot) -> None:
    cleaned, _cut = clean(EXPENSIVE[name])
    view = SafeHtml()
    qtbot.addWidget(view)
    begun = time.process_time()
    view.show_html(cleaned)
    assert time.process_time() - begun + shown(view) < PATIENCE


def test_what_is_bounded_keeps_its_words_in_order_and_says_what_it_left_out() -> None:
    assert bounded("<p>a <b>b</b> c</p>") == "<p>a <b>b</b> c</p>"
    words = bounded((NEST + "w ") * 30 + "</td></tr></table>" * 30)
    assert words.count("w") == 30
    assert words.count("<table>") == 4
    cut = bounded("<p>" + "long " * 100_000)
    assert len(cut) < 2 * MOST_TEXT
    assert cut.endswith("<p><i>… The rest of this long mail is in its source.</i></p>")
    assert bounded('<td colspan="999999" width="50%" title="a>b">x').count('colspan="20" width="50%" title="a>b"') == 1
    assert bounded("</p></table>x") == "x"
    assert bounded("<p>&lt;script&gt;&amp;lt;</p>") == "<p>&lt;script&gt;&amp;lt;</p>"


@pytest.mark.parametrize("text", [
    "w" * 1_000_000, "x\n" * 500_000, "a" + "\u0301" * 200_000, "https://a.example/ " * 60_000, "مرحبا " * 100_000,
    "> " * 200_000,
])
def test_no_text_stops_the_window(text: str, qtbot: QtBot) -> None:
    prose = Prose()
    qtbot.addWidget(prose)
    begun = time.process_time()
    prose.show_text(text)
    assert time.process_time() - begun + shown(prose) < PATIENCE
    assert "in its source" in prose.text()


def test_a_source_without_lines_or_of_nothing_else_is_shown_in_part() -> None:
    assert max(map(len, readable(b"w" * 900_000).split("\n"))) <= 2_000
    text = readable(b"x\n" * 400_000)
    assert text.count("\n") == MOST_LINES
    assert text.endswith("more bytes are not shown.")


def as_view(mail: IncomingMail, number: int) -> MessageView:
    files = tuple(Attachment(f"a{n}", f.name, f.mime, len(f.content), f.inline, f.content_id)
                  for n, f in enumerate(mail.attachments))
    return make_message(number, "pt", author=mail.author, subject=mail.subject, text=mail.text, html=mail.html,
                        attachments=files, problems=mail.problems, notes=mail.notes, survivors=())


class PictureInbox(FakeInbox):
    """Serves the pictures that a test gives it, by attachment id."""

    pictures: dict[str, bytes] = {}  # noqa: RUF012  one test, one dictionary

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        return attachment_id, "image/png", self.pictures[attachment_id]


@pytest.fixture
def files(lonely_bridge: Bridge, core_thread: CoreThread, world: World) -> Iterator[AttachmentFiles]:
    lonely_bridge.attach(replace(make_core(world), inbox=PictureInbox(world)), core_thread)
    window = QWidget()
    yield AttachmentFiles(lonely_bridge, window)
    window.deleteLater()


def bubble_of(message: MessageView, files: AttachmentFiles, qtbot: QtBot) -> Bubble:
    bubble = Bubble(Entry(message), files, FixedClock(NOW))
    qtbot.addWidget(bubble)
    return bubble


def test_generated_mails_are_drawn_as_text_and_as_they_were_laid_out(
    seed: int, files: AttachmentFiles, qtbot: QtBot, tmp_path: Path
) -> None:
    PictureInbox.pictures = {f"a{n}": b"no picture" for n in range(600)}
    with hostile.watched(tmp_path) as watch:
        for number in range(SAMPLE):
            bubble = bubble_of(as_view(parse(hostile.case(seed, number), received_at=NOW), number), files, qtbot)
            taken = shown(bubble)
            bubble.toggle_html()
            bubble.toggle_quoted()
            taken += shown(bubble)
            assert taken < PATIENCE, f"seed {seed}, case {number}"
            bubble.hide()
    assert [one for one in watch.outside if "dlopen" not in one] == [], f"seed {seed}"


def png(width: int, height: int, colour: str = "#ff0000") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def colours(bubble: Bubble) -> set[str]:
    drawn = bubble.grab().toImage()
    return {drawn.pixelColor(x, y).name() for x in range(0, drawn.width(), 5) for y in range(0, drawn.height(), 5)}


def test_a_mails_own_pictures_are_shown_and_a_bomb_beside_them_is_not(files: AttachmentFiles, qtbot: QtBot) -> None:
    bomb = hostile_seeds.png(100_000, 100_000)
    PictureInbox.pictures = {"good": png(120, 80), "bomb": bomb}
    named = (Attachment("good", "a.png", "image/png", 10, True, "pic one@x"),
             Attachment("bomb", "b.png", "image/png", len(bomb), True, "pic2@x"))
    html = '<p>see</p><img src="cid:pic%20one@x"><img src="cid:pic2@x"><img src="cid:none@x"><img src="/etc/x.png">'
    bubble = bubble_of(make_message(1, "pt", html=html, attachments=named), files, qtbot)
    bubble.resize(500, 400)
    bubble.show()
    assert "#ff0000" not in colours(bubble)
    bubble.toggle_html()
    qtbot.waitUntil(lambda: "#ff0000" in colours(bubble), timeout=5_000)


@pytest.mark.qt_log_ignore("JPEG", extend=True)
def test_pictures_are_judged_before_they_are_decoded() -> None:
    assert decode_inline(png(3_000, 300)).width() == WIDEST_INLINE
    for wrong, sentence in (
        (hostile_seeds.png(5_000, 5_000), "16 million"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a pict"),
        (b"", "not a picture"), (b"GIF89a", "not a picture"), (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"\xff\xd8\xff\xe0", "not a picture"), (b"RIFF\0\0\0\0WEBPVP8X" + b"\xff" * 40, "icture"),
        (b"BM" + b"\xff" * 60, "icture"),
    ):
        with pytest.raises(InputError, match=sentence):
            decode_inline(wrong)
    with pytest.raises(InputError, match="40 million"):
        decode(hostile_seeds.png(10_000, 10_000))


def test_what_is_wrong_and_what_was_left_out_is_said_in_words(files: AttachmentFiles, qtbot: QtBot) -> None:
    message = make_message(
        1, "pt", problems=("A link says bank.example but leads to evil.example.",),
        notes=("3 remote pictures were not loaded.",))
    bubble = bubble_of(message, files, qtbot)
    bubble.show()
    lines = [line for line in bubble.findChildren(StateLine) if not line.isHidden()]
    assert [line.text for line in lines] == list(message.problems)
    quiet = [label for label in bubble.findChildren(WrapLabel) if label.accessibleName() in message.notes]
    assert [label.text() for label in quiet] == list(message.notes)
    assert {label.accessibleName() for label in bubble.findChildren(WrapLabel)} >= {*message.problems, *message.notes}


def test_very_many_files_are_listed_when_asked_for(files: AttachmentFiles, qtbot: QtBot) -> None:
    many = tuple(Attachment(f"a{n}", f"file {n}.txt", "text/plain", 1) for n in range(500))
    bubble = bubble_of(make_message(1, "pt", attachments=many), files, qtbot)
    bubble.show()
    assert len(bubble.findChildren(AttachmentRow)) == MOST_FILES
    more = next(b for b in bubble.findChildren(QPushButton) if b.text() == "Show more of 480 other files")
    more.click()
    names = [row.findChild(ElidedLabel).full_text for row in bubble.findChildren(AttachmentRow)]  # type: ignore[union-attr]
    assert names == [f"file {n}.txt" for n in range(2 * MOST_FILES)]
    assert any(b.text() == "Show more of 460 other files" for b in bubble.findChildren(QPushButton))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://shop.example/x", "Leads to shop.example: https://shop.example/x"),
        ("https://раураl.com/x", "Careful: раураl.com is made to look like paypal.com. Leads to xn--l-7sba6dbr.com"),
        ("https://münchen.de/x", "Leads to münchen.de, which is xn--mnchen-3ya.de"),
        ("https://paypal.com@evil.example/", "Leads to evil.example"),
        ("https://paypa1.com/", "Careful: paypa1.com is made to look like paypal.com"),
        ("//evil.example/x", "stays closed"), ("javascript:alert(1)", "stays closed"),
    ],
)
def test_the_real_host_is_shown_before_a_link_opens(address: str, words: str, qtbot: QtBot) -> None:
    bar = LinkBar()
    qtbot.addWidget(bar)
    bar.show_link(address)
    assert words in bar.text


def test_what_never_ends_is_not_attached(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file"):
        read_bounded(Path("/dev/zero"))
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(InputError, match="larger than 25 MB"):
        read_bounded(large)
