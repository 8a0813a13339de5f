"""Pictures made fit for a desk: decoded, turned upright, flattened, scaled and written anew, without their metadata.

Runs in the converting process only. The sealed original is never touched; its copy names it by its SHA-256.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workstation.evidence.claims.inconvertible import Inconvertible

if TYPE_CHECKING:
    from PIL import Image, ImageFile

MOST_PIXELS = 120_000_000
MOST_SHOWN = 64_000_000
"""Pixels of a picture that is shown: as `evidence.decoding`."""
_MOST_BITMAP = 30_000_000
"""Pixels up to which a picture is handed on as a bitmap, which costs nothing to write or read."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF")
"""What is opened at all. Pillow knows others, some of which start programs."""
_WHITE = (255, 255, 255)
_MODES = {"1", "L", "RGB"}
_CLEAR = ("RGBA", "LA", "PA", "La", "RGBa")


def picture(header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """One picture as JPEG: `side` the most pixels of its longer side (0: any), `pixels` of all, `quality`, `dpi`;
    `trim` takes away what is empty below.

    Answers width, height and what was changed as codes. Raises Inconvertible.
    """
    image, changed = opened(files[0], _whole(header, "side"))
    image = flat(image, changed)
    image = _trimmed(image) if header.get("trim") is True else image
    image = _scaled(image, _whole(header, "side"), _whole(header, "pixels"), changed)
    content = _jpeg(image, _whole(header, "quality") or 85, _whole(header, "dpi"))
    return {"width": image.width, "height": image.height, "changed": changed}, [content]


def plain(_header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """One picture of any format with all its pixels, upright and opaque, as BMP or PNG. Answers who decoded it.

    Raises Inconvertible.
    """
    image, _changed = opened(files[0], most=MOST_SHOWN)
    image = flat(image, [])
    target = io.BytesIO()
    if image.width * image.height <= _MOST_BITMAP:
        image.save(target, "BMP")
    else:
        image.save(target, "PNG", compress_level=1)
    return {"width": image.width, "height": image.height, "decoder": _decoder()}, [target.getvalue()]


def stack(header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """Pictures one below the other, all as wide as the widest, above each its line of `labels`. Options as
    `picture`."""
    from PIL import Image

    images = [flat(opened(file)[0], []) for file in files]
    width = max(image.width for image in images)
    gap = max(24, width // 40)
    images = [_as_wide(image, width) for image in images]
    height = sum(image.height for image in images) + gap * len(images)
    if width * height > MOST_PIXELS:
        raise Inconvertible("large")
    sheet = Image.new("RGB", (width, height), _WHITE)
    labels, top = header.get("labels"), 0
    for place, image in enumerate(images):
        if isinstance(labels, list) and place < len(labels):
            _write(sheet, str(labels[place]), top, gap)
        top += gap
        sheet.paste(image, (0, top))
        top += image.height
    sheet = _scaled(sheet, _whole(header, "side"), _whole(header, "pixels"), [])
    content = _jpeg(sheet, _whole(header, "quality") or 85, _whole(header, "dpi"))
    return {"width": sheet.width, "height": sheet.height}, [content]


def opened(content: bytes, side: int = 0, most: int = MOST_PIXELS) -> tuple[Image.Image, list[str]]:
    """Decoded and upright, and what was done, as codes. Its size is looked at before a pixel is. A JPEG may come at a
    half, a quarter or an eighth of its size, which its decoder does for next to nothing, as long as it stays larger
    than `side`. Raises Inconvertible."""
    from PIL import ImageOps

    with begun(content, most) as found:
        changed = ["written_anew"] if found.format in ("JPEG", "MPO") else ["converted"]
        if getattr(found, "n_frames", 1) > 1:
            changed.append("first_frame")
        if side and found.format == "JPEG" and found.draft(None, (side, side)) and found.decoderconfig[0] > 1:
            changed.append("scaled")
        found.load()
        upright = ImageOps.exif_transpose(found)
    if upright.size != found.size or upright.tobytes()[:64] != found.tobytes()[:64]:
        changed.append("turned")
    return upright, changed


def begun(content: bytes, most: int = MOST_PIXELS) -> ImageFile.ImageFile:
    """A picture whose header was read. Raises Inconvertible."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        found = Image.open(io.BytesIO(content), formats=_known())
    except Image.DecompressionBombError as problem:
        raise Inconvertible("large") from problem
    except UnidentifiedImageError as problem:
        raise Inconvertible("format") from problem
    if found.width * found.height > most:
        found.close()
        raise Inconvertible("large")
    return found


def _known() -> list[str]:
    """The formats whose decoders are installed. Of a phone's photo only the picture itself is read, not what lies
    beside it."""
    from PIL import AvifImagePlugin, Image, TiffImagePlugin, WebPImagePlugin

    Image.preinit()
    with contextlib.suppress(ImportError):
        import pi_heif

        pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)
    _registered = AvifImagePlugin, TiffImagePlugin, WebPImagePlugin
    return [name for name in FORMATS if name in Image.OPEN]


def _decoder() -> str:
    from PIL import __version__

    said = f"pillow {__version__}"
    with contextlib.suppress(ImportError):
        import pi_heif

        said += f", libheif {pi_heif.libheif_version()}"
    return said


def flat(image: Image.Image, changed: list[str]) -> Image.Image:
    """RGB without alpha: what is clear becomes white."""
    from PIL import Image

    if image.mode in _CLEAR or "transparency" in image.info:
        alpha = image.convert("RGBA")
        if alpha.getchannel("A").getextrema() != (255, 255):
            changed.append("flattened")
        sheet = Image.new("RGB", image.size, _WHITE)
        sheet.paste(alpha, mask=alpha.getchannel("A"))
        return sheet
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        raise Inconvertible("damaged")   # measurements, not a photo: how they are to be shown nobody says
    return image.convert("RGB")


def _scaled(image: Image.Image, side: int, pixels: int, changed: list[str]) -> Image.Image:
    from PIL import Image

    factor = min(1.0, side / max(image.size)) if side else 1.0
    if pixels and image.width * image.height * factor * factor >= pixels:
        factor = (0.99 * pixels / (image.width * image.height)) ** 0.5
    if factor == 1.0:
        return image
    changed += ["scaled"] if "scaled" not in changed else []
    size = (max(1, int(image.width * factor)), max(1, int(image.height * factor)))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _trimmed(image: Image.Image) -> Image.Image:
    """Without the empty paper below the last line, but for a margin."""
    from PIL import ImageChops

    inked = ImageChops.invert(image.convert("L")).getbbox()
    bottom = inked[3] if inked is not None else 0
    return image.crop((0, 0, image.width, min(image.height, bottom + image.width // 20 + 1)))


def _write(sheet: Image.Image, text: str, top: int, height: int) -> None:
    """A line of our own words, in Latin letters, in the white above a picture."""
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(height * 0.7)
    ImageDraw.Draw(sheet).text((height // 3, top + height // 10), text, fill=(0, 0, 0), font=font)


def _as_wide(image: Image.Image, width: int) -> Image.Image:
    """Small pictures get white beside them and are never made larger: a pixel stays one."""
    from PIL import Image

    if image.width == width:
        return image
    sheet = Image.new("RGB", (width, image.height), _WHITE)
    sheet.paste(image, (0, 0))
    return sheet


def _jpeg(image: Image.Image, quality: int, dpi: int) -> bytes:
    target = io.BytesIO()
    image.info.clear()
    image.save(target, "JPEG", quality=quality, dpi=(dpi or 96, dpi or 96))
    return target.getvalue()


def _whole(header: Mapping[str, object], name: str) -> int:
    found = header.get(name)
    return found if isinstance(found, int) else 0
