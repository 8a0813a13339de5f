"""State changes a person makes: resolve, reopen, snooze, no response needed. Each can be taken back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select, update

from workstation.inbox.model import Undo
from workstation.inbox.offering import STATE_FIELDS
from workstation.inbox.repo import CONVERSATION, twins
from workstation.kernel.i18n import ngettext
from workstation.kernel.ids import new_id
from workstation.store import outbox
from workstation.store.unit import Unit

Before = Mapping[str, Mapping[str, Any]]
"""The states of conversations before a change, by id."""

MOST_UNDO = 50


class Change(Protocol):
    """What a command sets, and the sentence that says so."""

    def values(self) -> dict[str, Any]: ...

    def sentence(self, count: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Resolved:
    """Done with, up to the newest message the person saw; `resolvable` says which that is for each conversation."""

    at: int

    def values(self) -> dict[str, Any]:
        return {"state": "resolved", "snoozed_until": None}

    def sentence(self, count: int) -> str:
        return ngettext("{n} conversation resolved", "{n} conversations resolved", count).format(n=count)


@dataclass(frozen=True, slots=True)
class Reopened:
    def values(self) -> dict[str, Any]:
        return {"state": "open", "snoozed_until": None}

    def sentence(self, count: int) -> str:
        return ngettext("{n} conversation reopened", "{n} conversations reopened", count).format(n=count)


@dataclass(frozen=True, slots=True)
class Snoozed:
    until: int

    def values(self) -> dict[str, Any]:
        return {"state": "snoozed", "snoozed_until": self.until}

    def sentence(self, count: int) -> str:
        return ngettext("{n} conversation snoozed", "{n} conversations snoozed", count).format(n=count)


@dataclass(frozen=True, slots=True)
class Dismissed:
    """The buyer needs no answer: the clock stops, and starts again with the next message."""

    at: int

    def values(self) -> dict[str, Any]:
        return {"dismissed_at": self.at}

    def sentence(self, count: int) -> str:
        return ngettext(
            "{n} conversation needs no response", "{n} conversations need no response", count
        ).format(n=count)


class UndoList:
    """What can be taken back, the newest fifty."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Before] = OrderedDict()

    def remember(self, sentence: str, before: Before) -> Undo:
        undo = Undo(new_id(), sentence, tuple(before))
        self._kept[undo.id] = before
        while len(self._kept) > MOST_UNDO:
            self._kept.popitem(last=False)
        return undo

    def take(self, undo_id: str) -> Before | None:
        return self._kept.pop(undo_id, None)


def read_states(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    columns = [CONVERSATION.c.id, *(CONVERSATION.c[name] for name in STATE_FIELDS)]
    found = connection.execute(select(*columns).where(CONVERSATION.c.id.in_(list(ids)))).mappings()
    return {row["id"]: {name: row[name] for name in STATE_FIELDS} for row in found}


def resolvable(connection: Connection, ids: Iterable[str], seen: Mapping[str, int]) -> dict[str, int]:
    """Up to which time each conversation can be resolved: to the newest message the person saw (`seen`, time of the
    newest message on their screen), or to the newest of all where that is not said. One that a buyer wrote in
    meanwhile is left out: it would disappear with a mail that nobody read."""
    found: dict[str, int] = {}
    for conversation_id in ids:
        last_at = connection.exec_driver_sql(_LAST_AT, (conversation_id,)).scalar()
        upto = seen.get(conversation_id, last_at)
        if upto is not None and connection.exec_driver_sql(_LATER, (conversation_id, upto)).first() is None:
            found[conversation_id] = upto
    return found


_LAST_AT = "SELECT last_at FROM conversation WHERE id = ?"
_LATER = "SELECT 1 FROM message WHERE conversation_id = ? AND at > ? AND direction = 'in' LIMIT 1"


def apply(unit: Unit, before: Before, values: Mapping[str, Any], at: int) -> None:
    """Set `values` on each conversation; every field that really changes becomes an event for the hub, under each id by
    which the hub knows the conversation. One that the hub was not told of yet is told with what it is by then."""
    for conversation_id, old in before.items():
        changed = {name: value for name, value in values.items() if old[name] != value}
        if not changed:
            continue
        mine = CONVERSATION.c.id == conversation_id
        unit.conn.execute(update(CONVERSATION).where(mine).values(**changed))
        shared = unit.conn.execute(select(CONVERSATION.c.shared).where(mine)).scalar()
        names = ([conversation_id] if shared else []) + list(twins(unit.conn, conversation_id))
        for known_as in names:
            for name, value in changed.items():
                body = {"field": name, "old": old[name], "new": value}
                outbox.append(unit, "conversation", known_as, "set", body, at)


def set_read(connection: Connection, ids: Sequence[str], read: bool) -> None:
    """Read marks are this person's own; they do not travel."""
    connection.execute(update(CONVERSATION).where(CONVERSATION.c.id.in_(ids)).values(unread=not read))


def snoozed_before(connection: Connection, now: int) -> list[str]:
    due = (CONVERSATION.c.state == "snoozed") & (CONVERSATION.c.snoozed_until <= now)
    return list(connection.execute(select(CONVERSATION.c.id).where(due)).scalars())
