"""What desktops erased of their buyers, at the hub: the words of messages, of how conversations began and of what
became of replies. The entity stays with ids, times and direction, as the desktop that erased it told; whoever tells of
it with its words afterwards, however late, gets this one back instead of being stored.

Any device may erase what the team shares, unless another one holds the case (collection "hold", see `held`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from sqlalchemy import Connection, insert, select, update

from workstation.hub.tables import ChangeRow, EntityRow
from workstation.store.tables import table

HOLDS = "hold"
MESSAGE, CONVERSATION, DELIVERY = "message", "conversation", "delivery"
_MOST = 1_000
_ENTITY, _CHANGE = table(EntityRow), table(ChangeRow)
_BLANK: dict[str, Any] = {"subject": "", "text": "", "quoted": "", "original": "", "original_language": "", "to": [],
                          "cc": []}
_WHO = ("subject", "customer_name", "customer_address")
Json = Mapping[str, Any]


def apply(connection: Connection, device_id: str, event_id: str, body: Json, now: int) -> None:
    """Forget what an erasure names, in the transaction of its event. Raises ValueError, with nothing quoted."""
    messages, conversations = body.get("messages", {}), body.get("conversations", {})
    deliveries = body.get("deliveries", [])
    if not isinstance(messages, dict) or not isinstance(conversations, dict) or not isinstance(deliveries, list):
        raise ValueError("an erasure names its messages, conversations and replies")
    if max(len(messages), len(conversations), len(deliveries)) > _MOST:
        raise ValueError("an erasure names too much at once")
    if held(connection, device_id, [str(body.get("case_id", "")), *conversations]):
        raise ValueError("another device holds this case")
    mark = {"at": body.get("at"), "id": str(body.get("erase_id") or event_id), "rule": str(body.get("rule") or "")}
    step = _Step(connection, device_id, event_id, now)
    for message_id, told in messages.items():
        step.message(message_id, told)
    for conversation_id, told in conversations.items():
        step.conversation(conversation_id, told, mark)
    for entity_id in deliveries:
        step.delivery(str(entity_id))


def held(connection: Connection, device_id: str, cases: list[str]) -> bool:
    """Whether another device says that one of these cases must not be erased. An entity's id is "case/device"."""
    for case in cases:
        low, high = f"{case}/", f"{case}0"   # "0" is the character after "/"
        here = (_ENTITY.c.collection == HOLDS) & (_ENTITY.c.entity_id >= low) & (_ENTITY.c.entity_id < high)
        for entity_id, text in connection.execute(select(_ENTITY.c.entity_id, _ENTITY.c.body).where(here)):
            if case and entity_id != low + device_id and json.loads(text).get("laid") is True:
                return True
    return False


def erased(body: str) -> bool:
    """Whether this is what an erasure left of an entity."""
    return '"erased":' in body and isinstance(json.loads(body).get("erased"), dict)


class _Step:
    """The changes of one erasure; each is a step of the feed."""

    def __init__(self, connection: Connection, device_id: str, event_id: str, now: int) -> None:
        self._conn = connection
        self._device = device_id
        self._event = event_id
        self._now = now

    def message(self, message_id: str, told: object) -> None:
        if not isinstance(told, dict) or not isinstance(told.get("erased"), dict) or not isinstance(
            told.get("conversation_id"), str
        ) or not _wordless(told):
            raise ValueError("an erased message has no words and no people")
        held_body = self._body(MESSAGE, message_id)
        if held_body is None or not erased(held_body):
            self._write(MESSAGE, message_id, told, "append")

    def conversation(self, conversation_id: str, told: object, mark: Json) -> None:
        if not isinstance(told, dict) or any(told.get(name) for name in _WHO):
            raise ValueError("an erased conversation names nobody")
        held_body = self._body(CONVERSATION, conversation_id)
        before = json.loads(held_body) if held_body is not None else told
        for word in (before.get("customer_address"), before.get("customer_name")):
            if word:
                self._forget_receipts(str(word))
        self._write(CONVERSATION, conversation_id, {**before, **dict.fromkeys(_WHO, ""), "erased": dict(mark)}, "put")

    def delivery(self, entity_id: str) -> None:
        """Who did not get a reply is a buyer; that it did not arrive is not."""
        held_body = self._body(DELIVERY, entity_id)
        if held_body is not None and json.loads(held_body).get("sentence"):
            self._write(DELIVERY, entity_id, {**json.loads(held_body), "sentence": ""}, "put")

    def _forget_receipts(self, word: str) -> None:
        """A receipt of a conflict holds the entity as it was then; it is told anew from what is there now."""
        self._conn.exec_driver_sql(_RECEIPTS, (json.dumps(word, ensure_ascii=False)[1:-1],))

    def _body(self, collection: str, entity_id: str) -> str | None:
        here = (_ENTITY.c.collection == collection) & (_ENTITY.c.entity_id == entity_id)
        found = self._conn.execute(select(_ENTITY.c.body).where(here)).scalar()
        return None if found is None else str(found)

    def _write(self, collection: str, entity_id: str, body: Json, kind: str) -> None:
        from workstation.hub.entities import body_hash

        text = rfc8785.dumps(dict(body)).decode()
        done = self._conn.execute(insert(_CHANGE).values(
            event_id=f"{self._event}/{collection}/{entity_id}", collection=collection, entity_id=entity_id,
            device_id=self._device, at=self._now))
        values = {"body": text, "body_hash": body_hash(text), "kind": kind, "device_id": self._device,
                  "version": done.inserted_primary_key[0]}  # type: ignore[index]
        here = (_ENTITY.c.collection == collection) & (_ENTITY.c.entity_id == entity_id)
        if self._conn.execute(update(_ENTITY).where(here).values(**values)).rowcount == 0:
            self._conn.execute(insert(_ENTITY).values(collection=collection, entity_id=entity_id, **values))


def _wordless(told: Json) -> bool:
    """Of our own messages their author stays: that is a colleague, and no buyer."""
    author = told.get("author")
    nobody = author == ["", ""] or told.get("direction") != "in"
    return nobody and all(told.get(name, blank) == blank for name, blank in _BLANK.items())


_RECEIPTS = (
    "UPDATE receipt SET result = json_set(result, '$.body', NULL, '$.kept', '', '$.lost', '') "
    "WHERE json_extract(result, '$.status') = 'conflict' AND instr(result, ?) > 0"
)
