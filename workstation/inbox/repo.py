"""Storing mail and keeping the list's rows true. Everything here runs inside the caller's write transaction."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, update

from workstation.domain.conversation import Address, Delivery, Direction
from workstation.inbox.clocks import ClockRule, deadline
from workstation.inbox.model import NO_CLOCK, AccountSettings, IncomingAttachment, IncomingMail
from workstation.inbox.tables import (
    AttachmentRow,
    ConversationTable,
    MailBodyRow,
    MessageTable,
    ThreadReferenceRow,
)
from workstation.inbox.threading import alias_keys, plain_subject, same_words, thread_references
from workstation.kernel.clock import DAY
from workstation.kernel.ids import new_id
from workstation.store import search
from workstation.store.tables import table

CONVERSATION = table(ConversationTable)
MESSAGE = table(MessageTable)
BODY = table(MailBodyRow)
ATTACHMENT = table(AttachmentRow)
REFERENCE = table(ThreadReferenceRow)

INLINE_LIMIT = 256 * 1024
"""Up to this many bytes a raw mail or an attachment is a row; larger ones are sealed files (design.md, Data)."""

SNIPPET = 160
LATE = DAY
"""A reply written here answers what was here: a message that came afterwards waits for an answer even when its date is
up to this much earlier (servers hold mail back). Older ones are history that was imported."""
MOST_TWINS = 20
"""Stored mails under one Message-ID that a new one is compared with."""


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """A mail with everything that was worked out before the transaction: ids, language, folded quotes, big files."""

    id: str
    mail: IncomingMail
    text: str
    quoted: str
    language: str
    raw_inside: bool
    attachment_ids: tuple[str, ...]
    content_key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a mail: `message_id` is ours; `new` False when a copy was already there, `ours_now` when that
    copy was taken for a stranger's until the Sent folder showed that we wrote it."""

    conversation_id: str
    message_id: str
    new: bool
    new_conversation: bool = False
    ours_now: bool = False


def store_mail(connection: Connection, account_id: str, settings: AccountSettings, item: PreparedMail) -> Stored:
    """Thread and store one mail; a copy that is already there is only recognised."""
    known = _known(connection, item)
    if known is not None:
        ours_now = item.mail.own and known["direction"] == Direction.IN
        if ours_now:
            _make_ours(connection, known["id"], item.mail)
        return Stored(known["conversation_id"], known["id"], new=False, ours_now=ours_now)
    conversation_id = _thread_of(connection, account_id, item.mail)
    created = conversation_id is None
    if conversation_id is None:
        conversation_id = _new_conversation(connection, account_id, settings, item)
    seq = _insert_message(connection, conversation_id, item)
    _insert_bodies(connection, item)
    _remember_thread(connection, account_id, conversation_id, item.mail)
    _index(connection, seq, item)
    return Stored(conversation_id, item.id, new=True, new_conversation=created)


def _known(connection: Connection, item: PreparedMail) -> RowMapping | None:
    """The stored copy of a mail, or our own reply coming back."""
    key = (item.content_key, item.mail.message_id, MOST_TWINS)
    found = connection.exec_driver_sql(_TWINS, key).mappings()
    return next((row for row in found if not row["outgoing_id"] or _is_our_copy(row, item.mail)), None)


def _is_our_copy(reply: RowMapping, mail: IncomingMail) -> bool:
    """Whether a mail with the Message-ID of our reply is that reply. Whoever got it knows the id, so outside the Sent
    folder the id alone proves nothing: sender and words must be ours, or a buyer's mail would be swallowed."""
    same_sender = mail.author.email.lower() == reply["author_email"].lower()
    return mail.own or (same_sender and same_words(mail.text) == same_words(reply["text"]))


def _make_ours(connection: Connection, message_id: str, mail: IncomingMail) -> None:
    """A copy to ourselves was met before the Sent folder's: it is no buyer's mail and no impostor's."""
    connection.execute(update(MESSAGE).where(MESSAGE.c.id == message_id).values(
        direction=Direction.OUT, problems=json.dumps(mail.problems, ensure_ascii=False),
    ))


def _thread_of(connection: Connection, account_id: str, mail: IncomingMail) -> str | None:
    for name in (*thread_references(mail), *alias_keys(mail)):
        found = connection.exec_driver_sql(_THREAD, (name, account_id)).first()
        if found is not None:
            return str(found[0])
    return None


