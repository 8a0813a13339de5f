"""Every command and query the window, the command line and the tests may call.

The window sees these Protocols and the features' `model` modules; `app` hands it the services that fulfil them.
All methods are coroutines of the core thread. A command returns when its effect is on disk. Known failures raise
`kernel.errors.WorkstationError`; anything else is a bug. Nothing here is imported at run time but values, so that
the window can be painted before the features are loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from workstation.customers.model import Contact, Customer, Proposal
from workstation.domain.member import Member
from workstation.domain.order import Order, OrderRef, Parcel
from workstation.domain.problem import Problem
from workstation.domain.undo import Undo
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.evidence.model import CaptureRequest, Grab, RecordView, VerifyReport
from workstation.inbox.model import (
    Account,
    AccountSettings,
    ClockRule,
    ConnectionReport,
    ConnectionStep,
    ConversationRow,
    ConversationView,
    ImportReport,
    ListQuery,
    MailFolder,
    MessageCursor,
    MessagePage,
    Provider,
    Queue,
    SavedView,
    TagCount,
)
from workstation.kernel.actions import Action
from workstation.kernel.events import Event
from workstation.kernel.paging import Page
from workstation.orders.model import OrderImportReport, OrderLink
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus
from workstation.team.model import Doing, Presence
from workstation.translation.model import Engine, LanguagePackage, Preview, Translation
from workstation.triage.model import Triage
from workstation.verification.model import Panel, RawAnswer

E = TypeVar("E", bound=Event)
Progress = Callable[[int, int], None]
"""Called with (done, total); total is 0 when it is not known."""


class InboxApi(Protocol):
    async def queues(self) -> tuple[Queue, ...]: ...

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        """One page of a queue, sorted by what breaches next, or of the hits of a search, newest first."""

    async def rows(self, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
        """The rows of these conversations as they are now; a missing one is gone."""

    async def size(self, query: ListQuery) -> int:
        """How many rows the whole queue has; -1 for a search, which is not counted."""

    async def rank(self, query: ListQuery, conversation_id: str) -> int | None:
        """The place of a conversation in a queue, from 0; None when it is not in it."""

    async def conversation(self, conversation_id: str) -> ConversationView:
        """Its row, its newest messages and the quiet lines beside them; as quick with 50,000 messages as with five."""

    async def messages(self, conversation_id: str, at: MessageCursor, limit: int = 50) -> MessagePage:
        """Messages before or after a place of the timeline, with the quiet lines between them."""

    async def mark_read(self, ids: Sequence[str], read: bool = True) -> None: ...

    async def resolve(self, ids: Sequence[str], seen: Mapping[str, int] | None = None) -> Undo:
        """`seen`: when the newest message on the screen was written, by conversation. One in which a buyer wrote
        meanwhile stays as it is, so that no mail is hidden unread."""

    async def reopen(self, ids: Sequence[str]) -> Undo: ...

    async def snooze(self, ids: Sequence[str], until: int) -> Undo: ...

    async def when(self, text: str) -> int | None:
        """The moment that words mean ("in 3 hours", "friday 14:30", "明天上午9点"); None when it cannot be told."""

    async def clock_rules(self) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
        """Every response clock, shipped and own (`ClockRule.own`), and what is wrong with own ones that do not hold."""

    async def keep_clock_rules(self, own: Sequence[ClockRule]) -> None:
        """Let these be the seller's own rules; they hold for what waits already. Raises InputError, ReadOnly."""

    async def no_response_needed(self, ids: Sequence[str]) -> Undo: ...

    async def assign(self, ids: Sequence[str], member_id: str) -> Undo:
        """"" takes the assignment away."""

    async def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Undo:
        """Raises InputError for a tag that is empty, too long or has a line break."""

    async def tags(self) -> tuple[TagCount, ...]:
        """Every tag in use with how many open conversations have it, most used first."""

    async def mute(self, ids: Sequence[str], muted: bool = True) -> Undo:
        """A muted conversation stays in its queues; it neither notifies nor alarms."""

    async def ask_review(self, ids: Sequence[str], asked: bool = True) -> Undo: ...

    async def merge(self, ids: Sequence[str], into: str) -> Undo:
        """The messages of `ids` join `into`, in time order. Raises InputError when they are of different customers'
        channels that cannot be answered from one place (another account or channel)."""

    async def unmerge(self, conversation_id: str) -> Undo:
        """Part what was merged into this conversation, each message back where it was. Raises NotFound."""

    async def split(self, conversation_id: str, message_ids: Sequence[str]) -> Undo:
        """These messages, and answers to them, become a conversation of their own. Raises InputError: none or all."""

    async def views(self) -> tuple[SavedView, ...]: ...

    async def save_view(self, view: SavedView) -> SavedView:
        """A new view has id "". Raises InputError when its query cannot be a view or its title is taken."""

    async def remove_view(self, view_id: str) -> None: ...

    async def undo(self, undo_id: str) -> None: ...

    async def raw_source(self, message_id: str) -> bytes: ...

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        """Name, MIME type and content."""

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport: ...


