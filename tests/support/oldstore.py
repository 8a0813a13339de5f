"""A store of schema 0001, as a home that was last opened long ago holds it: many rows, none of today's columns."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from workstation.store.database import make_engine
from workstation.store.migrate import config

_CONVERSATION = (
    "INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, language, "
    "market, store, snippet, unread, unanswered_since, dismissed_at, due_at, clock_ms, last_at, issue, delivery, "
    "sort_key) VALUES (?, 'account', ?, 'amazon', 'open', ?, ?, 'pt', 'BR', 'casa', 'Onde está?', 1, ?, 0, ?, "
    "86400000, ?, '', "
    "'done', ?)")
_MESSAGE = (
    "INSERT INTO message(seq, id, conversation_id, direction, at, author_email, author_name, recipients, cc, reply_to, "
    "subject, text, quoted, language, message_id, content_key, automatic, problems, delivery, delivery_sentence, "
    "outgoing_id, original, original_language) VALUES (?, ?, ?, 'in', ?, ?, 'Ana', '[]', '[]', '', ?, ?, '', 'pt', ?, "
    "?, 0, '[]', 'done', '', '', '', '')")
AT = 1_780_000_000_000


def old_store(path: Path, key: bytes, conversations: int, messages: int) -> None:
    """So many conversations with so many messages between them."""
    engine = make_engine(path, key, size=1)
    try:
        with engine.begin() as connection:
            command.upgrade(config(connection), "0001")
            connection.exec_driver_sql("PRAGMA user_version = 1")
            _fill(connection, conversations, messages)
    finally:
        engine.dispose()


def _fill(connection: Connection, conversations: int, messages: int) -> None:
    connection.exec_driver_sql(_CONVERSATION, [
        (f"c{n}", f"Where is order 702-{n:07}-1234567?", f"Buyer {n}", f"{n}@buyer.example", AT + n,
         AT + n + 86_400_000, AT + n, AT + n) for n in range(conversations)])
    text = "Onde está o meu pacote? Já faz duas semanas que espero por ele. " * 4
    connection.exec_driver_sql(_MESSAGE, [
        (n + 1, f"m{n}", f"c{n % conversations}", AT + n, f"{n % conversations}@buyer.example", f"Pedido {n}", text,
         f"<{n}@buyer.example>", f"key {n}") for n in range(messages)])
