"""Erasing what the inbox holds of a buyer: texts, mails, files, names, addresses. The rows stay, because counts,
threads and clocks rest on them; a tombstone beside each says when it was erased and by which rule, and lets another
copy of the same mail be recognised without a word of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.domain.states import Direction
from workstation.inbox import lines, placing
from workstation.inbox.deliveries import entity
from workstation.inbox.model import ClockRule
from workstation.inbox.offering import BEGINNING, event
from workstation.inbox.preparing import words_of
from workstation.store import erased
from workstation.store.erased import CONVERSATION, Mark
from workstation.store.erased import MESSAGE as KIND
from workstation.store.unit import Unit

LEAST_NAME = 4
"""Characters before the @ of an address that are looked for in Message-IDs: fewer stand in any."""


@dataclass(frozen=True, slots=True)
class Found:
    """What would go of some cases. `texts`: messages that are here with their words."""

    messages: tuple[str, ...]
    attachments: tuple[str, ...]
    names: int                          # conversations with a buyer's name or address, or a subject


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went. `blobs`: ids of sealed files that nobody needs any more; `whole`: conversations of which no text is
    left; `told`: messages as the hub is to hold them from now on, `begun` those conversations."""

    messages: tuple[str, ...]
    attachments: tuple[str, ...]
    whole: tuple[str, ...]
    people: tuple[str, ...]             # addresses that stood there
    customers: tuple[str, ...]          # identities the conversations belonged to
    told: dict[str, dict[str, object]]
    begun: dict[str, dict[str, object]]
    deliveries: tuple[str, ...]         # the hub's names of what became of the replies


def find(connection: Connection, cases: Sequence[str], only: Sequence[str] = ()) -> Found:
    """`only`: of these messages, wherever they are shown."""
    key = (json.dumps(list(cases)),)
    wanted = (json.dumps(list(only)),) if only else key
    messages = tuple(i for (i,) in connection.exec_driver_sql(_ONLY if only else _THERE, wanted))
    files = tuple(i for (i,) in connection.exec_driver_sql(_FILES, (json.dumps(messages),)))
    names = int(connection.exec_driver_sql(_NAMED, key).scalar_one())
    return Found(messages, files, names)


def on_its_way(connection: Connection, cases: Sequence[str]) -> bool:
    """Whether a reply of these cases is still to leave: it needs its words."""
    return connection.exec_driver_sql(_LEAVING, (json.dumps(list(cases)),)).first() is not None


def forget(unit: Unit, cases: Sequence[str], found: Found, mark: Mark, rules: Sequence[ClockRule]) -> Forgotten:
    """Erase in the caller's transaction. What belongs to a conversation as a whole goes when no message of it has its
    words any more. The search's words go when everything went that it reads: `search.refresh` is the caller's."""
    conn, ids = unit.conn, json.dumps(found.messages)
    people = {row[0].lower() for row in conn.exec_driver_sql(_WROTE, (ids,)) if row[0]}
    people |= {row[0].lower() for row in conn.exec_driver_sql(_CUSTOMERS, (json.dumps(list(cases)),)) if row[0]}
    people -= {row[0].lower() for row in conn.exec_driver_sql("SELECT address FROM account")}
    erased.put(conn, KIND, _prints(conn, found.messages), mark)
    _drop_names(conn, ids, people)
    _clear(conn, ids)
    touched = list(dict.fromkeys([*cases, *(i for (i,) in conn.exec_driver_sql(_OF, (ids,)))]))
    whole = tuple(i for (i,) in conn.exec_driver_sql(_EMPTY, (json.dumps(touched),)))
    customers = tuple(i for (i,) in conn.exec_driver_sql(_IDENTITIES, (json.dumps(whole),)))
    _clear_whole(conn, whole, mark)
    lines.refresh(conn, [i for i in touched if placing.shown_in(conn, i) == i], rules)
    rows = list(conn.exec_driver_sql("SELECT * FROM message WHERE id IN (SELECT value FROM json_each(?))", (ids,))
                .mappings())
    told = {row["id"]: event(conn, row) for row in rows}
    sent = tuple(entity(row["message_id"]) for row in rows if row["direction"] == Direction.OUT and row["message_id"])
    return Forgotten(found.messages, found.attachments, whole, tuple(sorted(people)), customers, told,
                     _begun(conn, whole), sent)


