"""What every service stands on, before any of them is loaded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workstation.app import Opened
from workstation.inbox.clockbook import ClockBook
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.secrets import Secrets
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.store import pages
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.team.membership import Membership

if TYPE_CHECKING:
    import httpx

    from workstation.evidence.ports import CaptureBackend, Printer
    from workstation.orders.ports import OrderSources


@dataclass(frozen=True, slots=True)
class Parts:
    """What may differ from the usual: the demo's sources, the window's way to capture, a test's clock."""

    clock: Clock = field(default_factory=SystemClock)
    capture: CaptureBackend | None = None
    printer: Printer | None = None
    sources: Callable[[httpx.AsyncClient, Clock], OrderSources] | None = None
    simulated: tuple[str, ...] = ()
    patience: float | None = None      # seconds a shop or carrier may take to answer; None: as long as usual


@dataclass(frozen=True, slots=True)
class Ground:
    """The home that is open, its store, its bus and its jobs."""

    opened: Opened
    parts: Parts
    bus: EventBus
    jobs: Jobs
    database: Database
    files: BlobFiles
    secrets: Secrets
    rules: ClockBook
    member: Membership

    @property
    def clock(self) -> Clock:
        return self.parts.clock

    @property
    def printer(self) -> Printer:
        if self.parts.printer is not None:
            return self.parts.printer
        from workstation.evidence.claims.printing import ChildPrinter

        return ChildPrinter()

    def language(self) -> str:
        return self.opened.settings.text("agent_language")

    def me(self) -> str:
        """The member at this desk."""
        return self.member()

    def damaged_pages(self) -> tuple[int, ...]:
        """Pages of the store whose seal is wrong. Blocks."""
        return tuple(pages.check(self.opened.home.database, self.opened.vault.key).damaged)

    def undo_seconds(self) -> int:
        return self.opened.settings.number("undo_seconds")
