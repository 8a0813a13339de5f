"""What a person says of conversations: resolved, snoozed, assigned, tagged … Read and written for many at once; every
field that really changes becomes an event for the hub. The changes themselves are values with a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, text, update

from workstation.inbox import rows
from workstation.inbox.offering import STATE_FIELDS, steps
from workstation.inbox.repo import CONVERSATION
from workstation.kernel.i18n import ngettext
from workstation.store import outbox
from workstation.store.unit import Unit

Before = Mapping[str, Mapping[str, Any]]
"""Columns of conversations, by id: those of STATE_FIELDS, or some of them."""


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


@dataclass(frozen=True, slots=True)
class Assigned:
    """`member_id` "": to nobody."""

    member_id: str

    def values(self) -> dict[str, Any]:
        return {"assignee": self.member_id}

    def sentence(self, count: int) -> str:
        if not self.member_id:
            return ngettext("{n} conversation unassigned", "{n} conversations unassigned", count).format(n=count)
        return ngettext("{n} conversation assigned", "{n} conversations assigned", count).format(n=count)


@dataclass(frozen=True, slots=True)
class Muted:
    muted: bool

    def values(self) -> dict[str, Any]:
        return {"muted": self.muted}

    def sentence(self, count: int) -> str:
        if self.muted:
            return ngettext("{n} conversation muted", "{n} conversations muted", count).format(n=count)
        return ngettext("{n} conversation heard again", "{n} conversations heard again", count).format(n=count)


@dataclass(frozen=True, slots=True)
class ReviewAsked:
    asked: bool

    def values(self) -> dict[str, Any]:
        return {"review": self.asked}

    def sentence(self, count: int) -> str:
        if self.asked:
            return ngettext(
                "Review asked for {n} conversation", "Review asked for {n} conversations", count).format(n=count)
        return ngettext(
            "No review asked any more for {n} conversation", "No review asked any more for {n} conversations", count
        ).format(n=count)


def read_states(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """STATE_FIELDS of each of these conversations that is here, in their order."""
    wanted = list(dict.fromkeys(ids))
    found = connection.exec_driver_sql(_STATES, (json.dumps(wanted),)).all()
    read = {row[0]: dict(zip(STATE_FIELDS, row[1:], strict=True)) for row in found}
    for values in read.values():
        values["muted"], values["review"] = bool(values["muted"]), bool(values["review"])
    return {i: read[i] for i in wanted if i in read}


def shown_as(connection: Connection, ids: Iterable[str]) -> list[str]:
    """The conversations in which these are shown: themselves, or what they were merged into. Unknown ones are left out.
    """
    wanted = list(dict.fromkeys(ids))
    found = {row[0]: row[1] for row in connection.exec_driver_sql(_SHOWN_AS, (json.dumps(wanted),))}
    return list(dict.fromkeys(found[i] for i in wanted if i in found))


def resolvable(connection: Connection, ids: Iterable[str], seen: Mapping[str, int]) -> dict[str, int]:
    """Up to which time each conversation can be resolved: to the newest message the person saw (`seen`, time of the
    newest message on their screen), or to the newest of all where that is not said. One that a buyer wrote in
    meanwhile is left out: it would disappear with a mail that nobody read."""
    asked = json.dumps([[conversation_id, seen.get(conversation_id)] for conversation_id in dict.fromkeys(ids)])
    return {row[0]: int(row[1]) for row in connection.exec_driver_sql(_RESOLVABLE, (asked,))}


def apply(unit: Unit, before: Before, values: Mapping[str, Any], at: int) -> list[str]:
    """Set the same `values` on each conversation; as `put`."""
    return put(unit, before, dict.fromkeys(before, values), at)


def put(unit: Unit, before: Before, after: Before, at: int) -> list[str]:
    """Make conversations as in `after`, column by column; every field that really changes becomes an event for the hub,
    under each id by which the hub knows the conversation. One that the hub was not told of yet is told with what it is
    by then. Returns the ids of those that changed. One UPDATE for all that change alike."""
    changed = {i: _differing(before[i], values) for i, values in after.items()}
    changed = {i: values for i, values in changed.items() if values}
    alike: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for conversation_id, values in changed.items():
        alike.setdefault(tuple(values.items()), []).append(conversation_id)
    for columns, ids in alike.items():
        names = ", ".join(f"{name} = ?" for name, _value in columns)
        update_ = f"UPDATE conversation SET {names} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
        unit.conn.exec_driver_sql(update_, (*(value for _name, value in columns), json.dumps(ids)))
    _tell(unit, before, changed, at)
    return list(changed)


def still(now: Mapping[str, Any], left: Mapping[str, Any]) -> bool:
    """Whether a conversation's columns are as a command left them."""
    return all(now[name] == value for name, value in left.items())


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in new.items() if old[name] != value}


def _tell(unit: Unit, before: Before, changed: Before, at: int) -> None:
    outbox.append_all(unit, "conversation", "set", (
        (known_as, body)
        for conversation_id, known_as in told_names(unit.conn, changed)
        for name, value in changed[conversation_id].items()
        for body in steps(name, before[conversation_id][name], value)
    ), at)


def told_names(connection: Connection, ids: Iterable[str]) -> list[tuple[str, str]]:
    """(conversation, id by which the hub knows it) for all that the hub was told of; some have several, most none."""
    asked = json.dumps(list(ids))
    return [(row[0], row[1]) for row in connection.exec_driver_sql(_NAMES, (asked,))]


def set_read(connection: Connection, ids: Sequence[str], read: bool) -> None:
    """Read marks are this person's own; they do not travel. What was stored until now was looked at then."""
    seen = {"seen_seq": text("(SELECT coalesce(max(seq), 0) FROM message)")} if read else {}
    among = text("id IN (SELECT value FROM json_each(:ids))").bindparams(ids=json.dumps(list(ids)))
    connection.execute(update(CONVERSATION).where(among).values(unread=not read, **seen))


def snoozed_before(connection: Connection, now: int) -> list[str]:
    return [i for (i,) in connection.exec_driver_sql(_DUE, (now,))]


_AMONG = "IN (SELECT value FROM json_each(?1))"
_STATES = f"SELECT id, {', '.join(STATE_FIELDS)} FROM conversation WHERE id {_AMONG}"  # noqa: S608
_SHOWN_AS = (
    f"SELECT id, CASE WHEN merged_into != '' THEN merged_into ELSE id END FROM conversation WHERE id {_AMONG}"  # noqa: S608
)
_RESOLVABLE = (
    "SELECT id, upto FROM (SELECT c.id, coalesce(asked.value ->> 1, c.last_at) AS upto FROM json_each(?1) asked "
    "JOIN conversation c ON c.id = asked.value ->> 0) AS wanted WHERE NOT EXISTS ("
    "SELECT 1 FROM message m WHERE m.conversation_id = wanted.id AND m.at > wanted.upto AND m.direction = 'in')"
)
_DUE = f"SELECT id FROM {rows.source('snoozed')} WHERE {rows.QUEUES['snoozed']} AND snoozed_until <= ?"  # noqa: S608
_NAMES = (
    f"SELECT id, id FROM conversation WHERE id {_AMONG} AND shared = 1 "  # noqa: S608
    f"UNION ALL SELECT conversation_id, id FROM conversation_twin WHERE conversation_id {_AMONG}"
)
