"""Merging conversations, parting them again, and taking messages out into a conversation of their own. All this keeps
is facts (`placing`, `splitting`); each command can be taken back, also after mail came that nobody foresaw."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workstation.domain.undo import Undo
from workstation.inbox import placing, splitting, states
from workstation.inbox.model import SystemLine
from workstation.inbox.offering import join_tags, merged, split_tags
from workstation.inbox.ports import EVER, MOST_LINES
from workstation.inbox.undoing import Back, UndoList
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _, ngettext
from workstation.store import outbox
from workstation.store.database import Database
from workstation.store.unit import Unit

MOST_MERGED = 500
"""Conversations that one command merges."""
Show = Callable[[Unit, Iterable[str]], None]
Done = tuple[str, Sequence[str], Back]
"""The sentence that says what was done, the conversations it was done to, and the way back."""


class Merging:
    """One collaborator of the inbox; its undo list is shared with organising. `show` works out the list's columns again
    and announces; `relink` reads again which orders a conversation names."""

    def __init__(
        self, database: Database, clock: Clock, undo: UndoList, show: Show,
        relink: Callable[[Connection, Sequence[str]], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._undo = undo
        self._show = show
        self._relink = relink

    async def merge(self, ids: Sequence[str], into: str) -> Undo:
        """Raises NotFound, InputError."""
        return await self._do(lambda unit: self._merge(unit, ids, into))

    async def unmerge(self, conversation_id: str) -> Undo:
        """Raises NotFound."""
        return await self._do(lambda unit: self._unmerge(unit, conversation_id))

    async def split(self, conversation_id: str, message_ids: Sequence[str]) -> Undo:
        """Raises NotFound, InputError."""
        return await self._do(lambda unit: self._split(unit, conversation_id, message_ids))

    async def _do(self, work: Callable[[Unit], Done]) -> Undo:
        sentence, ids, back = await self._database.write(work)
        return self._undo.remember(sentence, ids, back)

    # -- merging ----------------------------------------------------------------------------------------------------

    def _merge(self, unit: Unit, ids: Sequence[str], into: str) -> Done:
        target, *_rest = states.shown_as(unit.conn, [into]) or [""]
        sources = [i for i in states.shown_as(unit.conn, ids) if i != target]
        _check(unit.conn, target, sources)
        read = not placing.unread_otherwise(unit.conn, [target], unread=False)
        last = _last_seq(unit.conn)
        before = states.read_states(unit.conn, [target, *sources])
        gave = _gifts(before, target, sources)
        told = self._say(unit, {**dict.fromkeys(sources, target), target: ""})
        for source, tags in gave.items():
            unit.conn.exec_driver_sql("UPDATE conversation_merge SET gave = ? WHERE id = ?", (tags, source))
        wanted = _joined(before, target, sources)
        states.put(unit, before, {target: wanted}, self._clock.now())
        self._show(unit, [target, *sources])

        def back(unit: Unit) -> None:
            touched = self._facts_back(unit, told)
            now = states.read_states(unit.conn, [target])
            states.put(unit, now, {i: _parted(before[target], wanted, now[i]) for i in now}, self._clock.now())
            if read and unit.conn.exec_driver_sql(_HEARD_SINCE, (target, last)).first() is None:
                unit.conn.exec_driver_sql("UPDATE conversation SET unread = 0 WHERE id = ?", (target,))
            self._show(unit, [target, *sources, *touched])

        count = len(sources) + 1
        sentence = ngettext("{n} conversation merged", "{n} conversations merged", count).format(n=count)
        return sentence, [target, *sources], back

    def _unmerge(self, unit: Unit, conversation_id: str) -> Done:
        target, *_rest = states.shown_as(unit.conn, [conversation_id]) or [""]
        # Of a conversation that is hidden, only itself; of one that is shown, all that was merged into it.
        parted = [conversation_id] if target != conversation_id else _merged_into(unit.conn, target)
        if not target or not parted:
            raise NotFound(_("Nothing was merged into this conversation."), _("Choose one that was merged."))
        gave = _gave(unit.conn, parted)
        told = self._say(unit, {**dict.fromkeys(parted, ""), target: ""})   # its own is there when two made a ring
        given = frozenset(tag for tags in gave.values() for tag in split_tags(tags))
        before = states.read_states(unit.conn, [target])
        left = join_tags(set(split_tags(before[target]["tags"])) - given)
        states.put(unit, before, {target: {"tags": left}}, self._clock.now())
        self._show(unit, [target, *parted])

        def back(unit: Unit) -> None:
            touched = self._facts_back(unit, told)
            for source, tags in gave.items():
                unit.conn.exec_driver_sql("UPDATE conversation_merge SET gave = ? WHERE id = ?", (tags, source))
            now = states.read_states(unit.conn, [target])
            for i, values in now.items():
                again = join_tags({*split_tags(values["tags"]), *given})
                states.put(unit, now, {i: {"tags": again}}, self._clock.now())
            self._show(unit, [target, *parted, *touched])

        count = len(parted)
        sentence = ngettext("{n} conversation parted", "{n} conversations parted", count).format(n=count)
        return sentence, [target, *parted], back

    def _say(self, unit: Unit, wanted: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Keep where each of these belongs ("" on its own), tell the hub, and settle. Returns (before, now) of those
        that changed."""
        old = placing.facts(unit.conn, wanted)
        changed = {i: (old.get(i, ""), into) for i, into in wanted.items() if old.get(i, "") != into}
        names = placing.said(unit.conn, changed)
        for conversation_id, (_was, into) in changed.items():
            name = placing.name_of(unit.conn, into) if into else ""
            placing.put_fact(unit.conn, conversation_id, into, self._clock.now(), name)
        self._tell(unit, names, placing.said(unit.conn, changed), changed)
        placing.settle(unit.conn, [i for each, (was, now) in changed.items() for i in (each, was, now) if i])
        return changed

    def _tell(self, unit: Unit, was: Mapping[str, str], now: Mapping[str, str], changed: Iterable[str]) -> None:
        """`was` and `now`: as `placing.said`."""
        for conversation_id, known_as in states.told_names(unit.conn, changed):
            body = merged(was.get(conversation_id), now.get(conversation_id))
            outbox.append(unit, "conversation", known_as, "set", body, self._clock.now())

    def _facts_back(self, unit: Unit, told: Mapping[str, tuple[str, str]]) -> list[str]:
        """Only what still is as the command left it: a colleague may have merged otherwise since."""
        now = placing.facts(unit.conn, told)
        mine = {i: was for i, (was, then) in told.items() if now.get(i, "") == then}
        self._say(unit, mine)
        return states.shown_as(unit.conn, [i for was, then in told.values() for i in (was, then) if i])

    # -- splitting --------------------------------------------------------------------------------------------------

    def _split(self, unit: Unit, conversation_id: str, message_ids: Sequence[str]) -> Done:
        source, *_rest = states.shown_as(unit.conn, [conversation_id]) or [""]
        chosen = splitting.chosen(unit.conn, source, message_ids)
        new = splitting.begin(unit, source, chosen, self._clock.now())
        before = splitting.into_of(unit.conn, chosen)
        splitting.say(unit, dict.fromkeys(chosen, new), self._clock.now())
        self._relink(unit.conn, [new])
        self._show(unit, [source, new])

        def back(unit: Unit) -> None:
            # Answers that followed go back with what they answer.
            followed = dict.fromkeys(splitting.messages_of(unit.conn, new), "")
            splitting.say(unit, {**followed, **{i: before.get(i, "") for i in chosen if i in followed}},
                          self._clock.now())
            self._show(unit, [source, new, *splitting.shown_of(unit.conn, followed)])

        count = len(chosen)
        sentence = ngettext("{n} message split off", "{n} messages split off", count).format(n=count)
        return sentence, [source, new], back


