"""What the viewer asks of the in-memory core: pictures painted for the occasion, statements that say what they say."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.support.fakecore import NOW, World
from workstation.domain.events import EvidenceSealed
from workstation.evidence import operations
from workstation.evidence.deriving import make
from workstation.evidence.differing import difference
from workstation.evidence.lineage import title
from workstation.evidence.model import (
    DeriveRequest,
    Details,
    Difference,
    Kind,
    Lineage,
    Look,
    Picture,
    RecordView,
)
from workstation.evidence.png import encode
from workstation.evidence.ports import Painter
from workstation.kernel.errors import NotFound


def painted(record: RecordView) -> Picture:
    """Stripes; the colour follows from the record's number."""
    width, height = record.width or 1, record.height or 1
    shade = record.sequence * 37 % 120 + 90
    rows = [bytes((shade, 170, 200 - (y // 10 % 2) * 60, 255)) * width for y in range(height)]
    return Picture(width, height, b"".join(rows))


class FakeViewing:
    """Part of the in-memory evidence. `pictures` holds what was derived, `texts` what records read as."""

    world: World

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}

    def _record(self, record_id: str) -> RecordView:
        found = next((one for one in self.world.records if one.id == record_id), None)
        if found is None:
            raise NotFound("There is no such record in this store.", "List them.")
        return found

    def _picture(self, record: RecordView) -> Picture | None:
        if not record.mime.startswith("image/") or not record.width:
            return None
        return self.pictures.get(record.id) or painted(record)

    async def plain_picture(self, content: bytes, side: int = 0) -> bytes:
        self.world.note("plain_picture", side)
        return content

    async def look(self, record_id: str) -> Look:
        self.world.note("look", record_id)
        record = self._record(record_id)
        text = "Subject: Hello\n\nYour parcel left on Monday." if record.mime == "message/rfc822" else ""
        return Look(record, b"Subject: Hello\r\n\r\nYour parcel left on Monday.", self._picture(record), text)

    async def details(self, record_id: str) -> Details:
        record = self._record(record_id)
        originals = []
        while record.derived_from:
            record = self._record(record.derived_from)
            originals.append(record)
        copies = tuple(one for one in self.world.records if one.derived_from == record_id)
        shown = self._record(record_id)
        beside = () if shown.kind is Kind.DERIVED else (
            ("operator", "Li Wei"), ("purpose", "delivery page"), ("url", "https://carrier.example/1"),
            ("window_title", "Track a parcel"))
        return Details(shown, "cd" * 32, "ef" * 32, statement(shown), beside, ("os_user",),
                       Lineage(tuple(originals), copies))

    async def compare(self, one_id: str, other_id: str) -> Difference:
        self.world.note("compare", (one_id, other_id))
        one, other = (self._picture(self._record(record_id)) for record_id in (one_id, other_id))
        assert one is not None
        assert other is not None
        return difference(one, other)

    async def derive(self, request: DeriveRequest, painter: Painter | None = None) -> RecordView:
        self.world.note("derive", request)
        original = self._record(request.record_id)
        before = self._picture(original)
        assert before is not None
        made = make(encode(before.width, before.height, before.rgba), request.operations, painter).picture
        lines = operations.told(request.operations).lines
        number = len(self.world.records) + 1
        record = RecordView(
            f"r{number}", original.case_id, Kind.DERIVED, title(lines), NOW, number, "dd" * 32, 999, "image/png",
            original.real_screen, False, False, made.width, made.height,
            derived_from=original.id, operations=lines)
        self.pictures[record.id] = made
        self.world.records.append(record)
        self.world.bus.publish(EvidenceSealed(record.case_id, record.id))
        return record


def statement(record: RecordView) -> bytes:
    """As the sealer writes one, as far as the viewer reads it."""
    monitor = {"name": "DP-1", "pixel_width": 2560, "pixel_height": 1440, "scale": 1.5}
    at = str(record.at * 1_000_000)
    said: dict[str, object] = {
        "who": {"device": "device-1", "by": "person"}, "what": {"url_learnt": "typed"},
        "when": {"wall_ns": at, "sealed_ns": at, "zone": "Asia/Shanghai", "hub_offset_ms": -12},
        "how": {"application": "workstation 0.1.0", "python": "3.11.2", "system": "Linux", "real_screen":
                record.real_screen, "warnings": []},
        "file": {"pixels": {"sha256": "12" * 32}} if record.width else {},
    }
    if record.kind is Kind.CAPTURE:
        said["display"] = {"monitors": [monitor], "screen": 0,
                           "crop": {"x": 4, "y": 8, "width": record.width, "height": record.height}}
        said["how"] = {**dict(said["how"]), "back_end": "x11/mss", "session": "x11"}  # type: ignore[call-overload]
    return json.dumps(said).encode()


def copy_of(record: RecordView, number: int, *lines: str) -> RecordView:
    """A copy as the list has it."""
    return replace(record, id=f"r{number}", kind=Kind.DERIVED, title=title(lines), sequence=number,
                   derived_from=record.id, operations=lines)
