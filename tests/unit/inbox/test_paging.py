"""Queues by random changes: every size, place and page is what counting the rows by hand gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from workstation.inbox.listing import NO_CLOCK, ListQuery
from workstation.inbox.paging import TITLES, Queues
from workstation.inbox.tables import ConversationTable  # noqa: F401 - its table is what the migrations make
from workstation.store import migrate, tally
from workstation.store.database import make_engine

NOW = 1_795_298_400_000
DAY = 86_400_000
ME = "device-1"
TAGS = ("vip", 'a "quoted" \\new', "老客户", "late")
KEYS = (*TITLES, "channel:amazon", "channel:email", "store:loja", "lang:pt", "assignee:ana",
        *(f"tag:{tag}" for tag in TAGS))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(tmp_path / "store.db", b"k" * 32)
    migrate.upgrade(made)
    yield made
    made.dispose()


def fresh(rng: random.Random, number: int) -> dict[str, Any]:
    """A conversation as the services would leave it: key and warning follow its clock."""
    row: dict[str, Any] = {"id": f"c{number:05}", "last_at": NOW - rng.randrange(400 * DAY), "clock_ms": DAY}
    return row | chance(rng, row)


def chance(rng: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    """New values for the columns that queues look at."""
    state = rng.choice(("open", "open", "open", "snoozed", "resolved"))
    due = rng.choice((None, NOW + rng.randrange(-3 * DAY, 3 * DAY)))
    last_at = rng.choice((row["last_at"], row["last_at"], 0))
    tags = rng.sample(TAGS, rng.randrange(3))
    return {
        "state": state, "due_at": due, "warn_at": due - DAY // 4 if due is not None else None, "last_at": last_at,
        "sort_key": due if due is not None and state != "resolved" else NO_CLOCK - last_at,
        "channel": rng.choice(("amazon", "email")), "store": rng.choice(("", "loja")),
        "language": rng.choice(("pt", "ja", "")), "assignee": rng.choice(("", ME, "ana")),
        "muted": rng.random() < 0.2, "review": rng.random() < 0.1, "risk": rng.choice(("", "", "legal")),
        "delivery": rng.choice(("done", "done", "failed", "unknown")),
        "merged_into": rng.choice(("", "", "", "other")),
        "tags": "".join(f"\n{tag}" for tag in tags) + "\n" * bool(tags),
    }


def insert(connection: Connection, row: dict[str, Any]) -> None:
    full = {"account_id": "", "subject": "", "customer_name": "", "customer_address": "", "market": "", "snippet": "",
            "unread": True, "dismissed_at": 0, "issue": "", **row}
    names = ", ".join(full)
    marks = ", ".join(f":{name}" for name in full)
    connection.exec_driver_sql(f"INSERT INTO conversation({names}) VALUES ({marks})", full)  # noqa: S608


def belongs(row: dict[str, Any], queue: str) -> object:
    """The queues in words of their own, not in those of the statements."""
    if row["merged_into"] or row["last_at"] <= 0:
        return False
    is_open = row["state"] == "open"
    group, _sep, name = queue.partition(":")
    if name:
        column = {"channel": "channel", "store": "store", "lang": "language", "assignee": "assignee"}.get(group)
        return is_open and (row[column] == name if column else name in row["tags"].split("\n"))
    return {
        "all": True, "open": is_open, "snoozed": row["state"] == "snoozed", "resolved": row["state"] == "resolved",
        "failed": row["delivery"] != "done", "mine": is_open and row["assignee"] == ME,
        "unassigned": is_open and not row["assignee"], "review": is_open and bool(row["review"] or row["risk"]),
        "unanswered": is_open and row["due_at"] is not None,
        "breaching": is_open and row["due_at"] is not None and row["warn_at"] <= NOW and not row["muted"],
    }[queue]


def compare(connection: Connection, rows: dict[str, dict[str, Any]], rng: random.Random) -> None:
    queues = Queues(lambda: ME)
    counted = {queue.key: queue.count for queue in queues.counts(connection, NOW)}
    for key in KEYS:
        wanted = [row["id"] for row in sorted(
            (row for row in rows.values() if belongs(row, key)), key=lambda row: (row["sort_key"], row["id"]))]
        assert queues.size(connection, key, NOW) == len(wanted), key
        if key not in ("all", "resolved") and not key.startswith("assignee:"):
            assert counted.get(key, 0) == len(wanted), key
        places = {0, len(wanted), *(rng.randrange(len(wanted) + 1) for _ in range(4))}
        for at in places:
            page = queues.page(connection, ListQuery(key, limit=7, position=at), NOW)
            assert [row.id for row in page.rows] == wanted[at:at + 7], (key, at)
            if page.cursor:
                more = queues.page(connection, ListQuery(key, limit=5, cursor=page.cursor), NOW)
                assert [row.id for row in more.rows] == wanted[at + 7:at + 12], (key, at)
            if at < len(wanted):
                assert queues.rank(connection, key, wanted[at], NOW) == at
        strange = next((row["id"] for row in rows.values() if not belongs(row, key)), None)
        assert strange is None or queues.rank(connection, key, strange, NOW) is None


def test_every_queue_is_what_counting_by_hand_gives(engine: Engine, request: pytest.FixtureRequest) -> None:
    seed = int(request.config.getoption("--seed") or 7)
    print("seed", seed)
    rng, rows = random.Random(seed), dict[str, dict[str, Any]]()
    with engine.begin() as connection:
        for step in range(900):
            act = rng.random()
            if act < 0.45 or not rows:
                row = fresh(rng, step)
                insert(connection, row)
                rows[row["id"]] = row
            elif act < 0.9:
                row = rng.choice(list(rows.values()))
                changes = chance(rng, row)
                some = dict(rng.sample(sorted(changes.items()), rng.randrange(1, len(changes))))
                for together in ("state", "due_at", "warn_at", "sort_key", "last_at"):
                    some[together] = changes[together]
                row.update(some)
                sets = ", ".join(f"{name} = :{name}" for name in some)
                change = f"UPDATE conversation SET {sets} WHERE id = :id"  # noqa: S608
                connection.exec_driver_sql(change, some | {"id": row["id"]})
            else:
                gone = rng.choice(list(rows))
                del rows[gone]
                connection.exec_driver_sql("DELETE FROM conversation WHERE id = :id", {"id": gone})
            if step % 150 == 149:
                compare(connection, rows, rng)
        connection.exec_driver_sql("DELETE FROM conversation")
        left = connection.exec_driver_sql("SELECT count(*) FROM queue_span").scalar_one()
        assert left == 0, "no stretch is left behind"


def test_a_statement_of_many_rows_counts_each(engine: Engine) -> None:
    rng = random.Random(3)
    with engine.begin() as connection:
        for number in range(300):
            insert(connection, fresh(rng, number) | {"state": "open", "merged_into": "", "last_at": NOW})
        connection.exec_driver_sql("UPDATE conversation SET state = 'resolved' WHERE id < 'c00100'")
        queues = Queues(lambda: ME)
        assert queues.size(connection, "resolved", NOW) == 100
        assert queues.size(connection, "open", NOW) == 200
        assert queues.size(connection, "all", NOW) == 300


def test_nobody_without_a_name_has_conversations(engine: Engine) -> None:
    with engine.begin() as connection:
        row = fresh(random.Random(1), 1)
        insert(connection, row | {"state": "open", "assignee": "", "merged_into": "", "last_at": 1})
        queues = Queues(str)
        assert queues.size(connection, "mine", NOW) == 0
        assert queues.page(connection, ListQuery("mine"), NOW).rows == ()
        assert queues.size(connection, "unassigned", NOW) == 1


def test_no_page_scans_the_table(engine: Engine) -> None:
    """The way to a page is an index that already has the order: nothing is sorted and no table is read through."""
    for key in (key for key in KEYS if key != "breaching"):
        with engine.begin() as connection:
            sql, values = Queues(lambda: ME)._statement(connection, ListQuery(key, position=5), NOW)
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
        inner = [line for line in plan if "conversation" in line and " c " not in line]
        assert inner, plan
        assert all("COVERING INDEX" in line or "PRIMARY KEY" in line for line in inner), plan


def test_what_a_store_from_before_has_is_counted_by_the_upgrade(engine: Engine) -> None:
    rng = random.Random(11)
    with engine.begin() as connection:
        for number in range(200):
            insert(connection, fresh(rng, number) | {"tags": ""})
        kept = connection.exec_driver_sql("SELECT * FROM queue_span ORDER BY queue, span").fetchall()
        connection.exec_driver_sql("DELETE FROM queue_span")
        for statement in tally.FILL:
            connection.exec_driver_sql(statement)
        counted = connection.exec_driver_sql("SELECT * FROM queue_span ORDER BY queue, span").fetchall()
    assert [tuple(row) for row in counted] == [tuple(row) for row in kept]