class TeamApi(Protocol):
    """Members and presence. Without a hub there is one member: the person at this desk."""

    async def members(self) -> tuple[Member, ...]: ...

    async def rename(self, name: str) -> None:
        """What colleagues read as this person's name. Raises InputError."""

    def here(self, conversation_id: str, doing: Doing | None) -> None:
        """The person views, writes in, or (None) left a conversation. Told upstream at once, and again as it lasts."""

    async def presence(self, conversation_id: str) -> tuple[Presence, ...]:
        """Who else is there now, writers first; empty without a hub or when it cannot be reached."""

    async def look(self, conversation_id: str) -> tuple[Presence, ...]:
        """As `presence`, asked anew; at most two seconds."""


class CustomersApi(Protocol):
    async def of(self, conversation_id: str) -> Customer: ...

    async def find(self, text: str, limit: int = 8) -> tuple[Customer, ...]:
        """Customers by the beginning of a name, an address or a number, latest contact first."""

    async def history(self, customer_id: str, cursor: str | None = None) -> Page[Contact]:
        """Their conversations, newest first, across channels and the stores this desk may see."""

    async def proposals(self, customer_id: str) -> tuple[Proposal, ...]:
        """Who else may be this person, most likely first."""

    async def merge(self, customer_id: str, other_id: str) -> Undo: ...

    async def part(self, customer_id: str, other_id: str) -> Undo:
        """Take a merge back; nothing that was written meanwhile is lost. Raises NotFound."""

    async def dismiss(self, proposal_id: str) -> Undo:
        """They are two people: not proposed again unless a new reason appears."""

    async def undo(self, undo_id: str) -> None: ...


class TriageApi(Protocol):
    async def of(self, conversation_id: str) -> Triage: ...

    async def correct(self, conversation_id: str, kind: str, value: str) -> Undo:
        """A person knows better: kept, never overruled, and learned from. Raises InputError for an unknown value."""

    async def undo(self, undo_id: str) -> None: ...


class AccountsApi(Protocol):
    async def list(self) -> tuple[Account, ...]: ...

    async def preset(self, address: str) -> Provider | None:
        """Servers and first steps of a common mail provider, by the address's domain; None: not known."""

    async def test(
        self, settings: AccountSettings, password: str | None, account_id: str = "",
        step: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        """Try every step and explain each failure. None: with the password kept for `account_id`, which goes only to
        the servers it was entered for (InputError otherwise). `step` is called on the core thread with each step as
        soon as it was tried; those of the two servers come mixed, the report has them in order."""

    async def folders(
        self, settings: AccountSettings, password: str | None, account_id: str = ""
    ) -> tuple[MailFolder, ...]:
        """The folders of a mailbox, inbox first; `watched` marks those that would be read. None: as in `test`.

        Raises ConnectError, InputError.
        """

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str = "") -> str:
        """Sign in with a browser instead of a password, at the provider `settings.sign_in` names.

        `opened` is called once, on the core thread, with the address to show in the system's browser. `secret`: the
        client's own, where the provider gave one with the client id. Returns a grant: it stands where a password would,
        in `test`, `folders`, `add` and `update`. Cancel the call to give up; nothing is kept then.

        Raises InputError (no client id was entered), AuthFailed (the person said no), TimedOut (ten minutes),
        ConnectError.
        """

    async def add(self, settings: AccountSettings, password: str) -> Account: ...

    async def update(self, account_id: str, settings: AccountSettings, password: str | None = None) -> Account:
        """Change a mailbox; its mail stays. None: it keeps its password. Raises NotFound, InputError."""

    async def remove(self, account_id: str) -> None: ...

    async def fetch_now(self) -> None: ...


