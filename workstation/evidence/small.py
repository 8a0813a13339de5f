"""The small picture of a file that came from anyone. Derived data: without one the file is as good an exhibit.

Pillow is asked for a handful of formats only and never for more pixels than a camera makes; what it cannot read has no
small picture.
"""

from __future__ import annotations

import io
import logging
import struct
import zlib
from pathlib import Path

log = logging.getLogger(__name__)

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}
MOST_PIXELS = 60_000_000
_WIDTH, _HEIGHT = 320, 1_280


def small_png(source: bytes | Path, mime: str) -> bytes:
    """A PNG at most 320 pixels wide, upright, without any of the original's metadata; b"" when there is none to make.

    Blocks: call it in a thread.
    """
    kind = FORMATS.get(mime)
    if kind is None:
        return b""
    from PIL import Image, ImageOps  # heavy: first used when a picture is kept

    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=(kind,)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return b""
            picture.draft("RGB", (_WIDTH * 2, _HEIGHT * 2))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_WIDTH, _HEIGHT))
            out = io.BytesIO()
            Image.frombytes("RGBA", upright.size, upright.convert("RGBA").tobytes()).save(out, "PNG")
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, OverflowError, struct.error,
            zlib.error, MemoryError, Image.DecompressionBombError) as problem:
        log.info("a picture has no thumbnail: %s", type(problem).__name__)
        return b""
