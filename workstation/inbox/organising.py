"""What a person does to conversations, one or thousands at once: resolve, snooze, assign, tag, mute … Each command
announces exactly the rows that changed, and can be taken back. Up to five thousand are one transaction; of more each
five thousand are, so that mail comes in between, and when one of these fails the others are taken back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged, QueuesChanged
from workstation.domain.undo import Undo
from workstation.inbox import lines, placing, repo, states
from workstation.inbox.model import ClockRule, TagCount
from workstation.inbox.offering import join_tags, split_tags
from workstation.inbox.states import Before, Change
from workstation.inbox.undoing import Back, UndoList
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.ids import new_id
from workstation.runtime.jobs import Jobs, Progress
from workstation.store.database import Database
from workstation.store.unit import Unit

PIECE = 5_000
LONGEST_TAG = 40
MOST_TAGS = 30
"""On one conversation."""
Done = tuple[Collection[str], Back]
"""The conversations that changed, and the way back."""


class Work(Protocol):
    """What a command does to `some` of its conversations."""

    def __call__(self, unit: Unit, some: Sequence[str]) -> Done: ...




class Organising:
    """One collaborator of the inbox; its undo list is shared with merging."""

    def __init__(
        self, database: Database, clock: Clock, rules: Sequence[ClockRule], undo: UndoList, jobs: Jobs
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._rules = rules
        self._undo = undo

    async def change(self, ids: Sequence[str], change: Change) -> Undo:
        """Set what `change` says on all of them."""
        return await self._do(ids, change.sentence, lambda unit, some: self._set(unit, some, change))

    async def resolve(self, ids: Sequence[str], seen: Mapping[str, int]) -> Undo:
        """As `api.InboxApi.resolve`."""
        change = states.Resolved(self._clock.now())

        def work(unit: Unit, some: Sequence[str]) -> Done:
            upto = states.resolvable(unit.conn, states.shown_as(unit.conn, some), seen)
            before = states.read_states(unit.conn, upto)
            after = {i: {**change.values(), "resolved_upto": upto[i]} for i in before}
            changed = states.put(unit, before, after, change.at)
            return self._changed(unit, before, after, changed)

        return await self._do(ids, change.sentence, work)

    async def tag(self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> Undo:
        """Raises InputError. A tag that is both added and removed is added."""
        wanted = frozenset(map(checked_tag, add))
        unwanted = frozenset(map(checked_tag, remove)) - wanted
        if not wanted and not unwanted:
            raise InputError(_("No tag was named."), _("Type a tag, or choose one from the list."))
        return await self._do(
            ids, lambda n: _tagged(n, sorted(wanted), sorted(unwanted)),
            lambda unit, some: self._tag(unit, states.shown_as(unit.conn, some), wanted, unwanted))

    async def unassign(self, given: Mapping[str, str]) -> Undo:
        """Take conversations from whom each was given to, where it is still theirs."""
        change = states.Assigned("")

        def work(unit: Unit, some: Sequence[str]) -> Done:
            before = {i: values for i, values in states.read_states(unit.conn, some).items()
                      if values["assignee"] == given[i]}
            after = dict.fromkeys(before, change.values())
            return self._changed(unit, before, after, states.put(unit, before, after, self._clock.now()))

        return await self._do(list(given), change.sentence, work)

    async def mark_read(self, ids: Sequence[str], read: bool) -> None:
        def work(unit: Unit) -> None:
            shown = states.shown_as(unit.conn, ids)
            changed = placing.unread_otherwise(unit.conn, shown, unread=not read)
            states.set_read(unit.conn, placing.with_members(unit.conn, shown), read)
            if changed:
                unit.emit(ConversationsChanged(tuple(changed)))

        await self._database.write(work)

    async def undo(self, undo_id: str) -> None:
        """Raises NotFound."""
        await self._undo.undo(undo_id, self._database)

    async def wake_snoozed(self) -> float:
        """Reopen what was snoozed until now. Returns the seconds until it should be called again."""

        def work(unit: Unit) -> None:
            due = states.snoozed_before(unit.conn, self._clock.now())
            if due:
                self._set(unit, due, states.Reopened())

        now = self._clock.now()
        if await self._database.read(lambda conn: states.snoozed_before(conn, now)):   # nobody who writes waits for it
            await self._database.write(work)
        return 20.0

    def show(self, unit: Unit, ids: Iterable[str]) -> None:
        """Work out the list's columns of these again and announce them."""
        changed = tuple(dict.fromkeys(ids))
        if changed:
            repo.refresh(unit.conn, changed, self._rules)
            unit.emit(ConversationsChanged(changed))

    async def _do(
        self, ids: Sequence[str], sentence: Callable[[int], str], work: Work
    ) -> Undo:
        wanted = list(dict.fromkeys(ids))
        if len(wanted) <= PIECE:
            done = [await self._database.write(lambda unit: work(unit, wanted))]
        else:
            done = await self._jobs.run(
                f"organise {new_id()}", _("Changing many conversations"),
                lambda progress: self._piecewise(wanted, work, progress))
        changed = tuple(dict.fromkeys(i for some, _back in done for i in some))
        return self._undo.remember(sentence(len(changed)), changed, *(back for _changed, back in done))

    async def _piecewise(
        self, ids: Sequence[str], work: Work, progress: Progress
    ) -> list[Done]:
        done: list[Done] = []
        try:
            for start in range(0, len(ids), PIECE):
                progress(start, len(ids))
                some = ids[start : start + PIECE]
                done.append(await self._database.write(partial(work, some=some)))
        except BaseException:
            for _changed, back in reversed(done):
                await self._database.write(back)
            raise
        return done

    def _set(self, unit: Unit, ids: Sequence[str], change: Change) -> Done:
        before = states.read_states(unit.conn, states.shown_as(unit.conn, ids))
        after = dict.fromkeys(before, change.values())
        return self._changed(unit, before, after, states.put(unit, before, after, self._clock.now()))

    def _changed(self, unit: Unit, before: Before, after: Before, changed: Collection[str]) -> Done:
        """Only these columns are put back, and only where they still are as the command left them: what else is done
        to the conversations meanwhile stays, and one that a mail reopened stays open."""
        old = {i: {name: before[i][name] for name in after[i]} for i in changed}
        left = {i: dict(after[i]) for i in changed}
        self._announce(unit, changed, after)

        def back(unit: Unit) -> None:
            now = states.read_states(unit.conn, old)
            mine = {i: old[i] for i in now if states.still(now[i], left[i])}
            self._announce(unit, states.put(unit, now, mine, self._clock.now()), old)

        return changed, back

    def _announce(self, unit: Unit, changed: Collection[str], values: Before) -> None:
        """Where a state is among what changed, the place in the list may be another one; where more is, the clock."""
        names = frozenset(name for each in values.values() for name in each)
        if "dismissed_at" in names:
            self.show(unit, changed)
        elif changed:
            if "state" in names:
                lines.reorder(unit.conn, changed)
            unit.emit(ConversationsChanged(tuple(changed)))

    def _tag(self, unit: Unit, ids: Sequence[str], add: Collection[str], remove: Collection[str]) -> Done:
        deltas = put_tags(unit, dict.fromkeys(ids, (add, remove)), self._clock.now())

        def back(unit: Unit) -> None:
            put_tags(unit, {i: (gone, come) for i, (come, gone) in deltas.items()}, self._clock.now())

        return list(deltas), back


