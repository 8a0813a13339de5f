"""Pictures from outside: every format that is read, upright and opaque; giants and broken ones are said so."""

from __future__ import annotations

import io
import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.support import hostile_seeds
from workstation.evidence import decoding, operations
from workstation.evidence.deriving import make
from workstation.evidence.model import Rect, Redact
from workstation.evidence.redacting import covered
from workstation.kernel.errors import InputError


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def corner(width: int = 6, height: int = 4, mode: str = "RGB") -> Image.Image:
    """White, its upper left pixel black."""
    image = Image.new(mode, (width, height), "white")
    image.putpixel((0, 0), 0 if mode in ("L", "P", "1") else (0,) * len(image.getbands()))
    return image


@pytest.mark.parametrize(("kind", "mode"), [
    ("PNG", "RGB"), ("PNG", "L"), ("PNG", "1"), ("BMP", "RGB"), ("GIF", "L"), ("WEBP", "RGB"), ("JPEG", "RGB"),
    ("JPEG", "L"),
])
def test_formats_decode_to_opaque_rgba(kind: str, mode: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    found = decoding.decode(saved(corner(mode=mode), kind, **options))
    assert (found.picture.width, found.picture.height, found.orientation) == (6, 4, 1)
    assert len(found.picture.rgba) == 6 * 4 * 4
    assert set(found.picture.rgba[3::4]) == {255}
    assert found.picture.rgba[0] < 100 < found.picture.rgba[-2]


def test_ink_of_four_colours_and_sixteen_bits_of_grey_are_read() -> None:
    inked = decoding.decode(saved(Image.new("CMYK", (3, 3), (0, 255, 255, 0)), "JPEG")).picture
    assert inked.rgba[0] > 150 > inked.rgba[1]
    deep = Image.new("I;16", (2, 1))
    deep.putpixel((0, 0), 0xFFFF)
    deep.putpixel((1, 0), 0x80FF)
    assert [*decoding.decode(saved(deep, "PNG")).picture.rgba[::4]] == [255, 128]


def test_what_is_transparent_lies_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (200, 0, 0, 255))
    picture = decoding.decode(saved(image, "PNG")).picture
    assert bytes(picture.rgba) == b"\xff\xff\xff\xff\xc8\x00\x00\xff"


@pytest.mark.parametrize("turn", range(1, 9))
def test_photos_are_turned_as_their_camera_says_and_the_copy_says_so(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    upright = corner(6, 4)
    lying = {1: upright, 2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
             3: upright.transpose(Image.Transpose.ROTATE_180),
             4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM), 5: upright.transpose(Image.Transpose.TRANSPOSE),
             6: upright.transpose(Image.Transpose.ROTATE_90), 7: upright.transpose(Image.Transpose.TRANSVERSE),
             8: upright.transpose(Image.Transpose.ROTATE_270)}[turn]
    content = saved(lying, "PNG", exif=exif)
    found = decoding.decode(content)
    assert found.orientation == turn
    assert (found.picture.width, found.picture.height) == (6, 4)
    assert bytes(found.picture.rgba[:4]) == b"\0\0\0\xff"
    copy = make(content, [Redact(Rect(5, 3, 1, 1))])
    assert covered(copy.picture, [Rect(5, 3, 1, 1)])
    lines = operations.told([Redact(Rect(5, 3, 1, 1))], copy.orientation).lines
    assert lines == (("redact 5,3,1,1",) if turn == 1 else (f"orient {turn}", "redact 5,3,1,1"))


def test_giants_are_refused_by_their_header() -> None:
    with pytest.raises(InputError, match="64 million"):
        decoding.decode(hostile_seeds.png(100_000, 100_000))
    with pytest.raises(InputError, match="64 million"):
        decoding.decode(hostile_seeds.png(12_000, 12_000))


@pytest.mark.parametrize("content", [
    b"", b"not a picture", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a\x01", b"RIFF\0\0\0\0WEBP", b"BM",
    b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + b"\0" * 17,
    b"II*\0" + b"\0" * 40, b"\0\0\1\0\1\0",
])
def test_broken_and_foreign_files_are_said_so(content: bytes) -> None:
    with pytest.raises(InputError):
        decoding.decode(content)


def test_a_profile_and_a_text_that_inflate_without_end_are_bounded() -> None:
    bomb = zlib.compress(b"a" * 30_000_000)
    chunk = b"zTXtk\0\0" + bomb
    packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    whole = saved(corner(), "PNG")
    with pytest.raises(InputError):
        decoding.decode(whole[:33] + packed + whole[33:])


@settings(max_examples=70, deadline=None)
@given(st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"]), st.data())
def test_no_damage_raises_anything_else(kind: str, data: st.DataObject) -> None:
    content = bytearray(saved(corner(24, 16), kind))
    for _one in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(content) // 2, len(content)))
    with suppress(InputError):
        picture = decoding.decode(bytes(content[:cut])).picture
        assert len(picture.rgba) == picture.width * picture.height * 4
