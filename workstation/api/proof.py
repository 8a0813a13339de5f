"""Evidence, copying upstream, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from workstation.api.common import Progress
from workstation.domain.problem import Problem
from workstation.domain.undo import Undo
from workstation.evidence.claims.model import Binder, Claim, CompileReport, Desk, OpenClaim, Translation
from workstation.evidence.model import (
    AuthorityTest,
    AuthorityView,
    CaptureRequest,
    DeriveRequest,
    Details,
    Difference,
    Grab,
    Handed,
    Look,
    Monitor,
    OpenWindow,
    RecordView,
    VerifyReport,
)
from workstation.evidence.reading.model import Backlog, PictureText
from workstation.kernel.actions import Action
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus

if TYPE_CHECKING:
    from workstation.evidence.ports import Painter


class EvidenceApi(Protocol):
    async def capture(self, request: CaptureRequest) -> RecordView: ...

    async def grab(self, screen: int) -> Grab:
        """The screen, to choose a region on; nothing is kept until `seal` is called."""

    async def screens(self) -> tuple[Monitor, ...]:
        """The screens as `grab` counts them; empty where there is one picture of all of them."""

    async def windows(self) -> tuple[OpenWindow, ...]:
        """What is open on the desktop, the uppermost first. Raises Unsupported where the system does not tell."""

    async def seal(self, grab: Grab, request: CaptureRequest) -> RecordView: ...

    async def list(self, case_id: str = "") -> tuple[RecordView, ...]: ...

    async def thumbnail(self, record_id: str) -> bytes:
        """A PNG at most 320 pixels wide."""

    async def open(self, record_id: str) -> bytes:
        """The sealed file after checking it, to be looked at. Recorded as a view. Raises NotFound, Tampered."""

    async def look(self, record_id: str) -> Look:
        """As `open`, with the picture decoded or the text made readable. Recorded as a view."""

    async def plain_picture(self, content: bytes, side: int = 0) -> bytes:
        """A photo of a format that the window does not read (HEIC, HEIF, AVIF, TIFF), as JPEG, its longer side at most
        `side` pixels (0: any); decoded in a process of its own. Any other file as it is. Raises InputError."""

    async def details(self, record_id: str) -> Details:
        """All that a record says of itself, its originals and its copies. Raises NotFound, Tampered."""

    async def compare(self, one_id: str, other_id: str) -> Difference:
        """Two records' pictures, pixel by pixel. Raises NotFound, Tampered, InputError (one is no picture)."""

    async def derive(self, request: DeriveRequest, painter: Painter | None = None) -> RecordView:
        """A redacted, annotated or cropped copy, on disk when this returns. Who draws marks brings the `painter`.

        Raises NotFound, Tampered, InputError (an operation outside the picture), Unsupported (marks and no painter).
        """

    async def file(self, record_id: str, to: Handed = Handed.REPLY) -> tuple[str, str, bytes]:
        """Name, MIME type and content, to leave the store. Recorded as an export. Raises NotFound, Tampered."""

    async def keep_attachment(self, message_id: str, position: int) -> RecordView:
        """A file of a message joins the message's case, byte for byte as its channel delivered it.

        `position`: its place among the message's files, from 0. As with every `keep_…`: keeping the same bytes in the
        same case again adds nothing and returns the record there is. Raises NotFound, InputError, DiskFull.
        """

    async def keep_file(self, case_id: str, path: Path) -> RecordView:
        """A file on this computer, at most 200 MB, joins a case. Raises InputError, DiskFull, ReadOnly."""

    async def keep_picture(self, case_id: str, content: bytes, name: str = "", encoded: bool = False) -> RecordView:
        """A pasted or dropped picture joins a case: the bytes of the file that was pasted, or, with `encoded`, our PNG
        of the pixels, which the record then says. Raises InputError, DiskFull."""

    async def keep_answers(self, case_id: str) -> tuple[RecordView, ...]:
        """What APIs and files answered behind each check of the case, one record for each distinct answer, those that
        were kept before included. Credentials are blacked out. Raises DiskFull."""

    async def export(self, out: Path, case_id: str = "", record_ids: Sequence[str] = ()) -> Path: ...

    async def verify(self, pack: Path | None = None) -> VerifyReport:
        """A pack, or the whole store when None. Raises InputError when the pack cannot be read."""


