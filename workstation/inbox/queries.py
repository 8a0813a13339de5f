"""Reading conversations for the list and for other features. Everything returned is frozen. What one conversation looks
like opened is in `viewing`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from workstation.domain.conversation import (
    Channel,
    Conversation,
    ConversationState,
)
from workstation.inbox import rows
from workstation.inbox.model import ConversationRow
from workstation.inbox.repo import ATTACHMENT, BODY, CONVERSATION, MESSAGE
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _


def rows_by_id(connection: Connection, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
    if not ids:
        return ()
    sql, values = rows.by_ids_sql(ids)
    return rows.rows_from(tuple(record) for record in connection.exec_driver_sql(sql, values))


def conversation(connection: Connection, conversation_id: str) -> Conversation:
    """A conversation as other features see it. Raises NotFound."""
    row = connection.execute(select(CONVERSATION).where(CONVERSATION.c.id == conversation_id)).mappings().first()
    if row is None:
        raise NotFound(_("This conversation is not in the store."), _("It may have been merged or erased."))
    return Conversation(
        id=row["id"], subject=row["subject"], channel=Channel(row["channel"]), state=ConversationState(row["state"]),
        customer_name=row["customer_name"], customer_address=row["customer_address"], language=row["language"],
        market=row["market"], store=row["store"], account_id=row["account_id"],
    )


def raw_inside(connection: Connection, message_id: str) -> bytes | None:
    """The raw mail when it is a row; None when it is a sealed file or the message never was a mail."""
    packed = connection.execute(select(BODY.c.raw).where(BODY.c.message_id == message_id)).scalar()
    return zlib.decompress(packed) if packed is not None else None


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A mail's file: which it is, and its `content` when that is a row of its own."""

    message_id: str
    position: int
    name: str
    mime: str
    size: int
    content: bytes | None


def attachment(connection: Connection, attachment_id: str) -> FilePlace:
    """Raises NotFound."""
    columns = (ATTACHMENT.c[name] for name in ("message_id", "position", "name", "mime", "size", "content"))
    found = connection.execute(select(*columns).where(ATTACHMENT.c.id == attachment_id)).first()
    if found is None:
        raise NotFound(_("This file is not in the store."), _("It may have been erased."))
    return FilePlace(*found)


def outgoing_of(connection: Connection, message_id: str) -> str:
    """The outgoing id of one of our own replies, "" for every other message."""
    return connection.execute(select(MESSAGE.c.outgoing_id).where(MESSAGE.c.id == message_id)).scalar() or ""


_BUYERS = (
    "SELECT author_email FROM message WHERE conversation_id = ? AND direction = 'in' GROUP BY author_email "
    "UNION ALL SELECT customer_address FROM conversation WHERE id = ?"
)


def buyer_addresses(connection: Connection, conversation_id: str) -> tuple[str, ...]:
    """Every address a buyer's message of this conversation came from, and the customer's own."""
    found = connection.exec_driver_sql(_BUYERS, (conversation_id, conversation_id))
    return tuple(dict.fromkeys(address.lower() for (address,) in found if address))


def message_text(connection: Connection, message_id: str) -> tuple[str, str, str]:
    """Conversation id, text and language of a message, for translation. Raises NotFound."""
    query = select(MESSAGE.c.conversation_id, MESSAGE.c.text, MESSAGE.c.language).where(MESSAGE.c.id == message_id)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(_("This message is not in the store."), _("It may have been erased."))
    return row[0], row[1], row[2]
