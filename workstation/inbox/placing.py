"""In which conversation a message is shown.

Nothing here is decided when a mail arrives. A message has a home: the conversation its thread leads to, the same on
every desktop. Two kinds of facts are laid over that: "this conversation belongs to that one" (a merge) and "this
message belongs to that conversation" (a split). Where a message is shown follows from its home and the facts alone, so
that desktops which learn of mails and facts in another order end alike, and a fact that is taken back leaves nothing.

Merges may form chains, and, when two desktops merge at once, a ring: then the smallest id of the ring is the
conversation that is shown. A merge into a conversation that is not here yet waits for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection


def members(connection: Connection, conversation_id: str) -> tuple[str, ...]:
    """The conversation and all that were merged into it: what other features know by any of these ids belongs to it."""
    return (conversation_id, *sorted(i for (i,) in connection.exec_driver_sql(_MERGED, (conversation_id,))))


def shown_in(connection: Connection, conversation_id: str) -> str:
    """The conversation in which this one is shown: itself, also when it is unknown, or what it was merged into."""
    query = "SELECT merged_into FROM conversation WHERE id = ?"
    return connection.exec_driver_sql(query, (conversation_id,)).scalar() or conversation_id


def base_of(connection: Connection, message_id: str) -> str:
    """The conversation that a message belongs to, wherever that is shown; "" for an unknown message."""
    return connection.exec_driver_sql(_BASE, (message_id,)).scalar() or ""


def with_members(connection: Connection, ids: Sequence[str]) -> list[str]:
    """These conversations and all that were merged into them."""
    return [*ids, *(i for (i,) in connection.exec_driver_sql(_MEMBERS, (json.dumps(list(ids)),)))]


def unread_otherwise(connection: Connection, ids: Sequence[str], *, unread: bool) -> list[str]:
    """Those of the conversations whose mark is another one."""
    found = connection.exec_driver_sql(_UNREAD_OTHERWISE, (json.dumps(list(ids)), unread))
    return [i for (i,) in found]


def facts(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Into what each of these was said to be merged, where something was said."""
    return {row[0]: row[1] for row in connection.exec_driver_sql(_FACTS, (json.dumps(list(ids)),))}


