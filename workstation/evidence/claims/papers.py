"""Papers made fit for a desk: a stranger's PDF without what acts by itself, several files as one, pages counted.

Runs in the converting process only. Pages are copied into a new document, whose catalogue is ours: scripts, actions on
opening, embedded files and forms that call out stay behind, and which did is answered. An encrypted PDF is refused:
nobody here knows its password, and guessing is not ours.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workstation.evidence.claims.inconvertible import Inconvertible

if TYPE_CHECKING:
    from pypdf import PdfReader, PdfWriter

MOST_PAGES = 1_000
_DPI = 150
_ACTS = ("/AA", "/A", "/PieceInfo", "/Metadata", "/Tabs", "/Thumb", "/B")
_ACTIVE = ("/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/Link", "/Popup")
_MOST_ANNOTATIONS = 2_000
_MOST_DEEP = 12

Answer = tuple[Mapping[str, object], Sequence[bytes]]


def paper(header: Mapping[str, object], files: Sequence[bytes]) -> Answer:
    """A PDF with only its pages, at most `pages` of them (0: all). Answers pages, of, dropped, largest.

    `largest` is the number of pixels of the largest picture in it. Raises Inconvertible.
    """
    reader = _reader(files[0])
    total = len(reader.pages)
    if not total:
        raise Inconvertible("empty")
    if total > MOST_PAGES:
        raise Inconvertible("pages")
    wanted = header.get("pages")
    most = wanted if isinstance(wanted, int) and 0 < wanted < total else total
    dropped = set(_behind(reader))
    writer = _writer()
    largest = 0
    for page in reader.pages[:most]:
        largest = max(largest, _largest(page))
        _quiet(writer.add_page(page), dropped)
    return {"pages": most, "of": total, "dropped": sorted(dropped), "largest": largest}, [_written(writer)]


def merge(header: Mapping[str, object], files: Sequence[bytes]) -> Answer:
    """PDFs and JPEGs as one PDF, in order; `types` says which is which, `titles` what each begins. Answers pages."""
    types, named = header.get("types"), header.get("titles")
    titles = [str(title) for title in named] if isinstance(named, list) else []
    kinds = [str(kind) for kind in types] if isinstance(types, list) else []
    writer, places = _writer(), list[tuple[str, int]]()
    for place, (kind, content) in enumerate(zip(kinds, files, strict=True)):
        if place < len(titles) and titles[place]:
            places.append((titles[place], len(writer.pages)))
        part = content if kind == "application/pdf" else _page(content)
        for page in _reader(part).pages:
            writer.add_page(page)
    for title, at in places:
        writer.add_outline_item(title=title, page_number=at)
    return {"pages": len(writer.pages)}, [_written(writer)]


def video(_header: Mapping[str, object], files: Sequence[bytes]) -> Answer:
    """How long an MP4 or MOV plays, in whole seconds rounded up; -1 when it does not say."""
    return {"seconds": next(_durations(files[0]), -1)}, ()


def unlocked(content: bytes) -> None:
    """Raises Inconvertible for a PDF that cannot be opened without a password."""
    _reader(content)


def _reader(content: bytes) -> PdfReader:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise Inconvertible("encrypted")
    return reader


def _writer() -> PdfWriter:
    from pypdf import PdfWriter

    return PdfWriter()


def _written(writer: PdfWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def _behind(reader: PdfReader) -> Iterator[str]:
    """What stands in the catalogue besides pages, and stays behind."""
    root: Any = reader.trailer["/Root"].get_object()
    names: Any = root.get("/Names", {})
    names = names.get_object() if hasattr(names, "get_object") else names
    if "/JavaScript" in names or "/OpenAction" in root or "/AA" in root:
        yield "scripts"
    if "/EmbeddedFiles" in names or "/AF" in root or "/Collection" in root:
        yield "files"
    if "/AcroForm" in root and "/XFA" in root["/AcroForm"].get_object():
        yield "forms"


def _quiet(page: Any, dropped: set[str]) -> None:
    """Take from a page whatever does something. What a form field shows stays, it is part of what was seen."""
    if "/AA" in page:
        dropped.add("scripts")
    for name in _ACTS:
        if name in page:
            del page[name]
    if "/Annots" not in page:
        return
    listed = page["/Annots"].get_object()
    kept = [one for one in list(listed)[:_MOST_ANNOTATIONS] if _stays(one.get_object(), dropped)]
    if len(listed) > _MOST_ANNOTATIONS:
        dropped.add("forms")
    listed[:] = kept


def _stays(annotation: Any, dropped: set[str]) -> bool:
    kind = str(annotation.get("/Subtype", ""))
    if kind in _ACTIVE:
        dropped.add("files" if kind == "/FileAttachment" else "links" if kind in ("/Link", "/Popup") else "media")
        return False
    for name in ("/Parent", "/Popup", "/IRT"):   # what is behind it may act, too; what it looks like is its own
        if name in annotation:
            del annotation[name]
    for name in ("/A", "/AA", "/PA"):
        if name in annotation:
            dropped.add("scripts")
            del annotation[name]
    return True


def _largest(holder: Any, depth: int = 0) -> int:
    """Pixels of the largest picture that a page draws, forms inside forms included."""
    resources = holder.get("/Resources")
    found: Any = resources.get_object().get("/XObject") if resources is not None else None
    if found is None or depth > _MOST_DEEP:
        return 0
    most = 0
    for reference in list(found.get_object().values())[:500]:
        drawn = reference.get_object()
        if drawn.get("/Subtype") == "/Image":
            most = max(most, int(drawn.get("/Width", 0)) * int(drawn.get("/Height", 0)))
        elif drawn.get("/Subtype") == "/Form":
            most = max(most, _largest(drawn, depth + 1))
    return most


def _page(jpeg: bytes) -> bytes:
    """A PDF of one page as large as the picture at 150 DPI; the JPEG's bytes go in as they are."""
    from PIL import Image

    with Image.open(io.BytesIO(jpeg)) as image:
        width, height = image.size
        colours = "/DeviceGray" if image.mode == "L" else "/DeviceRGB"
    box = f"{width * 72 / _DPI:.2f} {height * 72 / _DPI:.2f}"
    drawing = f"q {box.replace(' ', ' 0 0 ')} 0 0 cm /P Do Q".encode()
    picture = (f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace{colours}/BitsPerComponent 8"
               f"/Filter/DCTDecode/Length {len(jpeg)}>>stream\n").encode() + jpeg + b"\nendstream"
    return _document([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {box}]/Contents 4 0 R/Resources<</XObject<</P 5 0 R>>>>>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing), picture,
    ])


def _document(objects: Sequence[bytes]) -> bytes:
    """A whole PDF of these objects, the first of which is its catalogue."""
    target, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(target))
        target += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    target += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(places) + 1, table, len(places) + 1, len(target))
    return bytes(target)


def _durations(content: bytes) -> Iterator[int]:
    """From the movie header (ISO/IEC 14496-12, 8.2.2), wherever its box stands on the first two levels."""
    at = content.find(b"mvhd")
    if at < 4 or len(content) < at + 36:
        return
    version = content[at + 4]
    form, skip = (">IQ", 24) if version == 1 else (">II", 16)
    scale, length = struct.unpack_from(form, content, at + skip)
    if scale:
        yield -(-length // scale)
