"""What the hub tells of erasures, kept until the same is erased here, however long that takes and whatever ends.

`erasure_heard` holds the ids, a tombstone of kind "heard" the erasure's own date and rule. Odd bodies are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from workstation.evidence import erasing_rows
from workstation.evidence.erasing import heard as heard_records
from workstation.evidence.erasure.ports import Part
from workstation.orders import erasing as orders
from workstation.store import erased
from workstation.store.erased import Mark
from workstation.store.unit import Unit

HEARD = "heard"
ORDER = "order:"
_SEPARATOR = "\x1f"
MOST_TEXT = 300


def heard(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    """An entity of the collection "erasure": this desktop's or another's."""
    heard_records(unit, entity_id, body)
    at, rule = body.get("at"), body.get("rule")
    erase_id = str(body.get("erase_id") or entity_id)
    messages, listed = body.get("messages"), body.get("orders")
    _keep(unit, Mark(erase_id, at if isinstance(at, int) else 0, rule if isinstance(rule, str) else ""))
    if isinstance(messages, dict):
        erasing_rows.hear(unit.conn, erase_id, str(body.get("case_id", "")), [str(i) for i in messages])
    names = [each for each in listed if _is_reference(each)] if isinstance(listed, list) else []
    erasing_rows.hear(unit.conn, erase_id, "", [ORDER + _SEPARATOR.join(each) for each in names])


def erased_there(unit: Unit, message_id: str, conversation_id: str, mark: Mark) -> None:
    """Fulfils `inbox.shared.ErasedThere`: the hub holds a message as erased that is here."""
    _keep(unit, mark)
    erasing_rows.hear(unit.conn, mark.erase_id, conversation_id, [message_id])


def here_again(connection: Connection) -> list[tuple[Mark, Part]]:
    """What was heard to be erased and is here with its words, by erasure and conversation."""
    found: dict[tuple[str, str], list[str]] = {}
    for erase_id, conversation_id, message_id in connection.exec_driver_sql(_MESSAGES):
        found.setdefault((erase_id, conversation_id), []).append(message_id)
    parts = [(_mark(connection, erase_id), Part(case_id, (case_id,), only=tuple(ids)))
             for (erase_id, case_id), ids in found.items()]
    for erase_id, name in connection.exec_driver_sql(_ORDERS):
        order_id = orders.named(connection, *name.removeprefix(ORDER).split(_SEPARATOR))
        if order_id and orders.of_ids(connection, [order_id]).orders:
            parts.append((_mark(connection, erase_id), Part(orders=(order_id,))))
    return parts


def _keep(unit: Unit, mark: Mark) -> None:
    erased.put(unit.conn, HEARD, {mark.erase_id: ""}, mark)


def _mark(connection: Connection, erase_id: str) -> Mark:
    return erased.of(connection, HEARD, erase_id) or Mark(erase_id, 0)


def _is_reference(each: object) -> bool:
    return isinstance(each, list) and len(each) == 3 and all(
        isinstance(part, str) and len(part) <= MOST_TEXT and _SEPARATOR not in part for part in each)


_MESSAGES = (
    "SELECT h.erase_id, m.conversation_id, m.id FROM erasure_heard h JOIN message m ON m.id = h.record_id "
    "WHERE NOT EXISTS (SELECT 1 FROM personal_erased e WHERE e.kind = 'message' AND e.id = m.id) "
    "ORDER BY h.erase_id, m.conversation_id, m.id"
)
_ORDERS = f"SELECT erase_id, record_id FROM erasure_heard WHERE record_id LIKE '{ORDER}%' ORDER BY record_id"  # noqa: S608
