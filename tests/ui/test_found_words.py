"""Words that were read, framed on the picture: on demand, numbers as links, and the order itself beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.support.fakecase import QUIET_PLATFORM
from tests.support.fakecore import NOW, FakeOrders, World
from tests.support.fakecore_rest import make_core
from tests.ui.test_read_text import FakeReading
from ui import a11y
from ui.bridge import Bridge
from ui.evidence.canvas import Canvas, levels
from ui.evidence.found_words import FoundWords
from ui.evidence.marking import MarkBar
from ui.evidence.read_text import ReadText
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.evidence.model import Kind, RecordView, Rect
from workstation.evidence.reading.model import FoundNumber, Line, PictureText, State
from workstation.runtime.thread import CoreThread

pytestmark = QUIET_PLATFORM
NUMBER = "702-5512873-9046218"
RECORD = RecordView("r1", "c1", Kind.CAPTURE, "Screen 1", NOW, 1, "ab" * 32, 1_234, "image/png", True, False, True)
READ = PictureText(
    "r1", State.READ, f"Order {NUMBER}\nLX473124829CN", (
        Line(Rect(20, 20, 200, 20), f"Order {NUMBER}", 0.99), Line(Rect(20, 60, 160, 20), "LX 4731 2482 9CN", 0.98),
        Line(Rect(20, 100, 160, 20), "plain words", 0.98), Line(Rect(20, 140, 160, 20), "", 0.2)),
    (FoundNumber("order", NUMBER, "amazon", known=True), FoundNumber("tracking", "LX473124829CN")), unread=1)
ORDER = Order("o1", OrderRef("amazon", "Amazon.com.br", NUMBER), "Mariana Duarte", "", NOW, None, "BR", (), NOW, None,
              None, "LX473124829CN", "china-post", "", "Shipped", "orders.tsv", NOW)


class Orders(FakeOrders):
    async def find(self, order_id: str) -> tuple[Order, ...]:
        return (ORDER,) if order_id == NUMBER else ()

    async def parcel(self, ref: OrderRef) -> Parcel | None:
        return Parcel("LX473124829CN", "china-post")


@dataclass
class Bench:
    window: QWidget
    canvas: Canvas
    marks: MarkBar
    read: ReadText
    found: FoundWords
    searched: list[str]
    bot: QtBot

    def click(self, x: int, y: int) -> None:
        """On a pixel of the picture, which is shown at its own size in the middle."""
        corner = self.canvas._corner()
        place = QPoint(round(corner.x() + x * self.canvas.scale), round(corner.y() + y * self.canvas.scale))
        QTest.mouseClick(self.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def colours(self) -> int:
        """How many colours are on the canvas: one and the ground's without frames."""
        image = self.canvas.viewport().grab().toImage()
        return len({image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)})


@pytest.fixture
def here(lonely_bridge: Bridge, core_thread: CoreThread, world: World, qtbot: QtBot) -> Bench:
    reading = FakeReading(told={"r1": READ})
    lonely_bridge.attach(replace(make_core(world), reading=reading, orders=Orders(world)), core_thread)
    window = QWidget()
    qtbot.addWidget(window)
    canvas, read = Canvas(window), ReadText(lonely_bridge, window)
    canvas.setGeometry(0, 0, 420, 320)
    read.move(430, 0)
    marks = MarkBar(canvas)
    qtbot.addWidget(marks)
    found = FoundWords(canvas, read, marks)
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    canvas.show_levels(levels(image), "Screen 1")
    window.resize(800, 340)
    window.show()
    searched: list[str] = []
    lonely_bridge.search_wanted.connect(searched.append)
    read.show_record(RECORD)
    made = Bench(window, canvas, marks, read, found, searched, qtbot)
    qtbot.waitUntil(lambda: len(read.numbers) == 2, timeout=8_000)
    return made


def test_frames_come_and_go_with_one_key_and_say_what_they_are(here: Bench) -> None:
    before = here.colours()
    assert [kind for _rect, kind in here.found.frames()] == ["number", "number", "read", "unread"]
    here.found.toggle()
    assert here.read.words.isChecked()
    assert here.colours() > before
    here.read.words.click()
    assert (here.found.on, here.colours()) == (False, before)


def test_a_number_on_the_picture_is_a_link_and_other_words_are_none(here: Bench) -> None:
    here.click(30, 65)
    assert here.searched == [], "nothing is a link that is not shown"
    here.found.toggle()
    here.click(30, 105)
    assert here.searched == []
    here.click(30, 65)
    assert here.searched == ['parcel:"LX473124829CN"']


def test_a_known_order_is_opened_beside_the_picture_and_leads_on(here: Bench) -> None:
    here.found.toggle()
    here.click(30, 25)
    sheet = here.read.order
    assert sheet is not None
    here.bot.waitUntil(lambda: "Mariana Duarte" in sheet.text, timeout=8_000)
    assert "china-post" in sheet.text
    assert here.searched == []
    assert a11y.unnamed(sheet) == []
    QTest.keyClick(sheet.conversations, Qt.Key.Key_Space)
    assert here.searched == [f'order:"{NUMBER}"']


def test_the_number_whose_button_has_the_focus_is_pointed_at(here: Bench) -> None:
    here.found.toggle()
    here.window.activateWindow()
    here.read.numbers[1].setFocus()
    here.bot.waitUntil(lambda: here.found.pointed == READ.numbers[1], timeout=8_000)
    here.read.copy.setFocus()
    here.bot.waitUntil(lambda: here.found.pointed is None, timeout=8_000)


def test_while_something_is_marked_the_frames_rest_and_come_back(here: Bench) -> None:
    here.found.toggle()
    here.marks.begin()
    assert here.canvas.over == here.marks.paint
    here.click(30, 65)
    assert here.searched == []
    here.marks.end()
    assert here.canvas.over == here.found._paint
