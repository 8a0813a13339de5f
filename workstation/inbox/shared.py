"""Messages and conversations as the hub keeps them: what we tell it, and what other devices told it made so here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.domain.conversation import Channel, ConversationState, Direction
from workstation.domain.events import ConversationsChanged
from workstation.inbox import repo
from workstation.inbox.clocks import ClockRule
from workstation.inbox.repo import CONVERSATION, MESSAGE
from workstation.store import search
from workstation.store.unit import Unit

Body = Mapping[str, Any]
_TEXTS = ("account_id", "subject", "store", "market", "customer_name", "customer_address", "language")


def one(connection: Connection, where: ColumnElement[bool]) -> RowMapping:
    """The one message row that fits."""
    return connection.execute(select(MESSAGE).where(where)).mappings().one()


def event(row: RowMapping) -> dict[str, Any]:
    """A message as the hub's "message" collection keeps it. Always the same for the same row, so that a hub that
    lost it can be given it again."""
    names = ("conversation_id", "direction", "at", "subject", "text", "quoted", "language", "message_id", "automatic")
    people = {"author": [row["author_email"], row["author_name"]], "to": json.loads(row["recipients"])}
    return {
        **{name: row[name] for name in names}, **people, "cc": json.loads(row["cc"]), "original": row["original"],
        "original_language": row["original_language"],
    }


def held_message(connection: Connection, message_id: str) -> str | None:
    """The canonical body of a message for a hub that lost it; None when it is gone here too."""
    row = connection.execute(select(MESSAGE).where(MESSAGE.c.id == message_id)).mappings().first()
    return rfc8785.dumps(event(row)).decode() if row is not None else None


class SharedInbox:
    """Applies entities of the hub's "conversation" and "message" collections."""

    def __init__(self, rules: Sequence[ClockRule]) -> None:
        self._rules = rules

    def apply_conversation(self, unit: Unit, conversation_id: str, body: Body) -> None:
        values: dict[str, Any] = {name: str(body.get(name, "")) for name in _TEXTS}
        values["channel"] = Channel(body.get("channel", Channel.EMAIL))
        values["state"] = ConversationState(body.get("state", ConversationState.OPEN))
        values["snoozed_until"] = body.get("snoozed_until")
        values["dismissed_at"] = int(body.get("dismissed_at") or 0)
        statement = upsert(CONVERSATION).values(id=conversation_id, **values)
        unit.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
        self._show(unit, conversation_id)

    def apply_message(self, unit: Unit, message_id: str, body: Body) -> None:
        """Append-only: a message that is here already stays as it is."""
        conversation_id = str(body["conversation_id"])
        known = unit.conn.execute(select(MESSAGE.c.seq).where(MESSAGE.c.id == message_id)).scalar()
        if known is not None:
            return
        unit.conn.execute(upsert(CONVERSATION).values(id=conversation_id).on_conflict_do_nothing())
        self._insert(unit, message_id, conversation_id, body)
        self._show(unit, conversation_id)

    def _insert(self, unit: Unit, message_id: str, conversation_id: str, body: Body) -> None:
        email, name = body["author"]
        text, original = str(body.get("text", "")), str(body.get("original", ""))
        direction = Direction(body["direction"])
        primary = unit.conn.execute(insert(MESSAGE).values(
            id=message_id, conversation_id=conversation_id, direction=direction, at=int(body["at"]),
            author_email=email, author_name=name, recipients=_people(body.get("to")), cc=_people(body.get("cc")),
            subject=str(body.get("subject", "")), text=text, quoted=str(body.get("quoted", "")),
            language=str(body.get("language", "")), message_id=str(body.get("message_id", "")),
            automatic=bool(body.get("automatic")), original=original,
            original_language=str(body.get("original_language", "")),
        )).inserted_primary_key
        if primary is None:
            raise RuntimeError("the message row has no rowid")
        words = f"{text}\n{original}"
        search.index(unit.conn, int(primary[0]), str(body.get("subject", "")), words, f"{name} {email}", "")
        if direction is Direction.IN:
            unit.conn.execute(update(CONVERSATION).where(CONVERSATION.c.id == conversation_id).values(unread=True))

    def _show(self, unit: Unit, conversation_id: str) -> None:
        repo.refresh(unit.conn, [conversation_id], self._rules)
        unit.emit(ConversationsChanged((conversation_id,)))


def _people(value: object) -> str:
    pairs = value if isinstance(value, list) else []
    return json.dumps([[str(email), str(name)] for email, name in pairs], ensure_ascii=False)
