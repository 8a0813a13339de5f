"""Conversations that go to somebody by a rule.

A rule is looked at when a conversation first needs somebody: it is open, nobody has it, and a buyer's message came
since the rule was written; again when its language or issue is told later. The first rule in a person's order that fits
decides, once: `conversation_assigned` has a row from then on, also when a person was first to say whose it is (a
trigger writes that one), so that a later choice, also "nobody", is never overruled.

Of several desktops that read one mailbox one decides: the one with the smallest member id. The others step in when
nothing was decided for two minutes. A desktop that does not read the mailbox decides nothing, and a decision travels.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged
from workstation.domain.query import parse
from workstation.inbox import assignment_rules, states
from workstation.inbox.model import AssignmentRule, SystemLine
from workstation.inbox.ports import EVER, MOST_LINES
from workstation.inbox.searching import conditions
from workstation.kernel.clock import MINUTE, Clock
from workstation.kernel.i18n import _
from workstation.runtime.waiting import woken
from workstation.store import meta, outbox
from workstation.store.database import Database
from workstation.store.unit import Unit

ASSIGNED, READERS = "assigned", "mailbox_reader"
"""What was decided, by conversation; and who reads which mailbox."""
SLICE = 200
"""Conversations that are looked at in one go."""
BUSY, IDLE = 0.05, 30.0
"""Seconds until the next slice while something waits, and until the next look when nothing says that it does."""
STEP_IN = 2 * MINUTE
_UPTO = "assigned_upto"


@dataclass(frozen=True, slots=True)
class _Fit:
    conversation_id: str
    rule: AssignmentRule


@dataclass(frozen=True, slots=True)
class _Look:
    """A slice as it was read: what fits, what another desktop decides, and the newest message that was looked at."""

    fits: tuple[_Fit, ...]
    others: tuple[str, ...]
    upto: int
    more: bool


class Assigning:
    """One collaborator of the inbox, in the background. `me` gives the member at this desk, `device` the computer: of
    a member's two that read one mailbox, one decides."""

    def __init__(
        self, database: Database, clock: Clock, me: Callable[[], str], device: Callable[[], str] | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._me = me
        self._device = device or me
        self._changed: dict[str, None] = {}
        self._later: dict[str, int] = {}
        self._upto = -1
        self._kept_upto = -1
        self._rules: tuple[assignment_rules.Kept, ...] | None = None
        self._wake = asyncio.Event()

    def on_changed(self, event: ConversationsChanged) -> None:
        """Subscribe this to ConversationsChanged: a language or an issue may have been told."""
        if self._rules:
            self._changed.update(dict.fromkeys(event.ids))
        self._wake.set()

    def wake(self) -> None:
        """The rules are others."""
        self._rules = None
        self._wake.set()

    async def rules(self) -> tuple[AssignmentRule, ...]:
        return tuple(each.rule for each in await self._database.read(assignment_rules.read))

    async def keep(self, rules: Sequence[AssignmentRule]) -> tuple[AssignmentRule, ...]:
        """As `api.InboxApi.keep_assignment_rules`."""
        wanted = assignment_rules.checked(rules)
        await self._database.write(lambda unit: assignment_rules.keep(unit, wanted, self._clock.now()))
        self.wake()
        return await self.rules()

    async def matches(self, query: str) -> int:
        """As `api.InboxApi.assignment_matches`."""
        assignment_rules.check_query(query)
        where, values = conditions.condition(parse(query), self._clock.now(), self._me())
        counted = f"SELECT count(*) FROM conversation WHERE ({where}) AND {_OPEN}"  # noqa: S608
        return await self._database.read(
            lambda c: int(c.exec_driver_sql(counted, values or {"none": 0}).scalar_one()))

    async def step(self) -> float:
        """One slice. Returns the seconds until the next."""
        self._wake.clear()
        if await self._begin():
            more = await self._slice()
            if more or self._changed:
                return BUSY
            await self._remember()
        await woken(self._wake, IDLE)
        return 0.0

    async def settle(self) -> None:
        """Look at everything that waits now."""
        if await self._begin():
            while await self._slice() or self._due():
                pass
            await self._remember()

    async def _slice(self) -> bool:
        """Whether more arrived than was looked at."""
        asked = self._due()
        found = await self._database.read(lambda c: self._look(c, asked))
        if found.fits:
            await self._database.write(lambda unit: self._decide(unit, found.fits))
        self._note(asked, found)
        return found.more

    async def _begin(self) -> bool:
        """Whether there are rules. Where there are, colleagues are told who reads which mailbox."""
        if self._rules is None:
            rules = await self._database.read(assignment_rules.read)
            self._rules = tuple(each for each in rules if each.rule.on)
        if not self._rules:
            return False
        untold = await self._database.read(lambda c: _readers_to_tell(c, self._device()))
        if untold:
            await self._database.write(lambda unit: _tell_readers(unit, self._device(), self._clock.now()))
        return True

    def _due(self) -> list[str]:
        now = self._clock.now()
        due = [i for i, at in self._later.items() if at <= now or at > now + STEP_IN]
        return [*due, *self._changed][:SLICE]

    def _note(self, asked: Sequence[str], found: _Look) -> None:
        for conversation_id in asked:
            self._changed.pop(conversation_id, None)
            self._later.pop(conversation_id, None)
        for conversation_id in found.others:
            self._later.setdefault(conversation_id, self._clock.now() + STEP_IN)
        self._upto = found.upto

    async def _remember(self) -> None:
        """What was looked at is not looked at again after a restart; what another desktop is to decide is."""
        if self._upto > self._kept_upto and not self._later:
            upto = self._kept_upto = self._upto
            await self._database.write(lambda unit: meta.put(unit.conn, _UPTO, str(upto)))

    def _look(self, connection: Connection, asked: Sequence[str]) -> _Look:
        rules = self._rules or ()
        since = min((each.since for each in rules), default=0)
        upto = max(self._upto, since, int(meta.get(connection, _UPTO) or 0))
        new = connection.exec_driver_sql(_ARRIVED, (upto, SLICE)).all()
        last = int(new[-1][0]) if new else upto
        wanted = dict.fromkeys([*asked, *(row[1] for row in new)])
        needing = connection.exec_driver_sql(_NEEDING, (json.dumps(list(wanted)),)).all()
        due = frozenset(asked) & self._later.keys()
        mine = [i for i, first in needing if i in due or first in (None, self._device())]
        others = tuple(i for i, first in needing if i not in due and first not in (None, self._device()))
        return _Look(tuple(self._fitting(connection, mine, rules)), others, last, len(new) == SLICE)

    def _fitting(
        self, connection: Connection, ids: Sequence[str], rules: Iterable[assignment_rules.Kept]
    ) -> Iterable[_Fit]:
        left = list(ids)
        for each in rules:
            if left:
                where, values = conditions.condition(parse(each.rule.query), self._clock.now(), self._me())
                sql = f"SELECT id FROM conversation WHERE {_FITS} AND ({where})"  # noqa: S608
                asked = {**values, "ids": json.dumps(left), "since": each.since}
                found = {i for (i,) in connection.exec_driver_sql(sql, asked)}
                yield from (_Fit(i, each.rule) for i in left if i in found)
                left = [i for i in left if i not in found]

    def _decide(self, unit: Unit, fits: Sequence[_Fit]) -> None:
        """Nobody said anything meanwhile: that is asked again in the transaction that assigns."""
        key = json.dumps([fit.conversation_id for fit in fits])
        still = {i for i, _first in unit.conn.exec_driver_sql(_NEEDING, (key,))}
        decided = [fit for fit in fits if fit.conversation_id in still]
        chosen = dict(_shared_out(decided, _loads(unit.conn, decided)))
        before = states.read_states(unit.conn, chosen)
        at = self._clock.now()
        changed = states.put(unit, before, {i: {"assignee": chosen[i]} for i in before}, at)
        titles = {fit.conversation_id: fit.rule.title for fit in decided}
        _write_down(unit, [(i, titles[i], chosen[i], at) for i in changed])
        if changed:
            unit.emit(ConversationsChanged(tuple(changed)))

    def apply(self, unit: Unit, conversation_id: str, body: Mapping[str, object]) -> None:
        """Another desktop decided, as the hub hands it on."""
        here = str(unit.conn.exec_driver_sql(_TWIN, (conversation_id,)).scalar() or conversation_id)
        at = body.get("at")
        texts = (str(body.get("rule", ""))[:assignment_rules.LONGEST_TITLE], str(body.get("member", ""))[:200])
        unit.conn.exec_driver_sql(_PUT, (here, *texts, at if isinstance(at, int) else 0))
        unit.emit(ConversationsChanged((here,), elsewhere=True))

    def apply_rule(self, unit: Unit, rule_id: str, body: Mapping[str, object]) -> None:
        """Another desktop changed a rule."""
        assignment_rules.apply(unit, rule_id, body)
        unit.after_commit(self.wake)

    def apply_reader(self, unit: Unit, _entity_id: str, body: Mapping[str, object]) -> None:
        """Another desktop reads a mailbox, or does so no more."""
        names = (str(body.get("account_id", ""))[:200], str(body.get("member", ""))[:200])
        unit.conn.exec_driver_sql(_READS if body.get("reads") is True else _READS_NOT, names)


class AssignedLines:
    """Fulfils `inbox.ports.QuietLines`: which rule gave a conversation to whom."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        sentence = _("Assigned to {person} by the rule “{rule}”")
        found = connection.exec_driver_sql(_LINES, (conversation_id, since, until, MOST_LINES))
        return [SystemLine(at, sentence.format(person=person, rule=rule), "state") for at, person, rule in found]


def _shared_out(fits: Iterable[_Fit], loads: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Whose each conversation becomes: of a rule's members the one who has least, the first of those who have as
    little. What is shared out counts at once."""
    now = dict(loads)
    for fit in fits:
        member = min(fit.rule.members, key=lambda each: now.get(each, 0))
        now[member] = now.get(member, 0) + 1
        yield fit.conversation_id, member


def _loads(connection: Connection, fits: Iterable[_Fit]) -> dict[str, int]:
    """Open conversations of each member who is asked for."""
    members = sorted({member for fit in fits for member in fit.rule.members})
    return {row[0]: int(row[1]) for row in connection.exec_driver_sql(_LOADS, (json.dumps(members),))}


def _write_down(unit: Unit, rows: Sequence[tuple[str, str, str, int]]) -> None:
    if rows:
        unit.conn.exec_driver_sql(_PUT, rows)
    names = dict(states.told_names(unit.conn, [row[0] for row in rows]))
    for conversation_id, rule, member, at in rows:
        body = {"rule": rule, "member": member, "at": at}
        outbox.append(unit, ASSIGNED, names.get(conversation_id, conversation_id), "put", body, at)


def _readers_to_tell(connection: Connection, me: str) -> list[tuple[str, bool]]:
    """Mailboxes that this desk reads now or reads no more, of which the hub was told otherwise."""
    if not me:
        return []
    return [(row[0], bool(row[1])) for row in connection.exec_driver_sql(_READER_CHANGES, (me,))]


def _tell_readers(unit: Unit, me: str, at: int) -> None:
    for account_id, reads in _readers_to_tell(unit.conn, me):
        unit.conn.exec_driver_sql(_READS if reads else _READS_NOT, (account_id, me))
        body: dict[str, Any] = {"account_id": account_id, "member": me, "reads": reads}
        outbox.append(unit, READERS, f"{account_id} {me}", "put", body, at)


_OPEN = "state = 'open' AND merged_into = '' AND last_at > 0"
_ARRIVED = "SELECT seq, conversation_id FROM message WHERE seq > ? ORDER BY seq LIMIT ?"
_NEEDING = (
    "SELECT id, (SELECT min(member_id) FROM mailbox_reader r WHERE r.account_id = conversation.account_id) "  # noqa: S608
    f"FROM conversation WHERE id IN (SELECT value FROM json_each(?)) AND assignee = '' AND {_OPEN} "
    "AND account_id IN (SELECT id FROM account) "
    "AND NOT EXISTS (SELECT 1 FROM conversation_assigned a WHERE a.id = conversation.id) ORDER BY sort_key, id"
)
_FITS = (
    "id IN (SELECT value FROM json_each(:ids)) AND EXISTS (SELECT 1 FROM message m INDEXED BY message_line "
    "WHERE m.conversation_id = conversation.id AND m.direction = 'in' AND m.seq > :since)"
)
_LOADS = (
    "SELECT assignee, count(*) FROM conversation INDEXED BY conversation_assignee "  # noqa: S608
    f"WHERE assignee IN (SELECT value FROM json_each(?)) AND {_OPEN} GROUP BY assignee"
)
_PUT = (
    "INSERT INTO conversation_assigned(id, rule, member_id, at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT(id) DO UPDATE SET rule = excluded.rule, member_id = excluded.member_id, at = excluded.at"
)
_TWIN = "SELECT conversation_id FROM conversation_twin WHERE id = ?"
_READS = "INSERT INTO mailbox_reader(account_id, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
_READS_NOT = "DELETE FROM mailbox_reader WHERE account_id = ? AND member_id = ?"
_READER_CHANGES = (
    "SELECT id, 1 FROM account WHERE id NOT IN (SELECT account_id FROM mailbox_reader WHERE member_id = ?1) UNION ALL "
    "SELECT account_id, 0 FROM mailbox_reader WHERE member_id = ?1 AND account_id NOT IN (SELECT id FROM account)"
)
_LINES = (
    "SELECT a.at, coalesce(nullif(m.name, ''), a.member_id), a.rule FROM conversation_assigned a "
    "LEFT JOIN member m ON m.id = a.member_id WHERE a.rule != '' AND a.at >= ?2 AND a.at < ?3 AND a.id IN ("
    "SELECT ?1 UNION SELECT id FROM conversation WHERE merged_into = ?1 AND merged_into != '') ORDER BY a.at LIMIT ?4"
)
