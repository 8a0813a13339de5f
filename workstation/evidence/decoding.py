"""Pictures from outside, decoded within limits: which pixels a photo has, upright and opaque.

A file's format is told by its first bytes and only that format's reader sees it; its size is read before a pixel is.
Transparent pixels lie on white. Colour profiles are not applied: the numbers in the file are what is shown and hashed.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.evidence.model import Picture
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MOST_PIXELS = 64_000_000
"""256 MB decoded: more than an 8K screen, and more than phones make by default."""
LARGEST_FILE = 100 * 1024 * 1024
_ORIENTATION = 0x0112          # EXIF 2.32, table 4
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError, OverflowError,
           AttributeError, ZeroDivisionError, MemoryError)
"""What Pillow's readers raise on damaged files."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """An upright, opaque picture. `orientation`: the EXIF value that was applied, 1 when nothing was turned."""

    picture: Picture
    orientation: int = 1


def decode(content: bytes) -> Decoded:
    """The picture in `content`, of an animation the first. Blocks. Raises InputError: too large, damaged or none."""
    if len(content) > LARGEST_FILE:
        raise InputError(_("The picture is too large a file to be shown here."), _("Open it with another program."))
    try:
        return _decoded(_reader(content)(io.BytesIO(content)))
    except _BROKEN as problem:
        raise InputError(_("The picture is damaged and cannot be shown."),
                         _("The file itself is kept as it came.")) from problem


def _decoded(image: ImageFile) -> Decoded:
    from PIL import ImageOps

    width, height = image.size
    if not 0 < width * height <= MOST_PIXELS:
        raise InputError(
            _("The picture has more than {n} million pixels and is not shown here.").format(n=MOST_PIXELS // 1_000_000),
            _("Open it with another program."),
        )
    image.load()
    orientation = _orientation(image)
    upright = ImageOps.exif_transpose(image) if orientation != 1 else image
    opaque = _opaque(upright)
    return Decoded(Picture(opaque.width, opaque.height, opaque.tobytes()), orientation)


def _orientation(image: Image) -> int:
    found = image.getexif().get(_ORIENTATION, 1)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def _opaque(image: Image) -> Image:
    """RGBA without transparency."""
    from PIL import Image as Images

    if image.mode.startswith("I;16"):      # 16 bits of grey: the upper eight
        image = image.point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB").convert("RGBA")
    ground = Images.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground


def _reader(content: bytes) -> Callable[[io.BytesIO], ImageFile]:
    """The one reader that may see the file. Raises InputError for other formats."""
    from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImagePlugin.PngImageFile
    if content.startswith(b"\xff\xd8\xff"):
        return JpegImagePlugin.JpegImageFile
    if content.startswith(b"GIF8"):
        return GifImagePlugin.GifImageFile
    if content.startswith(b"BM"):
        return BmpImagePlugin.BmpImageFile
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WebPImagePlugin.WebPImageFile
    raise InputError(_("This file is not a picture that can be shown here."), _("Open it with another program."))
