"""The viewer's screens: a record, marking it, a copy that was sealed, two beside each other, a text, a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from tests.support.fakecore import NOW
from tests.support.fakecore_viewer import copy_of
from tests.support.stage import Stage
from ui.evidence.sketch import Tool
from ui.evidence.viewer import RecordWindow
from workstation.evidence.model import Kind, RecordView, Rect
from workstation.evidence.reading.model import FoundNumber, Line, PictureText, State

FIRST = RecordView("r1", "pt", Kind.CAPTURE, "Track a parcel", NOW, 7, "ab" * 32, 1_234, "image/png", True, True, True,
                   640, 400)
SECOND = replace(FIRST, id="r2", sequence=8, sha256="ac" * 32)
COPY = copy_of(FIRST, 9, "redact 40,40,200,60", "arrow 10,10,60,60 #d4002a 4")
REPLY = replace(FIRST, id="r4", kind=Kind.REPLY, title="Reply as sent", mime="message/rfc822", width=0, height=0)
READ = PictureText(
    "r1", State.READ, "Order 702-1234567-1234567\nLX473124829CN\nDelivered on 18 November", (
        Line(Rect(40, 40, 360, 30), "Order 702-1234567-1234567", 0.99),
        Line(Rect(40, 90, 220, 30), "LX473124829CN", 0.98),
        Line(Rect(40, 140, 320, 30), "Delivered on 18 November", 0.97), Line(Rect(40, 200, 300, 30), "", 0.3)),
    (FoundNumber("order", "702-1234567-1234567", "amazon", known=True), FoundNumber("tracking", "LX473124829CN")), 1)
VIDEO = replace(FIRST, id="r5", kind=Kind.FILE, title="broken.mp4", mime="video/mp4", width=0, height=0)


def _opened(stage: Stage, record: RecordView) -> RecordWindow:
    stage.world.records = [FIRST, SECOND, COPY, REPLY, VIDEO]
    stage.attach()
    window = stage.show(RecordWindow(stage.bridge, record))
    stage.until(lambda: window.presenter.seen is not None and len(window.presenter.records) == 5)
    return window


def record(stage: Stage) -> QWidget:
    return _opened(stage, FIRST)


class _Read:
    """What was read in the first record, and in no other."""

    async def of(self, source: str) -> PictureText | None:
        return READ if source == READ.source else None


def words(stage: Stage) -> QWidget:
    """The words that were read are framed on the picture; the order's number has the focus."""
    stage.parts = lambda _world: {"reading": _Read()}
    window = _opened(stage, FIRST)
    stage.until(lambda: len(window.read.numbers) == 2)
    window.found.toggle()
    window.read.numbers[0].setFocus()
    return window


def copy(stage: Stage) -> QWidget:
    return _opened(stage, COPY)


def marking(stage: Stage) -> QWidget:
    """A box is placed, an arrow in hand."""
    window = _opened(stage, FIRST)
    window.mark(Tool.REDACT)
    window.marks.sketch.place()
    window.marks.choose(Tool.ARROW)
    return window


def compared(stage: Stage) -> QWidget:
    window = _opened(stage, FIRST)
    window.compare_with(SECOND)
    stage.until(lambda: window.page is window.compare)
    return window


def reply(stage: Stage) -> QWidget:
    return _opened(stage, REPLY)


def file(stage: Stage) -> QWidget:
    return _opened(stage, VIDEO)


VIEWER: dict[str, Callable[[Stage], QWidget]] = {
    "record": record, "record-words": words, "record-copy": copy, "record-marking": marking,
    "record-compared": compared, "record-reply": reply, "record-file": file,
}
