"""Shops and carriers whose last answer was a failure: the newest question to each tells."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from workstation.domain.facts import Attempt, Outcome
from workstation.domain.order import OrderRef
from workstation.domain.problem import Problem, ProblemKind
from workstation.kernel.actions import Action
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.orders.repo import answers
from workstation.orders.service import OrdersService
from workstation.store.database import Database


class Shops:
    """Reads how the last questions ended; tries again by asking the same question."""

    prefix = "source"

    def __init__(self, orders: OrdersService, database: Database) -> None:
        self._orders = orders
        self._database = database

    def forgets(self) -> bool:
        return False

    async def problems(self) -> tuple[Problem, ...]:
        failing = await self._database.read(answers.failing)
        return tuple(_problem(attempt, since) for _subject, attempt, since in failing)

    async def act(self, name: str, _action: Action) -> None:
        for subject, attempt, _since in await self._database.read(answers.failing):
            if attempt.source == name:
                await self._ask(await self._database.read(partial(_order_of, subject)))
                return
        raise NotFound(_("{source} answers again.").format(source=name), _("Nothing need be done."))

    async def _ask(self, ref: OrderRef | None) -> None:
        if ref is None:
            raise NotFound(_("The order it was asked about is not stored any more."),
                           _("Refresh another order's checks."))
        await self._orders.refresh(ref)


def _order_of(subject: str, connection: Connection) -> OrderRef | None:
    return answers.order_of(connection, subject)


def _problem(attempt: Attempt, since: int) -> Problem:
    offline = attempt.outcome is Outcome.OFFLINE
    what = _("{source} cannot be reached.") if offline else _("{source} does not answer as it should.")
    return Problem(
        f"source:{attempt.source}", ProblemKind.SOURCE, "warn", what.format(source=attempt.source), attempt.sentence,
        _("What it answered before is kept; checks that need it say unknown."),
        _("Try again in a while. If it refuses the key, connect it again."), since,
        (Action.RETRY, Action.CONNECT_SOURCE, Action.DISMISS),
    )
