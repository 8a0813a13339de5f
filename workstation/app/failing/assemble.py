"""Puts the queue of problems together and lets it listen."""

from __future__ import annotations

from workstation.api import AccountsApi, DraftsApi, SyncApi
from workstation.app.failing.copying import Copying
from workstation.app.failing.damage import Damage
from workstation.app.failing.ground import Ground, LastRun
from workstation.app.failing.mailboxes import Mailboxes
from workstation.app.failing.notes import NotedInbox, NotedOrders, Notes
from workstation.app.failing.pictures import Pictures
from workstation.app.failing.replies import Replies, Settling
from workstation.app.failing.shops import Shops
from workstation.app.failing.stamps import Stamps
from workstation.app.problems import Problems
from workstation.domain.events import (
    AccountsChanged,
    AccountStatusChanged,
    ChecksChanged,
    DeliveryChanged,
    EnginesChanged,
    PictureRead,
    SyncChanged,
)
from workstation.evidence.reading.service import ReadingService
from workstation.evidence.stamping import Stamping
from workstation.kernel.clock import Clock
from workstation.kernel.paths import Home
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs
from workstation.store.database import Database

_HEARD = (
    DeliveryChanged, SyncChanged, AccountStatusChanged, AccountsChanged, ChecksChanged, EnginesChanged, PictureRead)


def assemble(
    home: Home, database: Database, clock: Clock, bus: EventBus, jobs: Jobs, *, inbox: NotedInbox, orders: NotedOrders,
    accounts: AccountsApi, drafts: DraftsApi, sync: SyncApi, settling: Settling, damage: Damage, stamping: Stamping,
    pictures: ReadingService, notes: Notes,
) -> Problems:
    """The queue over these services. It looks again whenever one of them announces something, once in a burst."""
    mailboxes = Mailboxes(accounts, clock)
    problems = Problems(
        [
            Replies(drafts, inbox, settling, clock), Copying(sync, database, clock), mailboxes,
            Shops(orders, database), Stamps(stamping, clock), notes, Ground(home, jobs), LastRun(home), damage,
            Pictures(pictures),
        ],
        database, bus.publish,
    )
    notes.changed = damage.changed = problems.stir
    bus.subscribe(AccountStatusChanged, mailboxes.on_status)
    for kind in _HEARD:
        bus.subscribe(kind, problems.stir)
    return problems
