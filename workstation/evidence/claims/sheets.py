"""Papers as pictures, for desks that take pictures only: the pages of a PDF and of a TIFF, each drawn by itself.

Runs in the converting process only. A page's size is looked at before it is drawn, and how many are drawn is bounded;
how many there are is answered, so that what was not drawn can be named. Scripts of a PDF are not run: the engine that
draws is built without.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workstation.evidence.claims import papers, pictures
from workstation.evidence.claims.inconvertible import Inconvertible

if TYPE_CHECKING:
    from PIL import Image

DPI = 150
MOST_SIDE = 3_600
"""Pixels of a page's longer side; a poster is drawn smaller."""
MOST_BYTES = 300_000_000
_POINTS = 72
_INK = ("1", "L", "P")


def sheets(header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """The first `most` pages of a PDF or a TIFF as PNG or JPEG. Answers `of`, how many there are, and `types`.

    A TIFF of one page answers no picture: it is one by itself. Raises Inconvertible.
    """
    wanted = header.get("most")
    most = wanted if isinstance(wanted, int) and wanted > 0 else 1
    found = _paper(files[0], most) if files[0][:5] == b"%PDF-" else _frames(files[0], most)
    total = next(found)
    types, contents, size = [], [], 0
    for image in found if isinstance(total, int) else ():
        kind, content = _written(image)
        size += len(content)
        if size > MOST_BYTES:
            raise Inconvertible("large")
        types.append(kind)
        contents.append(content)
    return {"of": total, "types": types}, contents


def _paper(content: bytes, most: int) -> Iterator[Any]:
    """How many pages there are, then the first of them."""
    import pypdfium2

    papers.unlocked(content)
    with pypdfium2.PdfDocument(content) as document:
        total = len(document)
        if not total:
            raise Inconvertible("empty")
        document.init_forms()
        yield total
        for number in range(min(most, total)):
            page = document[number]
            width, height = page.get_size()
            scale = min(DPI / _POINTS, MOST_SIDE / max(width, height, 1))
            yield page.render(scale=scale, draw_annots=True, may_draw_forms=True).to_pil()
            page.close()


def _frames(content: bytes, most: int) -> Iterator[Any]:
    """How many pages there are, then, where they are several, the first of them."""
    from PIL import ImageOps

    with pictures.begun(content) as image:
        total = int(getattr(image, "n_frames", 1))
        yield total
        for number in range(min(most, total) if total > 1 else 0):
            image.seek(number)
            if image.width * image.height > pictures.MOST_PIXELS:
                raise Inconvertible("large")
            yield ImageOps.exif_transpose(image)


def _written(image: Image.Image) -> tuple[str, bytes]:
    """Ink on paper as PNG, which keeps its edges; a photo as JPEG."""
    target = io.BytesIO()
    if image.mode in _INK or _few_colours(image):
        image.save(target, "PNG", compress_level=4)
        return "image/png", target.getvalue()
    pictures.flat(image, []).save(target, "JPEG", quality=95)
    return "image/jpeg", target.getvalue()


def _few_colours(image: Image.Image) -> bool:
    """Whether this is a drawn page: a photo of this size has thousands of colours."""
    from PIL import Image as Images

    small = image.convert("RGB")
    small.thumbnail((200, 200), Images.Resampling.NEAREST)
    return small.getcolors(2_000) is not None
