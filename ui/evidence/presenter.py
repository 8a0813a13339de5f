"""Evidence of one case: its records, capturing more, opening, exporting, verifying, and adding one to the reply."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from ui.bridge import Bridge, Notice
from ui.composer.files import add_exhibit
from ui.evidence.family import arranged
from ui.evidence.last_region import Region, changed_screen
from ui.evidence.where import Where, number
from workstation.api import Core
from workstation.domain.events import EvidenceSealed
from workstation.drafts.model import DraftFile
from workstation.evidence.model import CaptureRequest, Grab, OpenWindow, RecordView, Rect, VerifyReport
from workstation.kernel.errors import BlankScreen, WorkstationError
from workstation.kernel.i18n import _


class EvidencePresenter(QObject):
    """State of the strip."""

    changed = Signal()
    grabbed = Signal(object, str, bool)
    """A Grab to choose a region on, the case it is for, and whether all of it is chosen to begin with."""
    windows_listed = Signal(object, str)
    """OpenWindows to choose from, and the case one is to be captured for."""
    opened = Signal(object)
    """A RecordView to look at."""
    verified = Signal(object)
    thumbnail = Signal(str, object)
    """A record's id and PNG bytes."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.conversation_id: str | None = None
        self.records: tuple[RecordView, ...] = ()
        self.busy = ""
        self.problem = ""
        self._bridge = bridge
        self._region: Region | None = None
        self._thumbnails: set[str] = set()
        bridge.evidence_sealed.connect(self._on_sealed)
        bridge.sync_changed.connect(self._on_sync)

    def show(self, conversation_id: str | None) -> None:
        """Turn to a case, or to none."""
        if conversation_id != self.conversation_id:
            self.conversation_id, self.records = conversation_id, ()
            self.problem, self._thumbnails = "", set()
            self.changed.emit()
            self.reload()

    @Slot()
    def reload(self) -> None:
        if self.conversation_id:
            listed = partial(self._on_list, self.conversation_id)
            self._bridge.call(partial(_list, self.conversation_id), listed, self, replaces="list")

    def capture(self, place: Where, case_id: str, blank: bool = False) -> None:
        """The whole screen joins the case; with `blank` even if it shows nothing."""
        self._begin(_("Capturing…"))
        anyway = partial(self.capture, place, case_id, True)
        work = partial(_capture, place, case_id, blank)
        self._bridge.call(work, self._on_captured, self, partial(self._on_refused, anyway))

    def grab(self, place: Where, case_id: str, whole: bool = False) -> None:
        """Take the screen to choose a region on; nothing is kept yet."""
        grabbed = partial(self._on_grabbed, case_id, whole)
        self._bridge.call(partial(_grab, place), grabbed, self, self._on_problem, "grab")

    def list_windows(self, case_id: str) -> None:
        """Ask which windows are on the desktop."""
        listed = partial(self._on_windows, case_id)
        self._bridge.call(_windows, listed, self, self._on_problem, "windows")

    def capture_window(self, window_id: str, case_id: str, blank: bool = False) -> None:
        """The part of the screen where a window is joins the case."""
        self._begin(_("Capturing…"))
        anyway = partial(self.capture_window, window_id, case_id, True)
        work = partial(_capture_window, CaptureRequest(case_id, window=window_id, blank=blank))
        self._bridge.call(work, self._on_captured, self, partial(self._on_refused, anyway))

    def capture_again(self, case_id: str, blank: bool = False) -> bool:
        """The last region once more; False when there was none since the start."""
        if self._region is not None:
            self._begin(_("Capturing…"))
            anyway = partial(self.capture_again, case_id, True)
            work = partial(_again, self._region, case_id, blank)
            self._bridge.call(work, self._on_captured, self, partial(self._on_refused, anyway))
        return self._region is not None

    def seal(self, grab: Grab, rect: Rect, case_id: str, blank: bool = False) -> None:
        """Keep a region of what was grabbed, for the case it was grabbed for."""
        self._region = Region.of(grab, rect)
        self._begin(_("Sealing…"))
        anyway = partial(self.seal, grab, rect, case_id, True)
        work = partial(_seal, grab, CaptureRequest(case_id, grab.screen, rect, blank=blank))
        self._bridge.call(work, self._on_captured, self, partial(self._on_refused, anyway))

    def open(self, record: RecordView) -> None:
        """Let it be shown; the viewer checks its file."""
        self.opened.emit(record)

    def add_to_reply(self, record: RecordView) -> None:
        """Let a record go along with the reply of its case."""
        if self.conversation_id:
            work = partial(add_exhibit, self.conversation_id, record)
            self._bridge.call(work, self._on_added, self, self._on_problem)

    def export(self, out: Path) -> None:
        """Write the case's records as a pack."""
        if self.conversation_id:
            self._begin(_("Writing the pack…"))
            work = partial(_export, out, self.conversation_id)
            self._bridge.call(work, self._on_exported, self, self._on_problem, "export")

    def verify(self) -> None:
        """Check every record and file of this device."""
        self._begin(_("Verifying all evidence…"))
        self._bridge.call(_verify, self._on_verified, self, self._on_problem, "verify")

    def _begin(self, what: str) -> None:
        self.busy, self.problem = what, ""
        self.changed.emit()

    def _end(self) -> None:
        self.busy = ""
        self.changed.emit()

    def _on_list(self, case_id: str, records: tuple[RecordView, ...]) -> None:
        if case_id == self.conversation_id:   # a record's own case may be one that was merged into this
            self.records = arranged(sorted(records, key=lambda record: record.sequence, reverse=True))
            self.changed.emit()
            for record in self.records:
                self._want_thumbnail(record)

    def _want_thumbnail(self, record: RecordView) -> None:
        wanted = record.mime.startswith("image/") and record.erased_at is None
        if wanted and record.id not in self._thumbnails:
            self._thumbnails.add(record.id)
            shown = partial(self._on_thumbnail, record.id)
            self._bridge.call(partial(_thumbnail, record.id), shown, self, self._on_no_thumbnail)

    def _on_thumbnail(self, record_id: str, png: bytes) -> None:
        self.thumbnail.emit(record_id, png)

    def _on_no_thumbnail(self, _problem: WorkstationError) -> None:
        """Not every picture has one; its row shows a sheet."""

    def _on_captured(self, record: RecordView) -> None:
        self._end()
        self.reload()
        self._bridge.notice(_("Captured and sealed: {title}.").format(title=record.title))

    def _on_grabbed(self, case_id: str, whole: bool, grab: Grab) -> None:
        self.grabbed.emit(grab, case_id, whole)

    def _on_windows(self, case_id: str, windows: tuple[OpenWindow, ...]) -> None:
        self.windows_listed.emit(windows, case_id)

    def _on_added(self, file: DraftFile) -> None:
        self._bridge.notice(_("{name} goes along with the reply.").format(name=file.name))

    def _on_exported(self, out: Path) -> None:
        self._end()
        self._bridge.notice(_("The pack was written: {name}.").format(name=out.name))

    def _on_verified(self, report: VerifyReport) -> None:
        self._end()
        self.verified.emit(report)

    def _on_problem(self, problem: WorkstationError) -> None:
        self.problem = str(problem)
        self._end()

    def _on_refused(self, anyway: Callable[[], object], problem: WorkstationError) -> None:
        """A capture failed. What shows a single colour only can be kept nevertheless: a person decides that."""
        self._on_problem(problem)
        if isinstance(problem, BlankScreen):
            self._bridge.noticed.emit(Notice(
                problem.sentence, seconds=12, tone="warn", remedy=_("Capture anyway"), act=partial(_do, anyway)))

    begin, end, fail = _begin, _end, _on_problem
    """For who adds to the case from elsewhere: what is under way, that it ended, how it failed."""

    @Slot(object)
    def _on_sealed(self, event: EvidenceSealed) -> None:
        if event.case_id == self.conversation_id:
            self.reload()

    @Slot(object)
    def _on_sync(self, _event: object) -> None:
        if any(not record.secured for record in self.records):
            self.reload()


