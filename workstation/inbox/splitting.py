"""Messages that somebody took out of their thread into another conversation, and the answers that follow them.

The fact is kept for each message by itself (`message_split`), also before the message is here. The Message-IDs of such
messages lead to the new conversation, so that answers come there; an answer becomes such a message, too, and is told to
other desktops like one, because they may have met it before they heard of the split.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workstation.inbox import offering
from workstation.inbox.threading import plain_subject
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.unit import Unit

MOST_SPLIT = 1_000


def chosen(connection: Connection, source: str, message_ids: Sequence[str]) -> list[str]:
    """Those of a conversation's messages that are to be split off, in time order. Raises NotFound, InputError."""
    if not source:
        raise NotFound(_("This conversation is not in the store."), _("Choose one of the list."))
    asked = json.dumps(list(dict.fromkeys(message_ids)))
    found = [i for (i,) in connection.exec_driver_sql(_CHOSEN, (source, asked))]
    if not found:
        raise InputError(_("No message of this conversation was chosen."), _("Choose the messages to split off."))
    if len(found) > MOST_SPLIT:
        raise InputError(
            _("So many messages are not split off at once."), _("Choose at most {most}.").format(most=MOST_SPLIT))
    if connection.exec_driver_sql(_REMAINING, (source, asked)).first() is None:
        raise InputError(
            _("All its messages were chosen: it is that conversation already."), _("Leave at least one behind."))
    return found


def begin(unit: Unit, source: str, message_ids: Sequence[str], at: int) -> str:
    """The conversation that begins with these messages. What was answered in the old one is answered in it."""
    new = new_id()
    first = unit.conn.exec_driver_sql(_FIRST, (json.dumps(message_ids),)).mappings().first()
    origin = unit.conn.exec_driver_sql(_ORIGIN, (source,)).mappings().one()
    since, last = origin["unanswered_since"], origin["last_at"]
    values: dict[str, Any] = {name: origin[name] for name in _COPIED}
    if first is not None:
        values |= {"subject": plain_subject(first["subject"]) or origin["subject"]}
        if first["direction"] == "in":
            values |= {"customer_name": first["author_name"], "customer_address": first["author_email"]}
    values |= {"dismissed_at": max(int(origin["dismissed_at"]), last if since is None else int(since) - 1)}
    create(unit.conn, new, values)
    if origin["shared"]:
        offering.share(unit, new, lambda _connection, _collection, _ids: (), at)
    return new


def create(connection: Connection, conversation_id: str, values: Mapping[str, Any]) -> None:
    """A conversation without a message yet, unless it is here."""
    values = {"dismissed_at": 0, **values}
    names = ", ".join(("id", *values))
    marks = ", ".join("?" * (len(values) + 1))
    sql = f"INSERT INTO conversation({names}, {_REST}) VALUES ({marks}, {_REST_VALUES}) ON CONFLICT DO NOTHING"  # noqa: S608
    connection.exec_driver_sql(sql, (conversation_id, *values.values()))


def say(unit: Unit, wanted: Mapping[str, str], at: int) -> None:
    """Keep into which conversation each message was taken ("" into none), show it there, and tell the hub of those it
    was told of; of the others it is told with them."""
    before = into_of(unit.conn, wanted)
    offered = offering.position(unit.conn)
    for message_id, into in wanted.items():
        put(unit.conn, message_id, into)
        row = unit.conn.exec_driver_sql(_MESSAGE, (message_id,)).mappings().first()
        if row is not None and row["seq"] <= offered and before.get(message_id, "") != into:
            offering.tell_split(unit, message_id, row["message_id"], before.get(message_id, ""), into, at)


def put(connection: Connection, message_id: str, into: str) -> list[str]:
    """As `say`, without telling. Returns the conversations that were touched; none while the message is not here."""
    if into:
        connection.exec_driver_sql(_PUT, (message_id, into))
    else:
        connection.exec_driver_sql("DELETE FROM message_split WHERE message_id = ?", (message_id,))
    row = connection.exec_driver_sql(_PLACE, (message_id,)).mappings().first()
    if row is None:
        return []
    base = into or row["home"]
    if into:
        origin = connection.exec_driver_sql(_ORIGIN, (row["home"],)).mappings().one()
        create(connection, into, {name: origin[name] for name in _COPIED})
    root = connection.exec_driver_sql(_ROOT, (base,)).scalar_one()
    connection.exec_driver_sql("UPDATE message SET conversation_id = ? WHERE id = ?", (root, message_id))
    _remember_home(connection, message_id, row["home"], base, root)
    if row["message_id"]:
        account = connection.exec_driver_sql("SELECT account_id FROM conversation WHERE id = ?", (base,)).scalar()
        connection.exec_driver_sql(_LEAD, (row["message_id"], account, base))
    return list(dict.fromkeys((row["conversation_id"], root)))


