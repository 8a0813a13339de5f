"""The feed is complete whoever writes at the same time, and a position in it means one thing only."""

from __future__ import annotations

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.support.hub import HubHouse
from tests.unit.hub.test_receipts import event, push
from workstation.hub import commands


def read_all(device: httpx.Client, limit: int, cursor: str = "") -> tuple[list[dict[str, Any]], str]:
    found: list[dict[str, Any]] = []
    while True:
        page = device.get("/changes", params={"cursor": cursor, "limit": limit}).json()
        found += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            return found, cursor


def test_pages_are_complete_while_others_write(enrol: Any, hub: HubHouse) -> None:
    devices = [enrol(f"device-{n}") for n in range(4)]
    reader = enrol("reader")

    def write(n: int) -> None:
        for batch in range(8):
            push(devices[n], *(event("note", f"{n}-{batch}-{i}", "append", {"n": i}) for i in range(5)))

    seen: list[str] = []
    cursor = ""
    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, n) for n in range(4)]
        while not all(writer.done() for writer in writers):
            changes, cursor = read_all(reader, 3, cursor)
            seen += [change["entity_id"] for change in changes]
        for writer in writers:
            writer.result()
    changes, _cursor = read_all(reader, 3, cursor)
    seen += [change["entity_id"] for change in changes]
    assert len(seen) == len(set(seen)) == 160
    assert set(seen) == set(hub.entities("note"))


def test_every_change_is_told_and_its_body_with_the_last_of_an_entity(device: httpx.Client) -> None:
    for n in range(3):
        push(device, event("note", "n1", "put", {"n": n}))
    push(device, event("note", "n2", "append", {"own": True}))
    changes, cursor = read_all(device, 2)
    assert [(c["entity_id"], c["body"]) for c in changes] == [
        ("n1", None), ("n1", None), ("n1", '{"n":2}'), ("n2", '{"own":true}'),
    ]
    assert [c["version"] for c in changes] == [1, 2, 3, 4]
    assert {c["device_id"] for c in changes} == {"device-1"}
    assert read_all(device, 2, cursor) == ([], cursor)


def test_a_position_the_hub_does_not_know_is_410(device: httpx.Client, hub: HubHouse) -> None:
    push(device, event("note", "n1", "put", {}))
    _changes, cursor = read_all(device, 10)
    epoch, position, event_id = cursor.split(".", 2)
    odd = [f"other.{position}.{event_id}", f"{epoch}.99.{event_id}", f"{epoch}.{position}.other", f"{epoch}.0.x", "x",
           f"{epoch}.-1.{event_id}", f"{epoch}.{'9' * 30}.", f"{epoch}.²."]
    for unknown in odd:
        assert device.get("/changes", params={"cursor": unknown}).status_code == 410, unknown
    commands.renew_epoch(hub.folder)
    assert device.get("/changes", params={"cursor": cursor}).status_code == 410


def test_a_hub_restored_from_an_older_copy_is_found_out(device: httpx.Client, hub: HubHouse, tmp_path: Path) -> None:
    push(device, event("note", "n1", "put", {}))
    hub.back_up(tmp_path / "backup")
    push(device, event("note", "n2", "put", {}))
    _changes, cursor = read_all(device, 10)
    hub.stop()
    for file in hub.folder.glob("hub.db*"):
        file.unlink()
    for file in (tmp_path / "backup").glob("hub.db*"):
        shutil.copy(file, hub.folder)
    hub.restart()
    assert device.get("/changes", params={"cursor": cursor}).status_code == 410
    push(device, event("note", "other", "put", {}))  # the same position is given out again
    assert device.get("/changes", params={"cursor": cursor}).status_code == 410


def test_a_digest_can_be_computed_by_anyone(device: httpx.Client, hub: HubHouse) -> None:
    for entity_id, text in (("b", "2"), ("a", "1"), ("ä", "3"), ("B", "4")):
        push(device, event("note", entity_id, "put", {"t": text}))
    (found,) = device.get("/digests").json()["collections"]
    total = hashlib.sha256()
    for entity_id, body in sorted(hub.rows("SELECT entity_id, body FROM entity")):
        total.update(f"{entity_id}\x1f{hashlib.sha256(body.encode()).hexdigest()}\n".encode())
    assert found == {"collection": "note", "count": 4, "digest": total.hexdigest()}
    push(device, event("note", "a", "put", {"t": "9"}))
    (moved,) = device.get("/digests").json()["collections"]
    assert (moved["count"], moved["digest"] != found["digest"]) == (4, True)


def test_whole_collections_come_in_pages(device: httpx.Client) -> None:
    push(device, *(event("note", f"n{n}", "put", {"n": n}) for n in range(7)))
    found: list[str] = []
    after, more = "", True
    while more:
        page = device.get("/entities", params={"collection": "note", "after": after, "limit": 3}).json()
        found += [entity["entity_id"] for entity in page["entities"]]
        after, more = page["after"], page["more"]
    assert found == [f"n{n}" for n in range(7)]
