"""Our own replies under another name: some servers give a mail a Message-ID of their own as they send it, and the copy
in the folder of sent mail would be shown beside the reply as if it had been written twice.

A copy is taken for a reply of ours only when everything else is the same: it lies in the folder of sent mail, its
sender, its first recipient and its words are the reply's, and it is dated the very second the reply was made (a reply's
id tells when that was). Anything less is shown as a mail of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from workstation.inbox.model import IncomingMail, PreparedMail
from workstation.inbox.preparing import words_of
from workstation.inbox.repo import remember_names
from workstation.kernel.clock import SECOND
from workstation.store import erased
from workstation.store.unit import Unit

APART = 3 * SECOND
"""A date has whole seconds, and composing takes a moment."""
Mail = IncomingMail | PreparedMail


def find(connection: Connection, mails: Sequence[Mail]) -> dict[int, tuple[str, str]]:
    """Which of `mails` (by position) are replies of ours that were renamed: their Message-ID here, and conversation."""
    found = {}
    for position, mail in enumerate(mails):
        if mail.own and mail.message_id:
            reply = _reply(connection, mail)
            if reply is not None:
                found[position] = reply
    return found


def as_ours(mails: Sequence[Mail], renamed: dict[int, tuple[str, str]]) -> list[Mail]:
    """The mails, the renamed ones under the Message-ID they were sent with, so that they are recognised."""
    return [
        _named(mail, renamed[position][0]) if position in renamed else mail
        for position, mail in enumerate(mails)
    ]


def _named(mail: Mail, message_id: str) -> Mail:
    return mail._replace(message_id=message_id) if isinstance(mail, PreparedMail) else replace(
        mail, message_id=message_id)


def remember(unit: Unit, account_id: str, mails: Sequence[Mail], renamed: dict[int, tuple[str, str]]) -> None:
    """The buyer answers to the name the server gave: it leads to the conversation, too."""
    for position, (_ours, conversation_id) in renamed.items():
        remember_names(unit.conn, account_id, conversation_id, [mails[position].message_id])


def _reply(connection: Connection, mail: Mail) -> tuple[str, str] | None:
    low, high = _made(mail.at - APART), _made(mail.at + APART)
    people, words = _people_and_words(mail)
    for message_id, conversation_id, author, recipients, text, was in connection.exec_driver_sql(
        _MADE_THEN, (low, high)
    ):
        same = (author.lower(), _first(recipients)) == people and words_of(text) == words
        same |= bool(was) and was == erased.fingerprint(author, words)   # its words were erased
        if same and message_id != mail.message_id:
            return str(message_id), str(conversation_id)
    return None


def _people_and_words(mail: Mail) -> tuple[tuple[str, str], str]:
    """Sender, first recipient, and a hash of what it says."""
    if isinstance(mail, PreparedMail):
        return (mail.author[0].lower(), _first(mail.recipients)), mail.words
    to = mail.to[0].email.lower() if mail.to else ""
    return (mail.author.email.lower(), to), words_of(mail.text)


def _first(recipients: str) -> str:
    """Of a JSON list of [address, name]."""
    people = json.loads(recipients)
    return str(people[0][0]).lower() if people else ""


def _made(at: int) -> str:
    """How the ids of that moment begin (UUIDv7: 48 bits of milliseconds)."""
    digits = f"{max(0, at):012x}"
    return f"{digits[:8]}-{digits[8:]}"


_MADE_THEN = (
    "SELECT message_id, conversation_id, author_email, recipients, text, coalesce((SELECT e.print FROM "
    "personal_erased e WHERE e.kind = 'message' AND e.id = message.id), '') FROM message "
    "WHERE outgoing_id >= ?1 AND outgoing_id < ?2 AND outgoing_id != '' LIMIT 50"
)
