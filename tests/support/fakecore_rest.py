"""The rest of the in-memory core: evidence, sync, jobs, and the whole put together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.support.fakecore import (
    NOW,
    FakeAccounts,
    FakeDrafts,
    FakeInbox,
    FakeOrders,
    FakeVerification,
    World,
)
from tests.support.fakecore_translation import FakeTranslation
from tests.support.fakecore_viewer import FakeViewing
from workstation.api import ConnectedSource, Core, Progress
from workstation.domain.events import EvidenceSealed, ProblemsChanged, SyncChanged
from workstation.domain.problem import Problem
from workstation.evidence.model import CaptureRequest, Grab, Handed, Kind, Monitor, OpenWindow, RecordView, VerifyReport
from workstation.kernel.actions import Action
from workstation.kernel.errors import InputError
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus

# One transparent pixel, a whole valid PNG.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000000020001e221bc33"
    "0000000049454e44ae426082")


class FakeEvidence(FakeViewing):
    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    async def capture(self, request: CaptureRequest) -> RecordView:
        self.world.note("capture", request)
        return self._seal(request)

    async def grab(self, screen: int) -> Grab:
        self.world.note("grab", screen)
        monitor = Monitor("offscreen", 0, 0, 320, 200, 320, 200, 1.0)
        return Grab(320, 200, bytes([90, 120, 150, 255]) * (320 * 200), (monitor,), 0, "offscreen", False)

    async def screens(self) -> tuple[Monitor, ...]:
        return ()

    async def windows(self) -> tuple[OpenWindow, ...]:
        self.world.note("windows")
        return (OpenWindow("0x1", "Parcel 42: delivered", "browser", 0, 0, 300, 180),
                OpenWindow("0x2", "Notes", "", 10, 10, 100, 80, covered=True))

    async def seal(self, grab: Grab, request: CaptureRequest) -> RecordView:
        self.world.note("seal", request)
        return self._seal(request)

    def _seal(self, request: CaptureRequest) -> RecordView:
        number = len(self.world.records) + 1
        record = RecordView(f"r{number}", request.case_id, Kind.CAPTURE, "Capture of screen 1", NOW, number, "ab" * 32,
                            1234, "image/png", False, False, False, 320, 200)
        self.world.records.append(record)
        self.world.bus.publish(EvidenceSealed(request.case_id, record.id))
        return record

    def _keep(self, case_id: str, title: str, mime: str) -> RecordView:
        number = len(self.world.records) + 1
        record = RecordView(f"r{number}", case_id, Kind.FILE, title, NOW, number, "cd" * 32, 2345, mime, True, False,
                            False)
        self.world.records.append(record)
        self.world.bus.publish(EvidenceSealed(case_id, record.id))
        return record

    async def keep_attachment(self, message_id: str, position: int) -> RecordView:
        self.world.note("keep_attachment", (message_id, position))
        return self._keep("c1", f"File {position + 1} of a message", "image/jpeg")

    async def keep_file(self, case_id: str, path: Path) -> RecordView:
        self.world.note("keep_file", (case_id, path))
        return self._keep(case_id, path.name, "application/pdf")

    async def keep_picture(self, case_id: str, content: bytes, name: str = "", encoded: bool = False) -> RecordView:
        self.world.note("keep_picture", (case_id, name, encoded))
        return self._keep(case_id, name or "Pasted picture", "image/png")

    async def keep_answers(self, case_id: str) -> tuple[RecordView, ...]:
        self.world.note("keep_answers", case_id)
        return ()

    async def list(self, case_id: str = "") -> tuple[RecordView, ...]:
        return tuple(record for record in self.world.records if case_id in ("", record.case_id))

    async def thumbnail(self, record_id: str) -> bytes:
        return PIXEL

    async def file(self, record_id: str, to: Handed = Handed.REPLY) -> tuple[str, str, bytes]:
        self.world.note("file", record_id if to is Handed.REPLY else (record_id, to))
        return f"{record_id}.png", "image/png", PIXEL

    async def open(self, record_id: str) -> bytes:
        return PIXEL

    async def export(self, out: Path, case_id: str = "", record_ids: Sequence[str] = ()) -> Path:
        self.world.note("export", (out, case_id))
        return out

    async def verify(self, pack: Path | None = None) -> VerifyReport:
        return VerifyReport(len(self.world.records), len(self.world.records), ())


class FakeSync:
    def __init__(self, world: World) -> None:
        self.world = world
        self.stuck: list[SyncFailure] = []

    async def status(self) -> SyncStatus:
        return self.world.status

    async def connect(self, invite: str) -> SyncStatus:
        self.world.note("connect", invite)
        if "#" not in invite:
            raise InputError("That is not an invite.", "Paste the whole line.")
        self.world.bus.publish(SyncChanged())
        return self.world.status

    async def run(self, progress: Progress | None = None) -> SyncReport:
        self.world.note("sync")
        return SyncReport(1, 0, 0, 0, True)

    async def failures(self) -> tuple[SyncFailure, ...]:
        return tuple(self.stuck)

    async def retry(self, failure_id: str) -> None:
        self.stuck = [failure for failure in self.stuck if failure.id != failure_id]
        self.world.note("retry_sync", failure_id)

    async def dismiss(self, failure_id: str) -> None:
        self.stuck = [failure for failure in self.stuck if failure.id != failure_id]
        self.world.note("dismiss_sync", failure_id)

    async def accept_log(self, break_id: str) -> None:
        self.world.note("accept_log", break_id)


class FakeSources:
    def __init__(self, world: World) -> None:
        self.world = world
        self.connected: list[ConnectedSource] = []

    async def list(self) -> tuple[ConnectedSource, ...]:
        return tuple(self.connected)

    async def connect(self, kind: str, store: str, token: str) -> None:
        if kind == "shopify" and not store.endswith(".myshopify.com"):
            raise InputError(f"{store} is not a Shopify store's address.", "Use the one that ends in .myshopify.com.")
        self.connected.append(ConnectedSource(kind, store))
        self.world.note("connect_source", (kind, store, token))

    async def remove(self, kind: str, store: str) -> None:
        self.connected.remove(ConnectedSource(kind, store))


class FakeProblems:
    """Problems as a test puts them; acting on one ends it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.listed: list[Problem] = []

    async def list(self) -> tuple[Problem, ...]:
        return tuple(self.listed)

    async def act(self, problem_id: str, action: Action) -> None:
        self.world.note("act", (problem_id, action))
        self.put(*(one for one in self.listed if one.id != problem_id))

    async def dismiss(self, problem_id: str) -> None:
        await self.act(problem_id, Action.DISMISS)

    def put(self, *problems: Problem) -> None:
        self.listed = list(problems)
        self.world.bus.publish(ProblemsChanged())


class FakeJobs:
    def __init__(self, world: World) -> None:
        self.world = world

    def cancel(self, job_id: str) -> None:
        self.world.note("cancel", job_id)


def make_core(world: World) -> Core:
    """A whole core over this world."""
    return Core(
        inbox=FakeInbox(world), accounts=FakeAccounts(world), orders=FakeOrders(world),
        verification=FakeVerification(world), translation=FakeTranslation(world), drafts=FakeDrafts(world),
        evidence=FakeEvidence(world), sync=FakeSync(world), jobs=FakeJobs(world), bus=world.bus,
        sources=FakeSources(world), problems=FakeProblems(world), device_id="device-1",
        simulated=("shop", "carrier"),
    )
