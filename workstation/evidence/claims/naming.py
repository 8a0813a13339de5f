"""A form's files as its list has them: their names, which exhibits they hold, and what was converted. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from workstation.evidence.claims import shown
from workstation.evidence.claims.fitting import Made
from workstation.evidence.claims.model import CompiledFile, Conversion, Limits
from workstation.evidence.claims.parts import JPEG, PDF, PNG
from workstation.kernel.i18n import ngettext

MOST_SAID = 12
"""Conversions of one file that are said one by one; the form's JSON has all."""
_ENDINGS = {JPEG: "jpg", PNG: "png", PDF: "pdf", "video/mp4": "mp4", "video/quicktime": "mov", "image/gif": "gif",
            "image/tiff": "tif"}


def compiled(made: Sequence[Made], limits: Limits) -> list[tuple[CompiledFile, bytes]]:
    """The files with their names and what they were made of. A file has the number of its first exhibit, so that the
    texts and the files speak of one thing; further files of the same exhibit have a letter behind it."""
    found, seen = [], dict[int, int]()
    for one in made:
        number = one.items[0].number
        seen[number] = seen.get(number, 0) + 1
        found.append((_compiled(f"{number:02d}{_letter(seen[number])}", one, limits), one.content))
    return found


def _letter(times: int) -> str:
    """ "" for the first, "b" for the second, …, "z", "za", "zb"."""
    return "" if times == 1 else "z" * ((times - 1) // 26) + chr(ord("a") + (times - 1) % 26)


def _compiled(number: str, made: Made, limits: Limits) -> CompiledFile:
    items = made.items
    first = items[0]
    conversions = tuple(_conversions(made))
    changed = dict.fromkeys(shown.conversion(one) for one in conversions[:MOST_SAID])
    if len(conversions) > MOST_SAID:
        more = len(conversions) - MOST_SAID
        changed[ngettext("{n} more page like these", "{n} more pages like these", more).format(n=more)] = None
    changed |= dict.fromkeys(change for one in made.drawn for change in one.changed)
    if len(made.drawn) > 1:
        parts = len(made.drawn)
        changed[ngettext("{n} part in one file", "{n} parts in one file", parts).format(n=parts)] = None
    return CompiledFile(
        name=_name(number, first.exhibit.slot, _ENDINGS[made.mime], limits.name_characters), mime=made.mime,
        size=len(made.content), sha256=hashlib.sha256(made.content).hexdigest(), slot=first.exhibit.slot,
        field=first.into, pages=made.pages, width=made.width, height=made.height,
        record_ids=tuple(item.exhibit.record_id for item in items),
        sources=tuple(item.sha256 for item in items if item.sha256), changed=tuple(changed),
        conversions=conversions, starts=tuple(_starts(made)),
    )


def _starts(made: Made) -> Iterator[int]:
    """The page or picture at which each item begins."""
    at, seen = 1, set[int]()
    for one in made.drawn:
        if id(one.item) not in seen:
            seen.add(id(one.item))
            yield at
        at += one.pages or 1


def _name(number: str, slot: str, ending: str, most: int | None) -> str:
    """ "03-proof-of-delivery.pdf": ASCII, the number first, cut where the desk wants it short."""
    words = (slot or "other").replace("_", "-")
    room = (most or 60) - len(f"{number}-.{ending}")
    return f"{number}-{words[:room].rstrip('-')}.{ending}"


def _conversions(made: Made) -> Iterator[Conversion]:
    """What came in another format than that of the file."""
    for one in made.drawn:
        part = one.part
        if part.source and part.source != made.mime:
            yield Conversion(one.item.exhibit.record_id, part.source, made.mime, part.page, part.of, one.width,
                             one.height, len(one.content))
