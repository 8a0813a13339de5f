"""Files of strangers in the converting process: bounded, made quiet, or refused with a reason; the process survives."""

from __future__ import annotations

import asyncio
import io
import struct
import sys
import zlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.claims import paper, photo
from workstation.evidence.claims.press import NotConverted, Press

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def press() -> AsyncIterator[Press]:
    one = Press()
    yield one
    await one.shutdown()


def _bomb(side: int) -> bytes:
    """A PNG that says it is huge and holds next to nothing."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body


def _hostile() -> bytes:
    """A PDF with a script, an embedded file, an action on opening, a link and a filled form field."""
    from pypdf import PdfWriter
    from pypdf.annotations import Link
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject({
        NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('here');")})
    writer.add_attachment("secret.txt", b"secret words")
    writer.add_annotation(0, Link(rect=(0, 0, 50, 50), url="http://tracker.example/"))
    field = DictionaryObject({
        NameObject("/Subtype"): NameObject("/Widget"), NameObject("/FT"): NameObject("/Tx"),
        NameObject("/V"): TextStringObject("Ana"), NameObject("/A"): DictionaryObject({
            NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("bad()")})})
    listed = page.get("/Annots", ArrayObject())
    listed.append(writer._add_object(field))
    page[NameObject("/Annots")] = listed
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _encrypted() -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


async def test_what_acts_in_a_paper_stays_behind_and_is_said(press: Press) -> None:
    from pypdf import PdfReader

    header, files = await press.ask("paper", {}, [_hostile()])
    assert header["dropped"] == ["files", "links", "scripts"]
    for word in (b"app.alert", b"bad()", b"secret", b"tracker.example", b"JavaScript", b"EmbeddedFile", b"OpenAction"):
        assert word not in files[0]
    reader = PdfReader(io.BytesIO(files[0]), strict=True)
    kept = [one.get_object() for one in reader.pages[0]["/Annots"]]  # type: ignore[attr-defined]
    assert [one["/V"] for one in kept] == ["Ana"]
    assert reader.root_object.keys() <= {"/Type", "/Pages"}


async def test_what_cannot_be_converted_has_a_reason_and_the_next_one_is(press: Press) -> None:
    for operation, content, why in [
        ("paper", _encrypted(), "encrypted"), ("paper", b"%PDF-1.7\nnothing", "damaged"), ("paper", b"", "damaged"),
        ("picture", _bomb(50_000), "pixels"), ("picture", _bomb(12_000), "pixels"), ("picture", b"GIF89a", "format"),
        ("picture", b"", "format"), ("picture", photo(40, 40)[:300], "damaged"), ("no such thing", b"", "damaged"),
    ]:
        with pytest.raises(NotConverted, match=why):
            await press.ask(operation, {}, [content])
    header, _files = await press.ask("picture", {}, [photo(8, 8)])
    assert header["width"] == 8


async def test_a_picture_is_turned_flattened_and_loses_what_it_says_of_its_place(press: Press) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x0112] = 6                         # turned by a quarter
    exif[0x010F] = "Camera of Ana"
    _header, files = await press.ask("picture", {}, [photo(40, 20, exif=exif.tobytes(), comment=b"of Ana")])
    with Image.open(io.BytesIO(files[0])) as image:
        assert image.size == (20, 40)
        assert not image.getexif()
    assert b"Ana" not in files[0]
    clear = io.BytesIO()
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(clear, "PNG")
    header, files = await press.ask("picture", {"quality": 95}, [clear.getvalue()])
    assert "flattened" in header["changed"]  # type: ignore[operator]
    with Image.open(io.BytesIO(files[0])) as image:
        assert image.getpixel((1, 1)) == (255, 255, 255)


async def test_a_picture_is_scaled_down_and_never_up(press: Press) -> None:
    for size, options, most in [
        ((4_000, 1_000), {"side": 800}, (800, 200)), ((300, 200), {"side": 800}, (300, 200)),
        ((2_000, 1_000), {"pixels": 500_000}, (994, 497)),
    ]:
        header, _files = await press.ask("picture", options, [photo(*size, noisy=False)])
        assert (header["width"], header["height"]) == most


async def test_pictures_become_pages_byte_for_byte(press: Press) -> None:
    from pypdf import PdfReader

    jpeg = photo(300, 150, dpi=(72, 72))
    header, files = await press.ask("merge", {"types": ["image/jpeg", "application/pdf"]}, [jpeg, paper(2)])
    assert header["pages"] == 3
    reader = PdfReader(io.BytesIO(files[0]), strict=True)
    picture = reader.pages[0]["/Resources"]["/XObject"]["/P"]  # type: ignore[index]
    assert picture._data == jpeg
    assert round(float(reader.pages[0].mediabox.width)) == 144     # 300 pixels at 150 DPI


def _film(scale: int, length: int, version: int = 0) -> bytes:
    body = bytes([version, 0, 0, 0]) + (bytes(16) + struct.pack(">IQ", scale, length) if version else
                                        bytes(8) + struct.pack(">II", scale, length)) + bytes(80)
    return b"\0\0\0\x18ftypisom" + bytes(12) + struct.pack(">I", len(body) + 8) + b"mvhd" + body


async def test_how_long_a_film_is(press: Press) -> None:
    for film, seconds in [
        (_film(1000, 59_001), 60), (_film(90_000, 90_000 * 61, 1), 61), (_film(0, 5), -1), (b"nothing", -1),
        (b"mvhd", -1),
    ]:
        header, _files = await press.ask("video", {}, [film])
        assert header["seconds"] == seconds


async def test_a_process_that_hangs_or_dies_costs_one_file_only() -> None:
    hanging = Press(0.3, [sys.executable, "-c", "import sys; sys.stdin.read()"])
    with pytest.raises(NotConverted, match="too long"):
        await hanging.ask("picture", {}, [b"x"])
    dying = Press(20, [sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(NotConverted):
        await dying.ask("picture", {}, [b"x" * 1_000_000])
    babbling = Press(20, [sys.executable, "-c", "print('{\"sizes\": [99999999999]}')"])
    with pytest.raises(NotConverted):
        await babbling.ask("picture", {}, [b"x"])
    for press in (hanging, dying, babbling):
        await press.shutdown()


async def test_a_cancelled_conversion_ends_its_process() -> None:
    press = Press(20, [sys.executable, "-c", "import sys; sys.stdin.read()"])
    asked = asyncio.ensure_future(press.ask("picture", {}, [b"x"]))
    while press._process is None:  # noqa: ASYNC110 - nobody announces the start
        await asyncio.sleep(0)
    process = press._process
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await process.wait() != 0
