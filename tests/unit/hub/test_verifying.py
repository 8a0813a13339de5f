"""The hub finds whatever is not as it was handed in, and names the place; an untouched one is all right."""

from __future__ import annotations

import atexit
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.support.authority import house
from tests.support.hublog import record_body, record_hash
from workstation.hub import commands, entities, log, verifying
from workstation.hub.model import Incoming
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import NotFound, StoreError
from workstation.store.outbox import request_hash

Work = Callable[[Connection], object]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", (7, 8))


def taken(n: int, body: dict[str, object] | None = None) -> Incoming:
    text = json.dumps(body or record_body(n), sort_keys=True, separators=(",", ":"))
    hashed = request_hash("evidence", f"r{n}", "append", text)
    return Incoming(f"event{n}", "evidence", f"r{n}", "append", text, hashed)


@cache
def template(records: int) -> Path:
    """A hub like that, made once and copied."""
    folder = Path(tempfile.mkdtemp(prefix="hub-template-"))
    atexit.register(shutil.rmtree, folder, True)
    return make(folder / "hub", records).parents[2]


def hub_of(folder: Path, records: int = 11) -> Path:
    """A hub with so many records, a checkpoint after every third, and a file; returns the file."""
    shutil.copytree(template(records), folder, dirs_exist_ok=True)
    return next(path for path in (folder / "objects").glob("*/*"))


def make(folder: Path, records: int) -> Path:
    commands.init(folder, "H")

    def work(connection: Connection) -> None:
        for n in range(records):
            entities.apply(connection, "d1", taken(n), 1)
            if n % 3 == 2:
                log.head(connection, 0)
        log.head(connection, 0)
        connection.exec_driver_sql("INSERT INTO stored_blob VALUES (?, 5, 'd1', 1)", (address,))

    address = hashlib.sha256(b"bytes").hexdigest()
    path = folder / "objects" / address[:2] / address
    path.parent.mkdir(parents=True)
    path.write_bytes(b"bytes")
    change(folder, work)
    return path


def change(folder: Path, work: Work) -> None:
    rows = SqliteRows(folder / "hub.db")
    rows.now(work)
    rows.close()


def sql(*statements: str, **values: str) -> Work:
    def work(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement), values if ":v" in statement else {})

    return work


def places(folder: Path) -> set[str]:
    report = verifying.verify(folder)
    assert report.intact is not bool(report.findings)
    return {found.where for found in report.findings}


@pytest.mark.parametrize("records", [0, 1, 11])
def test_an_untouched_hub_is_intact(tmp_path: Path, records: int) -> None:
    hub_of(tmp_path, records)
    report = verifying.verify(tmp_path)
    assert (report.findings, report.files, report.records) == ([], 1, records)
    assert report.checkpoints == len(set(range(3, records + 1, 3)) | {records})
    assert commands.invite(tmp_path).endswith(report.key)


def body_of(n: int, **other: object) -> str:
    return json.dumps({**record_body(n), **other}, sort_keys=True, separators=(",", ":"))


CHANGES: list[tuple[str, Work, set[str]]] = [
    ("a leaf of another record", sql("UPDATE log_leaf SET record_hash = :v WHERE leaf = 4", v=record_hash(50)),
     {"log_leaf 4", "log_node 0 4", "log_checkpoint 6", "entity evidence/r4"}),
    ("two leaves in each other's place", sql(
        "UPDATE log_leaf SET leaf = 100 WHERE leaf = 1", "UPDATE log_leaf SET leaf = 1 WHERE leaf = 2",
        "UPDATE log_leaf SET leaf = 2 WHERE leaf = 100"), {"log_node 0 1", "log_node 0 2", "log_checkpoint 3"}),
    ("a leaf that is gone", sql("DELETE FROM log_leaf WHERE leaf = 3"),
     {"log_leaf 4", "entity evidence/r3", "log_checkpoint 11"}),
    ("the last leaf is gone", sql("DELETE FROM log_leaf WHERE leaf = 10"),
     {"log_checkpoint 11", "entity evidence/r10", "log_node 0 10"}),
    ("a leaf too many", sql("INSERT INTO log_leaf VALUES (11, :v, 'r60', 1)", v=record_hash(60)),
     {"log_leaf 11", "log_node 0 11"}),
    ("a record that is gone", sql("DELETE FROM entity WHERE entity_id = 'r5'"), {"log_leaf 5"}),
    ("another envelope", lambda conn: conn.exec_driver_sql(
        "UPDATE entity SET body = ? WHERE entity_id = 'r5'", (body_of(6, record_hash=record_hash(5)),)),
     {"log_leaf 5, entity evidence/r5", "entity evidence/r5"}),
    ("a record without its log", lambda conn: conn.exec_driver_sql(
        "INSERT INTO entity SELECT collection, 'r70', kind, ?, ?, 9999, device_id FROM entity WHERE entity_id = 'r1'",
        (body_of(70), hashlib.sha256(body_of(70).encode()).hexdigest())), {"entity evidence/r70"}),
    ("a node", sql("UPDATE log_node SET hash = x'00' WHERE level = 2 AND place = 1"), {"log_node 2 1"}),
    ("a node that is gone", sql("DELETE FROM log_node WHERE level = 1 AND place = 0"), {"log_node 1 0"}),
    ("nodes too many", sql("INSERT INTO log_node VALUES (1, 7, x'00')", "INSERT INTO log_node VALUES (9, 0, x'00')"),
     {"log_node 1 7", "log_node 9 0"}),
    ("a checkpoint of another root", sql(
        "UPDATE log_checkpoint SET note = (SELECT note FROM log_checkpoint WHERE size = 9) WHERE size = 6"),
     {"log_checkpoint 6"}),
    ("a checkpoint somebody wrote", sql("UPDATE log_checkpoint SET note = replace(note, char(10), 'x') WHERE size = 6"),
     {"log_checkpoint 6"}),
    ("another key", sql("UPDATE hub_meta SET value = :v WHERE name = 'log_key'", v="77" * 32),
     {f"log_checkpoint {n}" for n in (3, 6, 9, 11)}),
    ("no key", sql("DELETE FROM hub_meta WHERE name = 'log_key'"), {"hub_meta log_key"}),
    ("a key that is none", sql("UPDATE hub_meta SET value = 'x' WHERE name = 'log_key'"), {"hub_meta log_key"}),
    ("a body of something else", sql(
        "INSERT INTO entity VALUES ('thing', 'e1', 'put', '{}', 'not its hash', 9998, 'd1')"), {"entity thing/e1"}),
]