def _check(connection: Connection, target: str, sources: Sequence[str]) -> None:
    """Raises NotFound, InputError."""
    if not target:
        raise NotFound(_("This conversation is not in the store."), _("Choose one of the list."))
    if not sources:
        raise InputError(_("There is nothing to merge."), _("Choose at least two conversations."))
    if len(sources) > MOST_MERGED:
        raise InputError(
            _("So many conversations are not merged at once."),
            _("Choose at most {most}.").format(most=MOST_MERGED))
    ways = {tuple(row) for row in connection.exec_driver_sql(_WAYS, (json.dumps([target, *sources]),))}
    if len(ways) > 1:
        raise InputError(
            _("These conversations came to different mailboxes or channels and cannot be answered from one place."),
            _("Link them to one customer instead; each keeps its own thread."))


def _joined(before: states.Before, target: str, sources: Sequence[str]) -> dict[str, Any]:
    """How the target stands with what its sources bring: open when one of them is, and all their tags."""
    mine, theirs = before[target], [before[i] for i in sources]
    tags = {tag for each in (mine, *theirs) for tag in split_tags(each["tags"])}
    wanted = {
        "tags": join_tags(tags), "review": mine["review"] or any(each["review"] for each in theirs),
        "assignee": next((each["assignee"] for each in (mine, *theirs) if each["assignee"]), ""),
    }
    if mine["state"] != "open" and any(each["state"] == "open" for each in theirs):
        wanted |= {"state": "open", "snoozed_until": None}
    return {name: value for name, value in wanted.items() if value != mine[name]}


