"""Triage as the window asks it, and as it goes on by itself: after each change, in the order of the list, a few
conversations at a time, on a thread of low priority. What was read is remembered, so that a restart goes on where the
last run stopped; when nothing waits, nothing runs.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlalchemy import Connection

from workstation.domain.events import ChecksChanged, ConversationsChanged, OrdersChanged
from workstation.domain.undo import Undo
from workstation.kernel.clock import Clock
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.triage import repo
from workstation.triage.corrections import MESSAGES, Before, Corrections, check, shown
from workstation.triage.engine import Engine
from workstation.triage.judge import Material
from workstation.triage.model import Triage
from workstation.triage.ports import Cases, Columns, Conversations, Stand

SLICE, LOOKED_AT = 20, 2_000
"""Conversations that are read in one go, and rows that are passed to find them."""
BUSY, PAUSE, LONGEST = 0.1, 2.0, 20.0
"""Seconds until the next slice; for how long this steps aside when many change at once, which may be the first of a
backlog; and after how long it reads a slice all the same while one is being stored, which else has the processors."""
MANY = 30
"""Conversations that change at once when a backlog is read."""
MOST_UNDO, MOST_WOKEN = 50, 500


class TriageService:
    """Fulfils `api.TriageApi`."""

    def __init__(
        self, database: Database, clock: Clock, engine: Engine, conversations: Conversations, cases: Cases
    ) -> None:
        self._database, self._clock, self._engine = database, clock, engine
        self._inbox, self._cases = conversations, cases
        self._corrections = Corrections(clock, conversations)
        self._undo: OrderedDict[str, Before] = OrderedDict()
        self._first: OrderedDict[str, None] = OrderedDict()
        self._again: set[str] = set()
        self._orders: set[str] = set()
        self._place: tuple[int, str] | None = None
        self._whole = False
        self._turn = 0
        self._backlog_since = self._pause_until = 0.0
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="triage", initializer=engine.step_aside)

    # -- asked --------------------------------------------------------------------------------------------------

    async def of(self, conversation_id: str) -> Triage:
        """As it stands now, with the facts of now. Raises NotFound."""
        about = await self._database.read(lambda c: self._material(c, self._inbox.stands(c, [conversation_id])))
        if not about:
            raise NotFound(_("This conversation is not here."), _("Choose another one from the list."))
        triage = (await self._judged(about))[0]
        if _columns(triage) != shown(about[0].stand):
            self._add_first([conversation_id], again=True)
        return triage

    async def correct(self, conversation_id: str, kind: str, value: str) -> Undo:
        """A person knows better. Raises InputError for an unknown kind or value, NotFound."""
        check(kind, value)
        before = await self._database.write(lambda unit: self._corrections.make(unit, conversation_id, kind, value))
        self._engine.forget_lessons()
        undo = Undo(new_id(), _("Triage corrected"), (conversation_id,))
        self._undo[undo.id] = before
        while len(self._undo) > MOST_UNDO:
            self._undo.popitem(last=False)
        return undo

    async def undo(self, undo_id: str) -> None:
        """Take a correction back, and what was learned from it. Raises NotFound."""
        before = self._undo.pop(undo_id, None)
        if before is None:
            raise NotFound(_("There is nothing to undo."), _("Change it by hand."))
        await self._database.write(lambda unit: self._corrections.take_back(unit, before))
        self._engine.forget_lessons()
        self._add_first([before.columns.id], again=True)

    def hear(self, unit: Unit, conversation_id: str, said: Mapping[str, object], whole: bool) -> None:
        """Colleagues corrected it, as the hub hands it on; see `Corrections.hear`. What they teach is learned here."""
        if self._corrections.hear(unit, conversation_id, said, whole):
            unit.after_commit(self._engine.forget_lessons)

    # -- by itself ----------------------------------------------------------------------------------------------

    def on_changed(self, event: ConversationsChanged) -> None:
        """Subscribe to ConversationsChanged: a message may have come."""
        if len(event.ids) > MANY:
            if not self._backlog_since:   # loading what judges is not what the first batch waits for
                self._pause_until = time.monotonic() + PAUSE
            self._from_the_top()
        else:
            self._add_first(event.ids)

    def on_checks(self, event: ChecksChanged) -> None:
        self._add_first([event.conversation_id], again=True)

    def on_orders(self, event: OrdersChanged) -> None:
        """Facts of orders changed: their conversations are judged again."""
        self._orders.update(event.ids[:MOST_WOKEN])
        self._wake.set()

    async def step(self) -> float:
        """One slice: what just changed, else the next of the list that was not read. Returns seconds until the next."""
        self._wake.clear()
        if aside := self._aside():
            return aside
        await self._wake_by_orders()
        about = await self._of_first() or await self._of_list()
        if about:
            judged = await self._judged(about)
            await self._database.write(lambda unit: self._keep(unit, about, judged))
            return BUSY
        if self._whole and not self._first and not self._orders:
            await self._wake.wait()
        return 0.0 if self._first else BUSY

    def _aside(self) -> float:
        """Seconds to leave to a backlog that is being stored. What came by itself meanwhile is read at once."""
        now = time.monotonic()
        if self._first:
            return 0.0
        if not self._database.filling:
            self._backlog_since = 0.0
            return min(max(0.0, self._pause_until - now), BUSY)
        self._backlog_since = self._backlog_since or now
        if now - self._backlog_since < LONGEST:
            return BUSY
        self._backlog_since = now
        return 0.0

    async def shutdown(self) -> None:
        """Ends the thread; what it is reading is read to the end, a slice at most."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def pending(self) -> int:
        """How many open conversations were not read as they are now. For tests and the status; reads them all."""
        return await self._database.read(self._count)

    def _add_first(self, ids: Sequence[str], *, again: bool = False) -> None:
        for conversation_id in ids:
            self._first[conversation_id] = None
        if again:
            self._again.update(ids)
        if len(self._first) > MOST_WOKEN:
            self._first.clear()
            self._from_the_top()
        self._wake.set()

    def _from_the_top(self) -> None:
        self._place, self._whole = None, False
        self._turn += 1
        self._wake.set()

    async def _wake_by_orders(self) -> None:
        if self._orders:
            ids, self._orders = sorted(self._orders), set()
            self._add_first(await self._database.read(lambda c: self._cases.touched(c, ids)), again=True)

    async def _of_first(self) -> list[Material]:
        """The latest of what just changed, where it was not read as it is now."""
        while self._first:
            ids = list(self._first)[-SLICE:]
            again = self._again.intersection(ids)
            self._again -= again
            for each in ids:
                del self._first[each]
            found = await self._database.read(partial(self._changed, ids=ids, again=again))
            if found:
                return found
        return []

    def _changed(self, connection: Connection, *, ids: Sequence[str], again: Collection[str]) -> list[Material]:
        return self._material(connection, self._unread(connection, self._inbox.stands(connection, ids), again))

    async def _of_list(self) -> list[Material]:
        """On through the list, what breaches next first."""
        if self._whole:
            return []
        turn = self._turn
        found, place, whole = await self._database.read(lambda c: self._walk(c, self._place))
        if turn == self._turn:   # else the list changed meanwhile, and it begins again at the top
            self._place, self._whole = place, whole
        return found

    def _walk(
        self, connection: Connection, place: tuple[int, str] | None
    ) -> tuple[list[Material], tuple[int, str] | None, bool]:
        """The next to read, the place after it, and whether the list is at its end. Passes a few thousand rows at most.
        """
        passed = 0
        while passed < LOOKED_AT:
            stands = self._inbox.waiting(connection, place, SLICE * 10)
            if not stands:
                return [], place, True
            passed += len(stands)
            unread = self._unread(connection, stands)[:SLICE]
            last = unread[-1] if unread else stands[-1]
            place = (last.sort_key, last.id)
            if unread:
                return self._material(connection, unread), place, False
        return [], place, False

    def _unread(
        self, connection: Connection, stands: Sequence[Stand], again: Collection[str] = ()
    ) -> list[Stand]:
        known = repo.read_to(connection, [stand.id for stand in stands])
        version = self._engine.version
        return [each for each in stands if each.id in again or known.get(each.id) != (each.last_at, version)]

    def _material(self, connection: Connection, stands: Sequence[Stand]) -> list[Material]:
        persons = repo.of_persons(connection, [stand.id for stand in stands])
        return [
            Material(stand, self._inbox.said(connection, stand.id, MESSAGES),
                     self._cases.facts(connection, stand.id), persons.get(stand.id, {})) for stand in stands]

    async def _judged(self, about: Sequence[Material]) -> list[Triage]:
        if self._engine.needs_lessons:
            self._engine.learn(await self._database.read(repo.examples))
        now = self._clock.now()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._engine.judge(about, now))

    def _keep(self, unit: Unit, about: Sequence[Material], judged: Sequence[Triage]) -> None:
        """A person may have spoken meanwhile: their word is read again in this transaction."""
        persons = repo.of_persons(unit.conn, [each.conversation_id for each in judged])
        rows = [_columns(triage, persons.get(triage.conversation_id, {})) for triage in judged]
        changed = self._inbox.put(unit.conn, rows)
        if self._corrections.complete(unit.conn, about):
            unit.after_commit(self._engine.forget_lessons)
        version = self._engine.version
        repo.mark(unit.conn, [(each.stand.id, each.stand.last_at, version) for each in about])
        if changed:
            unit.emit(ConversationsChanged(tuple(changed)))

    def _count(self, connection: Connection) -> int:
        count, place = 0, None
        while stands := self._inbox.waiting(connection, place, LOOKED_AT):
            count += len(self._unread(connection, stands))
            place = (stands[-1].sort_key, stands[-1].id)
        return count


def _columns(triage: Triage, persons: dict[str, str] | None = None) -> Columns:
    values = {finding.kind: finding.value for finding in triage.findings} | (persons or {})
    return Columns(triage.conversation_id, values["issue"], int(values["urgency"]), values["risk"], values["market"],
                   values["language"])
