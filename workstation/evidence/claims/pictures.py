"""Pictures made fit for a desk: decoded, turned upright, flattened, scaled and written anew, without their metadata.

Runs in the converting process only. The sealed original is never touched; its copy names it by its SHA-256.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workstation.evidence.claims.inconvertible import Inconvertible

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 120_000_000
_WHITE = (255, 255, 255)
_MODES = {"1", "L", "RGB"}
_CLEAR = ("RGBA", "LA", "PA", "La", "RGBa")


def picture(header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """One picture as JPEG: `side` the most pixels of its longer side (0: any), `pixels` of all, `quality`, `dpi`.

    Answers width, height and what was changed as codes. Raises Inconvertible.
    """
    image, changed = _opened(files[0], _whole(header, "side"))
    image = _flat(image, changed)
    image = _scaled(image, _whole(header, "side"), _whole(header, "pixels"), changed)
    content = _jpeg(image, _whole(header, "quality") or 85, _whole(header, "dpi"))
    return {"width": image.width, "height": image.height, "changed": changed}, [content]


def stack(header: Mapping[str, object], files: Sequence[bytes]) -> tuple[Mapping[str, object], Sequence[bytes]]:
    """Pictures one below the other, all as wide as the widest, a white line between. Options as `picture`."""
    from PIL import Image

    images = [_flat(_opened(file)[0], []) for file in files]
    width = max(image.width for image in images)
    gap = max(8, width // 100)
    images = [_as_wide(image, width) for image in images]
    height = sum(image.height for image in images) + gap * (len(images) - 1)
    if width * height > MOST_PIXELS:
        raise Inconvertible("large")
    sheet = Image.new("RGB", (width, height), _WHITE)
    top = 0
    for image in images:
        sheet.paste(image, (0, top))
        top += image.height + gap
    sheet = _scaled(sheet, _whole(header, "side"), _whole(header, "pixels"), [])
    content = _jpeg(sheet, _whole(header, "quality") or 85, _whole(header, "dpi"))
    return {"width": sheet.width, "height": sheet.height}, [content]


def _opened(content: bytes, side: int = 0) -> tuple[Image.Image, list[str]]:
    """Decoded and upright. Its size is looked at before a pixel is. A JPEG may come at a half, a quarter or an eighth
    of its size, which its decoder does for next to nothing, as long as it stays larger than `side`."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        opened = Image.open(io.BytesIO(content))
    except Image.DecompressionBombError as problem:
        raise Inconvertible("large") from problem
    except UnidentifiedImageError as problem:
        raise Inconvertible("format") from problem
    with opened as found:
        if found.width * found.height > MOST_PIXELS:
            raise Inconvertible("large")
        changed = ["converted"] if found.format != "JPEG" else ["written_anew"]
        if getattr(found, "n_frames", 1) > 1:
            changed.append("first_frame")
        if side and found.format == "JPEG" and found.draft(None, (side, side)) and found.decoderconfig[0] > 1:
            changed.append("scaled")
        found.load()
        upright = ImageOps.exif_transpose(found)
    if upright.size != found.size or upright.tobytes()[:64] != found.tobytes()[:64]:
        changed.append("turned")
    return upright, changed


def _flat(image: Image.Image, changed: list[str]) -> Image.Image:
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
