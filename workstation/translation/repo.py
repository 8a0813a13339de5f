"""Stored translations in and out of their table. Every function works on the connection it is given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from workstation.store import search
from workstation.store.core import table
from workstation.translation.model import StoredTranslation, Translation

_T = table("message_translation")
_MOST_IDS = 500


def source_hash(text: str) -> str:
    """What a stored translation remembers of its source."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(connection: Connection, message_id: str, language: str, source: str) -> Translation | None:
    """The translation of `source` kept for this message; None when there is none or the text has changed."""
    statement = select(_T).where(_T.c.message_id == message_id, _T.c.language == language)
    row = connection.execute(statement.where(_T.c.source_hash == source_hash(source))).first()
    return None if row is None else _translation(row, source)


def keep(connection: Connection, message_id: str, translation: Translation, now: int) -> None:
    """Store a message's translation in place of an older one, and let it be searched. `now` is milliseconds since the
    epoch."""
    values = {
        "source_language": translation.source_language, "text": translation.target, "engine": translation.engine,
        "pivot": translation.pivot, "survived": json.dumps(translation.survived), "lost": json.dumps(translation.lost),
        "source_hash": source_hash(translation.source), "made_at": now,
    }
    statement = insert(_T).values(message_id=message_id, language=translation.target_language, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["message_id", "language"], set_=values))
    search.refresh(connection, [message_id])


def forget(connection: Connection, message_ids: Sequence[str]) -> None:
    """Drop what was translated of these messages, in every language."""
    for start in range(0, len(message_ids), _MOST_IDS):
        connection.execute(delete(_T).where(_T.c.message_id.in_(message_ids[start:start + _MOST_IDS])))
    search.refresh(connection, message_ids)


def stored(connection: Connection, message_ids: Sequence[str], language: str) -> dict[str, StoredTranslation]:
    """The kept translations of these messages in `language`, by message id. Fits the inbox's TranslationView."""
    found: dict[str, StoredTranslation] = {}
    for start in range(0, len(message_ids), _MOST_IDS):
        ids = message_ids[start:start + _MOST_IDS]
        rows = connection.execute(select(_T).where(_T.c.message_id.in_(ids), _T.c.language == language))
        found.update({row.message_id: _stored(row) for row in rows})
    return found


def _stored(row: Row[Any]) -> StoredTranslation:
    return StoredTranslation(
        language=row.language, text=row.text, engine=row.engine, lost=_strings(row.lost), source_hash=row.source_hash)


def _translation(row: Row[Any], source: str) -> Translation:
    return Translation(
        source=source, target=row.text, source_language=row.source_language, target_language=row.language,
        engine=row.engine, pivot=row.pivot, survived=_strings(row.survived), lost=_strings(row.lost))


def _strings(text: str) -> tuple[str, ...]:
    return tuple(str(item) for item in json.loads(text))
