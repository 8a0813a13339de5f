"""The report of a pack as a PDF: the same page, printed, with small pictures in it.

A pack is whole without it. It is left out where nothing prints, and of packs that nobody would leaf through.
"""

from __future__ import annotations

from collections.abc import Mapping

from workstation.evidence import pack
from workstation.evidence.ports import Printer
from workstation.kernel.errors import Unsupported

MOST_RECORDS = 400
NAME = "data/report.pdf"


async def report(
    printer: Printer | None, packed: pack.Pack, key_id: str, pictures: Mapping[str, bytes]
) -> tuple[tuple[str, bytes], ...]:
    """The file by its name in the bag; nothing where it cannot be printed."""
    if printer is None or printer.available() or len(packed.items) > MOST_RECORDS:
        return ()
    try:
        (content,) = await printer.pdf([pack.readable(packed, key_id, pictures).decode()])
    except Unsupported:
        return ()
    return ((NAME, content),)
