"""What could not be copied to or from the hub, a hub that is away for long, and a clock that differs from its clock."""

from __future__ import annotations

from workstation.api import SyncApi
from workstation.app.failing.source import LONG
from workstation.domain.problem import Problem, ProblemKind
from workstation.kernel.actions import Action
from workstation.kernel.clock import MINUTE, Clock
from workstation.kernel.i18n import _, ngettext
from workstation.store import meta
from workstation.store.database import Database
from workstation.sync import facts
from workstation.sync.model import SyncFailure, SyncStatus

MOST = 100
"""Listed one by one; what is beyond is counted."""
MOST_OFF = MINUTE
"""How far the clocks may be apart."""
_HUB, _DIGEST, _CLOCK, _MORE, _LOG = "hub", "digest", "clock", "more", "log"


class Copying:
    """Reads the outbox through sync, and the hub's clock as it was last measured."""

    prefix = "copying"

    def __init__(self, sync: SyncApi, database: Database, clock: Clock) -> None:
        self._sync = sync
        self._database = database
        self._clock = clock

    def forgets(self) -> bool:
        return True

    async def problems(self) -> tuple[Problem, ...]:
        status = await self._sync.status()
        if not status.connected:
            return ()
        failures = await self._sync.failures()
        found = [_failure(one) for one in failures[:MOST]]
        if len(failures) > MOST:
            found.append(_more(len(failures) - MOST))
        found += [*_log(status), *_hub(status, self._clock.now())]
        return (*found, *_clock(await self._database.read(lambda conn: meta.get(conn, facts.OFFSET, "0"))))

    async def act(self, name: str, action: Action) -> None:
        if action is Action.ACCEPT_LOG:
            await self._sync.accept_log((await self._sync.status()).log_break)
        elif name in (_HUB, _DIGEST, _CLOCK, _MORE, _LOG):
            await self._sync.run()
        elif action is Action.DISMISS:
            await self._sync.dismiss(name)
        else:
            await self._sync.retry(name)


def _failure(one: SyncFailure) -> Problem:
    about = one.entity_id if one.collection == "conversation" else ""
    open_it = (Action.OPEN_CONVERSATION,) if about else ()
    return Problem(
        f"copying:{one.id}", ProblemKind.COPYING, "fail", one.sentence, one.reason,
        _("It is kept on this computer and holds up nothing else."), one.remedy, one.at,
        (Action.RETRY, Action.DISMISS, *open_it), about,
    )


def _more(n: int) -> Problem:
    what = ngettext("{n} more entry could not be copied.", "{n} more entries could not be copied.", n).format(n=n)
    return Problem(f"copying:{_MORE}", ProblemKind.COPYING, "warn", what, actions=(Action.RETRY,))


def _log(status: SyncStatus) -> list[Problem]:
    """The hub's log of evidence did not go on from what was seen of it."""
    if not status.log_broken:
        return []
    title = (_("The hub was restored from an older copy, and its log of evidence with it.") if status.log_restored
             else _("The hub's log of evidence cannot be trusted."))
    return [Problem(
        f"copying:{_LOG}", ProblemKind.COPYING, "fail", title, status.log_broken,
        _("Evidence is whole on this computer. None of it counts as secured upstream meanwhile."),
        _("Ask whoever runs the hub what happened. If it was restored from an older copy, accept its log as it is "
          "now; that it broke stays on record."), None, (Action.ACCEPT_LOG,),
    )]


def _hub(status: SyncStatus, now: int) -> list[Problem]:
    kept = ngettext(
        "{n} entry waits here and is copied when the hub answers.",
        "{n} entries wait here and are copied when the hub answers.", status.pending).format(n=status.pending)
    if not status.online and status.last_ok_at is not None and now - status.last_ok_at > LONG:
        return [Problem(
            f"copying:{_HUB}", ProblemKind.COPYING, "warn", _("The hub has not been reached for a while."),
            status.sentence, kept, _("Check the network, or ask whoever runs the hub."), status.last_ok_at,
            (Action.RETRY, Action.CONNECT_HUB),
        )]
    if status.digest_equal is False:
        return [Problem(
            f"copying:{_DIGEST}", ProblemKind.COPYING, "warn", _("The hub and this computer do not hold the same."),
            status.sentence, _("Both copies are kept."), _("Compare again. If it stays so, ask whoever runs the hub."),
            status.last_ok_at, (Action.RETRY,),
        )]
    return []


def _clock(offset: str) -> tuple[Problem, ...]:
    ahead = int(offset or "0")   # of the hub, in milliseconds
    if abs(ahead) <= MOST_OFF:
        return ()
    n = round(abs(ahead) / MINUTE)
    what = (
        ngettext("This computer's clock is {n} minute behind the hub's.",
                 "This computer's clock is {n} minutes behind the hub's.", n) if ahead > 0 else
        ngettext("This computer's clock is {n} minute ahead of the hub's.",
                 "This computer's clock is {n} minutes ahead of the hub's.", n))
    return (Problem(
        f"copying:{_CLOCK}", ProblemKind.CLOCK, "warn", what.format(n=n), "",
        _("Evidence carries the difference, so that its times can still be compared."),
        _("Let this computer set its clock from the network, then look again: answer times are counted by it."), None,
        (Action.RETRY,),
    ),)
