"""What stands around messages and orders and goes with them: drafts, replies as they left, translations, captions of
exhibits, words for claims, learned words, events that wait for the hub. Plain SQL over the features' tables, each named
in `whose`; every function runs in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

import rfc8785
from sqlalchemy import Connection

from workstation.kernel.ids import new_id
from workstation.store.outbox import request_hash

_AMONG = "IN (SELECT value FROM json_each(?1))"
COUNTED = {
    "drafts": f"SELECT count(*) FROM draft WHERE conversation_id {_AMONG}",  # noqa: S608
    "replies": f"SELECT count(*) FROM outgoing WHERE conversation_id {_AMONG} AND length(raw) > 0",  # noqa: S608
    "captions": (
        f"SELECT (SELECT count(*) FROM evidence_exhibit WHERE case_id {_AMONG} AND (caption != '' OR translation != '')) "  # noqa: S608, E501
        f"+ (SELECT count(*) FROM evidence_claim_text WHERE case_id {_AMONG})"
    ),
}
"""Of conversations, by kind."""
_TRANSLATED = f"SELECT count(*) FROM message_translation WHERE message_id {_AMONG}"  # noqa: S608
_OF_MESSAGES = (
    f"DELETE FROM message_translation WHERE message_id {_AMONG}",  # noqa: S608
    f"DELETE FROM outbox WHERE collection = 'message' AND entity_id {_AMONG}",  # noqa: S608
    f"DELETE FROM sync_parked WHERE collection = 'message' AND entity_id {_AMONG}",  # noqa: S608
    f"DELETE FROM sync_body WHERE collection = 'message' AND entity_id {_AMONG}",  # noqa: S608
)
_REPLIES = (
    "UPDATE outgoing SET recipients = '[]', draft = '{}', raw = x'', receipt = '', sentence = '', bounced = '' "  # noqa: S608
    f"WHERE conversation_id {_AMONG}"
)
_OF_CASES = (
    f"DELETE FROM draft WHERE conversation_id {_AMONG}",  # noqa: S608
    f"DELETE FROM draft_history WHERE conversation_id {_AMONG}",  # noqa: S608
    f"DELETE FROM draft_file WHERE conversation_id {_AMONG}",  # noqa: S608
    f"DELETE FROM outgoing WHERE conversation_id {_AMONG} AND state IN ('failed', 'unknown')",  # noqa: S608
    _REPLIES,
    f"UPDATE triage_correction SET words = '[]' WHERE conversation_id {_AMONG}",  # noqa: S608
    f"UPDATE evidence_exhibit SET caption = '', translation = '' WHERE case_id {_AMONG}",  # noqa: S608
    f"DELETE FROM evidence_claim_text WHERE case_id {_AMONG}",  # noqa: S608
    f"DELETE FROM evidence_allowed WHERE case_id {_AMONG}",  # noqa: S608
    f"DELETE FROM sync_parked WHERE collection = 'conversation' AND entity_id {_AMONG}",  # noqa: S608
    f"DELETE FROM sync_body WHERE collection = 'conversation' AND entity_id {_AMONG}",  # noqa: S608
)
_OF_DELIVERIES = (
    f"DELETE FROM sync_body WHERE collection = 'delivery' AND entity_id {_AMONG}",  # noqa: S608
    f"DELETE FROM outbox WHERE collection = 'delivery' AND entity_id {_AMONG}",  # noqa: S608
)
_PICTURES = f"SELECT source FROM evidence_text WHERE kind = 'attachment' AND source {_AMONG}"  # noqa: S608
_BLOBS = f"SELECT id, address FROM blob WHERE id {_AMONG}"  # noqa: S608
_DRAFT_FILES = f"SELECT id FROM draft_file WHERE conversation_id {_AMONG}"  # noqa: S608
_NAMES = (
    f"SELECT value FROM json_each(?1) UNION SELECT id FROM conversation_twin WHERE conversation_id {_AMONG}"  # noqa: S608
)
_BEGINNINGS = f"SELECT seq, collection, entity_id, kind, body FROM outbox WHERE collection = 'conversation' AND kind = 'new' AND entity_id {_AMONG}"  # noqa: S608, E501
_NOBODY = (
    f"SELECT id FROM customer_identity i WHERE (id {_AMONG} OR value IN (SELECT value FROM json_each(?2))) "  # noqa: S608
    "AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.customer_id = i.id)"
)
_ABOUT = ("subject", "customer_name", "customer_address")


def counts(connection: Connection, cases: Sequence[str], messages: Sequence[str]) -> dict[str, int]:
    """What stands around these, by kind."""
    key = (json.dumps(list(cases)),)
    found = {kind: int(connection.exec_driver_sql(query, key).scalar_one()) for kind, query in COUNTED.items()}
    translated = connection.exec_driver_sql(_TRANSLATED, (json.dumps(list(messages)),)).scalar_one()
    return {**found, "translations": int(translated)}


def read_pictures(connection: Connection, attachments: Sequence[str]) -> list[str]:
    """Those of these files in which something was read."""
    return [i for (i,) in connection.exec_driver_sql(_PICTURES, (json.dumps(list(attachments)),))]


def draft_files(connection: Connection, cases: Sequence[str]) -> list[str]:
    return [i for (i,) in connection.exec_driver_sql(_DRAFT_FILES, (json.dumps(list(cases)),))]


def drop_blobs(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Destroy the keys of these sealed files; returns the addresses of their ciphertexts."""
    rows = connection.exec_driver_sql(_BLOBS, (json.dumps(list(ids)),)).all()
    connection.exec_driver_sql(f"DELETE FROM blob WHERE id {_AMONG}", (json.dumps([i for i, _a in rows]),))  # noqa: S608
    return [address for _i, address in rows]