def _new_conversation(connection: Connection, account_id: str, settings: AccountSettings, item: PreparedMail) -> str:
    conversation_id = new_id()
    customer = (item.mail.to or (Address(""),))[0] if item.mail.own else item.mail.author
    connection.execute(_NEW_CONVERSATION, {
        "id": conversation_id, "account_id": account_id, "subject": plain_subject(item.mail.subject),
        "channel": settings.channel, "store": settings.store, "market": settings.market,
        "customer_name": customer.name, "customer_address": customer.email.lower(), "language": item.language,
        "unread": not item.mail.own,
    })
    return conversation_id


def _insert_message(connection: Connection, conversation_id: str, item: PreparedMail) -> int:
    mail = item.mail
    result = connection.execute(_NEW_MESSAGE, {
        "id": item.id, "conversation_id": conversation_id, "direction": Direction.OUT if mail.own else Direction.IN,
        "at": mail.at, "author_email": mail.author.email, "author_name": mail.author.name,
        "recipients": addresses(mail.to), "cc": addresses(mail.cc),
        "reply_to": mail.reply_to.email if mail.reply_to else "", "subject": mail.subject, "text": item.text,
        "quoted": item.quoted, "language": item.language, "message_id": mail.message_id,
        "content_key": item.content_key, "automatic": mail.automatic,
        "problems": json.dumps(mail.problems, ensure_ascii=False),
        "notes": json.dumps(mail.notes, ensure_ascii=False),
    })
    primary = result.inserted_primary_key
    if primary is None:
        raise RuntimeError("the message row has no rowid")
    return int(primary[0])


def _insert_bodies(connection: Connection, item: PreparedMail) -> None:
    raw = zlib.compress(item.mail.raw, 6) if item.raw_inside else None
    connection.exec_driver_sql(_NEW_BODY, (item.id, raw, item.mail.html))
    files = zip(item.attachment_ids, item.mail.attachments, strict=True)
    rows = [_attachment(item.id, n, file_id, file) for n, (file_id, file) in enumerate(files)]
    if rows:
        connection.execute(insert(ATTACHMENT), rows)


def _attachment(message_id: str, position: int, file_id: str, file: IncomingAttachment) -> dict[str, Any]:
    inside = file.content if len(file.content) <= INLINE_LIMIT else None
    return {
        "id": file_id, "message_id": message_id, "position": position, "name": file.name, "mime": file.mime,
        "size": len(file.content), "inline": file.inline, "content_id": file.content_id, "content": inside,
    }


def _remember_thread(connection: Connection, account_id: str, conversation_id: str, mail: IncomingMail) -> None:
    remember_names(connection, account_id, conversation_id, [*thread_references(mail), *alias_keys(mail)])


def remember_names(connection: Connection, account_id: str, conversation_id: str, names: Sequence[str]) -> None:
    """Mails that mention one of `names` belong to this conversation from now on; the first claim stays."""
    for name in dict.fromkeys(names):
        connection.exec_driver_sql(_NEW_REFERENCE, (name, account_id, conversation_id))


def _index(connection: Connection, seq: int, item: PreparedMail) -> None:
    mail = item.mail
    people = " ".join(f"{p.name} {p.email}" for p in (mail.author, *mail.to, *mail.cc))
    names = " ".join(file.name for file in mail.attachments)
    search.index(connection, seq, mail.subject, item.text, people, names)


def refresh(connection: Connection, conversation_ids: Iterable[str], rules: Sequence[ClockRule]) -> None:
    """Work out the list's columns again from the messages: clock, snippet, deliveries, order of the list."""
    for conversation_id in dict.fromkeys(conversation_ids):
        _refresh_one(connection, conversation_id, rules)


