"""Copies: nothing hidden is in any byte of them, the original stays, and the record says what was done and no more."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.evidence import CASE, Bench, make_grab, payload_of, pixels, small_case
from workstation.evidence import deriving, imaging, lineage, operations, png, repo
from workstation.evidence.model import (
    Arrow,
    Box,
    Crop,
    DeriveRequest,
    Grab,
    Mark,
    Number,
    Operation,
    Picture,
    Rect,
    Redact,
    Words,
)
from workstation.evidence.redacting import covered, redact
from workstation.kernel.errors import InputError, Unsupported


class Pen:
    """A painter that writes over the pixels where marks begin, and remembers what it was shown."""

    name = "pen 1"

    def __init__(self) -> None:
        self.seen: list[Picture] = []

    def paint(self, picture: Picture, marks: Sequence[Mark]) -> Picture:
        self.seen.append(picture)
        drawn = bytearray(picture.rgba)
        for mark in marks:
            x, y = (mark.x1, mark.y1) if isinstance(mark, Arrow) else (
                (mark.rect.x, mark.rect.y) if isinstance(mark, Box) else (mark.x, mark.y))
            at = (y * picture.width + x) * 4
            drawn[at:at + 4] = b"\xd4\x00\x2a\x00"
        return Picture(picture.width, picture.height, drawn)


def shot(width: int, height: int, rgba: bytes) -> bytes:
    return png.encode(width, height, rgba)


def rgba(content: bytes) -> tuple[tuple[int, int], bytes]:
    with Image.open(io.BytesIO(content)) as image:
        return image.size, image.convert("RGBA").tobytes()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_originals_that_differ_only_inside_the_boxes_give_the_same_bytes(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(2, 700)), data.draw(st.integers(2, 60))
    boxes = []
    for _one in range(data.draw(st.integers(1, 3))):
        x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
        boxes.append(Rect(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))))
    first = bytearray(pixels(width, height))
    second = bytearray(first)
    noise = data.draw(st.randoms(use_true_random=False))
    for box in boxes:
        for row in range(box.y, box.y + box.height):
            at = (row * width + box.x) * 4
            second[at:at + box.width * 4] = noise.randbytes(box.width * 4)   # transparency too
    done: list[Operation] = [Redact(box) for box in boxes]
    place = data.draw(st.integers(0, len(done)))
    done.insert(place, Number(width // 2, height // 2, 3, 8))
    made = [deriving.make(shot(width, height, bytes(each)), done, Pen()).picture for each in (first, second)]
    small = [imaging.thumbnail(picture) for picture in made]
    assert len({png.encode(one.width, one.height, one.rgba) for one in made}) == 1
    assert len({png.encode(one.width, one.height, one.rgba) for one in small}) == 1
    assert set(made[0].rgba[3::4]) == {255}
    assert place or covered(made[0], boxes[1:]) or len(boxes) == 1


def test_who_draws_never_sees_what_is_hidden_and_a_later_box_covers_what_was_drawn() -> None:
    box, pen = Rect(4, 4, 10, 6), Pen()
    content = shot(40, 20, pixels(40, 20))
    marks: list[Operation] = [Words(5, 5, "Ana Souza", 8), Redact(box), Arrow(1, 1, 30, 10), Redact(Rect(0, 0, 2, 2))]
    made = deriving.make(content, marks, pen).picture
    assert all(covered(seen, [box, Rect(0, 0, 2, 2)]) for seen in pen.seen)
    assert covered(made, [box, Rect(0, 0, 2, 2)])
    above = deriving.make(content, [Redact(box), Words(5, 5, "address", 8)], Pen()).picture
    assert not covered(above, [box]), "a word over the box is allowed: it was drawn on black"


def test_redacting_touches_nothing_outside_its_boxes() -> None:
    before = Picture(30, 20, pixels(30, 20))
    after = redact(before, [Rect(28, 0, 2, 20), Rect(0, 19, 30, 1)])
    hidden = {(x, y) for y in range(20) for x in range(30) if x >= 28 or y == 19}
    for y in range(20):
        for x in range(30):
            at = (y * 30 + x) * 4
            expected = b"\0\0\0\xff" if (x, y) in hidden else before.rgba[at:at + 4]
            assert bytes(after.rgba[at:at + 4]) == expected


async def test_a_copy_is_a_sealed_record_and_the_original_stays(made: Bench) -> None:
    original = await made.service.capture(made.request(url="https://shop.example/ana"))
    before = await made.service.open(original.id)
    made.clock.advance(60_000)
    copy = await made.service.derive(DeriveRequest(
        original.id, (Redact(Rect(8, 8, 20, 10)), Crop(Rect(4, 4, 40, 30))), purpose="for the claim"))
    said, private = await _said(made, copy.id)
    stored = {row.id: row for row in await made.database.read(repo.of_case)}
    assert (said["kind"], said["case"], said["what"]) == ("derived", CASE, {"scope": "copy"})
    assert said["lineage"] == {
        "derived_from": [original.id], "operations": ["redact 8,8,20,10", "crop 4,4,40,30"],
        "sources": [{"id": original.id, "record_sha256": stored[original.id].record_hash}],
    }
    assert private == {"operator", "os_user", "purpose"}, "no window title and no address of the original"
    size, shown = rgba(await made.service.open(copy.id))
    whole = redact(Picture(64, 48, pixels(64, 48)), [Rect(8, 8, 20, 10)])
    rows = [bytes(whole.rgba[(y * 64 + 4) * 4:(y * 64 + 44) * 4]) for y in range(4, 34)]
    assert (size, shown) == ((40, 30), b"".join(rows))
    assert await made.service.open(original.id) == before
    assert (copy.derived_from, copy.operations, copy.title) == (original.id, tuple(said["lineage"]["operations"]),
                                                               "Redacted copy")
    assert (await made.service.verify()).findings == ()


async def _said(made: Bench, record_id: str) -> tuple[dict[str, object], set[str]]:
    row = await made.database.read(lambda conn: repo.get(conn, record_id))
    said = payload_of(row.envelope)
    names = said["private"]
    assert isinstance(names, dict)
    return said, set(names)


async def test_two_captures_that_differ_in_the_box_seal_the_same_file_and_thumbnail(made: Bench) -> None:
    copies = []
    for secret in (b"\x11", b"\xee"):
        grab = make_grab(700, 90)
        changed = bytearray(grab.rgba)
        for row in range(20, 60):
            changed[(row * 700 + 100) * 4:(row * 700 + 400) * 4] = (secret * 3 + b"\xff") * 300
        made.screen.picture = Grab(**{name: getattr(grab, name) for name in Grab.__slots__} | {"rgba": bytes(changed)})
        original = await made.service.capture(made.request())
        copies.append(await made.service.derive(DeriveRequest(original.id, (Redact(Rect(100, 20, 300, 40)),))))
    files = [await made.service.open(copy.id) for copy in copies]
    thumbnails = [await made.service.thumbnail(copy.id) for copy in copies]
    assert files[0] == files[1]
    assert thumbnails[0] == thumbnails[1]
    assert copies[0].sha256 == copies[1].sha256


async def test_words_of_marks_lie_beside_the_record_and_those_under_a_later_box_nowhere(made: Bench) -> None:
    original = await made.service.capture(made.request())
    copy = await made.service.derive(DeriveRequest(original.id, (
        Words(2, 2, "Ana Souza, 11 99999", 8), Redact(Rect(0, 0, 60, 20)), Words(2, 30, "paid 2 March", 8),
    )), Pen())
    row = await made.database.read(lambda conn: repo.get(conn, copy.id))
    fields = (await made.database.read(lambda conn: repo.private(conn, [copy.id])))[copy.id]
    said = payload_of(row.envelope)
    lineage_said = said["lineage"]
    assert isinstance(lineage_said, dict)
    assert lineage_said["operations"] == [
        "text 2,2 #d4002a 8 -", "redact 0,0,60,20", "text 2,30 #d4002a 8 annotation_1"]
    assert {one.name: one.value for one in fields}["annotation_1"] == "paid 2 March"
    everything = json.dumps(said) + "".join(one.value for one in fields)
    assert "Souza" not in everything
    assert "99999" not in everything
    assert said["how"]["painter"] == "pen 1"  # type: ignore[index]


async def test_the_title_goes_along_only_when_it_is_asked_for(made: Bench) -> None:
    original = await made.service.capture(made.request())
    kept = await made.service.derive(DeriveRequest(original.id, (Redact(Rect(0, 0, 4, 4)),), keep_title=True))
    fields = (await made.database.read(lambda conn: repo.private(conn, [kept.id])))[kept.id]
    assert {one.name: one.value for one in fields}["window_title"] == "Orders <of> Ana"


async def test_family_is_found_in_both_directions(made: Bench) -> None:
    ids = await small_case(made)
    first = await made.service.derive(DeriveRequest(ids[0], (Redact(Rect(0, 0, 4, 4)),)))
    second = await made.service.derive(DeriveRequest(first.id, (Box(Rect(9, 9, 9, 9)),)), Pen())
    down, up = await made.service.details(ids[0]), await made.service.details(second.id)
    assert [one.id for one in down.lineage.copies] == [first.id]
    assert [one.id for one in up.lineage.originals] == [first.id, ids[0]]
    assert (up.lineage.copies, up.lineage.missing, up.record.title) == ((), "", "Annotated copy")
    assert dict(up.private)["operator"] == "Li Wei"
    assert json.loads(up.statement)["id"] == second.id


@pytest.mark.parametrize("bad", [
    (), (Redact(Rect(0, 0, 65, 1)),), (Redact(Rect(-1, 0, 4, 4)),), (Redact(Rect(3, 3, 0, 4)),),
    (Crop(Rect(0, 0, 9, 9)), Crop(Rect(0, 0, 8, 8))), (Arrow(0, 0, 64, 2),), (Words(1, 1, ""),),
    (Words(1, 1, "x" * 501),), (Number(1, 1, 10_000),), (Box(Rect(0, 0, 5, 5), 0),),
    (Box(Rect(0, 0, 5, 5), 2, "red"),), (Redact(Rect(0, 0, 1, 1)),) * 201,
])
async def test_what_does_not_lie_in_the_picture_is_refused_and_nothing_kept(
    made: Bench, bad: tuple[Operation, ...]
) -> None:
    original = await made.service.capture(made.request())
    with pytest.raises(InputError):
        await made.service.derive(DeriveRequest(original.id, bad), Pen())
    assert len(await made.service.list()) == 1


async def test_marks_need_somebody_who_draws(made: Bench) -> None:
    original = await made.service.capture(made.request())
    with pytest.raises(Unsupported):
        await made.service.derive(DeriveRequest(original.id, (Number(5, 5, 1),)))


async def test_a_reply_is_no_picture_to_redact(made: Bench) -> None:
    ids = await small_case(made)
    with pytest.raises(InputError, match="not a picture"):
        await made.service.derive(DeriveRequest(ids[2], (Redact(Rect(0, 0, 1, 1)),)))


def test_every_line_that_is_written_is_in_the_grammar_and_others_are_not() -> None:
    done = (Redact(Rect(0, 1, 2, 3)), Arrow(1, 2, 3, 4), Box(Rect(1, 1, 2, 2)), Words(1, 2, "a"), Number(3, 4, 5),
            Crop(Rect(0, 0, 9, 9)))
    lines = operations.told(done, 6).lines
    assert all(map(operations.known, lines))
    assert lines[0] == "orient 6"
    assert lineage.verbs(lines) == {"orient", "redact", "arrow", "box", "text", "number", "crop"}
    assert not any(map(operations.known, ("", "redact", "redact 1,2,3", "orient 1", "blur 0,0,4,4",
                                          "redact 0,0,4,4 Ana", "text 1,2 #d4002a 24 Ana", "redact -1,0,4,4")))
    assert operations.size_after(lines, 20, 30) == (9, 9)
    assert operations.size_after(lines[:1], 20, 30) == (30, 20)