def _do(work: Callable[[], object]) -> None:
    work()


async def _list(case_id: str, core: Core) -> tuple[RecordView, ...]:
    return await core.evidence.list(case_id)


async def _capture(place: Where, case_id: str, blank: bool, core: Core) -> RecordView:
    return await core.evidence.capture(CaptureRequest(case_id, await _screen(place, core), blank=blank))


async def _capture_window(request: CaptureRequest, core: Core) -> RecordView:
    return await core.evidence.capture(request)


async def _grab(place: Where, core: Core) -> Grab:
    return await core.evidence.grab(await _screen(place, core))


async def _screen(place: Where, core: Core) -> int:
    """The back end's number of a screen; where there is one only, nobody need be asked."""
    return 0 if place.only else number(place, await core.evidence.screens())


async def _windows(core: Core) -> tuple[OpenWindow, ...]:
    return await core.evidence.windows()


async def _again(region: Region, case_id: str, blank: bool, core: Core) -> RecordView:
    """The same pixels, if it is the same screen. Raises CaptureRefused when it is not."""
    grab = await core.evidence.grab(region.found(await core.evidence.screens()))
    if Region.of(grab, region.rect) != region:
        raise changed_screen()
    return await core.evidence.seal(grab, CaptureRequest(case_id, grab.screen, region.rect, blank=blank))


async def _seal(grab: Grab, request: CaptureRequest, core: Core) -> RecordView:
    return await core.evidence.seal(grab, request)


async def _thumbnail(record_id: str, core: Core) -> bytes:
    return await core.evidence.thumbnail(record_id)


async def _export(out: Path, case_id: str, core: Core) -> Path:
    return await core.evidence.export(out, case_id)


async def _verify(core: Core) -> VerifyReport:
    return await core.evidence.verify()