def heal(connection: Connection) -> int:
    """A buyer wrote again after an erasure: the conversation has a name and an address again, from the new message."""
    return connection.exec_driver_sql(_HEAL).rowcount


def again(connection: Connection) -> list[str]:
    """Conversations that `heal` would change."""
    return [i for (i,) in connection.exec_driver_sql(_TO_HEAL)]


def _prints(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """By what each is recognised when another copy of it comes: its words, and with them the files' of a reply."""
    rows = connection.exec_driver_sql(_WORDS, (json.dumps(list(ids)),))
    return {i: reply_print(author, words_of(text)) if outgoing else told_print(author, subject, text)
            for i, outgoing, author, subject, text in rows}


def told_print(author: str, subject: str, text: str) -> str:
    """Of a message as a mailbox or another desktop tells it."""
    return erased.fingerprint(author, subject, text)


def reply_print(author: str, words: str) -> str:
    """Of a reply of ours, however its lines are broken. `words`: as `preparing.words_of`."""
    return erased.fingerprint(author, words)


def _drop_names(connection: Connection, ids: str, people: set[str]) -> None:
    """Names of threads that name a buyer: keys of relay aliases, and Message-IDs made of an address."""
    for each in people:
        connection.exec_driver_sql(_DROP_ALIASES, (f"{each}|", f"{each}}}"))   # "}" is the character after "|"
    local = sorted({part for each in people if len(part := each.partition("@")[0]) >= LEAST_NAME})
    named = re.compile("|".join(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])" for part in local) or r"(?!)")
    names = {name for (name,) in connection.exec_driver_sql(_NAMES, (ids,))}
    for part in local:   # names of mails that are not here, which others answer to
        names |= {name for (name,) in connection.exec_driver_sql(_BEGINNING, (f"<{part}", f"<{part}\U0010ffff"))}
    for name in sorted(names):
        if named.search(name.lower().rpartition("@")[0]):
            connection.exec_driver_sql("DELETE FROM thread_reference WHERE name = ?", (name,))
            connection.exec_driver_sql("UPDATE message SET message_id = '' WHERE message_id = ?", (name,))


def _clear(connection: Connection, ids: str) -> None:
    for statement in _CLEAR:
        connection.exec_driver_sql(statement, (ids,))


def _clear_whole(connection: Connection, whole: Sequence[str], mark: Mark) -> None:
    erased.put(connection, CONVERSATION, dict.fromkeys(whole, ""), mark)
    connection.exec_driver_sql(_CLEAR_CONVERSATION, (json.dumps(list(whole)),))


def _begun(connection: Connection, whole: Sequence[str]) -> dict[str, dict[str, object]]:
    """Conversations as they began, by the names the hub may know them by, without their buyers."""
    found: dict[str, dict[str, object]] = {}
    for i, name, account, channel, store, market in connection.exec_driver_sql(_BEGUN, (json.dumps(list(whole)),)):
        body: dict[str, object] = {"account_id": account, "channel": channel, "store": store, "market": market,
                                   "subject": "", "customer_name": "", "customer_address": "", **BEGINNING}
        found[i] = found[name or i] = body
    return found


_AMONG = "IN (SELECT value FROM json_each(?1))"
_HERE = f"NOT EXISTS (SELECT 1 FROM personal_erased e WHERE e.kind = '{KIND}' AND e.id = m.id)"  # noqa: S608
_THERE = f"SELECT m.id FROM message m WHERE m.conversation_id {_AMONG} AND {_HERE} ORDER BY m.seq"  # noqa: S608
_ONLY = f"SELECT m.id FROM message m WHERE m.id {_AMONG} AND {_HERE} ORDER BY m.seq"  # noqa: S608
_FILES = f"SELECT id FROM attachment WHERE message_id {_AMONG}"  # noqa: S608
_NAMED = (
    f"SELECT count(*) FROM conversation WHERE id {_AMONG} "  # noqa: S608
    "AND (customer_name != '' OR customer_address != '' OR subject != '')"
)
_LEAVING = (
    f"SELECT 1 FROM outgoing WHERE conversation_id {_AMONG} AND state IN ('held', 'queued', 'sending') LIMIT 1"  # noqa: S608
)
_WROTE = (
    f"SELECT author_email FROM message WHERE id {_AMONG} AND direction = 'in' "  # noqa: S608
    f"UNION SELECT reply_to FROM message WHERE id {_AMONG} AND direction = 'in' "
    f"UNION SELECT r.value ->> 0 FROM message m, json_each(m.recipients) r WHERE m.id {_AMONG} AND direction = 'out'"
)
_CUSTOMERS = f"SELECT customer_address FROM conversation WHERE id {_AMONG}"  # noqa: S608
_IDENTITIES = f"SELECT DISTINCT customer_id FROM conversation WHERE id {_AMONG} AND customer_id != ''"  # noqa: S608
_WORDS = (
    f"SELECT id, outgoing_id, author_email, subject, text FROM message WHERE id {_AMONG}"  # noqa: S608
)
_DROP_ALIASES = "DELETE FROM thread_reference WHERE name >= ? AND name < ?"
_NAMES = f"SELECT message_id FROM message WHERE id {_AMONG} AND message_id != ''"  # noqa: S608
_BEGINNING = "SELECT name FROM thread_reference WHERE name >= ? AND name < ?"
_OF = f"SELECT DISTINCT conversation_id FROM message WHERE id {_AMONG}"  # noqa: S608
_EMPTY = (
    f"SELECT c.id FROM conversation c WHERE c.id {_AMONG} AND NOT EXISTS ("  # noqa: S608
    f"SELECT 1 FROM message m WHERE m.conversation_id = CASE WHEN c.merged_into != '' THEN c.merged_into ELSE c.id END "
    f"AND {_HERE})"
)
_BUYERS = "CASE direction WHEN 'in' THEN '' ELSE {0} END"
# A reply that never left can never leave now: it is no failure that waits for a person, and answers nothing.
_CLEAR_TEXT = (
    "UPDATE message SET automatic = CASE WHEN direction = 'out' AND delivery != 'done' THEN 1 ELSE automatic END, "  # noqa: S608
    f"author_email = {_BUYERS.format('author_email')}, author_name = {_BUYERS.format('author_name')}, "
    "recipients = '[]', cc = '[]', reply_to = '', subject = '', text = '', quoted = '', original = '', "
    "original_language = '', problems = '[]', notes = '[]', delivery_sentence = '', "
    f"language = CASE language WHEN '' THEN 'und' ELSE language END WHERE id {_AMONG}"
)
_CLEAR = (
    _CLEAR_TEXT,
    f"DELETE FROM attachment WHERE message_id {_AMONG}",  # noqa: S608
    f"DELETE FROM mail_body WHERE message_id {_AMONG}",  # noqa: S608
    f"DELETE FROM message_extra WHERE message_id {_AMONG}",  # noqa: S608
)
_CLEAR_CONVERSATION = (
    "UPDATE conversation SET subject = '', customer_name = '', customer_address = '', customer_id = '', "  # noqa: S608
    f"snippet = '' WHERE id {_AMONG}"
)
_BEGUN = (
    "SELECT c.id, (SELECT min(t.id) FROM conversation_twin t WHERE t.conversation_id = c.id), c.account_id, c.channel, "  # noqa: S608
    f"c.store, c.market FROM conversation c WHERE c.id {_AMONG}"
)
_LATEST = (
    "(SELECT {0} FROM message m WHERE m.conversation_id = conversation.id AND m.direction = 'in' "
    "AND m.author_email != '' ORDER BY m.at DESC, m.seq DESC LIMIT 1)"
)
_BLANK = (
    "customer_address = '' AND merged_into = '' AND id IN "  # noqa: S608
    f"(SELECT id FROM personal_erased WHERE kind = '{CONVERSATION}') "
    f"AND EXISTS {_LATEST.format('1')}"
)
_TO_HEAL = f"SELECT id FROM conversation WHERE {_BLANK}"  # noqa: S608
_HEAL = (
    f"UPDATE conversation SET customer_address = lower({_LATEST.format('author_email')}), "  # noqa: S608
    f"customer_name = {_LATEST.format('author_name')}, subject = {_LATEST.format('subject')} WHERE {_BLANK}"
)
