"""What the hub is still to be told of the inbox: read from the messages themselves, never kept twice.

Messages are written once, so the outbox need not hold a copy of each: how far the hub was told is a position in their
order. A batch becomes events, with their bodies, in the very transaction that moves the position; from then on the
events are as durable as any other, and a resend is the same bytes. Without a hub nothing is queued at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping

from workstation.inbox import deliveries
from workstation.store import erased, meta, outbox
from workstation.store.unit import Unit

Known = Callable[[Connection, str, Collection[str]], Collection[str]]
"""Which entities of a collection the hub is known to hold."""

PLACEMENT = "placement"
"""The hub's collection of messages that somebody took out of their thread, by message id."""
POSITION = "offered_message"
MOST = 400
CHARACTERS = 800_000
"""Of the texts of one batch, about."""

STATE_FIELDS = (
    "state", "snoozed_until", "dismissed_at", "resolved_upto", "assignee", "tags", "muted", "review",
)
BEGINNING: Mapping[str, Any] = {"state": "open", "snoozed_until": None, "dismissed_at": 0, "resolved_upto": 0}
"""How every conversation begins, as the hub is told. What is not named in it begins as nothing: "", false, no tags."""
TAG = "tag:"
"""Each tag is a field of its own on the hub, so that two people who tag at once lose nothing."""
TRIAGE = "triage:"
"""And so is each finding that a person corrected."""
_ABOUT = ("account_id", "subject", "channel", "store", "market", "customer_name", "customer_address")


def position(connection: Connection) -> int:
    """The `seq` of the last message that became an event; 0 before there was a hub."""
    return int(meta.get(connection, POSITION) or 0)


def step_back(connection: Connection, seq: int) -> None:
    """A message was withdrawn and its number may be given again: look at what follows once more."""
    if position(connection) >= seq:
        meta.put(connection, POSITION, str(max(0, seq - 1)))


def waiting(connection: Connection) -> int:
    """How many messages the hub was not told of, at most."""
    last = connection.exec_driver_sql("SELECT max(seq) FROM message").scalar()
    return max(0, int(last or 0) - position(connection))


def offer(unit: Unit, known: Known, at: int) -> int:
    """Turn the next messages, and the conversations that begin with them, into events. Returns how many messages were
    looked at; 0 when the hub was told of everything."""
    rows = _next(unit.conn)
    if not rows:
        return 0
    for conversation_id in _named(unit.conn, rows):
        share(unit, conversation_id, known, at)
    held = set(known(unit.conn, "message", [row["id"] for row in rows]))
    # A reply that may still be undone or refused becomes an event when it left.
    unsent = {row["outgoing_id"] for row in rows if row["outgoing_id"] and row["delivery"] != "done"}
    unsent -= deliveries.came_back(unit.conn, unsent) if unsent else set()
    for row in rows:
        if row["id"] not in held and row["outgoing_id"] not in unsent:
            tell_message(unit, row, at)
            if row["outgoing_id"] and (row["delivery"] != "done" or row["delivery_sentence"]):
                deliveries.tell(unit, row["message_id"], row["delivery"], row["delivery_sentence"], at)
    meta.put(unit.conn, POSITION, str(rows[-1]["seq"]))
    return len(rows)


def tell_message(unit: Unit, row: RowMapping | Mapping[str, Any], at: int) -> None:
    """A message becomes an event, and with it where somebody put it."""
    outbox.append(unit, "message", row["id"], "append", event(unit.conn, row), at)
    into = unit.conn.exec_driver_sql(_SPLIT, (row["id"],)).scalar()
    if into is not None:
        tell_split(unit, row["id"], row["message_id"], "", str(into), at)


def tell_split(unit: Unit, message_id: str, name: str, old: str, new: str, at: int) -> None:
    """A message was taken from one conversation ("" where its thread leads) into another. `name`: its Message-ID, by
    which a desktop finds it that has it under another id."""
    for field, was, now in (("message_id", None, name or None), ("conversation_id", old or None, new or None)):
        if was != now:
            outbox.append(unit, PLACEMENT, message_id, "set", {"field": field, "old": was, "new": now}, at)


def offered(connection: Connection, seq: int) -> bool:
    """Whether the hub was told of everything up to this message: a change to it is an event of its own."""
    return seq <= position(connection)


def share(unit: Unit, conversation_id: str, known: Known, at: int) -> None:
    """Tell of a conversation as it began, then of every state it has by now. "new" gives way to what the hub holds."""
    names = ", ".join((*_ABOUT, *STATE_FIELDS, "shared"))
    query = f"SELECT {names} FROM conversation WHERE id = ?"  # noqa: S608
    row = unit.conn.exec_driver_sql(query, (conversation_id,)).mappings().one()
    if row["shared"]:
        return
    unit.conn.exec_driver_sql("UPDATE conversation SET shared = 1 WHERE id = ?", (conversation_id,))
    if not known(unit.conn, "conversation", [conversation_id]):
        body = {**{name: row[name] for name in _ABOUT}, **BEGINNING}
        outbox.append(unit, "conversation", conversation_id, "new", body, at)
    for name in STATE_FIELDS:
        for change in steps(name, BEGINNING.get(name, ""), row[name]):
            outbox.append(unit, "conversation", conversation_id, "set", change, at)
    into = unit.conn.exec_driver_sql(_MERGED, (conversation_id,)).scalar()
    if into is not None:
        outbox.append(unit, "conversation", conversation_id, "set", merged(None, str(into)), at)
    for kind, value in unit.conn.exec_driver_sql(_CORRECTED, (conversation_id,)).all():
        outbox.append(unit, "conversation", conversation_id, "set", corrected(kind, None, value), at)
    for field, value in unit.conn.exec_driver_sql(_FOLLOWED, (conversation_id,)).all():
        said = {"field": field, "old": None, "new": json.loads(value)}
        outbox.append(unit, "playbook", conversation_id, "set", said, at)


