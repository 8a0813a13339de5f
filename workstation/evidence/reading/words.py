"""What is said of reading pictures, in the language of the interface."""

from __future__ import annotations

from workstation.kernel.i18n import _


def why(code: str) -> str:
    """Why a picture was not read, a sentence; "" for no reason."""
    return {
        "format": _("This is not a picture that can be read here (PNG, JPEG, HEIC, TIFF, WebP, GIF and BMP can)."),
        "damaged": _("The picture is damaged; what is left of it cannot be read."),
        "large": _("The picture is too large to be read."),
        "stopped": _("The program that reads pictures stopped at this one."),
        "missing": _("The picture is missing from the store."),
        "changed": _("The picture was changed on the disk."),
    }.get(code, code)
