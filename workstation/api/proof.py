"""Evidence, copying upstream, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from workstation.api.common import Progress
from workstation.domain.problem import Problem
from workstation.evidence.model import CaptureRequest, Grab, RecordView, VerifyReport
from workstation.kernel.actions import Action
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus


class EvidenceApi(Protocol):
    async def capture(self, request: CaptureRequest) -> RecordView: ...

    async def grab(self, screen: int) -> Grab:
        """The screen, to choose a region on; nothing is kept until `seal` is called."""

    async def seal(self, grab: Grab, request: CaptureRequest) -> RecordView: ...

    async def list(self, case_id: str = "") -> tuple[RecordView, ...]: ...

    async def thumbnail(self, record_id: str) -> bytes:
        """A PNG at most 320 pixels wide."""

    async def open(self, record_id: str) -> bytes:
        """The sealed file after checking it, to be looked at. Recorded as a view. Raises NotFound, Tampered."""

    async def file(self, record_id: str) -> tuple[str, str, bytes]:
        """Name, MIME type and content, to go along with a reply. Recorded as an export. Raises NotFound, Tampered."""

    async def export(self, out: Path, case_id: str = "", record_ids: Sequence[str] = ()) -> Path: ...

    async def verify(self, pack: Path | None = None) -> VerifyReport:
        """A pack, or the whole store when None. Raises InputError when the pack cannot be read."""


class SyncApi(Protocol):
    async def status(self) -> SyncStatus: ...

    async def connect(self, invite: str) -> SyncStatus:
        """Enrol this device at a hub with an invite ("http://host:port/#token")."""

    async def run(self, progress: Progress | None = None) -> SyncReport:
        """One full cycle. Raises Offline and its relatives; what is queued stays queued."""

    async def failures(self) -> tuple[SyncFailure, ...]:
        """What could not be copied and waits for a person."""

    async def retry(self, failure_id: str) -> None:
        """Try one of them again, at once. Raises NotFound when it does not wait any more."""

    async def dismiss(self, failure_id: str) -> None:
        """Let one of them be: it stays here and is not copied. Raises NotFound when it does not wait any more."""


class ProblemsApi(Protocol):
    async def list(self) -> tuple[Problem, ...]:
        """What failed and waits for a person, worst first. `ProblemsChanged` says that it is another list."""

    async def act(self, problem_id: str, action: Action) -> None:
        """Do one of the problem's own actions, one of `kernel.actions.BY_CORE`; its effect is on disk or under way.

        Raises NotFound when it does not wait any more, Unsupported for another's action, and what the action raises.
        """

    async def dismiss(self, problem_id: str) -> None:
        """Say that it needs no look any more. It comes back when it fails anew. Raises NotFound, Unsupported."""
