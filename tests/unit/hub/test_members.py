"""Whose a device is, an invite says and nothing else; what is private to a person only their devices see."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.hub import HubHouse
from tests.unit.hub.test_receipts import event, push
from workstation.hub import commands, members
from workstation.hub.model import DEVICE_INVITE_LIFETIME
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import NotFound

KEY = base64.b64encode(bytes(range(32))).decode()


_OPEN: list[httpx.Client] = []


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


def client_with(hub: HubHouse, token: str) -> httpx.Client:
    _OPEN.append(httpx.Client(base_url=f"{hub.url}/v1", headers={"Authorization": f"Bearer {token}"}))
    return _OPEN[-1]


def enrol(hub: HubHouse, invite: str, device: str) -> tuple[httpx.Client, str]:
    """A client of a device that joins, and whose it is."""
    asked = {"invite": invite.rpartition("#")[2], "device_id": device, "name": f"{device}'s", "public_key": KEY}
    told = httpx.post(f"{hub.url}/v1/enrol", json=asked).raise_for_status().json()
    return client_with(hub, told["token"]), str(told["member"])


def invited(client: httpx.Client, who: str = "device", role: str = "") -> str:
    return str(client.post("/invites", json={"for": who, "role": role}).raise_for_status().json()["invite"])


def seats(client: httpx.Client) -> list[tuple[str, str]]:
    return [(one["member"], one["device"]) for one in client.get("/team").json()["devices"]]


def test_an_invite_of_ones_own_joins_another_device_to_the_same_person(hub: HubHouse) -> None:
    ana, member = enrol(hub, hub.invite("owner"), "ana")
    assert member == "ana"
    laptop, member = enrol(hub, invited(ana), "laptop")
    assert (member, laptop.get("/hub").json()["member"], laptop.get("/hub").json()["role"]) == ("ana", "ana", "owner")
    bo, member = enrol(hub, invited(laptop, "colleague", "agent"), "bo")
    assert (member, bo.get("/hub").json()["role"]) == ("bo", "agent")
    assert seats(laptop) == [("ana", "ana"), ("ana", "laptop"), ("bo", "bo")]
    assert seats(bo) == [("bo", "bo")], "only an owner sees everybody's"
    third, member = enrol(hub, invited(laptop), "phone")
    assert member == "ana"
    assert third.get("/team").json()["member"] == "ana"


def test_what_a_device_says_of_itself_makes_it_nobody_elses(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite("owner"), "ana")
    asked = {"invite": hub.invite().rpartition("#")[2], "device_id": "mallory", "name": "n", "public_key": KEY,
             "member": "ana"}
    told = httpx.post(f"{hub.url}/v1/enrol", json=asked).json()
    assert told["member"] == "mallory"
    mallory = client_with(hub, told["token"])
    assert mallory.post("/invites", json={"for": "colleague", "role": "owner"}).json()["error"] == "not-allowed"
    wrong: list[object] = [{"for": "ana"}, {"for": 7}, {"for": "colleague", "role": "king"}, []]
    for each in wrong:
        assert mallory.post("/invites", json=each).status_code == 400
    renamed = push(mallory, event("member", "ana", "put", {"name": "Mallory"}))
    assert renamed[0]["status"] == "refused"
    assert [r["status"] for r in push(ana, event("member", "ana", "put", {"name": "Ana"}))] == ["applied"]


@pytest.mark.long
def test_a_member_is_named_by_every_device_of_theirs(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite(), "ana")
    laptop, _member = enrol(hub, invited(ana), "laptop")
    told = push(laptop, event("member", "ana", "put", {"name": "Ana"}), event("member", "laptop", "put", {"name": "A"}))
    assert [one["status"] for one in told] == ["applied", "applied"]


@pytest.mark.long
def test_an_invite_of_ones_own_ends_after_an_hour_and_a_revoked_device_makes_none(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite(), "ana")
    invite = invited(ana)
    ((until, now),) = hub.rows("SELECT min(expires_at), max(enrolled_at) FROM invite, device WHERE used_by IS NULL")
    assert 0 <= until - now - DEVICE_INVITE_LIFETIME < 60_000
    commands.revoke(hub.folder, "ana")
    assert ana.post("/invites", json={"for": "device"}).status_code == 401
    assert enrol(hub, invite, "laptop")[1] == "ana", "it was made before; whoever runs the hub sees the device"


@pytest.mark.long
def test_whoever_runs_the_hub_may_invite_for_a_member(hub: HubHouse) -> None:
    enrol(hub, hub.invite(), "ana")
    laptop, member = enrol(hub, commands.invite(hub.folder, "agent", hub.url, "ana"), "laptop")
    assert member == "ana"
    assert enrol(hub, commands.invite(hub.folder, "agent", hub.url, "laptop"), "third")[1] == "ana"
    assert laptop.get("/team").json()["member"] == "ana"
    with pytest.raises(NotFound):
        commands.invite(hub.folder, "agent", hub.url, "nobody")


@pytest.mark.long
def test_a_device_that_enrols_again_stays_whose_it_is_unless_the_invite_says_otherwise(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite(), "ana")
    enrol(hub, invited(ana), "laptop")
    assert enrol(hub, hub.invite(), "laptop")[1] == "ana"
    bo, _member = enrol(hub, hub.invite(), "bo")
    assert enrol(hub, invited(bo), "laptop")[1] == "bo"


def everything(client: httpx.Client) -> dict[str, Any]:
    feed: list[Any] = []
    cursor = ""
    while True:
        page = client.get("/changes", params={"cursor": cursor, "limit": 2}).json()
        feed, cursor = [*feed, *page["changes"]], page["cursor"]
        if not page["more"]:
            break
    digests = client.get("/digests").json()
    assert cursor == digests["cursor"], "what is passed over is passed over in the position as well"
    return {"feed": [(one["collection"], one["entity_id"]) for one in feed],
            "digests": [one["collection"] for one in digests["collections"]]}


def test_what_is_private_is_seen_by_that_persons_devices_alone(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite("owner"), "ana")
    laptop, _member = enrol(hub, invited(ana), "laptop")
    bo, _member = enrol(hub, hub.invite("owner"), "bo")
    told = push(ana, *(event("private/ana", f"v{n}", "put", {"title": "Secret"}) for n in range(5)),
                event("thing", "t1", "put", {"a": 1}))
    assert {one["status"] for one in told} == {"applied"}
    for mine in (ana, laptop):
        seen = everything(mine)
        assert len(seen["feed"]) == 6
        assert seen["digests"] == ["private/ana", "thing"]
        assert len(mine.get("/entities", params={"collection": "private/ana"}).json()["entities"]) == 5
    assert everything(bo) == {"feed": [("thing", "t1")], "digests": ["thing"]}
    assert bo.get("/entities", params={"collection": "private/ana"}).json() == {
        "after": "", "more": False, "entities": []}
    for kind, body in (("put", {"title": "Mine"}), ("append", {}), ("set", {"field": "a", "old": None, "new": 1})):
        assert push(bo, event("private/ana", f"x{kind}", kind, body))[0]["status"] == "refused"
    assert push(ana, event("private/ana", "v0", "set", {"field": "a", "old": None, "new": 1}))[0]["status"] == "refused"


@pytest.mark.long
def test_presence_says_whose_device_it_is(hub: HubHouse) -> None:
    ana, _member = enrol(hub, hub.invite(), "ana")
    laptop, _member = enrol(hub, invited(ana), "laptop")
    bo, _member = enrol(hub, hub.invite(), "bo")
    for one in (ana, laptop):
        one.post("/presence", json={"conversations": ["c"], "doing": "viewing"})
    others = bo.post("/presence", json={"conversations": ["c"], "doing": "viewing"}).json()["others"]
    assert [(one["device"], one["member"]) for one in others] == [("ana", "ana"), ("laptop", "ana")]


def test_in_a_hub_from_before_every_device_is_a_member_of_its_own(tmp_path: Path, hub: HubHouse) -> None:
    for name in ("ana", "bo"):
        enrol(hub, hub.invite(), name)
    hub.stop()
    for one in hub.folder.glob("hub.db*"):
        shutil.copy(one, tmp_path / one.name)
    rows = SqliteRows(tmp_path / "hub.db")
    for statement in ("DROP TABLE device_member", "DROP TABLE invite_member", "PRAGMA user_version = 2"):
        rows.now(lambda conn, s=statement: conn.exec_driver_sql(s))  # type: ignore[misc]
    rows.close()
    again = SqliteRows(tmp_path / "hub.db")
    try:
        assert [(one.member, one.device) for one in again.now(members.seats)] == [("ana", "ana"), ("bo", "bo")]
        held = again.now(lambda conn: conn.exec_driver_sql("SELECT count(*) FROM device_member").scalar())
        assert held == 2
    finally:
        again.close()
