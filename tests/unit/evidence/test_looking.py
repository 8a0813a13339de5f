"""What the viewer is told: a picture decoded or a text readable, all a record says, and what differs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support.evidence import CASE, Bench, make_grab, pixels, small_case
from workstation.evidence import differing, operations, repo, showing
from workstation.evidence.model import Crop, DeriveRequest, Handed, Kind, Picture, Rect, Redact
from workstation.evidence.sealer import Entry, Prepared
from workstation.kernel.errors import InputError, NotFound


async def test_a_look_decodes_the_picture_and_is_on_record(made: Bench) -> None:
    ids = await small_case(made)
    look = await made.service.look(ids[0])
    assert look.picture == Picture(64, 48, pixels(64, 48))
    assert (look.record.id, look.text, look.trouble) == (ids[0], "", "")
    custody = await made.service.list(CASE, custody=True)
    assert [one.kind for one in custody][-1] == "view"


async def test_a_reply_is_readable_and_its_bytes_are_as_sealed(made: Bench) -> None:
    ids = await small_case(made)
    look = await made.service.look(ids[2])
    assert look.text == "Subject: Hello\n\nBody"
    assert look.content == b"Subject: Hello\r\n\r\nBody"
    assert look.picture is None


async def test_details_name_what_was_erased_and_what_is_missing(made: Bench) -> None:
    ids = await small_case(made)
    await made.sql("delete from evidence_private where record_id = ? and name = 'purpose'", ids[0])
    details = await made.service.details(ids[0])
    assert details.erased == ("purpose",)
    assert "window_title" in dict(details.private)
    copy = await made.service.derive(DeriveRequest(ids[0], (Redact(Rect(1, 1, 5, 5)),)))
    await made.sql("delete from evidence_record where id = ?", ids[0])
    assert (await made.service.details(copy.id)).lineage.missing == ids[0]
    with pytest.raises(NotFound):
        await made.service.details(ids[0])


async def test_two_captures_are_compared(made: Bench) -> None:
    first = await made.service.capture(made.request())
    same = await made.service.compare(first.id, first.id)
    assert (same.same, same.regions) == (True, ())
    copy = await made.service.derive(DeriveRequest(first.id, (Redact(Rect(10, 10, 6, 6)),)))
    found = await made.service.compare(first.id, copy.id)
    assert found.pixels == 36
    assert found.same_size
    made.screen.picture = make_grab(80, 40)
    other = await made.service.capture(made.request())
    wider = await made.service.compare(first.id, other.id)
    assert (wider.one, wider.other, wider.same_size, wider.same) == ((64, 48), (80, 40), False, False)
    assert wider.pixels == 0
    ids = await small_case(made)
    with pytest.raises(InputError):
        await made.service.compare(first.id, ids[2])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 150), st.integers(1, 90), st.sets(st.tuples(st.integers(0, 149), st.integers(0, 89)), max_size=9))
def test_every_pixel_that_differs_is_counted_and_lies_in_a_region(
    width: int, height: int, places: set[tuple[int, int]]
) -> None:
    one, other = Picture(width, height, pixels(width, height)), bytearray(pixels(width, height))
    inside = {(x, y) for x, y in places if x < width and y < height}
    for x, y in inside:
        other[(y * width + x) * 4 + 1] ^= 1
    found = differing.difference(one, Picture(width, height, other))
    assert found.pixels == len(inside)
    assert all(any(r.x <= x < r.x + r.width and r.y <= y < r.y + r.height for r in found.regions) for x, y in inside)
    assert bool(found.regions) == bool(inside)
    assert all(r.x + r.width <= width and r.y + r.height <= height for r in found.regions)


def test_a_picture_full_of_changes_is_told_in_few_regions() -> None:
    width, height = 900, 600
    other = bytearray(pixels(width, height))
    for y in range(0, height, 30):
        for x in range(0, width, 30):
            other[(y * width + x) * 4] ^= 255
    found = differing.difference(Picture(width, height, pixels(width, height)), Picture(width, height, other))
    assert found.pixels == 20 * 30
    assert 0 < len(found.regions) <= differing.MOST_REGIONS


def test_texts_are_readable_bounded_and_never_raise() -> None:
    mail = (b"From: =?utf-8?b?5p2O?= <li@shop.example>\r\nSubject: =?utf-8?q?Ol=C3=A1?=\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            b"Bom dia\r\n--b\r\nContent-Type: image/png; name=a.png\r\nContent-Disposition: attachment; "
            b"filename=a.png\r\n\r\nxyz\r\n--b--\r\n")
    assert showing.text("message/rfc822", mail) == (
        "From: 李 <li@shop.example>\nSubject: Olá\n\nBom dia\n\nAttached: a.png (image/png, 3 bytes)")
    assert json.loads(showing.text("application/json", b'{"a":[1,"\xc3\xa9"]}')) == {"a": [1, "é"]}
    assert showing.text("application/json", b"[" * 100_000).startswith("[[")
    assert showing.text("application/json", b"{no") == "{no"
    assert showing.text("text/plain", b"\xe9t\xe9") == "été"
    assert showing.text("text/plain", "é".encode() * 600_000).endswith("… 200000 more bytes are not shown.")
    assert showing.text("video/mp4", b"abc") == ""
    assert showing.text("message/rfc822", b"Content-Type: text/plain; charset=no-such\r\n\r\nHi").strip() != ""


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_no_mail_raises(content: bytes) -> None:
    assert isinstance(showing.text("message/rfc822", b"Subject: a\r\n" + content), str)


async def test_a_photo_is_looked_at_upright(made: Bench) -> None:
    """As a buyer's telephone sends it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(out, "JPEG", exif=exif)
    from workstation.evidence.decoding import decode

    assert (decode(out.getvalue()).picture.width, decode(out.getvalue()).orientation) == (20, 6)


