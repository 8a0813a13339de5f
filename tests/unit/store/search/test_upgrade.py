"""A store of the first schema: its mails have places in time order after the upgrade, its index answers, and a new one
is filled in steps that hold nobody up."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine

from workstation.store import migrate
from workstation.store.database import make_engine
from workstation.store.search import shelves, upkeep

MESSAGES = [(1, 9_000_000), (2, 5_000), (3, 5_400), (4, 5_900), (5, 4_000), (6, -7)]
"""(seq, at): three of one second, one of before there was time."""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = make_engine(tmp_path / "old.db", b"k" * 32, size=1)
    with made.begin() as connection:
        command.upgrade(migrate.config(connection), "0001")
        connection.exec_driver_sql("PRAGMA user_version = 1")
    return made


def fill(engine: Engine) -> None:
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        empty = "'', '', 'email', 'open', '', '', '', '', '', '', 0, 0, 0, 1, '', 'done', 1"
        run("INSERT INTO conversation(id, account_id, subject, channel, state, customer_name, customer_address, "  # noqa: S608
            f"language, market, store, snippet, unread, dismissed_at, clock_ms, last_at, issue, delivery, sort_key) "
            f"VALUES ('c', {empty})")
        for seq, at in MESSAGES:
            run("INSERT INTO message(seq, id, conversation_id, direction, at, author_email, author_name, recipients, "
                "cc, reply_to, subject, text, quoted, language, message_id, content_key, automatic, problems, "
                "delivery, delivery_sentence, outgoing_id, original, original_language) "
                "VALUES (?, ?, 'c', 'in', ?, 'a@b.example', 'Ana', '[]', '[]', '', 'Kettle', ?, '', '', ?, '', 0, "
                "'[]', 'done', '', '', '', '')",
                (seq, f"m{seq}", at, f"blue number{seq}", f"<{seq}>"))
            run("INSERT INTO message_index(rowid, subject, body, people, ids) VALUES (?, 'Kettle', ?, 'Ana', '')",
                (seq, f"blue number{seq}"))


def test_places_are_in_time_order_and_the_old_index_answers_until_the_new_one_is_full(engine: Engine) -> None:
    fill(engine)
    migrate.upgrade(engine)
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        places = {row[0]: row[1] for row in run("SELECT seq, place FROM message_place")}
        assert sorted(places, key=places.__getitem__) == [6, 5, 2, 3, 4, 1]
        assert places == {6: 0, 5: 4, 2: 5, 3: 6, 4: 7, 1: 9000}
        shelf = shelves.read(connection)
        assert shelf.first
        assert shelf.filling
        old = run("SELECT rowid FROM message_index_first WHERE message_index_first MATCH 'blue'").scalars().all()
        assert sorted(old) == [1, 2, 3, 4, 5, 6]
    while shelf.filling:
        with engine.begin() as connection:
            shelf = upkeep.fill_step(connection, shelf)
    with engine.begin() as connection:
        new = connection.exec_driver_sql(
            "SELECT rowid FROM message_index WHERE message_index MATCH 'sender : ana' ORDER BY rowid DESC")
        assert new.scalars().all() == [9000, 7, 6, 5, 4, 0]
        assert not upkeep.damaged(connection)
        while upkeep.clear_step(connection):
            pass
        assert not shelves.exists(connection, "message_index_first")


def test_a_store_without_messages_has_the_new_index_at_once(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        assert shelves.read(connection) == shelves.Shelf()
        assert not shelves.exists(connection, "message_index_first")
        assert not upkeep.damaged(connection)
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(message_index)")]
        assert tuple(columns) == shelves.COLUMNS