@pytest.mark.parametrize(("work", "expected"), [pytest.param(w, e, id=name) for name, w, e in CHANGES])
def test_what_was_changed_is_named_with_its_place(tmp_path: Path, work: Work, expected: set[str]) -> None:
    hub_of(tmp_path)
    change(tmp_path, work)
    assert expected <= places(tmp_path)


def test_a_signature_that_is_not_its_keys_is_named(tmp_path: Path) -> None:
    hub_of(tmp_path, 0)
    body = {**record_body(1), "public_key": "A" * 43 + "="}
    change(tmp_path, lambda conn: entities.apply(conn, "d1", taken(1, body), 1))
    assert places(tmp_path) == {"log_leaf 0, entity evidence/r1"}


def test_a_stamp_is_checked_and_one_over_something_else_is_named(tmp_path: Path) -> None:
    hub_of(tmp_path)

    def stamp(connection: Connection) -> None:
        note = log.head(connection, 0).checkpoint
        log.keep_stamp(connection, note, house().reply(house().query(note.encode())), house().root.decode())

    change(tmp_path, stamp)
    report = verifying.verify(tmp_path)
    assert (report.findings, report.stamped) == ([], 1)
    change(tmp_path, sql("UPDATE log_checkpoint SET (token, roots) = "
                         "(SELECT token, roots FROM log_checkpoint WHERE size = 11) WHERE size = 9"))
    assert places(tmp_path) == {"log_checkpoint 9"}


def test_a_file_that_was_changed_or_is_gone_is_named(tmp_path: Path) -> None:
    path = hub_of(tmp_path)
    path.write_bytes(b"other")
    assert places(tmp_path) == {str(path.relative_to(tmp_path))}
    path.unlink()
    assert places(tmp_path) == {str(path.relative_to(tmp_path))}


def test_findings_are_listed_up_to_a_bound_and_counted_beyond(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "MOST_TOLD", 3)
    hub_of(tmp_path)
    change(tmp_path, sql("UPDATE log_node SET hash = x'00' WHERE level = 0"))
    report = verifying.verify(tmp_path)
    assert (len(report.findings), report.more) == (3, 8)


@pytest.mark.parametrize("content", [b"", b"no database" * 500, None])
def test_what_cannot_be_read_is_no_verdict(tmp_path: Path, content: bytes | None) -> None:
    hub_of(tmp_path)
    for one in tmp_path.glob("hub.db*"):
        one.unlink()
    if content is not None:
        (tmp_path / "hub.db").write_bytes(content)
    if content == b"":
        assert places(tmp_path) == {"hub_meta hub_id"}
        return
    with pytest.raises((StoreError, NotFound)):
        verifying.verify(tmp_path)


VALUES = (
    ("SELECT leaf, record_hash FROM log_leaf", "UPDATE log_leaf SET record_hash = ? WHERE leaf = ?"),
    ("SELECT rowid, hash FROM log_node", "UPDATE log_node SET hash = ? WHERE rowid = ?"),
    ("SELECT size, note FROM log_checkpoint", "UPDATE log_checkpoint SET note = ? WHERE size = ?"),
    ("SELECT version, body FROM entity", "UPDATE entity SET body = ? WHERE version = ?"),
)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_any_changed_byte_of_the_log_is_found(tmp_path: Path, seed: int) -> None:
    """A byte of a value of the log is turned over and put right again, many times."""
    chance = random.Random(seed)
    hub_of(tmp_path, 20)
    assert places(tmp_path) == set()
    for _time in range(300):
        query, statement = chance.choice(VALUES)
        rows = SqliteRows(tmp_path / "hub.db")
        try:
            key, was = chance.choice(rows.now(lambda conn, q=query: conn.exec_driver_sql(q).all()))  # type: ignore[misc]
            raw = bytearray(was.encode() if isinstance(was, str) else was)
            raw[chance.randrange(len(raw))] ^= 1
            now: object = raw.decode("utf-8", "replace") if isinstance(was, str) else bytes(raw)
            rows.now(lambda conn, s=statement, v=(now, key): conn.exec_driver_sql(s, v))  # type: ignore[misc]
            assert places(tmp_path), (statement, key)
            rows.now(lambda conn, s=statement, v=(was, key): conn.exec_driver_sql(s, v))  # type: ignore[misc]
        finally:
            rows.close()
    assert places(tmp_path) == set()
