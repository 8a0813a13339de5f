"""Photos and papers in formats that a desk's form does not take: they go in converted, and each conversion is named."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from tests.support.claims import Case, LongPress, outside, photo
from tests.support.evidence import CASE
from tests.support.heic import heic
from workstation.evidence.claims.model import Conversion
from workstation.evidence.claims.press import NotConverted

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def here(pressed: Case) -> Case:
    return pressed


def _label(width: int = 300, height: int = 200) -> Image.Image:
    """A photo of a parcel: red, with a green corner at the upper right."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    ImageDraw.Draw(image).rectangle((width * 2 // 3, 0, width, height // 3), fill=(20, 190, 20))
    return image


def _scan(pages: int, mode: str = "1") -> bytes:
    sheets = [Image.new(mode, (62, 88), 1) for _page in range(pages)]
    target = io.BytesIO()
    sheets[0].save(target, "TIFF", save_all=True, append_images=sheets[1:])
    return target.getvalue()


def _paper(pages: int, width: int = 72, height: int = 96) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(width, height)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


async def test_a_phones_photo_goes_in_upright_as_jpeg_and_the_report_says_from_what(here: Case, tmp_path: Path) -> None:
    kept = await here.add(heic(_label(), turned=1), "image/heic", purpose="Damage")
    report = await here.binder.compile(CASE, "ebay", "", tmp_path / "form")
    assert outside("ebay", tmp_path / "form" / "files") == []
    (file,) = report.files
    assert (file.mime, file.record_ids, report.left_out) == ("image/jpeg", (kept,), ())
    assert file.conversions == (Conversion(kept, "image/heic", "image/jpeg", 0, 0, 200, 300, file.size),)
    assert file.changed[0].startswith("HEIC → JPEG, 200×300, ")
    with Image.open(tmp_path / "form" / "files" / file.name) as shown:
        green = shown.getpixel((20, 20))     # turned against the clock, the corner is at the upper left
        assert isinstance(green, tuple)
        assert green[1] > 2 * green[0]
    told = json.loads((tmp_path / "form" / "form.json").read_text(encoding="utf-8"))
    assert told["files"][0]["conversions"][0] == {
        "record": kept, "from": "image/heic", "to": "image/jpeg", "page": 0, "of_pages": 0, "width": 200,
        "height": 300, "size": file.size}
    assert await here.made.service.open(kept) == heic(_label(), turned=1)


@pytest.mark.parametrize(("kind", "mime"), [
    ("TIFF", "image/tiff"), ("WEBP", "image/webp"), ("BMP", "image/bmp"), ("AVIF", "image/avif")])
async def test_every_other_format_of_photos_goes_in_too(here: Case, tmp_path: Path, kind: str, mime: str) -> None:
    kept = await here.add(photo(120, 90, kind, noisy=False), mime, purpose="Damage")
    report = await here.binder.compile(CASE, "shopee", "", tmp_path / "form")
    (file,) = report.files
    assert [(one.record_id, one.before, one.after) for one in file.conversions] == [(kept, mime, "image/jpeg")]
    assert outside("shopee", tmp_path / "form" / "files") == []


async def test_papers_become_pictures_where_only_pictures_are_taken(here: Case, tmp_path: Path) -> None:
    bill = await here.add(_paper(3), "application/pdf", purpose="Invoice")
    scan = await here.add(_scan(2), "image/tiff", purpose="Delivery note")
    report = await here.binder.compile(CASE, "ebay", "", tmp_path / "form")
    assert report.left_out == ()
    pages = [(one.record_id, one.before, one.page, one.of) for file in report.files for one in file.conversions]
    assert sorted(pages, key=lambda one: one[1:]) == [
        *[(bill, "application/pdf", page, 3) for page in (1, 2, 3)], (scan, "image/tiff", 1, 2),
        (scan, "image/tiff", 2, 2)]
    assert all((one.width, one.height) != (0, 0) for file in report.files for one in file.conversions)
    assert outside("ebay", tmp_path / "form" / "files") == []


async def test_pages_beyond_what_the_desk_takes_are_named(here: Case, tmp_path: Path) -> None:
    bill = await here.add(_paper(26), "application/pdf", purpose="Invoice")
    report = await here.binder.compile(CASE, "ebay", "", tmp_path / "form")
    assert len(report.files) == 5
    assert [(one.record_id, "pages 1 to 20 of 26" in one.reason) for one in report.left_out] == [(bill, True)]


