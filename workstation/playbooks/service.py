"""Playbooks as the window asks them. What a person says of a step is told to colleagues and becomes a record: written
with its effect, sealed right after the commit, and at the next start when the program ended in between.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from workstation.domain.events import PlaybookChanged
from workstation.domain.undo import Undo
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.told import in_a_line
from workstation.playbooks import repo, sealing
from workstation.playbooks.model import LONGEST_REASON, Course, State, Title
from workstation.playbooks.ports import Checks, Conversations, Proofs, Seals, Stand
from workstation.playbooks.repo import CHOICE, Fact, field_of
from workstation.store.database import Database
from workstation.store.unit import Unit

if TYPE_CHECKING:
    from workstation.playbooks.book import Book, Playbook
    from workstation.playbooks.following import Ground

MOST_UNDO = 50
AT_ONCE = 20
"""Steps that are read at a time to be sealed."""


@dataclass(frozen=True, slots=True)
class _Before:
    """What a field said, and what it was made to say."""

    conversation_id: str
    field: str
    value: Mapping[str, Any] | None
    made: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Read:
    """One reading of a conversation."""

    playbook: Playbook | None
    chosen: bool
    ground: Ground


class PlaybooksService:
    """Fulfils `api.PlaybooksApi`. The files are read when a playbook is first asked for."""

    def __init__(
        self, database: Database, clock: Clock, book: Callable[[], Book], conversations: Conversations, checks: Checks,
        proofs: Proofs, seals: Seals, me: Callable[[], str],
    ) -> None:
        """`book` blocks; `me`: the member at this desk."""
        self._database, self._clock, self._make = database, clock, book
        self._conversations, self._checks, self._proofs, self._seals = conversations, checks, proofs, seals
        self._me = me
        self._kept: Book | None = None
        self._reading = asyncio.Lock()
        self._undo: OrderedDict[str, _Before] = OrderedDict()
        self._wake = asyncio.Event()

    async def list(self) -> tuple[Title, ...]:
        return tuple(each.title for each in await self._book())

    async def problems(self) -> tuple[str, ...]:
        return (await self._book()).problems

    async def of(self, conversation_id: str) -> Course:
        read = await self._read(conversation_id)
        from workstation.playbooks.following import course  # loaded by now, on a thread

        return course(conversation_id, read.playbook, read.ground, chosen=read.chosen)

    async def choose(self, conversation_id: str, playbook_id: str) -> Undo:
        """Raises InputError for an unknown one, NotFound."""
        book = await self._book()
        playbook = book.get(playbook_id)
        if playbook_id and playbook is None:
            raise InputError(_("There is no such playbook."), _("Choose one of those that are offered."))
        said = _("Playbook: {title}").format(title=playbook.title.title) if playbook else _("Playbook as it is about")
        return await self._say(conversation_id, CHOICE, {"id": playbook_id}, said)

    async def mark(self, conversation_id: str, step_id: str, state: State, reason: str = "") -> Undo:
        """Raises InputError for an unknown step or one that is left out without a reason, NotFound."""
        words = in_a_line(reason, 4 * LONGEST_REASON)[:LONGEST_REASON]
        if state is State.SKIPPED and not words:
            raise InputError(_("A step that is left out needs a reason."), _("Say why it is left out."))
        read = await self._read(conversation_id)
        from workstation.playbooks.following import met

        if read.playbook is None:
            raise NotFound(_("This conversation follows no playbook."), _("Choose a playbook first."))
        step, part = read.playbook.step(step_id), read.playbook.part
        found = met(step, read.ground) if state is State.DONE else None
        told = State.OPEN if state is State.SATISFIED else state
        value = {
            "state": str(told), "reason": words if state is State.SKIPPED else "",
            "via": found.via if found is not None else None, "edition": part.edition, "sha256": read.playbook.sha256,
            "playbook": part.title.en, "title": step.title.en, "place": part.step.index(step) + 1, "of": len(part.step),
        }
        return await self._say(conversation_id, field_of(part.id, step_id), value, _said(told, str(step.title)))

    async def undo(self, undo_id: str) -> None:
        """As it was before; what somebody else said of it meanwhile stays. Raises NotFound."""
        before = self._undo.pop(undo_id, None)
        if before is None:
            raise NotFound(_("There is nothing to undo."), _("Change it by hand."))
        empty = {"id": ""} if before.field == CHOICE else {**before.made, "state": "open", "reason": "", "via": None}
        await self._database.write(lambda unit: self._take_back(unit, before, dict(before.value or empty)))

    # -- sealing ------------------------------------------------------------------------------------------------

    async def step(self) -> float:
        """Seal what waits, then wait for more. Returns seconds until the next turn."""
        self._wake.clear()
        if not await self.settle():
            await self._wake.wait()
        return 0.0

    async def settle(self) -> int:
        """Seal what waits now, at most AT_ONCE. Returns how many were."""
        waiting = await self._database.read(lambda conn: [
            (fact, self._conversations.name(conn, str(fact.value.get("by", ""))))
            for fact in repo.unsealed(conn, AT_ONCE)])
        for fact, name in waiting:
            await self._seal(fact, name)
        return len(waiting)

    async def _seal(self, fact: Fact, name: str) -> None:
        def done(unit: Unit, record_id: str) -> None:
            repo.sealed(unit, fact, record_id)

        await self._seals.seal(sealing.note(fact, name), done)

    # -- small helpers ------------------------------------------------------------------------------------------

    async def _book(self) -> Book:
        async with self._reading:
            if self._kept is None:
                self._kept = await asyncio.to_thread(self._make)
            return self._kept

    async def _read(self, conversation_id: str) -> _Read:
        book = await self._book()
        from workstation.playbooks.following import Ground

        def look(conn: Connection) -> tuple[Playbook | None, bool, Ground]:
            stand = self._stand(conn, conversation_id)
            facts = repo.facts(conn, stand.ids)
            playbook, chosen = _followed(book, stand, facts)
            wanted = playbook is not None and any(step.proof for step in playbook.part.step)
            proofs = self._proofs.of(conn, stand.ids) if wanted else ()
            members = {str(fact.value.get("by", "")) for fact in facts.values()} - {""}
            names = {one: self._conversations.name(conn, one) for one in members}
            return playbook, chosen, Ground(stand, facts, {}, proofs, names)

        playbook, chosen, ground = await self._database.read(look)
        if playbook is not None and any(step.check for step in playbook.part.step):
            checks = {check.id: check for check in await self._checks.of(conversation_id)}
            ground = Ground(ground.stand, ground.facts, checks, ground.proofs, ground.names)
        return _Read(playbook, chosen, ground)

    def _stand(self, connection: Connection, conversation_id: str) -> Stand:
        stand = self._conversations.stand(connection, conversation_id)
        if stand is None:
            raise NotFound(_("This conversation is not here."), _("Choose another one from the list."))
        return stand

    async def _say(self, conversation_id: str, field: str, value: Mapping[str, Any], sentence: str) -> Undo:
        def work(unit: Unit) -> _Before:
            stand = self._stand(unit.conn, conversation_id)
            before = repo.facts(unit.conn, stand.ids).get(field)
            made = self._put(unit, conversation_id, stand, field, value)
            return _Before(conversation_id, field, before.value if before is not None else None, made)

        before = await self._database.write(work)
        undo = Undo(new_id(), sentence, (conversation_id,))
        self._undo[undo.id] = before
        while len(self._undo) > MOST_UNDO:
            self._undo.popitem(last=False)
        return undo

    def _take_back(self, unit: Unit, before: _Before, value: Mapping[str, Any]) -> None:
        stand = self._stand(unit.conn, before.conversation_id)
        now = repo.facts(unit.conn, stand.ids).get(before.field)
        if now is not None and dict(now.value) == dict(before.made):
            self._put(unit, before.conversation_id, stand, before.field, value)

    def _put(
        self, unit: Unit, conversation_id: str, stand: Stand, field: str, value: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        at = self._clock.now()
        made = {**value, "by": self._me(), "at": at}
        repo.put(unit, conversation_id, stand.told, field, made, at, self._seals.monotonic_ns(), seal=field != CHOICE)
        unit.emit(PlaybookChanged(conversation_id))
        unit.after_commit(self._wake.set)
        return made


def hear(conversations: Conversations, unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    """Another desktop's people said something of a conversation's playbook, as the hub hands it on."""
    if repo.hear(unit.conn, entity_id, body):
        unit.emit(PlaybookChanged(conversations.home(unit.conn, entity_id)))


def _followed(book: Book, stand: Stand, facts: Mapping[str, Fact]) -> tuple[Playbook | None, bool]:
    """The playbook a conversation follows, and whether a person chose it."""
    choice = facts.get(CHOICE)
    chosen = book.get(str(choice.value.get("id", ""))) if choice is not None else None
    return (chosen, True) if chosen is not None else (book.about(stand.issue) if stand.issue else None, False)


def _said(state: State, title: str) -> str:
    sentences = {
        State.DONE: _("Step done: {title}"), State.SKIPPED: _("Step left out: {title}"),
        State.OPEN: _("Step open again: {title}"),
    }
    return sentences[state].format(title=title)
