"""Photos in formats that only a large decoder reads (HEIC and AVIF of phones, TIFF of scanners), made plain to look at.

They come from strangers and their decoders are the largest there are: they run in the process that converts for claims
desks, with bounds of pixels, memory and time, and one process for each photo. The sealed file stays as it came.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.evidence import mimes
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.evidence.claims.press import Press

FOREIGN = ("image/heic", "image/heif", "image/avif", "image/tiff")
"""What neither the window nor the core decodes by itself."""
LARGEST = 100 * 1024 * 1024
MOST_SHOWN = 40_000_000
"""Pixels of a photo beside a message; what has more is made smaller."""
SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Plain:
    """A picture that the core can decode. `decoder` names who read it before, "" when it is the file itself."""

    content: bytes
    decoder: str = ""


def foreign(content: bytes) -> bool:
    """Whether these bytes begin like a photo of such a format."""
    return mimes.sniff(content[:64]) in FOREIGN


class Photos:
    """Makes them plain, two at a time at most. Use on one event loop."""

    def __init__(self, press: Callable[[], Press] | None = None) -> None:
        self._press = press
        self._turns = asyncio.Semaphore(2)

    async def plain(self, content: bytes) -> Plain:
        """Every pixel of it, upright. Any other file comes back as it is. Raises InputError."""
        if not foreign(content):
            return Plain(content)
        header, made = await self._ask("plain", {}, content)
        return Plain(made, str(header.get("decoder", "")))

    async def small(self, content: bytes, side: int = 0) -> bytes:
        """As JPEG, its longer side at most so many pixels (0: any). Any other file comes back as it is. Raises
        InputError."""
        if not foreign(content):
            return content
        wanted: dict[str, object] = {"side": side, "pixels": MOST_SHOWN, "quality": 90, "dpi": 96}
        return (await self._ask("picture", wanted, content))[1]

    async def _ask(self, work: str, options: dict[str, object], content: bytes) -> tuple[dict[str, object], bytes]:
        from workstation.evidence.claims.press import NotConverted, Press

        if len(content) > LARGEST:
            raise InputError(_("The picture is too large a file to be shown here."), _("Open it with another program."))
        async with self._turns:
            press = self._press() if self._press is not None else Press(SECONDS)
            try:
                header, files = await press.ask(work, options, [content])
            except NotConverted as problem:
                raise InputError(_("The photo cannot be shown: {why}.").format(why=problem),
                                 _("The file itself is kept as it came.")) from problem
            finally:
                await press.shutdown()
        return header, files[0]
