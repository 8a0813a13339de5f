"""The inbox as other features ask it: texts to translate, addresses to verify, clues to link orders by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.inbox import queries
from workstation.inbox.languages import told
from workstation.kernel.errors import NotFound
from workstation.store.database import Database
from workstation.translation.ports import MessageText

_WORDS = (
    "SELECT subject, text, quoted FROM message WHERE conversation_id = ? AND direction != 'note' "
    "ORDER BY at DESC LIMIT 50"
)
MOST_TEXT = 20_000
"""Characters of a conversation that are searched for order numbers."""


@dataclass(frozen=True, slots=True)
class Clues:
    """What a conversation offers to find its order by."""

    conversation_id: str
    addresses: tuple[str, ...]
    text: str


class Lookups:
    """Fulfils `translation.ports.MessageTexts`, `verification.ports.Buyers` and, for orders, the reading of clues."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def message_text(self, message_id: str) -> MessageText | None:
        return await self._database.read(lambda c: _message_text(c, message_id))

    def addresses(self, connection: Connection, conversation_id: str) -> tuple[str, ...]:
        """Every address the buyer of this conversation wrote from, in lower case."""
        return queries.buyer_addresses(connection, conversation_id)

    def clues(self, connection: Connection, conversation_ids: Sequence[str]) -> tuple[Clues, ...]:
        return tuple(_clues(connection, conversation_id) for conversation_id in conversation_ids)


def _message_text(connection: Connection, message_id: str) -> MessageText | None:
    try:
        conversation_id, text, language = queries.message_text(connection, message_id)
    except NotFound:
        return None
    about = queries.conversation(connection, conversation_id)
    names = tuple(part for part in about.customer_name.split() if len(part) > 1)
    return MessageText(text, told(language), conversation_id, names)


def _clues(connection: Connection, conversation_id: str) -> Clues:
    """Subjects and whole texts: a marketplace's envelope, with the order number in it, is folded away as quoted."""
    rows = connection.exec_driver_sql(_WORDS, (conversation_id,))
    text = "\n".join("\n".join(parts) for parts in rows)
    return Clues(conversation_id, queries.buyer_addresses(connection, conversation_id), text[:MOST_TEXT])