async def test_a_poster_is_drawn_within_bounds_and_a_book_only_in_part(press: LongPress) -> None:
    header, files = await press.ask("sheets", {"most": 2}, [_paper(1, 14_400, 7_200)])
    with Image.open(io.BytesIO(files[0])) as drawn:
        assert (header["of"], drawn.size) == (1, (3_600, 1_800))
    header, files = await press.ask("sheets", {"most": 2}, [_paper(9)])
    assert (header["of"], len(files)) == (9, 2)


@pytest.mark.parametrize("content", [
    heic(_label())[:700], heic(_label())[:200] + b"\xff" * 400, b"%PDF-1.7\n" + b"\0" * 500, _scan(2)[:300],
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
async def test_what_is_damaged_or_strange_is_refused_and_the_process_goes_on(press: LongPress, content: bytes) -> None:
    for work in ("picture", "plain"):
        with pytest.raises(NotConverted):
            await press.ask(work, {}, [content])
    header, _files = await press.ask("picture", {}, [heic(_label())])
    assert header["width"] == 300


async def test_a_photo_that_says_it_is_huge_is_refused_before_it_is_decoded(press: LongPress) -> None:
    small = heic(_label())
    at = small.index(b"ispe") + 8
    huge = small[:at] + (60_000).to_bytes(4, "big") * 2 + small[at + 8:]
    with pytest.raises(NotConverted):
        await press.ask("plain", {}, [huge])


async def test_exhibits_that_share_a_file_are_found_in_it(here: Case, tmp_path: Path) -> None:
    from pypdf import PdfReader

    bills = [await here.add(_paper(pages), "application/pdf", purpose=f"Invoice {pages}") for pages in (2, 1)]
    await here.binder.caption(CASE, bills[1], "The second bill")
    report = await here.binder.compile(CASE, "stripe", "product_not_received", tmp_path / "form")
    (file,) = report.files
    assert (file.record_ids, file.starts, file.pages) == (tuple(bills), (1, 3), 3)
    reader = PdfReader(tmp_path / "form" / "files" / file.name)
    places = [reader.get_destination_page_number(one) for one in reader.outline if not isinstance(one, list)]
    assert places == [0, 2]
    said = next(value.text for value in report.texts if value.slot.id == "uncategorized_text")
    assert f"Exhibit 2: The second bill [{file.name}, page 3]" in said
    assert "exhibit 2: The second bill (page 3)" in (tmp_path / "form" / "READ-ME.txt").read_text(encoding="utf-8")


async def test_nothing_is_called_a_proof_of_delivery_while_the_parcel_travels(here: Case) -> None:
    shot = await here.capture("Tracking page of the carrier")
    assert (await here.binder.binder(CASE, "visa_13_1")).exhibits[0].slot == "proof_of_delivery"
    here.known.values |= {"delivered_on": "", "delivery_status": "In transit"}
    binder = await here.binder.binder(CASE, "visa_13_1")
    assert [(one.record_id, one.slot) for one in binder.exhibits] == [(shot, "other")]
    await here.binder.assign(CASE, shot, "proof_of_delivery")    # a person may know better
    assert (await here.binder.binder(CASE, "visa_13_1")).exhibits[0].slot == "proof_of_delivery"


async def test_what_is_empty_below_our_own_words_goes_and_shared_pictures_say_which_exhibit_they_are(
    press: LongPress,
) -> None:
    page = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(page).rectangle((50, 50, 500, 100), fill="black")
    target = io.BytesIO()
    page.save(target, "PNG")
    header, files = await press.ask("picture", {"trim": True}, [target.getvalue()])
    assert (header["width"], header["height"]) == (600, 132)
    header, stacked = await press.ask("stack", {"labels": ["Exhibit 1", "Exhibit 2"]}, [files[0], files[0]])
    assert header["height"] == 2 * (132 + 24)
    with Image.open(io.BytesIO(stacked[0])) as sheet:
        assert min(sheet.convert("L").crop((0, 0, 300, 22)).tobytes()) < 90     # words above the first