def said(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """By which name the hub holds what `facts` gives: another desktop may call that conversation otherwise."""
    return {row[0]: row[1] for row in connection.exec_driver_sql(_SAID, (json.dumps(list(ids)),))}


def name_of(connection: Connection, conversation_id: str) -> str:
    """The name of a conversation that every desktop gives it which knows the same twins of it."""
    twins = connection.exec_driver_sql("SELECT id FROM conversation_twin WHERE conversation_id = ?", (conversation_id,))
    return min([conversation_id, *(str(i) for (i,) in twins)])


def put_fact(connection: Connection, conversation_id: str, into: str, at: int, name: str = "") -> None:
    """Keep that a conversation belongs to another one; "" takes it back. `settle` makes it so. `name`: as `said`."""
    if into:
        connection.exec_driver_sql(_PUT_FACT, (conversation_id, into, at, name or into))
    else:
        connection.exec_driver_sql("DELETE FROM conversation_merge WHERE id = ?", (conversation_id,))


def rename_fact(connection: Connection, conversation_id: str, name: str) -> None:
    """The hub holds the other conversation by this name; as `said`."""
    connection.exec_driver_sql("UPDATE conversation_merge SET said = ? WHERE id = ?", (name, conversation_id))


def settle(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Show every message of all conversations that hang together with these where the facts say. Name both ends of a
    merge that was taken back. Returns the conversations that were touched, hidden ones too."""
    linked = [i for (i,) in connection.exec_driver_sql(_LINKED, (json.dumps(list(dict.fromkeys(ids))),))]
    asked = json.dumps(linked)
    before = {i: into or i for i, into in connection.exec_driver_sql(_SHOWN, (asked,))}
    after = roots(before, facts(connection, linked))
    moved = {i: root for i, root in after.items() if root != before[i]}
    for conversation_id in moved:
        if before[conversation_id] == conversation_id:
            connection.exec_driver_sql(_REMEMBER_HOMES, (conversation_id,))
    for conversation_id, root in moved.items():
        connection.exec_driver_sql(_SHOW_IN, (root if root != conversation_id else "", conversation_id))
        connection.exec_driver_sql(_MOVE, (root, conversation_id))
        if root == conversation_id:
            connection.exec_driver_sql("DELETE FROM message_home WHERE base = ?1 AND home = ?1", (root,))
        else:
            connection.exec_driver_sql(_HAND_ON_UNREAD, (root, conversation_id))
    return list(dict.fromkeys([*moved, *moved.values(), *(before[i] for i in moved)]))


def renamed(connection: Connection, twin: str, home: str) -> list[str]:
    """`twin` turned out to be another id of the conversation `home`: what was said of it is said of that. Returns what
    was touched."""
    told = facts(connection, [twin, home])
    names = said(connection, [twin])
    led = connection.exec_driver_sql("UPDATE conversation_merge SET into_id = ?2 WHERE into_id = ?1", (twin, home))
    if twin not in told and not led.rowcount:
        return []
    put_fact(connection, twin, "", 0)
    if twin in told and home not in told and told[twin] != home:
        put_fact(connection, home, told[twin], 0, names[twin])
    return settle(connection, [home, *told.values()])


def roots(there: Iterable[str], into: Mapping[str, str]) -> dict[str, str]:
    """Pure: where each of the conversations that are `there` is shown, given all facts about them."""
    here = set(there)
    return {i: _root(i, here, into) for i in here}


def _root(start: str, here: set[str], into: Mapping[str, str]) -> str:
    path = [start]
    while (following := into.get(path[-1])) in here and following is not None:
        if following in path:
            return min(path[path.index(following):])
        path.append(following)
    return path[-1]


_AMONG = "IN (SELECT value FROM json_each(?1))"
_BASE = (
    "SELECT coalesce(h.base, m.conversation_id) FROM message m LEFT JOIN message_home h ON h.message_id = m.id "
    "WHERE m.id = ?"
)
_MERGED = "SELECT id FROM conversation WHERE merged_into = ? AND merged_into != ''"   # as its index is written
_MEMBERS = f"SELECT id FROM conversation WHERE merged_into != '' AND merged_into {_AMONG}"  # noqa: S608
_UNREAD_OTHERWISE = f"SELECT id FROM conversation WHERE id {_AMONG} AND unread != ?2"  # noqa: S608
_FACTS = f"SELECT id, into_id FROM conversation_merge WHERE id {_AMONG}"  # noqa: S608
_SAID = f"SELECT id, said FROM conversation_merge WHERE id {_AMONG}"  # noqa: S608
_PUT_FACT = (
    "INSERT INTO conversation_merge(id, into_id, at, gave, said) VALUES (?, ?, ?, '', ?) "
    "ON CONFLICT(id) DO UPDATE SET into_id = excluded.into_id, at = excluded.at, gave = '', said = excluded.said"
)
_LINKED = (
    "WITH RECURSIVE linked(id) AS (SELECT value FROM json_each(?1) "
    "UNION SELECT m.into_id FROM linked JOIN conversation_merge m ON m.id = linked.id "
    "UNION SELECT m.id FROM linked JOIN conversation_merge m ON m.into_id = linked.id) SELECT id FROM linked"
)
_SHOWN = f"SELECT id, merged_into FROM conversation WHERE id {_AMONG}"  # noqa: S608
_REMEMBER_HOMES = (
    "INSERT INTO message_home(message_id, home, base) SELECT id, conversation_id, conversation_id FROM message "
    "WHERE conversation_id = ?1 AND NOT EXISTS (SELECT 1 FROM message_home h WHERE h.message_id = message.id)"
)
_SHOW_IN = "UPDATE conversation SET merged_into = ? WHERE id = ?"
_MOVE = "UPDATE message SET conversation_id = ?1 WHERE id IN (SELECT message_id FROM message_home WHERE base = ?2)"
_HAND_ON_UNREAD = (
    "UPDATE conversation SET unread = 1 WHERE id = ?1 AND unread = 0 "
    "AND EXISTS (SELECT 1 FROM conversation WHERE id = ?2 AND unread = 1)"
)