def _refresh_one(connection: Connection, conversation_id: str, rules: Sequence[ClockRule]) -> None:
    row = connection.exec_driver_sql(_STATE, (conversation_id,)).mappings().one()
    since = _unanswered_since(connection, conversation_id, row["dismissed_at"])
    clock = deadline(rules, row["channel"], row["market"], since) if since is not None else None
    newest = connection.exec_driver_sql(_NEWEST, (conversation_id,)).first()
    last_at = newest[0] if newest else row["last_at"]
    running = clock is not None and row["state"] != "resolved"
    connection.exec_driver_sql(_SHOW, (
        since, last_at, clock.due_at if clock else None, clock.length_ms if clock else 0,
        " ".join(newest[1].split())[:SNIPPET] if newest else "", _worst_delivery(connection, conversation_id),
        clock.due_at if clock and running else NO_CLOCK - last_at, conversation_id,
    ))


def _unanswered_since(connection: Connection, conversation_id: str, dismissed_at: int) -> int | None:
    """The first buyer's message after the last answer by a person. Automatic mail neither starts nor stops a clock."""
    phone_at, phone_seq = connection.exec_driver_sql(_ANSWERED_ELSEWHERE, (conversation_id,)).first() or (0, 0)
    # Dates of mail are whole seconds: of two in one second the one that was stored later came later.
    after = (dismissed_at, _NEVER) if dismissed_at > phone_at else (phone_at, phone_seq)
    answer = connection.exec_driver_sql(_ANSWERED_HERE, (conversation_id,)).first()
    if answer is None:
        return connection.exec_driver_sql(_WAITING, (conversation_id, *after)).scalar()
    at, seq = answer
    return connection.exec_driver_sql(_WAITING_SINCE, (conversation_id, *after, at, seq, at - LATE)).scalar()


_SEVERITY = (Delivery.FAILED, Delivery.UNKNOWN, Delivery.SENDING, Delivery.QUEUED, Delivery.HELD)


def _worst_delivery(connection: Connection, conversation_id: str) -> str:
    present = {state for (state,) in connection.exec_driver_sql(_DELIVERIES, (conversation_id,))}
    return str(next((state for state in _SEVERITY if state in present), Delivery.DONE))


# The hot path of every arriving mail: plain SQL, because building a statement costs ten times its execution.
_TWINS = (
    "SELECT id, conversation_id, direction, outgoing_id, author_email, text FROM message "
    "WHERE content_key = ?1 OR (message_id = ?2 AND outgoing_id != '') LIMIT ?3"
)
_THREAD = "SELECT conversation_id FROM thread_reference WHERE name = ? AND account_id = ?"
_NEW_BODY = "INSERT INTO mail_body(message_id, raw, html) VALUES (?, ?, ?)"
_NEW_REFERENCE = (
    "INSERT INTO thread_reference(name, account_id, conversation_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)
_NEW_CONVERSATION = insert(CONVERSATION)
_NEW_MESSAGE = insert(MESSAGE)
_STATE = "SELECT channel, market, state, dismissed_at, last_at FROM conversation WHERE id = ?"
_NEWEST = (
    "SELECT at, text FROM message WHERE conversation_id = ? AND direction != 'note' ORDER BY at DESC, seq DESC LIMIT 1"
)
_SENT = "conversation_id = ? AND automatic = 0 AND direction = 'out' AND delivery = 'done'"
_NEVER = 1 << 62
_ANSWERED_ELSEWHERE = (
    f"SELECT at, seq FROM message WHERE {_SENT} AND outgoing_id = '' ORDER BY at DESC, seq DESC LIMIT 1"  # noqa: S608
)
_ANSWERED_HERE = (
    f"SELECT at, seq FROM message WHERE {_SENT} AND outgoing_id != '' ORDER BY seq DESC LIMIT 1"  # noqa: S608
)
_WAITING = (
    "SELECT min(at) FROM message WHERE conversation_id = ?1 AND automatic = 0 AND direction = 'in' "
    "AND (at > ?2 OR (at = ?2 AND seq > ?3))"
)
_WAITING_SINCE = f"{_WAITING} AND (at > ?4 OR (seq > ?5 AND at > ?6))"
_DELIVERIES = "SELECT DISTINCT delivery FROM message WHERE conversation_id = ? AND direction = 'out'"
_SHOW = (
    "UPDATE conversation SET unanswered_since = ?, last_at = ?, due_at = ?, clock_ms = ?, snippet = ?, delivery = ?, "
    "sort_key = ? WHERE id = ?"
)


def addresses(people: Sequence[Address]) -> str:
    return json.dumps([[person.email, person.name] for person in people], ensure_ascii=False)
