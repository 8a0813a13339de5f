"""Mails that just arrived, shown where merges and splits put them. They are stored where their thread leads; from there
the few that belong elsewhere are moved, so that the others cost nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from workstation.inbox import placing, splitting
from workstation.inbox.arrival import Stored
from workstation.inbox.prepared import PreparedMail


def arrived(
    connection: Connection, mails: Sequence[PreparedMail], stored: Sequence[Stored], joined: Sequence[str]
) -> tuple[list[Stored], list[str]]:
    """The same mails with the conversations in which they are shown now, and those whose list columns are to be worked
    out again. What a fact waited for is put in its place."""
    began = [each.conversation_id for each in stored if each.new_conversation]
    touched = awaited(connection, began) if began else []
    shown = place(connection, [
        (each.message_id, each.conversation_id, mail.names)
        for mail, each in zip(mails, stored, strict=True) if each.new
    ])
    if not shown and not touched and not _any_hidden(connection, [*joined, *(s.conversation_id for s in stored)]):
        return list(stored), list(joined)
    bases = {each.conversation_id for each in stored} | set(joined)
    now = {base: placing.shown_in(connection, base) for base in bases}
    results = [
        replace(each, conversation_id=shown.get(each.message_id, now[each.conversation_id]), home=each.conversation_id)
        for each in stored
    ]
    again = [*(now[i] for i in joined), *touched, *(i for i in began if now[i] == i), *shown.values()]
    return results, list(dict.fromkeys(again))


def awaited(connection: Connection, conversation_ids: Sequence[str]) -> list[str]:
    """Conversations that are here now: merges that waited for them. Returns what was touched."""
    asked = json.dumps(list(conversation_ids))
    waiting = [i for (i,) in connection.exec_driver_sql(_WAITING, (asked,))]
    return placing.settle(connection, waiting) if waiting else []


def place(connection: Connection, new: Sequence[tuple[str, str, Sequence[str]]]) -> dict[str, str]:
    """Messages that were just stored, each (id, conversation in which it was stored, Message-IDs it names). Returns, of
    those that are shown elsewhere, where."""
    if not new:
        return {}
    bases = json.dumps(list(dict.fromkeys(base for _id, base, _names in new)))
    splits = splitting.into_of(connection, [message_id for message_id, _base, _names in new])
    begun = {i for (i,) in connection.exec_driver_sql(_SPLIT_OFF, (bases,))}
    hidden = {row[0]: row[1] for row in connection.exec_driver_sql(_HIDDEN, (bases,))}
    shown: dict[str, str] = {}
    for message_id, base, names in new:
        if message_id in splits:
            touched = splitting.put(connection, message_id, splits[message_id])
            shown[message_id] = touched[-1] if touched else base
        elif base in begun:
            shown[message_id] = splitting.follow(connection, message_id, base, names)
        elif base in hidden:
            connection.exec_driver_sql(_HOME, (message_id, base, base))
            connection.exec_driver_sql(_MOVE, (hidden[base], message_id))
            shown[message_id] = hidden[base]
    return shown


def _any_hidden(connection: Connection, ids: Sequence[str]) -> bool:
    return bool(ids) and connection.exec_driver_sql(_HIDDEN, (json.dumps(list(ids)),)).first() is not None


_AMONG = "IN (SELECT value FROM json_each(?1))"
_WAITING = (
    f"SELECT id FROM conversation_merge WHERE into_id {_AMONG} "  # noqa: S608
    f"UNION SELECT id FROM conversation_merge WHERE id {_AMONG}"
)
_SPLIT_OFF = f"SELECT DISTINCT into_id FROM message_split WHERE into_id {_AMONG}"  # noqa: S608
_HIDDEN = f"SELECT id, merged_into FROM conversation WHERE merged_into != '' AND id {_AMONG}"  # noqa: S608
_HOME = "INSERT INTO message_home(message_id, home, base) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_MOVE = "UPDATE message SET conversation_id = ? WHERE id = ?"
