"""The inbox's tables by name, and the few statements that more than one of its files needs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from workstation.domain.conversation import Address
from workstation.inbox.lines import LATE, SNIPPET, refresh
from workstation.inbox.prepared import INLINE_LIMIT
from workstation.store.core import table

__all__ = [
    "ATTACHMENT", "BODY", "CONVERSATION", "INLINE_LIMIT", "LATE", "MESSAGE", "REFERENCE", "SNIPPET", "TWIN",
    "addresses", "refresh", "remember_names", "twins",
]

CONVERSATION = table("conversation")
MESSAGE = table("message")
BODY = table("mail_body")
ATTACHMENT = table("attachment")
REFERENCE = table("thread_reference")
TWIN = table("conversation_twin")

NEW_REFERENCE = (
    "INSERT INTO thread_reference(name, account_id, conversation_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
)


def remember_names(connection: Connection, account_id: str, conversation_id: str, names: Sequence[str]) -> None:
    """Mails that mention one of `names` belong to this conversation from now on; the first claim stays."""
    rows = [(name, account_id, conversation_id) for name in dict.fromkeys(names)]
    if rows:
        connection.exec_driver_sql(NEW_REFERENCE, rows)


def twins(connection: Connection, conversation_id: str) -> tuple[str, ...]:
    """Other ids under which other desktops know this conversation."""
    query = "SELECT id FROM conversation_twin WHERE conversation_id = ? ORDER BY id"
    return tuple(found for (found,) in connection.exec_driver_sql(query, (conversation_id,)))


def addresses(people: Sequence[Address]) -> str:
    return json.dumps([[person.email, person.name] for person in people], ensure_ascii=False)