def test_a_single_pixel_counts_in_a_cell_of_any_size() -> None:
    mask = Image.new("L", (300, 200))
    mask.putpixel((290, 130), 255)
    assert {cell: differing._cells(mask, cell) for cell in (8, 64, 128)} == {8: {(36, 16)}, 64: {(4, 2)}, 128: {(2, 1)}}


async def test_a_copy_without_marks_is_made_again_and_compared(made: Bench) -> None:
    original = await made.service.capture(made.request())
    done = (Redact(Rect(10, 10, 6, 6)), Crop(Rect(4, 4, 40, 30)))
    copy = await made.service.derive(DeriveRequest(original.id, done))
    again = await made.service.derive(DeriveRequest(copy.id, (Crop(Rect(0, 0, 9, 9)),)))
    assert (await made.service.compare(original.id, copy.id)).exact is True
    assert (await made.service.compare(copy.id, original.id)).exact is True
    assert (await made.service.compare(original.id, again.id)).exact is None, "a copy of the copy, not of this one"
    assert (await made.service.compare(original.id, original.id)).exact is None
    stored = await made.database.read(lambda conn: repo.get(conn, original.id))
    false = await made.service._sealer.add(
        Entry(Kind.DERIVED, CASE, {"scope": "copy"}, {}, 1, 1, sources=((original.id, stored.record_hash),),
              operations=("redact 10,10,6,7", "crop 4,4,40,30")),
        Prepared(await made.service.open(copy.id), "image/png", "", "ab" * 32, 40, 30))
    assert (await made.service.compare(original.id, false.id)).exact is False


def test_operations_are_read_back_unless_something_was_drawn() -> None:
    done = (Redact(Rect(1, 2, 3, 4)), Crop(Rect(0, 0, 9, 9)))
    assert operations.without_marks(operations.told(done, 3).lines) == done
    assert operations.without_marks(("redact 1,2,3,4", "box 1,2,3,4 #d4002a 4")) is None
    assert operations.without_marks(("redact 1,2,3",)) is None
    assert operations.without_marks(("orient 3",)) is None


async def test_where_a_file_went_is_on_record(made: Bench, tmp_path: Path) -> None:
    original = await made.service.capture(made.request())
    for to in Handed:
        await made.service.file(original.id, to)
    titles = [one.title for one in await made.service.list(CASE, custody=True)]
    assert titles[1:] == ["Attached to a reply", "Opened with another program", "Picture copied"]
    assert (await made.service.verify(await made.service.export(tmp_path / "all.zip"))).findings == ()
