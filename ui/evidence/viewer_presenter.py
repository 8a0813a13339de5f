"""State of the viewer: the record that is looked at, what it says, its neighbours, and the copy that is made of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QImage

from ui.bridge import Bridge
from ui.evidence.canvas import levels
from ui.evidence.family import arranged
from ui.evidence.painter import QtPainter, to_image
from workstation.api import Core
from workstation.domain.events import EvidenceSealed
from workstation.evidence.model import DeriveRequest, Details, Difference, Handed, Look, Operation, RecordView
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as it is shown. `levels` are empty for what is no picture; `look` is None for records without a file."""

    details: Details
    look: Look | None = None
    levels: tuple[QImage, ...] = ()

    @property
    def record(self) -> RecordView:
        return self.details.record


@dataclass(frozen=True, slots=True)
class Compared:
    """Two pictures and what differs."""

    one: Seen
    other: Seen
    difference: Difference


class ViewerPresenter(QObject):
    """Asks the core; the window shows."""

    changed = Signal()
    """Another record, or the same with another state."""
    compared = Signal(object)
    copied = Signal()
    """That the picture leaves the store is on record."""
    sealed = Signal(object)
    """The RecordView of a copy that is on disk."""

    def __init__(self, bridge: Bridge, record: RecordView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.record = record
        self.seen: Seen | None = None
        self.records: tuple[RecordView, ...] = (record,)
        self.busy = ""
        self.problem = ""
        self.sealing = False
        """A copy is on its way to the disk."""
        self._painter = QtPainter()
        self._bridge = bridge
        bridge.evidence_sealed.connect(self._on_sealed)

    @property
    def at(self) -> int:
        """Where the record is among those of its case, from 0; -1 when it is none of them."""
        return next((at for at, one in enumerate(self.records) if one.id == self.record.id), -1)

    def pictures(self) -> tuple[RecordView, ...]:
        """What the record can be compared with."""
        return tuple(one for one in self.records if one.mime.startswith("image/") and one.id != self.record.id)

    def open(self, record: RecordView) -> None:
        """Turn to a record."""
        self.record, self.seen, self.problem = record, None, ""
        self.busy = _("Opening and checking…")
        self.changed.emit()
        self._bridge.call(partial(_see, record), self._on_seen, self, self._on_problem, "see")
        self._list()

    def step(self, by: int) -> None:
        """To another record of the case; after the last comes the first."""
        if len(self.records) > 1:
            self.open(self.records[(self.at + by) % len(self.records)])

    def original(self) -> RecordView | None:
        """What the record is a copy of, when it is here."""
        return next(iter(self.seen.details.lineage.originals), None) if self.seen else None

    def copies(self) -> tuple[RecordView, ...]:
        return self.seen.details.lineage.copies if self.seen else ()

    def compare(self, other: RecordView) -> None:
        if self.seen is not None:
            self._begin(_("Comparing…"))
            work = partial(_compare, self.seen, other)
            self._bridge.call(work, self._on_compared, self, self._on_problem, "compare")

    def derive(self, operations: tuple[Operation, ...], keep_title: bool) -> None:
        """Seal a copy with these changes."""
        if self.sealing:
            return
        self.sealing = True
        self._begin(_("Sealing…"))
        request = DeriveRequest(self.record.id, operations, keep_title=keep_title)
        self._bridge.call(partial(_derive, request, self._painter), self._on_derived, self, self._on_underived)

    def hand_out(self) -> None:
        """Put on record that the picture was copied; `copied` comes when it is."""
        self._bridge.call(partial(_hand_out, self.record.id), self._on_handed, self, self._on_problem, "copy")

    def _on_handed(self, _file: object) -> None:
        self.copied.emit()

    def _begin(self, what: str) -> None:
        self.busy, self.problem = what, ""
        self.changed.emit()

    def _list(self) -> None:
        self._bridge.call(partial(_list, self.record.case_id), self._on_list, self, replaces="list")

    def _on_list(self, records: tuple[RecordView, ...]) -> None:
        self.records = arranged(sorted(records, key=lambda one: one.sequence)) or (self.record,)
        self.changed.emit()

    def _on_seen(self, seen: Seen) -> None:
        self.seen, self.busy = seen, ""
        self.record = seen.record
        self.changed.emit()

    def _on_compared(self, found: Compared) -> None:
        self.busy = ""
        self.changed.emit()
        self.compared.emit(found)

    def _on_derived(self, record: RecordView) -> None:
        self.busy, self.sealing = "", False
        self.sealed.emit(record)

    def _on_underived(self, problem: WorkstationError) -> None:
        self.sealing = False
        self._on_problem(problem)

    def _on_problem(self, problem: WorkstationError) -> None:
        self.problem, self.busy = str(problem), ""
        self.changed.emit()

    @Slot(object)
    def _on_sealed(self, event: EvidenceSealed) -> None:
        if event.case_id == self.record.case_id:
            self._list()


async def _see(record: RecordView, core: Core) -> Seen:
    """What a record holds, decoded off the loop. Records without a file, or any more, are shown by what they say."""
    look = await core.evidence.look(record.id) if record.sha256 and record.erased_at is None else None
    return await _seen(look, await core.evidence.details(record.id))


async def _seen(look: Look | None, details: Details) -> Seen:
    if look is None or look.picture is None:
        return Seen(details, look)
    picture = look.picture
    made = await asyncio.to_thread(lambda: levels(to_image(picture)))
    return Seen(details, replace(look, picture=None), made)


async def _compare(one: Seen, other: RecordView, core: Core) -> Compared:
    seen = await _see(other, core)
    return Compared(one, seen, await core.evidence.compare(one.record.id, other.id))


async def _hand_out(record_id: str, core: Core) -> object:
    return await core.evidence.file(record_id, Handed.CLIPBOARD)


async def _derive(request: DeriveRequest, painter: QtPainter, core: Core) -> RecordView:
    return await core.evidence.derive(request, painter)


async def _list(case_id: str, core: Core) -> tuple[RecordView, ...]:
    return await core.evidence.list(case_id)