def steps(name: str, old: Any, new: Any) -> list[dict[str, Any]]:
    """The bodies of the "set" events that tell of a column's change; none when it did not change."""
    if name == "tags":
        before, after = set(split_tags(old)), set(split_tags(new))
        return [
            {"field": TAG + tag, "old": True if tag in before else None, "new": True if tag in after else None}
            for tag in sorted(before ^ after)
        ]
    if name in BEGINNING:
        return [{"field": name, "old": old, "new": new}] if old != new else []
    before_, after_ = ((value if isinstance(value, str) else True) if value else None for value in (old, new))
    return [{"field": name, "old": before_, "new": after_}] if before_ != after_ else []


def merged(old: str | None, new: str | None) -> dict[str, Any]:
    """The body of the "set" event that tells into which conversation one was merged; None: into none."""
    return {"field": "merged_into", "old": old, "new": new}


def corrected(kind: str, old: str | None, new: str | None) -> dict[str, Any]:
    """The body of the "set" event that tells what a person says of a finding; None: nothing any more."""
    return {"field": TRIAGE + kind, "old": old, "new": new}


def split_tags(column: str) -> tuple[str, ...]:
    return tuple(column.split("\n")[1:-1]) if column else ()


def join_tags(tags: Iterable[str]) -> str:
    """Tags as the column keeps them: sorted, each between line feeds, "" for none."""
    ordered = sorted(set(tags))
    return "\n" + "\n".join(ordered) + "\n" if ordered else ""


def event(connection: Connection, row: RowMapping | Mapping[str, Any]) -> dict[str, Any]:
    """A message as the hub's "message" collection keeps it: what never changes once it is there.

    Its language is left out, because each desktop tells that for itself, sooner or later. The conversation is the one
    its thread leads to, wherever the message is shown, named as the hub knows it, when another desktop told of it first
    under another id.
    """
    names = ("direction", "at", "subject", "text", "quoted", "message_id")
    home = connection.exec_driver_sql(_HOME, (row["id"],)).scalar() or row["conversation_id"]
    twin = connection.exec_driver_sql(_TWIN, (home,)).scalar()
    gone = erased.of(connection, erased.MESSAGE, row["id"]) if not row["text"] and row["recipients"] == "[]" else None
    return {
        **{name: row[name] for name in names}, "conversation_id": twin or home,
        "automatic": bool(row["automatic"]), "author": [row["author_email"], row["author_name"]],
        "to": json.loads(row["recipients"]), "cc": json.loads(row["cc"]), "original": row["original"],
        "original_language": row["original_language"],
        **({"erased": {"id": gone.erase_id, "at": gone.at, "rule": gone.rule}} if gone else {}),
    }


def _named(connection: Connection, rows: Sequence[RowMapping]) -> list[str]:
    """The conversations of these messages: where each is shown, where its thread leads and where somebody put it."""
    ids = json.dumps([row["id"] for row in rows])
    elsewhere = [i for pair in connection.exec_driver_sql(_ELSEWHERE, (ids,)) for i in pair]
    return list(dict.fromkeys([*(row["conversation_id"] for row in rows), *elsewhere]))


def _next(connection: Connection) -> list[RowMapping]:
    found = connection.exec_driver_sql(_PAGE, (position(connection), MOST)).mappings()
    rows: list[RowMapping] = []
    size = 0
    for row in found:
        size += len(row["text"]) + len(row["quoted"]) + len(row["original"])
        if rows and size > CHARACTERS:
            break
        rows.append(row)
    return rows


_HOME = "SELECT home FROM message_home WHERE message_id = ?"
_SPLIT = "SELECT into_id FROM message_split WHERE message_id = ?"
_ELSEWHERE = "SELECT home, base FROM message_home WHERE message_id IN (SELECT value FROM json_each(?))"
_PAGE = "SELECT * FROM message WHERE seq > ? ORDER BY seq LIMIT ?"
_MERGED = "SELECT said FROM conversation_merge WHERE id = ?"
_CORRECTED = "SELECT kind, value FROM triage_correction WHERE conversation_id = ? ORDER BY kind"
_FOLLOWED = (
    "SELECT field, value FROM playbook_fact WHERE conversation_id = ? AND field NOT LIKE 'was:%' ORDER BY at, field"
)
_TWIN = "SELECT min(id) FROM conversation_twin WHERE conversation_id = ?"
