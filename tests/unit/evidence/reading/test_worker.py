"""The process that reads, from inside: what it takes, what it refuses, and the real engine once."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import sys
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.support.heic import heic
from tests.support.reading import CJK, LATIN, encoded, png
from workstation.evidence.reading import worker

ARABIC = "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf"
SCREEN = [("Order 702-5512873-9046218 was delivered to the door", 13), ("Tracking LX473124829CN left Leipzig", 11),
          *([("Não recebi, já são três semanas; Größe zu klein", 14)] if Path(LATIN).exists() else [])]


def asked(*pictures: bytes, arguments: tuple[str, ...] = ("0",)) -> list[dict[str, Any]]:
    """The answers of one process to these pictures."""
    stdin, stdout = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", "workstation.evidence.reading.worker", *arguments], stdin=stdin,
                          stdout=stdout) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        found = []
        for number, picture in enumerate(pictures):
            process.stdin.write(json.dumps({"id": number, "size": len(picture)}).encode() + b"\n" + picture)
            process.stdin.flush()
            found.append(json.loads(process.stdout.readline()))
        process.stdin.close()
        assert process.wait(20) == 0
    return found


def test_the_real_engine_reads_small_text_numbers_accents_and_refuses_the_rest() -> None:
    """One start of the engine, about four seconds: a light screen, one in Chinese, one in Arabic, a phone's photo, and
    two that are none."""
    chinese = [("订单号 702-5512873-9046218 已发货", 16)] if Path(CJK).exists() else []
    screens = [png(SCREEN, font=LATIN), png(chinese, font=CJK) if chinese else b"", b"%PDF-1.7", png(SCREEN)[:200]]
    read, other, none, cut, phone, *arabic = asked(*screens, heic(_said("JD014600003RU")), *_arabic())
    texts = [line[5] for line in read["lines"]]
    assert texts == [text for text, _size in SCREEN]
    assert (read["width"], read["height"]) == (900, 240)
    assert all(0 <= line[0] < 60 and line[2] > 100 for line in read["lines"]), "boxes are in the picture's own pixels"
    if chinese:
        assert "702-5512873-9046218" in other["lines"][0][5]
        assert "已发货" in other["lines"][0][5]
    assert none["unfit"] == "format"
    assert cut["unfit"] == "damaged"
    assert [line[5] for line in phone["lines"]] == ["JD014600003RU"]
    for found in arabic:
        assert [line[5] for line in found["lines"]] == ["702-5512873-9046218"]


def _said(text: str, size: int = 26) -> Image.Image:
    image = Image.new("RGB", (700, 90), "white")
    font = ImageFont.truetype(LATIN, size) if Path(LATIN).exists() else ImageFont.load_default(size)
    ImageDraw.Draw(image).text((330, 25), text, fill="black", font=font)
    return image


def _arabic() -> list[bytes]:
    """An order's number beside words that the engine does not know, where there is a font for them."""
    if not Path(ARABIC).exists():
        return []
    image = _said("702-5512873-9046218")
    for place, words in ((620, "رقم"), (250, "الطلب"), (170, "مرحبا")):
        ImageDraw.Draw(image).text((place + 30, 20), words, fill="black", font=ImageFont.truetype(ARABIC, 26))
    target = io.BytesIO()
    image.save(target, "PNG")
    return [target.getvalue()]


def test_a_picture_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b"")))
    with pytest.raises(worker.Unfit, match="large"):
        worker.decoded(bomb)


def test_what_is_no_picture_of_a_known_kind_is_not_handed_to_a_decoder() -> None:
    icon = encoded(Image.new("RGB", (16, 16)), "ICO")
    for content in (b"", b"<svg/>", icon, b"%!PS-Adobe-3.0 EPSF-3.0\n"):
        with pytest.raises(worker.Unfit, match="format"):
            worker.decoded(content)