class OrdersApi(Protocol):
    async def import_file(self, path: Path, progress: Progress | None = None) -> OrderImportReport: ...

    async def find(self, order_id: str) -> tuple[Order, ...]:
        """Orders with this id ("702-…" or "store/702-…"), one for each store that has it."""

    async def beginning(self, typed: str, limit: int = 5) -> tuple[tuple[OrderRef, str], ...]:
        """Orders whose number begins so, with their buyers' names; for finding one as it is typed."""

    async def links(self, conversation_id: str) -> tuple[OrderLink, ...]: ...

    async def parcel(self, ref: OrderRef) -> Parcel | None: ...

    async def link(self, conversation_id: str, ref: OrderRef) -> None:
        """A person says this conversation is about that order."""


@dataclass(frozen=True, slots=True)
class ConnectedSource:
    """A shop or carrier that may be asked: "shopify" with its store's address, or "17track"."""

    kind: str
    store: str = ""


class SourcesApi(Protocol):
    async def list(self) -> tuple[ConnectedSource, ...]: ...

    async def connect(self, kind: str, store: str, token: str) -> None:
        """Let a shop or carrier be asked from now on. The token goes to the keyring."""

    async def remove(self, kind: str, store: str) -> None:
        """Ask it no more and forget its token; what it answered stays. Raises NotFound."""


