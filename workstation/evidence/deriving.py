"""Copies: a redacted, annotated or cropped picture becomes a record of its own. The original stays as it is.

Redaction comes first, before anything is drawn, so that what draws never has the pixels that are hidden; a rectangle
that comes after a mark is filled once more over it. The copy is encoded anew: no byte of the original's file, of its
metadata or of its thumbnail goes into it, and of its personal values only the window's title, and only when asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.evidence import imaging, record, repo, sealer, surroundings, views
from workstation.evidence import operations as told
from workstation.evidence.decoding import decode
from workstation.evidence.model import Crop, DeriveRequest, Kind, Mark, Operation, Picture, Rect, Redact
from workstation.evidence.photos import Photos
from workstation.evidence.record import Statement
from workstation.evidence.redacting import redact
from workstation.evidence.sealer import Entry, Sealer
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.evidence.ports import Painter
    from workstation.evidence.repo import Stored
    from workstation.kernel.clock import Clock
    from workstation.store.database import Database

Checked = Callable[[str], Awaitable[tuple["Stored", bytes]]]
"""A record and its file, after signature, binding and hash were checked. Raises NotFound, Tampered."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A picture that operations made, and which EXIF orientation was applied before them (1: none)."""

    picture: Picture
    orientation: int


class Deriving:
    """Makes copies of records and seals them."""

    def __init__(
        self, database: Database, sealer: Sealer, clock: Clock, checked: Checked, photos: Photos | None = None,
    ) -> None:
        self._photos = photos or Photos()
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._checked = checked

    async def derive(self, request: DeriveRequest, painter: Painter | None = None) -> Stored:
        """Seal a copy. Raises NotFound, Tampered, InputError, Unsupported (marks without who draws them), DiskFull."""
        original, content = await self._checked(request.record_id)
        plain = await self._photos.plain(content)
        copy = await asyncio.to_thread(make, plain.content, request.operations, painter)
        prepared = await sealer.develop(copy.picture)
        lines = told.told(request.operations, copy.orientation)
        personal = {"purpose": request.purpose, **lines.words, **await self._title(request)}
        how = _how(views.statement(original), painter if told.marks(request.operations) else None, plain.decoder)
        return await self._sealer.add(Entry(
            Kind.DERIVED, original.case_id, {"scope": "copy"}, personal, self._clock.now(),
            surroundings.monotonic_ns(), request.automation, how,
            sources=((original.id, original.record_hash),), operations=lines.lines,
        ), prepared)

    async def _title(self, request: DeriveRequest) -> dict[str, str]:
        if not request.keep_title:
            return {}
        fields = await self._database.read(lambda conn: repo.private(conn, [request.record_id]))
        return {one.name: one.value for one in fields.get(request.record_id, ()) if one.name == "window_title"}


def make(content: bytes, operations: Sequence[Operation], painter: Painter | None = None) -> Copy:
    """The copy's picture. Blocks. Raises InputError, Unsupported."""
    decoded = decode(content)
    chosen = told.checked(operations, decoded.picture.width, decoded.picture.height)
    if painter is None and told.marks(chosen):
        raise Unsupported(_("Arrows, boxes and words are drawn by the window only; nothing was kept."),
                          _("Open the record in the window, or only redact and crop."))
    picture = redact(decoded.picture, told.redactions(chosen))
    for marks, rects in _steps(chosen):
        if marks and painter is not None:
            picture = redact(_drawn(picture, marks, painter), rects)
    crop = next((one.rect for one in chosen if isinstance(one, Crop)), None)
    return Copy(imaging.part(picture, crop) if crop else picture, decoded.orientation)


def _steps(operations: Sequence[Operation]) -> list[tuple[list[Mark], list[Rect]]]:
    """Runs of marks, each with the redactions between it and the next."""
    steps: list[tuple[list[Mark], list[Rect]]] = [([], [])]
    for one in operations:
        if isinstance(one, Redact):
            steps[-1][1].append(one.rect)
        elif not isinstance(one, Crop):
            if steps[-1][1]:
                steps.append(([], []))
            steps[-1][0].append(one)
    return steps


def _drawn(picture: Picture, marks: Sequence[Mark], painter: Painter) -> Picture:
    """Marks over a picture; whatever the painter says, the outcome is opaque and of the same size."""
    drawn = painter.paint(picture, marks)
    pixels = bytearray(drawn.rgba)
    if (drawn.width, drawn.height, len(pixels)) != (picture.width, picture.height, len(picture.rgba)):
        raise ValueError("the painter gave a picture of another size")
    pixels[3::4] = b"\xff" * (drawn.width * drawn.height)
    return Picture(drawn.width, drawn.height, pixels)


def _how(original: Statement, painter: Painter | None, decoder: str = "") -> Statement:
    """Which programs read and drew; a copy of what was no real screen is none either."""
    from PIL import __version__

    real = record.part(original, "how").get("real_screen")
    how: Statement = {"decoder": decoder or f"pillow {__version__}"}
    if painter is not None:
        how["painter"] = painter.name
    if isinstance(real, bool):
        how["real_screen"] = real
    return how
