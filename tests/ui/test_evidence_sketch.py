"""Changes before they are kept: whatever the keys do they stay in the picture; and what is drawn is what is sealed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from tests.support.evidence import pixels
from ui.evidence import family, words
from ui.evidence.drawing import bounds
from ui.evidence.painter import QtPainter
from ui.evidence.sketch import Sketch, Tool
from workstation.evidence import operations
from workstation.evidence.deriving import make
from workstation.evidence.model import (
    Arrow,
    Box,
    Kind,
    Mark,
    Number,
    Operation,
    Picture,
    RecordView,
    Rect,
    Redact,
    Words,
)
from workstation.evidence.png import encode
from workstation.evidence.redacting import covered

STEPS = st.lists(st.tuples(
    st.sampled_from(["move", "resize", "place", "cancel", "remove", "undo", "redo", "next", "drag", *Tool]),
    st.integers(-900, 900), st.integers(-900, 900)), max_size=25)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 700), st.integers(1, 500), STEPS)
def test_whatever_is_done_lies_in_the_picture(width: int, height: int, steps: list[tuple[str, int, int]]) -> None:
    sketch = Sketch(width, height)
    for step, x, y in steps:
        if step in ("move", "resize"):
            getattr(sketch, step)(x, y)
        elif step == "next":
            sketch.pick(1 if x > 0 else -1)
        elif step == "drag":
            sketch.drag(list(Tool)[x % 6], (x, y), (y, x), "word")
        elif step in list(Tool):
            sketch.begin(Tool(step), Rect(0, 0, width, height), "word")
        else:
            getattr(sketch, step)()
        for one in (*sketch.done, *([sketch.draft] if sketch.draft else [])):
            operations.checked((one,), width, height)
    assert sum(type(one).__name__ == "Crop" for one in sketch.done) <= 1


def test_undo_goes_back_to_nothing_and_redo_to_all_of_it() -> None:
    sketch = Sketch(100, 100)
    for tool in Tool:
        sketch.begin(tool, Rect(0, 0, 100, 100), "word")
        assert sketch.place()
    done = sketch.done
    while sketch.undo():
        pass
    assert sketch.done == ()
    while sketch.redo():
        pass
    assert sketch.done == done


def test_what_was_taken_in_hand_again_and_let_go_is_where_it_was() -> None:
    sketch = Sketch(100, 100)
    for _one in range(2):
        sketch.begin(Tool.NUMBER, Rect(0, 0, 100, 100))
        sketch.place()
    done = sketch.done
    assert sketch.pick(1)
    assert sketch.shown == done[1:]
    sketch.move(5, 5)
    sketch.cancel()
    assert sketch.shown == done
    sketch.begin(Tool.BOX, Rect(0, 0, 100, 100))
    assert sketch.place()
    assert sketch.done[:2] == done
    assert len(sketch.done) == 3


MARKS: list[Mark] = [
    Arrow(20, 20, 90, 60), Box(Rect(10, 10, 50, 30)), Number(60, 50, 12), Words(20, 30, "Delivered to the address"),
    Words(5, 5, "包裹已送达,收件人本人签收"), Words(5, 5, "تم تسليم الطرد إلى العنوان"),
]


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: type(mark).__name__)
def test_a_mark_changes_what_it_covers_and_nothing_else(mark: Mark, qapp: object) -> None:
    before = Picture(320, 160, pixels(320, 160))
    after = QtPainter().paint(before, [mark])
    assert set(after.rgba[3::4]) == {255}
    area = bounds(mark, 320).adjusted(-3, -3, 3, 3)
    changed = [(at % 320, at // 320) for at in range(320 * 160) if before.rgba[at * 4:at * 4 + 4]
               != after.rgba[at * 4:at * 4 + 4]]
    assert len(changed) > 40
    assert all(area.contains(x, y) for x, y in changed)


def test_the_copy_is_drawn_by_the_strokes_of_the_screen_and_never_shows_what_is_hidden(qapp: object) -> None:
    width, height, box = 320, 160, Rect(30, 30, 80, 40)
    done: list[Operation] = [MARKS[0], Redact(box), MARKS[2], MARKS[3]]
    outcomes = set()
    for seed in (1, 9):
        rgba = bytearray(pixels(width, height))
        for y in range(box.y, box.y + box.height):
            at = (y * width + box.x) * 4
            rgba[at:at + box.width * 4] = bytes((seed * 7, 255 - seed, seed, 255)) * box.width
        made = make(encode(width, height, rgba), done, QtPainter()).picture
        outcomes.add(encode(made.width, made.height, made.rgba))
    assert len(outcomes) == 1
    under = make(encode(width, height, pixels(width, height)), [*MARKS, Redact(box)], QtPainter()).picture
    assert covered(under, [box])


def test_long_words_are_wrapped_inside_the_picture(qapp: object) -> None:
    area = bounds(Words(200, 10, "a long explanation of what can be seen " * 3, 12), 320)
    assert area.right() <= 321
    assert area.height() > 60


def test_a_picture_keeps_its_pixels_on_the_way_to_the_screen(qapp: object) -> None:
    from ui.evidence.painter import to_image

    image = to_image(Picture(9, 5, pixels(9, 5)))
    assert bytes(image.convertToFormat(QImage.Format.Format_RGBA8888).constBits()) == pixels(9, 5)


def test_copies_stand_below_their_originals_and_say_what_they_are() -> None:
    first = RecordView("a", "c", Kind.CAPTURE, "Orders", 1, 1, "ab", 1, "image/png", True, False, False, 9, 9)
    second = replace(first, id="b", sequence=2)
    redacted = replace(first, id="x", sequence=3, kind=Kind.DERIVED, derived_from="a", title="Redacted copy",
                       operations=("redact 0,0,1,1",))
    named = replace(redacted, id="y", sequence=4, derived_from="x", title="Orders",
                    operations=("redact 0,0,1,1", "arrow 0,0,1,1 #d4002a 4"))
    lost = replace(redacted, id="z", sequence=5, derived_from="elsewhere")
    loop = replace(redacted, id="l", sequence=6, derived_from="l")
    newest_first = [loop, lost, named, redacted, second, first]
    assert [one.id for one in family.arranged(newest_first)] == ["z", "b", "a", "x", "y", "l"]
    assert [family.title(one) for one in (first, redacted, named)] == [
        "Orders", "↳ Redacted copy", "↳ Orders · redacted and annotated copy"]
    assert words.line(redacted, 1).startswith("↳ Redacted copy\n")
    assert words.marks(replace(redacted, real_screen=False))[0] == "▮ not a real screen"