Deltas = Mapping[str, tuple[Collection[str], Collection[str]]]
"""Tags that come and tags that go, by conversation."""


def put_tags(unit: Unit, wanted: Deltas, at: int) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Add and remove tags, and announce it. Returns what really came and went where something did. Raises InputError
    for too many."""
    before = states.read_states(unit.conn, wanted)
    after, deltas = {}, {}
    for conversation_id, values in before.items():
        come, gone = wanted[conversation_id]
        old = frozenset(split_tags(values["tags"]))
        new = (old | frozenset(come)) - frozenset(gone)
        if len(new) > MOST_TAGS and new > old:
            raise InputError(
                _("A conversation can have {most} tags.").format(most=MOST_TAGS), _("Take one away first."))
        if new != old:
            after[conversation_id] = {"tags": join_tags(new)}
            deltas[conversation_id] = (new - old, old - new)
    changed = states.put(unit, before, after, at)
    if changed:
        unit.emit(ConversationsChanged(tuple(changed)))
        unit.emit(QueuesChanged())
    return deltas


def checked_tag(tag: str) -> str:
    """A tag as it is kept. Raises InputError."""
    cleaned = " ".join(tag.split(" ")).strip()
    if not cleaned or not cleaned.isprintable():
        raise InputError(_("That is no tag: it is empty or has a line break."), _("Type a word."))
    if len(cleaned) > LONGEST_TAG:
        raise InputError(
            _("That tag is too long."), _("Use at most {most} characters.").format(most=LONGEST_TAG))
    return cleaned


def tag_counts(connection: Connection) -> tuple[TagCount, ...]:
    """As `api.InboxApi.tags`. Read from the conversations themselves; an index holds the few that have tags."""
    counts: dict[str, int] = {}
    for tags, open_ in connection.exec_driver_sql(_TAGGED):
        for tag in split_tags(tags):
            counts[tag] = counts.get(tag, 0) + open_
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0].casefold(), item[0]))
    return tuple(TagCount(tag, number) for tag, number in ordered)


def _tagged(count: int, added: Sequence[str], removed: Sequence[str]) -> str:
    names = ", ".join((*added, *(f"−{tag}" for tag in removed)))
    return ngettext("{n} conversation tagged: {tags}", "{n} conversations tagged: {tags}", count).format(
        n=count, tags=names)


_TAGGED = (
    "SELECT tags, sum(state = 'open') FROM conversation WHERE tags != '' AND merged_into = '' AND last_at > 0 "
    "GROUP BY tags"
)
