"""The hub's log: each record once, in the transaction of its event, with proofs that anybody can check."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.hub import HubHouse
from tests.support.hublog import record_body, record_hash
from tests.unit.hub.test_receipts import event, push
from workstation.evidence import checkpoint, merkle
from workstation.evidence.checkpoint import Checkpoint
from workstation.hub import log
from workstation.hub.rows import SqliteRows


def hand_in(device: httpx.Client, *numbers: int) -> list[dict[str, Any]]:
    return push(device, *(event("evidence", f"r{n}", "append", record_body(n)) for n in numbers))


def head(device: httpx.Client, after: int = 0) -> tuple[Checkpoint, dict[str, Any]]:
    shown = device.get("/log", params={"after": after}).json()
    return checkpoint.read(shown["checkpoint"].encode(), shown["key"]), shown


def test_a_new_hub_shows_an_empty_log(device: httpx.Client, hub: HubHouse) -> None:
    found, shown = head(device)
    assert (found.size, found.root) == (0, merkle.EMPTY)
    ((hub_id,),) = hub.rows("SELECT value FROM hub_meta WHERE name = ?", "hub_id")
    assert found.origin == f"workstation.hub/{hub_id}"
    assert head(device)[1] == shown


def test_records_join_in_the_order_they_came_and_each_can_be_shown(device: httpx.Client, hub: HubHouse) -> None:
    for n in range(1, 12):
        assert hand_in(device, n)[0]["status"] == "applied"
    found, _shown = head(device)
    assert found.size == 11
    asked = {"size": 11, "records": [record_hash(n) for n in range(1, 13)]}
    proofs = device.post("/log/inclusion", json=asked).json()["proofs"]
    assert sorted(one["leaf"] for one in proofs) == list(range(11))
    for one in proofs:
        hashed = merkle.leaf_hash(bytes.fromhex(one["record"]))
        steps = [bytes.fromhex(step) for step in one["proof"]]
        assert merkle.included(hashed, one["leaf"], 11, steps, found.root)
    assert hub.rows("SELECT record_hash FROM log_leaf ORDER BY leaf")[4] == (record_hash(5),)


def test_a_lost_answer_and_a_second_event_make_no_second_leaf(device: httpx.Client, hub: HubHouse) -> None:
    sent = event("evidence", "r1", "append", record_body(1))
    push(device, sent)
    push(device, sent)
    hand_in(device, 1)
    hub.restart()
    push(device, sent, event("evidence", "r9", "append", record_body(1)))
    assert hub.rows("SELECT leaf, record_hash FROM log_leaf") == [(0, record_hash(1))]


def test_a_record_that_says_another_hash_is_refused_and_the_log_has_no_gap(device: httpx.Client) -> None:
    wrong = {**record_body(2), "record_hash": record_hash(3)}
    broken = {**record_body(2), "envelope": "AAAA"}
    receipts = push(
        device, event("evidence", "r1", "append", record_body(1)), event("evidence", "r2", "append", wrong),
        event("evidence", "r3", "append", broken), event("evidence", "r4", "append", record_body(4)))
    assert [one["status"] for one in receipts] == ["applied", "refused", "refused", "applied"]
    assert head(device)[0].size == 2


def test_a_log_goes_on_from_what_was_seen(device: httpx.Client) -> None:
    hand_in(device, 1, 2, 3)
    before, _shown = head(device)
    hand_in(device, *range(4, 10))
    after, shown = head(device, before.size)
    steps = [bytes.fromhex(step) for step in shown["consistency"]]
    assert merkle.consistent(3, 9, before.root, after.root, steps)
    assert device.get("/log/consistency", params={"first": 3, "second": 9}).json()["proof"] == shown["consistency"]
    assert device.get("/log/consistency", params={"first": 3, "second": 10}).status_code == 400
    assert head(device, 500)[1]["consistency"] == []


@pytest.mark.parametrize("asked", [
    [], {"size": -1, "records": []}, {"size": 1, "records": ["x"]}, {"size": "1", "records": []},
    {"size": 1, "records": [7]}, {"size": 1 << 62, "records": []}, {"size": 1, "records": ["0" * 64] * 501},
])
def test_what_cannot_be_asked_is_refused(device: httpx.Client, asked: object) -> None:
    assert device.post("/log/inclusion", json=asked).status_code in (400, 413)


def test_a_stranger_sees_no_log(hub: HubHouse) -> None:
    assert httpx.get(f"{hub.url}/v1/log").status_code == 401


def test_a_hub_from_before_there_was_a_log_gets_one(tmp_path: Path, device: httpx.Client, hub: HubHouse) -> None:
    hand_in(device, 1, 2, 3)
    hub.stop()
    copied = tmp_path / "old.db"
    for one in hub.folder.glob("hub.db*"):
        shutil.copy(one, tmp_path / one.name.replace("hub.db", "old.db"))
    rows = SqliteRows(copied)
    rows.now(lambda conn: [conn.exec_driver_sql(f"DROP TABLE {name}")
                           for name in ("log_leaf", "log_node", "log_checkpoint")])
    rows.now(lambda conn: conn.exec_driver_sql("PRAGMA user_version = 1"))
    rows.close()
    again = SqliteRows(copied)
    try:
        assert again.now(log.size) == 3
        assert again.now(log.backfill) == 0
    finally:
        again.close()