def test_transparent_pictures_lie_on_white_and_photos_upright() -> None:
    clear = Image.new("RGBA", (4, 2), (255, 0, 0, 0))
    clear.putpixel((1, 0), (255, 0, 0, 255))
    pixels, _scale = worker.decoded(encoded(clear))
    assert pixels[0][0].tolist() == [255, 255, 255]
    assert pixels[0][1].tolist() == [0, 0, 255], "blue, green, red"
    photo = Image.new("RGB", (30, 10), "white")
    turned = photo.getexif()
    turned[274] = 6
    assert worker.decoded(encoded(photo, "JPEG", exif=turned))[0].shape[:2] == (30, 10)
    reduced, scale = worker.decoded(encoded(Image.new("L", (6_000, 500)), "JPEG"))
    assert max(reduced.shape[:2]) <= worker.PHOTO
    assert round(reduced.shape[1] * scale) == 6_000, "places are told in the picture's own pixels"


def test_grey_palettes_and_sixteen_bits_are_pictures_too() -> None:
    for mode in ("1", "L", "P", "I;16", "LA", "CMYK"):
        kind = "JPEG" if mode == "CMYK" else "PNG"
        assert worker.decoded(encoded(Image.new(mode, (5, 4)), kind))[0].shape == (4, 5, 3), mode


@pytest.mark.parametrize(("width", "height", "count"), [
    (1_920, 1_080, 1), (3_840, 2_160, 1), (1_080, 2_400, 1), (1_080, 20_000, 12)])
def test_long_pictures_are_read_in_bands_that_cover_all_of_it(width: int, height: int, count: int) -> None:
    found = worker.bands(width, height)
    assert len(found) == count
    rows = {y for _left, top, _right, bottom in found for y in range(top, bottom)}
    assert rows == set(range(height))
    assert worker.bands(5_760, 1_080) == [(0, 0, 2_560, 1_080), (1_600, 0, 4_160, 1_080), (3_200, 0, 5_760, 1_080)]
    shared = [one[3] - two[1] for one, two in pairwise(found)]
    assert all(each >= worker.OVERLAP for each in shared)


def test_a_line_that_two_bands_see_is_told_once_and_a_cut_one_is_told_whole() -> None:
    size, first, second = (1_000, 5_560), (0, 0, 1_000, 2_880), (0, 2_680, 1_000, 5_560)
    upper = worker.within([[10, 2_700, 200, 30, 0.9, "both"], [10, 2_860, 200, 20, 0.8, "cu"]], first, size, [])
    assert [line[5] for line in upper] == ["both"]
    lower = worker.within([[10, 22, 200, 30, 0.9, "both"], [10, 180, 200, 30, 0.9, "cut"]], second, size, upper)
    assert [(line[1], line[5]) for line in lower] == [(2_860, "cut")]


def test_it_has_no_network_and_ends_on_nonsense() -> None:
    program = ("import socket,sys; from workstation.evidence.reading import worker; worker.refuse_network()\n"
               "try: socket.create_connection(('127.0.0.1', 9), 1)\nexcept PermissionError: sys.exit(7)")
    assert subprocess.run([sys.executable, "-c", program], check=False, stdin=subprocess.DEVNULL).returncode == 7
    for nonsense in (b"", b"no json\n", b'{"id": 1, "size": 99999999999}\n', b'{"id": 1, "size": 5}\nab'):
        done = subprocess.run([sys.executable, "-S", "-m", "workstation.evidence.reading.worker"], input=nonsense,
                              capture_output=True, check=False, timeout=30)
        assert (done.returncode, done.stdout) == (0, b"")


def test_a_missing_model_is_named_and_not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Spec:
        origin = str(tmp_path / "rapidocr" / "__init__.py")

    (tmp_path / "rapidocr" / "models").mkdir(parents=True)
    (tmp_path / "rapidocr" / "models" / "X_det_y.onnx").write_bytes(b"")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: Spec())
    with pytest.raises(FileNotFoundError):
        worker.models()
    assert worker.answered(lambda _picture: worker.models() and {}, b"") == {"error": "FileNotFoundError"}


def test_errors_quote_nothing() -> None:
    def fails(_picture: bytes) -> dict[str, Any]:
        raise ValueError("the buyer's address")

    assert worker.answered(fails, b"") == {"error": "ValueError"}
