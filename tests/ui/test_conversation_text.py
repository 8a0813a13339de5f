"""Buyers' text is harmless and in its own direction; addresses, names and pictures from outside are bounded."""

from __future__ import annotations

import struct
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage, QTextCharFormat, QTextDocument
from pytestqt.qtbot import QtBot

from ui.conversation import delivery, words
from ui.conversation.html_view import SafeHtml
from ui.conversation.link_bar import LinkBar
from ui.conversation.pictures import CLOSEST, PictureView, decode
from ui.conversation.texts import is_rtl, rich, safe_name, safe_target
from ui.conversation.windows import readable
from workstation.domain import wording
from workstation.domain.conversation import Delivery
from workstation.kernel.errors import InputError

NOW = 1_795_298_400_000


def test_markup_in_a_message_is_only_letters() -> None:
    shown = rich("<img src=x onerror=1> & <b>bold</b>")
    assert "<img" not in shown
    assert "<b>" not in shown
    document = QTextDocument()
    document.setHtml(shown)
    assert document.toPlainText() == "<img src=x onerror=1> & <b>bold</b>"


def test_what_must_survive_is_underlined_with_dots() -> None:
    document = QTextDocument()
    document.setHtml(rich("Order 702-1 costs R$ 5,00 today", ("702-1", "R$ 5,00")))
    dotted = []
    pieces = document.begin().begin()
    while not pieces.atEnd():
        fragment = pieces.fragment()
        if fragment.charFormat().underlineStyle() == QTextCharFormat.UnderlineStyle.DotLine:
            dotted.append(fragment.text())
        pieces += 1
    assert dotted == ["702-1", "R$ 5,00"]


def test_each_line_runs_in_its_own_direction() -> None:
    shown = rich("مرحبا 702\nHello مرحبا")
    first, second = shown.split("</p>")[:2]
    assert 'dir="rtl"' in first
    assert 'dir="rtl"' not in second
    assert is_rtl("123 שלום")
    assert not is_rtl("123 hello שלום")


@pytest.mark.parametrize(("address", "expected"), [
    ("https://example.test/a?b=1", "https://example.test/a?b=1"),
    ("HTTP://Example.test", "http://Example.test"),
    ("mailto:ana@example.test", "mailto:ana@example.test"),
    ("https://пример.example.test/", "https://xn--e1afmkfd.example.test/"),
    ("javascript:alert(1)", ""),
    ("file:///etc/passwd", ""),
    ("data:text/html,x", ""),
    ("https://", ""),
    ("https://example.test/\u202egpj.exe", ""),
    ("https://[broken", ""),
])
def test_only_web_and_mail_addresses_can_be_opened(address: str, expected: str) -> None:
    assert safe_target(address) == expected


@pytest.mark.parametrize(("name", "expected"), [
    ("../../etc/passwd", "passwd"), ("C:\\temp\\a.exe", "a.exe"), ("...", "file"), (".hidden", "hidden"),
    ("photo\u202egpj.exe", "photogpj.exe"), ("a:b?.txt", "ab.txt"), ("", "file"),
])
def test_file_names_lose_folders_and_tricks(name: str, expected: str) -> None:
    assert safe_name(name) == expected


def test_a_link_says_its_real_host_before_it_opens(qtbot: QtBot) -> None:
    bar = LinkBar()
    qtbot.addWidget(bar)
    bar.show_link("https://paypal.example.test@evil.example.test/login")
    assert bar.text.startswith("Leads to evil.example.test")
    bar.show_link("javascript:alert(1)")
    assert bar.target == ""
    assert bar._open.isHidden()


class _Counter(BaseHTTPRequestHandler):
    hits = 0

    def do_GET(self) -> None:
        type(self).hits += 1
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        return


@pytest.fixture
def counting_server() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Counter)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    _Counter.hits = 0
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_html_fetches_nothing_from_network_disk_or_itself(qtbot: QtBot, counting_server: str, tmp_path: Path) -> None:
    red = QImage(60, 60, QImage.Format.Format_RGB32)
    red.fill(QColor("#ff0000"))
    path = tmp_path / "red.png"
    assert red.save(str(path))
    inline = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    view = SafeHtml()
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show_html(
        f"<link rel=stylesheet href='{counting_server}/a.css'><style>@import url({counting_server}/b.css);"
        f"body {{ background: url({counting_server}/c.png) }}</style><img src='{counting_server}/d.png'>"
        f"<img src='{path.as_uri()}' width=60 height=60><img src='{path}' width=60 height=60>"
        f"<img src='data:image/png;base64,{inline}' width=60 height=60><p>hello</p>")
    qtbot.wait(100)
    shown = view.grab().toImage()
    colours = {shown.pixelColor(x, y).name() for x in range(0, 400, 4) for y in range(0, view.height(), 4)}
    assert _Counter.hits == 0
    assert "#ff0000" not in colours
    assert "hello" in view.toPlainText()


def _png(width: int, height: int) -> bytes:
    """A PNG whose header promises this size and whose body holds almost nothing."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 99))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def test_pictures_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(InputError, match="40 million"):
        decode(_png(100_000, 100_000))
    with pytest.raises(InputError, match="20 MB"):
        decode(b"x" * (20 * 1024 * 1024 + 1))
    with pytest.raises(InputError, match="not a picture"):
        decode(b"<html>")
    assert decode(_png(3, 1)).width() == 3


def test_a_picture_zooms_to_five_times_and_no_closer(qtbot: QtBot) -> None:
    view = PictureView()
    qtbot.addWidget(view)
    view.resize(300, 300)
    image = QImage(50, 50, QImage.Format.Format_RGB32)
    image.fill(QColor("navy"))
    view.show_image(image, "label")
    assert view.zoom == 1.0
    for _press in range(20):
        view.zoom_by(1.25)
    assert view.zoom == pytest.approx(CLOSEST)
    view.fit()
    assert view.zoom == 1.0


def test_delivery_is_told_with_shape_word_and_action() -> None:
    marks = {state: delivery.told(state) for state in Delivery}
    assert len({(told.mark, told.word) for told in marks.values()}) == len(Delivery)
    assert marks[Delivery.UNKNOWN].action == "look"
    assert delivery.sentence(Delivery.HELD, "", NOW + 11_200, NOW) == "Sending in 12 s"
    assert delivery.sentence(Delivery.FAILED, "mailbox full", None, NOW) == "Not sent: mailbox full"
    assert delivery.seconds_left(NOW - 5, NOW) == 0


def test_times_and_languages_are_told_in_words() -> None:
    assert words.pair("pt", "en") == "pt → en"
    assert words.pair_names("ja", "en") == "Japanese → English"
    assert wording.language_name("??") == "??"
    assert "UTC" in words.full_time(NOW)
    assert len(words.local_time(NOW, NOW)) == 5


def test_a_source_that_is_not_utf8_is_still_read() -> None:
    assert readable("olá".encode("latin-1")) == "olá"
    assert readable(b"x" * 1_000_001).endswith("… 1 more byte is not shown.")