def forget(connection: Connection, whole: Sequence[str], messages: Sequence[str], deliveries: Sequence[str]) -> None:
    """`whole`: conversations of which nothing is left, by all names."""
    _run(connection, _OF_MESSAGES, messages)
    _run(connection, _OF_DELIVERIES, deliveries)
    names = [i for (i,) in connection.exec_driver_sql(_NAMES, (json.dumps(list(whole)),))]
    _run(connection, _OF_CASES, names)
    _rewrite_beginnings(connection, names)


def nobody(connection: Connection, customers: Sequence[str], people: Sequence[str]) -> list[str]:
    """Those of these identities whom no conversation belongs to any more."""
    rows = connection.exec_driver_sql(_NOBODY, (json.dumps(list(customers)), json.dumps(list(people))))
    return [i for (i,) in rows]


def drop_identities(connection: Connection, ids: Sequence[str]) -> None:
    key = (json.dumps(list(ids)),)
    connection.exec_driver_sql(f"DELETE FROM customer_link WHERE a {_AMONG} OR b {_AMONG}", key)  # noqa: S608
    connection.exec_driver_sql(f"DELETE FROM customer_identity WHERE id {_AMONG}", key)  # noqa: S608


def _run(connection: Connection, statements: Sequence[str], ids: Sequence[str]) -> None:
    key = (json.dumps(list(ids)),)
    for statement in statements:
        connection.exec_driver_sql(statement, key)


def _rewrite_beginnings(connection: Connection, names: Sequence[str]) -> None:
    """What waits to tell the hub how a conversation began, without whom it began with. Another event: its former id
    may have been used already."""
    for seq, collection, entity_id, kind, body in connection.exec_driver_sql(_BEGINNINGS, (json.dumps(names),)).all():
        text = rfc8785.dumps({**json.loads(body), **dict.fromkeys(_ABOUT, "")}).decode()
        connection.exec_driver_sql(
            "UPDATE outbox SET event_id = ?, body = ?, request_hash = ? WHERE seq = ?",
            (new_id(), text, request_hash(collection, entity_id, kind, text), seq))