def follow(connection: Connection, message_id: str, base: str, names: Sequence[str]) -> str:
    """A message that was just stored in a conversation that somebody split off: it belongs there as those do that were
    taken there, and its thread leads where that of the message leads which it answers (`names`, the nearest first), as
    on a desktop that did not hear of the split. Returns the conversation in which it is shown."""
    homes = (connection.exec_driver_sql(_HOME_OF_NAME, (name, message_id)).scalar() for name in names)
    home = next((str(found) for found in homes if found), "") or origin_of(connection, base) or base
    connection.exec_driver_sql(_PUT, (message_id, base))
    root = str(connection.exec_driver_sql(_ROOT, (base,)).scalar_one())
    connection.exec_driver_sql("UPDATE message SET conversation_id = ? WHERE id = ?", (root, message_id))
    _remember_home(connection, message_id, home, base, root)
    return root


def _remember_home(connection: Connection, message_id: str, home: str, base: str, root: str) -> None:
    if home == base == root:
        connection.exec_driver_sql("DELETE FROM message_home WHERE message_id = ?", (message_id,))
    else:
        connection.exec_driver_sql(_PUT_HOME, (message_id, home, base))


def into_of(connection: Connection, message_ids: Iterable[str]) -> dict[str, str]:
    """Into which conversation each of these was taken, where somebody did."""
    return {row[0]: row[1] for row in connection.exec_driver_sql(_INTO, (json.dumps(list(message_ids)),))}


def messages_of(connection: Connection, conversation_id: str) -> list[str]:
    """The messages that were taken into a conversation, and the answers that followed."""
    return [i for (i,) in connection.exec_driver_sql(_MESSAGES, (conversation_id,))]


def shown_of(connection: Connection, message_ids: Iterable[str]) -> list[str]:
    """The conversations in which these messages are shown."""
    found = connection.exec_driver_sql(_SHOWN, (json.dumps(list(message_ids)),))
    return [i for (i,) in found]


def origin_of(connection: Connection, conversation_id: str) -> str:
    """The conversation from which this one was split off, "" when it was not."""
    return connection.exec_driver_sql(_FROM, (conversation_id,)).scalar() or ""


_COPIED = ("account_id", "subject", "channel", "store", "market", "customer_name", "customer_address", "language",
           "assignee", "unread", "seen_seq")
_ORIGIN = (
    f"SELECT {', '.join(_COPIED)}, dismissed_at, unanswered_since, last_at, shared "  # noqa: S608
    "FROM conversation WHERE id = ?"
)
_REST = "state, snippet, last_at, clock_ms, issue, delivery, sort_key"
_REST_VALUES = "'open', '', 0, 0, '', 'done', 0"
_CHOSEN = (
    "SELECT id FROM message WHERE conversation_id = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY at, seq"
)
_REMAINING = (
    "SELECT 1 FROM message WHERE conversation_id = ?1 AND direction != 'note' "
    "AND id NOT IN (SELECT value FROM json_each(?2)) LIMIT 1"
)
_FIRST = (
    "SELECT subject, direction, author_name, author_email FROM message WHERE id IN (SELECT value FROM json_each(?)) "
    "ORDER BY direction != 'in', at, seq LIMIT 1"
)
_MESSAGE = "SELECT seq, message_id FROM message WHERE id = ?"
_PUT = (
    "INSERT INTO message_split(message_id, into_id) VALUES (?, ?) "
    "ON CONFLICT(message_id) DO UPDATE SET into_id = excluded.into_id"
)
_PLACE = (
    "SELECT m.conversation_id, m.message_id, coalesce(h.home, m.conversation_id) AS home "
    "FROM message m LEFT JOIN message_home h ON h.message_id = m.id WHERE m.id = ?"
)
_ROOT = "SELECT CASE WHEN merged_into != '' THEN merged_into ELSE id END FROM conversation WHERE id = ?"
_PUT_HOME = (
    "INSERT INTO message_home(message_id, home, base) VALUES (?, ?, ?) "
    "ON CONFLICT(message_id) DO UPDATE SET home = excluded.home, base = excluded.base"
)
_LEAD = (
    "INSERT INTO thread_reference(name, account_id, conversation_id) VALUES (?, ?, ?) "
    "ON CONFLICT(name, account_id) DO UPDATE SET conversation_id = excluded.conversation_id"
)
_INTO = "SELECT message_id, into_id FROM message_split WHERE message_id IN (SELECT value FROM json_each(?))"
_MESSAGES = "SELECT message_id FROM message_split WHERE into_id = ?"
_SHOWN = "SELECT DISTINCT conversation_id FROM message WHERE id IN (SELECT value FROM json_each(?))"
_HOME_OF_NAME = (
    "SELECT coalesce(h.home, m.conversation_id) FROM message m LEFT JOIN message_home h ON h.message_id = m.id "
    "WHERE m.message_id = ?1 AND m.id != ?2 AND m.message_id != '' ORDER BY m.seq LIMIT 1"
)
_FROM = (
    "SELECT h.home FROM message_split s JOIN message_home h ON h.message_id = s.message_id "
    "WHERE s.into_id = ?1 AND h.home != ?1 LIMIT 1"
)
