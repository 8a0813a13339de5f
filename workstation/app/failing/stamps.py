"""A time-stamp authority that gives no tokens for long, while records wait for them."""

from __future__ import annotations

from workstation.domain.problem import Problem, ProblemKind
from workstation.evidence.model import AuthorityView
from workstation.evidence.stamping import Stamping
from workstation.kernel.actions import Action
from workstation.kernel.clock import HOUR, Clock
from workstation.kernel.i18n import _, ngettext

LONG = 24 * HOUR
"""A journey without a network is shorter."""


class Stamps:
    """Asks the authorities' own list."""

    prefix = "stamps"

    def __init__(self, stamping: Stamping, clock: Clock) -> None:
        self._stamping = stamping
        self._clock = clock

    def forgets(self) -> bool:
        return False

    async def problems(self) -> tuple[Problem, ...]:
        return tuple(_problem(one) for one in await self._stamping.list() if self._long(one))

    async def act(self, _name: str, _action: Action) -> None:
        await self._stamping.drain()

    def _long(self, one: AuthorityView) -> bool:
        return bool(one.waiting) and one.failed_at is not None and self._clock.now() - one.failed_at > LONG


def _problem(one: AuthorityView) -> Problem:
    kept = ngettext("{n} record waits for its time stamp; it is sealed and kept.",
                    "{n} records wait for their time stamps; they are sealed and kept.", one.waiting)
    return Problem(
        f"stamps:{one.id}", ProblemKind.SOURCE, "warn",
        _("{authority} gives no time stamps.").format(authority=one.name), one.failure, kept.format(n=one.waiting),
        _("Test it in the settings, or add another authority there. Until then these records say device time only."),
        one.failed_at, (Action.RETRY, Action.DISMISS, Action.OPEN_SETTINGS),
    )
