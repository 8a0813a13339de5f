"""When cases are erased by themselves: what falls due is listed, waits for its notice, then runs unless it is held.

Looked at once an hour and after every change a person makes. A case whose delivery nobody told is listed as unknown and
is never erased by a rule: a guessed date would destroy proof too early or keep a buyer's data too long.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from workstation.domain.events import MessageArrived, SyncChanged
from workstation.evidence import erasing_rows as rows
from workstation.evidence.erasing import BY_HAND, Cause, Erasing, nothing_left, still_leaving
from workstation.evidence.erasing_rows import Plan
from workstation.evidence.erasure import ports
from workstation.evidence.erasure.model import (
    CUSTOMER,
    GRACE,
    LONELY,
    ORDER,
    ORDERS,
    Due,
    Erased,
    ErasePreview,
    Hold,
    Rule,
)
from workstation.evidence.holds import MOST_REASON, Holds, Kin, held, held_already, maybe_held
from workstation.evidence.model import RecordView
from workstation.evidence.ports import CaseBook, CaseDates
from workstation.evidence.repo import Stored
from workstation.kernel.clock import DAY, HOUR, SECOND, Clock
from workstation.kernel.errors import InputError, NotFound, WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.runtime.waiting import woken
from workstation.store.database import Database
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
LOOK_EVERY = HOUR
START_AFTER = 20.0
"""Seconds in which the window starts without this."""
MOST_IN_A_TURN = 50
"""Cases that are erased before anything else gets a turn."""
Show = Callable[[Stored], RecordView]


class Deadlines:
    """Fulfils `api.ErasureApi`."""

    def __init__(
        self, database: Database, clock: Clock, erasing: Erasing, holds: Holds, *, rules: Callable[[], Sequence[Rule]],
        book: CaseBook, kin: Kin, show: Show, data: ports.Data | None = None,
    ) -> None:
        """`rules` raises InputError when they cannot be read. `show`: a new record as a list shows it. `data`: what is
        no evidence."""
        self._data: ports.Data = data or ports.NoData()
        self._database = database
        self._clock = clock
        self._erasing = erasing
        self._holds = holds
        self._rules = rules
        self._book = book
        self._kin = kin
        self._show = show
        self._wake = asyncio.Event()
        self._begun = False
        self._heard = False
        self._looked_at = 0

    def on_news(self, _event: SyncChanged | MessageArrived) -> None:
        """Subscribe this to SyncChanged, because another desktop may have erased something, and to MessageArrived,
        because somebody may have written again."""
        self._heard = True
        self._wake.set()

    async def preview(self, case_id: str) -> ErasePreview:
        return await self._erasing.preview(case_id)

    async def erase(self, case_id: str, reason: str = "") -> Erased:
        """At once. Raises NotFound when there is nothing, InputError when it is held."""
        return await self._erasing.erase(case_id, replace(BY_HAND, reason=reason.strip()[:MOST_REASON]))

    async def plan(self, case_id: str, reason: str = "") -> Due:
        """Erase it when the time to take it back has passed. Raises NotFound, InputError as `erase`."""
        seen = await self._erasing.preview(case_id)
        if seen.empty:
            raise nothing_left()
        if seen.hold is not None:
            raise held_already(seen.hold)
        now = self._clock.now()
        if seen.leaving:
            raise still_leaving()
        plan = Plan(case_id, "", now, now + GRACE, now, reason.strip()[:MOST_REASON])
        await self._database.write(lambda unit: rows.put_plan(unit.conn, plan))
        self._wake.set()
        return next(due for due in await self.due() if due.case_id == case_id)

    async def cancel(self, case_id: str) -> None:
        """Take back what a person planned. Raises NotFound when nothing is planned, InputError for a rule's."""

        def work(unit: Unit) -> None:
            cases = (*self._kin(unit.conn, case_id), case_id)
            found = [plan for plan in rows.plans(unit.conn) if plan.case_id in cases]
            if not found:
                raise NotFound(_("Nothing is planned for this case any more."), _("Look at its records."))
            if any(plan.rule for plan in found):
                raise InputError(_("A platform's rule asks for this; it cannot be taken back."),
                                 _("Lay a legal hold on the case if it must be kept, and say why."))
            rows.drop_plan(unit.conn, cases)

        await self._database.write(work)

    async def hold(self, case_id: str, reason: str) -> RecordView:
        """Nothing of the case is erased until the hold is lifted. Raises InputError without a reason."""
        return self._show(await self._holds.lay(case_id, reason))

    async def lift(self, case_id: str, reason: str = "") -> RecordView:
        """Raises InputError when it is not held."""
        lifted = self._show(await self._holds.lift(case_id, reason))
        self._wake.set()
        return lifted

    async def held(self, case_id: str) -> Hold | None:
        return await self._holds.of(case_id)

    async def rules(self) -> tuple[Rule, ...]:
        """Raises InputError when they cannot be read."""
        return tuple(await asyncio.to_thread(self._rules))

    async def due(self) -> tuple[Due, ...]:
        """Everything that is planned, falls due or cannot be reckoned, the next first, the unknown last."""
        rules = await self.rules()
        return await self._database.read(lambda conn: self._due(conn, rules))

    async def step(self) -> float:
        """Repeat what a restored store forgot, plan what falls due, erase what is due. Waits by itself."""
        if not self._begun:
            await woken(self._wake, START_AFTER)
            self._begun = True
        heard, self._heard = self._heard, False
        self._wake.clear()
        await self._erasing.again()
        await self._erasing.heal()
        recent = heard and self._clock.now() - self._looked_at < LOOK_EVERY
        ended = False if recent and not await self._ready() else await self._turn()
        await self._erasing.purge()
        await self._wait(more=ended)
        return 0.0

    async def _turn(self) -> bool:
        """Plan what falls due, and erase what is due. Whether more is due than fits."""
        self._looked_at = self._clock.now()
        rules = await self.rules()
        await self._look(rules)
        return await self._run({rule.id: rule for rule in rules})

    async def _wait(self, *, more: bool) -> None:
        """Until something is due, or somebody changes what is."""
        planned = await self._database.read(rows.plans)
        ahead = [plan.runs_at - self._clock.now() for plan in planned if plan.runs_at > self._clock.now()]
        await woken(self._wake, 0 if more else min([LOOK_EVERY, *ahead]) / SECOND)

    async def _ready(self) -> bool:
        """Whether the time of a plan has come."""
        planned = await self._database.read(rows.plans)
        return any(plan.runs_at <= self._clock.now() for plan in planned)

    async def _run(self, rules: Mapping[str, Rule]) -> bool:
        """Whether more is due than fits a turn."""
        now = self._clock.now()
        ready = [plan for plan in await self._database.read(rows.plans) if plan.runs_at <= now]
        for plan in ready[:MOST_IN_A_TURN]:
            rule = rules.get(plan.rule)
            cause = Cause(rule, plan.due_at, reason=plan.reason)
            try:
                await self._erasing.erase(await self._subject(plan, rule), cause)
                await self._database.write(lambda unit, at=plan.case_id: rows.drop_plan(unit.conn, [at]))  # type: ignore[misc]
            except NotFound:
                await self._database.write(lambda unit, at=plan.case_id: rows.drop_plan(unit.conn, [at]))  # type: ignore[misc]
            except WorkstationError as problem:
                log.info("a case that is due was not erased: %s", type(problem).__name__)
        return len(ready) > MOST_IN_A_TURN

    async def _subject(self, plan: Plan, rule: Rule | None) -> str:
        """A plan's case; of the plan for all orders without one, those that are over their days by now."""
        if rule is None or not plan.case_id.startswith(LONELY):
            return plan.case_id
        over = ports.Due(rule.channel, self._clock.now() - rule.days * DAY)
        return ORDERS + json.dumps([order_id for order_id, _at in await self._erasing.lonely(over)])

    async def _look(self, rules: Sequence[Rule]) -> None:
        """Plan what a rule asks for, and drop what no rule asks for any more."""
        known, wanted = await self._database.read(lambda conn: self._wanted(conn, rules))
        changed = [plan for plan in wanted.values() if known.get(plan.case_id) != plan]
        over = [plan.case_id for plan in known.values() if plan.rule and plan.case_id not in wanted]

        def work(unit: Unit) -> None:
            rows.drop_plan(unit.conn, over)
            for plan in changed:
                rows.put_plan(unit.conn, plan)

        if changed or over:
            await self._database.write(work)

    def _wanted(self, connection: Connection, rules: Sequence[Rule]) -> tuple[dict[str, Plan], dict[str, Plan]]:
        """What is planned, and what the rules ask to be planned now."""
        now = self._clock.now()
        known = {plan.case_id: plan for plan in rows.plans(connection)}
        wanted: dict[str, Plan] = {}
        for dates, rule in self._ruled(connection, rules):
            due_at = rule.due(dates.delivered)
            before = known.get(dates.case_id)
            if due_at is None or now < due_at - rule.notice_days * DAY or (before is not None and not before.rule):
                continue
            noticed = before.planned_at if before is not None else now
            runs_at = max(due_at, noticed + rule.notice_days * DAY)
            wanted[dates.case_id] = Plan(dates.case_id, rule.id, due_at, runs_at, noticed, "")
        for rule in rules:
            lonely = self._lonely(connection, rule)
            if lonely:
                subject, due_at = LONELY + rule.id, lonely[0][1] + rule.days * DAY
                noticed = known[subject].planned_at if subject in known else now
                runs_at = max(due_at, noticed + rule.notice_days * DAY)
                wanted[subject] = Plan(subject, rule.id, due_at, runs_at, noticed, "")
        return known, wanted

    def _lonely(self, connection: Connection, rule: Rule) -> tuple[tuple[str, int], ...]:
        """Orders without a case that are over their days, or will be within the rule's notice."""
        return self._data.lonely(connection, self._since(rule))

    def _since(self, rule: Rule) -> ports.Due:
        return ports.Due(rule.channel, self._clock.now() - (rule.days - rule.notice_days) * DAY)

    def _ruled(self, connection: Connection, rules: Sequence[Rule]) -> list[tuple[CaseDates, Rule]]:
        """Every case that holds something and falls under a rule, with the one that ends first."""
        found = []
        held_by = self._data.due(connection, [self._since(rule) for rule in rules])
        cases = tuple(dict.fromkeys((*rows.cases(connection), *held_by)))
        for dates in self._book.dates(connection, cases) if rules else ():
            fitting = [rule for rule in rules if rule.channel in dates.channels]
            if fitting:
                found.append((dates, min(fitting, key=lambda rule: rule.days)))
        return found

    def _due(self, connection: Connection, rules: Sequence[Rule]) -> tuple[Due, ...]:
        planned = {plan.case_id: plan for plan in rows.plans(connection)}
        ruled = {dates.case_id: (dates, rule) for dates, rule in self._ruled(connection, rules)}
        rule_of = {rule.id: rule for rule in rules}
        lonely = [plan for plan in planned.values() if plan.case_id.startswith(LONELY) and plan.rule in rule_of]
        by_hand = [plan.case_id for plan in planned.values() if plan.case_id not in ruled and plan not in lonely]
        titles = {dates.case_id: dates.title for dates in self._book.dates(connection, by_hand)}
        titles |= {case_id: title for case_id in by_hand if (title := _title(case_id))}
        holds = maybe_held(connection)
        found = [self._of_rule(connection, dates, rule, planned.get(dates.case_id), holds)
                 for dates, rule in ruled.values()]
        found += [self._by_hand(connection, planned[case_id], titles.get(case_id, "")) for case_id in by_hand]
        for plan in lonely:
            n = len(self._lonely(connection, rule_of[plan.rule]))
            title = ngettext("{n} order that no conversation is about", "{n} orders that no conversation is about", n)
            found.append(Due(plan.case_id, title.format(n=n), rule_of[plan.rule], plan.due_at, plan.runs_at))
        return tuple(sorted(found, key=lambda due: (due.runs_at is None, due.runs_at or 0, due.case_id)))

    def _of_rule(
        self, connection: Connection, dates: CaseDates, rule: Rule, plan: Plan | None, holds: frozenset[str]
    ) -> Due:
        if plan is not None and not plan.rule:
            return self._by_hand(connection, plan, dates.title)
        due_at = rule.due(dates.delivered)
        runs_at = plan.runs_at if plan is not None else due_at
        return Due(dates.case_id, dates.title, rule, due_at, runs_at, hold=self._hold(connection, dates.case_id, holds))

    def _hold(self, connection: Connection, case_id: str, holds: frozenset[str]) -> Hold | None:
        """As `held`, without a look at the records of cases nobody ever held."""
        kin = self._kin(connection, case_id) if holds else ()
        return held(connection, kin) if holds.intersection(kin) else None

    def _by_hand(self, connection: Connection, plan: Plan, title: str) -> Due:
        hold = held(connection, self._kin(connection, plan.case_id))
        return Due(plan.case_id, title, None, plan.due_at, plan.runs_at, plan.reason, hold)


def _title(subject: str) -> str:
    """Of what is no case; "" for a case."""
    if subject.startswith(CUSTOMER):
        return _("All cases of one customer")
    return _("An order, and every case about it") if subject.startswith(ORDER) else ""
