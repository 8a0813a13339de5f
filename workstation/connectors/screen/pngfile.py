"""A picture another program wrote, read within bounds: the desktop's portal hands over a PNG file, not pixels.

Pillow decodes it (loaded at the first capture); what is too large is refused by its header, before a pixel is read.
"""

from __future__ import annotations

import io
import os
import stat
import struct
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 512 * 1024 * 1024
MOST_PIXELS = 200_000_000      # more than four 8K screens
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_HEADER = struct.Struct(">8s4s4sII")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Opaque RGBA, 8 bits, rows without padding. `holes`: parts were transparent in the file and are black now."""

    width: int
    height: int
    rgba: bytes
    holes: bool


def take(path: Path, owner: int, since: float) -> bytes:
    """The content of a file that was made for us, which is deleted at once. Raises ValueError, OSError.

    It must be a plain file of `owner` (a user id), written after `since` (seconds since 1970): a portal may write to
    a place that anybody can, and may fail and name the file of an earlier capture.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != owner:
            raise ValueError("not a file the portal wrote")
        path.unlink()
        if found.st_mtime < since:
            raise ValueError("an older picture")
        if found.st_size > MOST_BYTES:
            raise ValueError("too large")
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return file.read(MOST_BYTES + 1)
    finally:
        os.close(descriptor)


def decode(content: bytes) -> Decoded:
    """The picture of a PNG. Raises ValueError for everything that is not a whole one of a bearable size."""
    width, height = _size(content)
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=("PNG",)) as image:
            image.load()
            whole = image.convert("RGBA")
    except (OSError, SyntaxError, Image.DecompressionBombError) as problem:
        raise ValueError("a damaged picture") from problem
    holes = whole.getchannel("A").getextrema() != (255, 255)
    if holes:
        whole = Image.alpha_composite(Image.new("RGBA", whole.size, (0, 0, 0, 255)), whole)
    if whole.size != (width, height):
        raise ValueError("a picture of another size than it says")
    return Decoded(width, height, whole.tobytes(), holes)


def _size(content: bytes) -> tuple[int, int]:
    if len(content) < _HEADER.size or len(content) > MOST_BYTES:
        raise ValueError("not a picture")
    signature, _length, name, width, height = _HEADER.unpack_from(content)
    if signature != _SIGNATURE or name != b"IHDR":
        raise ValueError("not a PNG")
    if not content.endswith(_END):
        raise ValueError("a picture that was cut off")
    if not 0 < width * height <= MOST_PIXELS:
        raise ValueError("too many pixels")
    return width, height
