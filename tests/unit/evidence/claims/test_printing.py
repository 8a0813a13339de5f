"""Pages on paper by the real printing process: every script, nothing loaded, the report of a pack."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from pathlib import Path

import pytest

from tests.support.claims import case, photo
from tests.support.evidence import CASE
from workstation.evidence.claims import pages, printing
from workstation.evidence.claims.model import Letter
from workstation.evidence.claims.printing import ChildPrinter
from workstation.kernel.errors import Unsupported

WORDS = {"ar": "لم يصل الطلب رقم 12345", "zh": "我没有收到包裹", "th": "ยังไม่ได้รับพัสดุ", "ja": "届きません", "ko": "택배"}


async def test_pages_are_printed_in_every_script_and_load_nothing() -> None:
    from PIL import Image
    from pypdf import PdfReader

    asked: list[object] = []

    async def answer(_reader: object, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    small = base64.b64encode(photo(30, 20, "PNG", noisy=False)).decode()
    letters = [Letter(code, 1, True, "Ana", code, words) for code, words in WORDS.items()]
    html = pages.correspondence(letters, "case") + (
        f'<img src="http://127.0.0.1:{port}/a.png"><img src="/etc/passwd">'
        f'<img src="data:image/png;base64,{small}"><img src="data:image/png;base64,bm9uZQ==">')
    printer = ChildPrinter()
    assert printer.available() == ""
    (pdf, other), ((sheet, *_more),) = await asyncio.gather(
        printer.pdf([html, "<p>Second</p>"]), printer.pictures([html]))
    server.close()
    await server.wait_closed()
    assert asked == []
    reader = PdfReader(io.BytesIO(pdf), strict=True)
    text = "".join(page.extract_text() for page in reader.pages)
    assert WORDS["zh"] in text
    assert WORDS["ko"] in text
    assert sum(len(page.images) for page in reader.pages) == 1
    assert "Second" in PdfReader(io.BytesIO(other)).pages[0].extract_text()
    with Image.open(io.BytesIO(sheet)) as image:
        assert image.size == (1240, 1753)
        assert image.convert("L").getextrema() == (0, 255)


async def test_the_report_of_a_pack_is_printed_with_its_pictures(tmp_path: Path) -> None:
    from pypdf import PdfReader

    async with case(tmp_path) as here:
        here.made.service._printer = ChildPrinter()
        await here.capture("Tracking page 物流")
        pack = await here.made.service.export(tmp_path / "pack.zip", CASE)
        assert (await here.made.service.verify(pack)).intact
    with zipfile.ZipFile(pack) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith("data/report.pdf")]
        reader = PdfReader(io.BytesIO(archive.read(name)), strict=True)
    assert "Trackingpage" in "".join("".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages[0].images) == 1


async def test_a_printer_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "command", lambda: ["false"])
    with pytest.raises(Unsupported):
        await ChildPrinter().pdf(["<p>x</p>"])
    monkeypatch.setattr(printing, "_MODULE", "ui.no_such_module")
    assert ChildPrinter().available()
    with pytest.raises(Unsupported):
        await ChildPrinter().pdf(["<p>x</p>"])