class VerificationApi(Protocol):
    async def panel(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """The checks as they stand, from what is stored; never waits for a network."""

    async def refresh(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """Ask the sources again, then the panel."""

    async def freshen(self, conversation_id: str, order: OrderRef | None = None) -> Panel:
        """As `refresh`, unless these sources were asked in the last five minutes."""

    async def check_order(self, order_id: str, at: int | None = None) -> Panel:
        """The panel of one order. Raises Ambiguous with `store/id` candidates, NotFound never: that is a verdict."""

    async def raw_answer(self, answer_id: str) -> RawAnswer: ...


class TranslationApi(Protocol):
    async def engines(self) -> tuple[Engine, ...]: ...

    async def packages(self) -> tuple[LanguagePackage, ...]: ...

    async def install(self, path: Path, progress: Progress | None = None) -> LanguagePackage:
        """Install a language package from a file (.argosmodel, zip) or folder, as a whole or not at all.

        Raises InputError when it is none, DiskFull, ReadOnly.
        """

    async def remove(self, source: str, target: str) -> None:
        """Remove the packages that were added for a pair. Raises NotFound."""

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """Raises NoEngine when no installed engine has the pair, directly or through English."""

    async def preview(self, text: str, source: str, target: str) -> Preview: ...

    async def read_message(self, message_id: str) -> Translation | None:
        """A stored message in the agent's language, translated once and kept. None: already in that language.

        Raises NoEngine, NotFound.
        """


class DraftsApi(Protocol):
    async def load(self, conversation_id: str, mode: Mode) -> Draft: ...

    async def save(self, draft: Draft) -> Draft:
        """Keep the draft; returns it with its new revision. An older revision than the stored one is refused."""

    async def history(self, conversation_id: str, mode: Mode) -> tuple[Draft, ...]: ...

    async def attach(
        self, conversation_id: str, name: str, mime: str, content: bytes, record_id: str = ""
    ) -> DraftFile: ...

    async def detach(self, conversation_id: str, file_id: str) -> None: ...

    async def blockers(self, draft: Draft) -> tuple[str, ...]:
        """What stops this draft from being sent, in sentences; empty when nothing does."""

    async def send(self, draft: Draft) -> Outgoing:
        """Save, then hold for the undo time, then send. A note is added at once. Raises SendBlocked."""

    async def undo_send(self, outgoing_id: str) -> Draft:
        """Take a held or queued reply back: the exact draft returns. Raises NotFound when it is already on its way."""

    async def outgoing(self) -> tuple[Outgoing, ...]:
        """Everything that is not done."""

    async def retry(self, outgoing_id: str) -> None:
        """Try a failed or queued reply again now. Refused (SendBlocked) for an unknown outcome."""

    async def look_for(self, outgoing_id: str) -> Outgoing:
        """Look whether a reply of unknown outcome arrived."""


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


@dataclass(frozen=True, slots=True)
class KeyState:
    """How the home's key is kept, for a person to read. Times are milliseconds of UTC, 0 when not known."""

    keeper: str
    """"keyring" or "passphrase"."""
    keeper_name: str
    """The keyring's own name, empty for a passphrase."""
    home_id: str
    device_id: str
    folder: Path
    machine: str
    """This computer's name."""
    recovery_made: int = 0
    recovery_tested: int = 0


class NewRecovery(Protocol):
    """A new recovery key, in memory only. The old one opens the home until `finish`."""

    @property
    def recovery(self) -> str:
        """As a person reads and types it: nine groups of four."""

    async def save_to(self, path: Path) -> None:
        """Write it to a new file and read that back. Raises InputError, ReadOnly."""

    async def finish(self, proof: str) -> None:
        """Let it take the old one's place, given retyped or as its file's text. Raises InputError, WrongKey, NotFound
        (it was abandoned)."""

    async def abandon(self) -> None:
        """Forget it, and delete the files it was saved to unless it took place: they would open nothing."""


class KeysApi(Protocol):
    async def state(self) -> KeyState: ...

    async def change_passphrase(self, old: str, new: str) -> None:
        """Raises WrongKey, InputError (too short, or the keyring keeps the key); nothing is changed then."""

    async def check_recovery(self, text: str) -> None:
        """Prove that a recovery key, as typed or as its file's text, opens this home. Raises InputError, WrongKey."""

    async def renew_recovery(self) -> NewRecovery: ...

    async def unlock_keyring(self) -> None:
        """Raise the system keyring's own prompt and wait until it is answered. Cancelled, the prompt goes away.

        Raises KeyringLocked when it stays locked, KeyringProblem.
        """


@dataclass(frozen=True, slots=True)
class BackupState:
    """When the home was last backed up (milliseconds of UTC, 0 never) and into which folder."""

    last_at: int
    place: str


@dataclass(frozen=True, slots=True)
class BackupDone:
    """A backup: `copied` of its `files` sealed files were new in its folder; the home does not have the `missing` ones
    whole (addresses)."""

    folder: Path
    made_at: int
    bytes: int
    files: int
    copied: int
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compacted:
    """Bytes of the store before and after."""

    before: int
    after: int


BACKUP_JOB, COMPACT_JOB = "store backup", "store compact"


class StoreApi(Protocol):
    """The store as a whole. Each of its works is a job, which `jobs.cancel` stops: BACKUP_JOB, COMPACT_JOB."""

    async def backup_state(self) -> BackupState: ...

    async def back_up(self, folder: Path, progress: Progress | None = None) -> BackupDone:
        """Back the home up into a folder, encrypted as it is; into the same folder again only what is new is copied.

        Raises InputError (the folder holds something else), DiskFull, ReadOnly, StoreError; an earlier backup in the
        folder stays as it was then.
        """

    async def compact(self, progress: Progress | None = None) -> Compacted:
        """Write the store anew without what was deleted. Changes wait meanwhile. Raises DiskFull, Busy, StoreError."""


class JobsApi(Protocol):
    def cancel(self, job_id: str) -> None: ...


class Bus(Protocol):
    """Announces events on the core thread."""

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` for every event of `kind` (or of its subclasses). Returns a function that ends it."""


@dataclass(frozen=True, slots=True)
class Core:
    """The product without a window."""

    inbox: InboxApi
    accounts: AccountsApi
    orders: OrdersApi
    verification: VerificationApi
    translation: TranslationApi
    drafts: DraftsApi
    evidence: EvidenceApi
    sync: SyncApi
    jobs: JobsApi
    bus: Bus
    sources: SourcesApi
    problems: ProblemsApi
    device_id: str
    simulated: tuple[str, ...] = ()   # which sources are simulated, for the screen to say so
    keys: KeysApi | None = None       # None where nobody wired it (a test's core); so are the following
    team: TeamApi | None = None
    customers: CustomersApi | None = None
    triage: TriageApi | None = None
    store: StoreApi | None = None
