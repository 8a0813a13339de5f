"""Pixels before they are sealed: are they what was asked for, which region, and the small picture for the strip."""

from __future__ import annotations

from workstation.evidence.model import Grab, Monitor, Picture, Rect
from workstation.kernel.errors import CaptureRefused, InputError
from workstation.kernel.i18n import _

__all__ = ["THUMBNAIL_WIDTH", "Picture", "checked", "crop", "thumbnail"]

THUMBNAIL_WIDTH = 320
_THUMBNAIL_HEIGHT = 1_280
_SIDE = 2                      # samples a block, each way
_MOST_PIXELS = 200_000_000     # more than four 8K screens


def checked(grab: Grab) -> Grab:
    """The grab itself when pixels, geometry and scale agree. Raises CaptureRefused: never evidence on a guess."""
    reason = _fault(grab)
    if reason:
        raise CaptureRefused(
            _("The screen was not captured: {reason}.").format(reason=reason),
            _("Nothing was kept. Try again, or run workstation doctor."),
        )
    return grab


def _fault(grab: Grab) -> str:
    if not 0 < grab.width * grab.height <= _MOST_PIXELS or grab.width < 0:
        return _("the system gave no image")
    if len(grab.rgba) != grab.width * grab.height * 4:
        return _("the image is incomplete")
    return _canvas_fault(grab) if grab.canvas else _screen_fault(grab)


def _canvas_fault(grab: Grab) -> str:
    """A picture of all screens states that nobody says where each lies and how large; half of that is a guess."""
    guessed = any(one.scale or one.pixel_width or one.pixel_height for one in grab.monitors)
    if grab.screen != -1 or guessed or grab.window is not None:
        return _("the system did not say which screen this is")
    return ""


def _screen_fault(grab: Grab) -> str:
    if not 0 <= grab.screen < len(grab.monitors):
        return _("the system did not say which screen this is")
    monitor = grab.monitors[grab.screen]
    if (monitor.pixel_width, monitor.pixel_height) != (grab.width, grab.height):
        return _("the image does not have the size of the screen")
    return "" if _scale_known(monitor) else _("the screen's scale is unknown")


def _scale_known(monitor: Monitor) -> bool:
    """Pixels must be the logical size times the scale, give or take the rounding of one logical pixel."""
    room = max(1.0, monitor.scale)
    wide = abs(monitor.width * monitor.scale - monitor.pixel_width) <= room
    high = abs(monitor.height * monitor.scale - monitor.pixel_height) <= room
    return monitor.scale > 0 and wide and high


def crop(grab: Grab, rect: Rect | None) -> Picture:
    """The whole image, or the region in its physical pixels. Raises InputError when the region leaves the image."""
    if rect is None or rect == Rect(0, 0, grab.width, grab.height):
        return Picture(grab.width, grab.height, grab.rgba)
    inside = 0 <= rect.x < rect.x + rect.width <= grab.width and 0 <= rect.y < rect.y + rect.height <= grab.height
    if not inside:
        raise InputError(
            _("The region is not inside the screen of {width}×{height} pixels; nothing was captured.").format(
                width=grab.width, height=grab.height),
            _("Give X,Y,WIDTH,HEIGHT in physical pixels of that screen."),
        )
    return part(grab, rect)


def part(picture: Grab | Picture, rect: Rect) -> Picture:
    """The pixels of a rectangle that lies inside the picture."""
    view, stride, wide = memoryview(picture.rgba), picture.width * 4, rect.width * 4
    cut = bytearray(wide * rect.height)   # row by row: other threads get their turn between two of them
    for row in range(rect.height):
        at = (rect.y + row) * stride + rect.x * 4
        cut[row * wide:(row + 1) * wide] = view[at:at + wide]
    return Picture(rect.width, rect.height, cut)


def thumbnail(picture: Picture) -> Picture:
    """At most 320 pixels wide: each pixel is the mean of four samples of its block. Pillow's C code does not hold the
    interpreter, so whoever packs the picture meanwhile is not kept waiting."""
    step = max(-(-picture.width // THUMBNAIL_WIDTH), -(-picture.height // _THUMBNAIL_HEIGHT))
    if step == 1:
        return picture
    from PIL import Image

    width, height = max(1, picture.width // step), max(1, picture.height // step)
    box = (0, 0, min(width * step, picture.width), min(height * step, picture.height))
    whole = Image.frombuffer("RGBX", (picture.width, picture.height), picture.rgba, "raw", "RGBX", 0, 1)
    samples = whole.resize((width * _SIDE, height * _SIDE), Image.Resampling.NEAREST, box)
    return Picture(width, height, samples.reduce(_SIDE).tobytes())
