"""A file whose key was destroyed is no longer at the hub, comes back by no way, and no device erases another's."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

import httpx
from sqlcipher3 import dbapi2 as sqlite

from tests.support.hub import HubHouse
from tests.unit.hub.test_receipts import event, push
from tests.unit.hub.test_tus import TUS, address_of, begin, patch

Enrol = Callable[[str], httpx.Client]


def store(device: httpx.Client, content: bytes) -> str:
    address = address_of(content)
    assert begin(device, address, len(content)).status_code == 201
    assert patch(device, address, 0, content).headers["blob-stored"] == f"sha256={address}"
    return address


def seal(device: httpx.Client, record_id: str, address: str, wrapped: str | None = None) -> None:
    body = {"blob": {"address": address}, "wrapped_key": wrapped, "kind": "file"}
    assert push(device, event("evidence", record_id, "append", body))[0]["status"] == "applied"


def erase(device: httpx.Client, erase_id: str, *records: tuple[str, str]) -> str:
    body = {"case_id": "c1", "at": 1, "records": [{"id": name, "address": address} for name, address in records]}
    return str(push(device, event("erasure", erase_id, "append", body))[0]["status"])


def held(device: httpx.Client, address: str) -> bool:
    return address not in device.post("/blobs/missing", json={"addresses": [address]}).json()["missing"]


def test_an_erased_file_is_gone_and_the_record_stays(device: httpx.Client, hub: HubHouse) -> None:
    content = secrets.token_bytes(5_000)
    address, other = store(device, content), store(device, b"another")
    seal(device, "r1", address, "wrapped key")
    assert erase(device, "e1", ("r1", address), ("r-without-a-file", "")) == "applied"
    assert not hub.object_path(address).exists()
    assert not held(device, address)
    assert held(device, other)
    body = hub.entities("evidence")["r1"]
    assert body["wrapped_key"] is None
    assert body["blob"] == {"address": address}
    assert b"wrapped key" not in b"".join(str(row).encode() for row in hub.rows("SELECT body FROM entity"))
    changed = [one for one in device.get("/changes").json()["changes"] if one["entity_id"] == "r1"]
    assert changed[-1]["body"] is not None
    assert hub.rows("SELECT address, device_id FROM erased_blob") == [(address, "device-1")]


def test_the_same_erasure_twice_is_one(device: httpx.Client, hub: HubHouse) -> None:
    address = store(device, b"content")
    seal(device, "r1", address)
    sent = event("erasure", "e1", "append", {"case_id": "c", "records": [{"id": "r1", "address": address}]})
    assert push(device, sent, sent)[0]["status"] == "applied"
    assert erase(device, "e2", ("r1", address)) == "applied"
    assert len(hub.rows("SELECT 1 FROM erased_blob")) == 1


def test_an_upload_that_is_under_way_ends_nowhere(device: httpx.Client, hub: HubHouse) -> None:
    content = secrets.token_bytes(9_000)
    address = address_of(content)
    seal(device, "r1", address)
    begin(device, address, len(content))
    patch(device, address, 0, content[:4_000])
    assert erase(device, "e1", ("r1", address)) == "applied"
    assert patch(device, address, 4_000, content[4_000:]).status_code == 451
    assert begin(device, address, len(content)).status_code == 451
    headers = {**TUS, "Upload-Length": str(len(content)), "Content-Type": "application/offset+octet-stream",
               "Upload-Metadata": begin_metadata(address)}
    answer = device.post("/blobs", content=content, headers=headers)
    assert answer.status_code == 451
    assert "erased" in answer.text
    assert not hub.object_path(address).exists()


def begin_metadata(address: str) -> str:
    import base64

    return f"sha256 {base64.b64encode(address.encode()).decode()}"


def test_nobody_erases_what_another_device_stored(enrol: Enrol, hub: HubHouse) -> None:
    mine, theirs = enrol("device-1"), enrol("device-2")
    address = store(mine, b"my photo")
    seal(mine, "r1", address)
    assert erase(theirs, "e1", ("r1", address)) == "refused"
    assert erase(theirs, "e2", ("unknown", address)) == "refused"
    assert erase(mine, "e3", ("r1", address_of(b"another"))) == "refused"
    assert held(mine, address)
    assert hub.rows("SELECT 1 FROM erased_blob") == []


ODD: tuple[object, ...] = (
    None, 7, {}, [7], [{"id": 1, "address": ""}], [{"id": "r"}], [{"id": "r", "address": "../../hub.db"}],
    [{"id": "r", "address": "A" * 64}], [{"id": "r", "address": ""}] * 2_001,
)


def test_an_odd_erasure_is_refused_and_erases_nothing(device: httpx.Client, hub: HubHouse) -> None:
    address = store(device, b"content")
    for n, records in enumerate(ODD):
        answer = push(device, event("erasure", f"e{n}", "append", {"case_id": "c", "records": records}))[0]
        assert answer["status"] == "refused", records
    assert held(device, address)


def test_an_object_left_by_a_killed_hub_goes_at_the_next_start(device: httpx.Client, hub: HubHouse) -> None:
    address = store(device, b"content")
    seal(device, "r1", address)
    hub.stop()
    with sqlite.connect(str(hub.folder / "hub.db")) as rows:   # as after the commit and before the removal
        rows.execute("DELETE FROM stored_blob WHERE address = ?", (address,))
        rows.execute("INSERT INTO erased_blob VALUES (?, 'device-1', 'r1', 1, NULL)", (address,))
    rows.close()
    assert hub.object_path(address).exists()
    hub.restart()
    assert not hub.object_path(address).exists()
    assert hashlib.sha256(b"content").hexdigest() == address
