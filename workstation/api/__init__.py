"""Every command and query the window, the command line and the tests may call.

The window sees these Protocols and the features' `model` modules; `app` hands it the services that fulfil them.
All methods are coroutines of the core thread. A command returns when its effect is on disk. Known failures raise
`kernel.errors.WorkstationError`; anything else is a bug. Nothing here is imported at run time but values, so that
the window can be painted before the features are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from workstation.api.common import Progress
from workstation.api.erasing import ErasureApi
from workstation.api.home import (
    BACKUP_JOB,
    COMPACT_JOB,
    BackupDone,
    BackupState,
    Compacted,
    KeysApi,
    KeyState,
    NewRecovery,
    StoreApi,
)
from workstation.api.inbox import AccountsApi, InboxApi
from workstation.api.orders import ConnectedSource, OrdersApi, SourcesApi, VerificationApi
from workstation.api.people import CustomersApi, TeamApi, TriageApi
from workstation.api.playbooks import PlaybooksApi
from workstation.api.proof import (
    AuthoritiesApi,
    BinderApi,
    EvidenceApi,
    ProblemsApi,
    ReadingApi,
    SyncApi,
)
from workstation.api.writing import DraftsApi, TranslationApi
from workstation.kernel.events import Event

__all__ = [
    "BACKUP_JOB",
    "COMPACT_JOB",
    "AccountsApi",
    "AuthoritiesApi",
    "BackupDone",
    "BackupState",
    "BinderApi",
    "Bus",
    "Compacted",
    "ConnectedSource",
    "Core",
    "CustomersApi",
    "DraftsApi",
    "ErasureApi",
    "EvidenceApi",
    "InboxApi",
    "JobsApi",
    "KeyState",
    "KeysApi",
    "NewRecovery",
    "OrdersApi",
    "PlaybooksApi",
    "ProblemsApi",
    "Progress",
    "ReadingApi",
    "SourcesApi",
    "StoreApi",
    "SyncApi",
    "TeamApi",
    "TranslationApi",
    "TriageApi",
    "VerificationApi",
]

E = TypeVar("E", bound=Event)


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
    binder: BinderApi | None = None
    reading: ReadingApi | None = None
    erasure: ErasureApi | None = None
    authorities: AuthoritiesApi | None = None
    playbooks: PlaybooksApi | None = None