def _parted(before: Mapping[str, Any], left: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """How the target stands without what a merge brought it: `left` is what the merge set. Tags that it brought go and
    no others; the rest goes back where nobody changed it since."""
    old = {name: before[name] for name, value in left.items() if name != "tags" and now[name] == value}
    if "state" not in old:
        old.pop("snoozed_until", None)
    if "tags" in left:
        brought = set(split_tags(left["tags"])) - set(split_tags(before["tags"]))
        old["tags"] = join_tags(set(split_tags(now["tags"])) - brought)
    return old


def _gifts(before: states.Before, target: str, sources: Sequence[str]) -> dict[str, str]:
    """The tags that each source brings and the target had not."""
    had = set(split_tags(before[target]["tags"]))
    brought = {i: join_tags(set(split_tags(before[i]["tags"])) - had) for i in sources}
    return {i: tags for i, tags in brought.items() if tags}


def _merged_into(connection: Connection, target: str) -> list[str]:
    found = connection.exec_driver_sql(_DIRECTLY, (target,)) if target else ()
    return [i for (i,) in found]


def _gave(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.exec_driver_sql(_GAVE, (json.dumps(ids),))}


def _last_seq(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT coalesce(max(seq), 0) FROM message").scalar_one())


class MergeLines:
    """Fulfils `inbox.ports.QuietLines`: what was merged into a conversation, and when."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        sentence = _("Merged with “{subject}” of {customer}")
        found = connection.exec_driver_sql(_LINES, (conversation_id, since, until, MOST_LINES))
        return [
            SystemLine(at, sentence.format(subject=subject, customer=customer), "merge")
            for at, subject, customer in found
        ]


_WAYS = "SELECT DISTINCT account_id, channel FROM conversation WHERE id IN (SELECT value FROM json_each(?))"
_HEARD_SINCE = "SELECT 1 FROM message WHERE conversation_id = ? AND seq > ? AND direction = 'in' LIMIT 1"
_DIRECTLY = (
    "SELECT m.id FROM conversation_merge m JOIN conversation c ON c.id = m.id "
    "WHERE m.into_id = ?1 AND c.merged_into = ?1"
)
_GAVE = "SELECT id, gave FROM conversation_merge WHERE id IN (SELECT value FROM json_each(?)) AND gave != ''"
_LINES = (
    "SELECT m.at, c.subject, coalesce(nullif(c.customer_name, ''), c.customer_address) AS customer "
    "FROM conversation c JOIN conversation_merge m ON m.id = c.id WHERE c.merged_into = ?1 AND c.merged_into != '' "
    "AND m.at >= ?2 AND m.at < ?3 ORDER BY m.at LIMIT ?4"
)