class BinderApi(Protocol):
    """The binder of a case and the packs made of it. Every change announces `BinderChanged` and can be undone."""

    async def desks(self) -> tuple[Desk, ...]:
        """Every claims desk we know, by title."""

    async def desk_problems(self) -> tuple[str, ...]:
        """What was not understood in a seller's own desks, a sentence for each file."""

    async def binder(self, case_id: str, desk: str = "", reason: str = "") -> Binder:
        """The exhibits in their order and, with a desk, the meter, facts and texts for its reason; a reason left out is
        the one chosen last or the desk's first. With no desk, the desk chosen last. Raises NotFound."""

    async def choose(self, case_id: str, desk: str, reason: str) -> None:
        """Remember which desk and reason this case is about."""

    async def move(self, case_id: str, record_id: str, to: int) -> Undo:
        """Put an exhibit at place `to`, from 0, of the whole order. Raises NotFound."""

    async def caption(self, case_id: str, record_id: str, text: str) -> Undo: ...

    async def assign(self, case_id: str, record_id: str, slot: str) -> Undo:
        """To a slot's id, to `claims.model.OTHER`, or "" for our proposal. Raises InputError for an unknown slot."""

    async def include(self, case_id: str, record_ids: Sequence[str], included: bool) -> Undo: ...

    async def translate(
        self, case_id: str, record_id: str, language: str, translation: Translation | None = None
    ) -> Undo:
        """Say which language an exhibit is in, and what it says in another; None takes the translation away."""

    async def write(self, case_id: str, desk: str, reason: str, field: str, text: str) -> Undo:
        """A person's own words for a text field; "" goes back to what the facts say."""

    async def claim(self, case_id: str, desk: str, claim: Claim) -> Undo:
        """Say when the claim at a desk was opened, its reference, and the day the desk itself named. Kept on this
        computer. Raises InputError for what is no date."""

    async def claims(self) -> tuple[OpenClaim, ...]:
        """The claims of all cases of which anything was said, the first to be answered first."""

    async def undo(self, undo_id: str) -> None:
        """Raises NotFound when there is nothing to undo any more."""

    async def compile(
        self, case_id: str, desk: str, reason: str, out: Path, progress: Progress | None = None
    ) -> CompileReport:
        """Write the pack in the desk's form to `out`, a new folder or a .zip, and the full pack beside it. Nothing is
        left out in silence. Recorded as an export. Raises InputError, NotFound, Tampered, DiskFull, ReadOnly."""


class ReadingApi(Protocol):
    """Text that a machine reads in pictures: derived, replaceable, never evidence. `source` is the id of a record or of
    a message's attachment. `PictureRead` announces what was read."""

    async def of(self, source: str) -> PictureText | None:
        """What is known of it; None when nobody looked yet."""

    async def read(self, source: str, *, again: bool = False) -> PictureText:
        """Read now, unless it was before; `again`: in any case. Takes seconds. Raises NotFound, Tampered, CannotRead
        (this computer cannot read pictures)."""

    async def backlog(self) -> Backlog:
        """How many wait."""


class AuthoritiesApi(Protocol):
    """Time-stamp authorities (RFC 3161): somebody else's word for when a record existed. None is asked by default."""

    async def list(self) -> tuple[AuthorityView, ...]:
        """Those that are asked, in the order they were added."""

    async def add(self, name: str, url: str, roots: bytes, *, simulated: bool = False) -> AuthorityView:
        """Ask this one from now on; `roots` is PEM. Raises InputError."""

    async def remove(self, authority_id: str) -> None:
        """Ask it no more; what it stamped stays. Raises NotFound."""

    async def test(self, name: str, url: str, roots: bytes) -> AuthorityTest:
        """Ask it for a token over nothing in particular. Raises InputError, and what is wrong by its name."""

    async def test_known(self, authority_id: str) -> AuthorityTest:
        """The same for one of the list. Raises NotFound as well."""


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

    async def accept_log(self, break_id: str) -> None:
        """Go on with the hub's log of evidence as it is now. That it broke stays on record. Raises NotFound."""


class ProblemsApi(Protocol):
    async def list(self) -> tuple[Problem, ...]:
        """What failed and waits for a person, worst first. `ProblemsChanged` says that it is another list."""

    async def act(self, problem_id: str, action: Action) -> None:
        """Do one of the problem's own actions, one of `kernel.actions.BY_CORE`; its effect is on disk or under way.

        Raises NotFound when it does not wait any more, Unsupported for another's action, and what the action raises.
        """

    async def dismiss(self, problem_id: str) -> None:
        """Say that it needs no look any more. It comes back when it fails anew. Raises NotFound, Unsupported."""
