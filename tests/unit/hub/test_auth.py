"""Who is let in, and how plainly nobody else is."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import httpx
import pytest

from tests.support.hub import HubHouse
from workstation.hub import auth, commands, server
from workstation.hub.config import HubFolder
from workstation.hub.model import INVITE_LIFETIME
from workstation.hub.problems import HubProblem
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import InputError, NotFound

KEY = bytes(range(32))


def asked(token: str, device: str = "d1", key: bytes = KEY) -> dict[str, str]:
    return {"invite": token, "device_id": device, "name": "n", "public_key": base64.b64encode(key).decode()}


def test_every_route_but_enrol_wants_a_token(hub: HubHouse) -> None:
    routes = [
        ("GET", "/hub"), ("POST", "/events"), ("GET", "/changes"), ("GET", "/entities?collection=x"),
        ("GET", "/digests"), ("POST", "/presence"),
        ("POST", "/blobs"), ("POST", "/blobs/missing"), ("HEAD", f"/blobs/{'0' * 64}"), ("PATCH", f"/blobs/{'0' * 64}"),
        ("GET", f"/blobs/{'0' * 64}"), ("POST", f"/blobs/{'0' * 64}/check"),
    ]
    for method, route in routes:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
            answer = httpx.request(method, f"{hub.url}/v1{route}", headers={"Tus-Resumable": "1.0.0", **headers})
            assert answer.status_code == 401, (method, route)


def test_a_desktop_from_before_keys_were_named_hands_in_all_of_an_invite_and_joins(hub: HubHouse) -> None:
    token, _dot, key = hub.invite().rpartition("#")[2].partition(".")
    shown = httpx.post(f"{hub.url}/v1/enrol", json=asked(f"{token}.{key}")).json()["token"]
    told = httpx.get(f"{hub.url}/v1/log", headers={"Authorization": f"Bearer {shown}"}).json()["key"]
    assert hashlib.sha256(told.encode()).hexdigest() == key
    assert httpx.post(f"{hub.url}/v1/enrol", json=asked(token, "d2")).status_code == 403, "it is the same invite"


def test_only_hashes_of_tokens_are_kept(hub: HubHouse) -> None:
    invite = hub.invite().rsplit("#", 1)[1]
    token = httpx.post(f"{hub.url}/v1/enrol", json=asked(invite)).json()["token"]
    held = (hub.folder / "hub.db").read_bytes() + (hub.folder / "hub.db-wal").read_bytes()
    assert invite.encode() not in held
    assert token.encode() not in held
    assert (hub.folder / "hub.db").stat().st_mode & 0o077 == 0


def test_an_invite_serves_one_device_and_ends(tmp_path: Path) -> None:
    commands.init(tmp_path / "h", "H")
    rows = SqliteRows(tmp_path / "h" / "hub.db")
    invite = rows.now(lambda conn: auth.new_invite(conn, "agent", 1_000))
    with pytest.raises(HubProblem):
        rows.now(lambda conn: auth.enrol(conn, invite, "late", "n", KEY, 1_001 + INVITE_LIFETIME))
    token = rows.now(lambda conn: auth.enrol(conn, invite, "d1", "n", KEY, 2_000))
    with pytest.raises(HubProblem):
        rows.now(lambda conn: auth.enrol(conn, invite, "d2", "n", KEY, 2_000))
    device = rows.now(lambda conn: auth.authenticate(conn, token))
    assert device is not None
    assert (device.id, device.role, device.public_key) == ("d1", "agent", KEY)
    assert rows.now(lambda conn: auth.revoke(conn, "d1", 3_000)) is True
    assert rows.now(lambda conn: auth.authenticate(conn, token)) is None
    rows.close()


def test_a_device_that_enrols_again_has_one_token(hub: HubHouse) -> None:
    invites = [hub.invite().rsplit("#", 1)[1] for _ in range(2)]
    first, second = [httpx.post(f"{hub.url}/v1/enrol", json=asked(invite)).json()["token"] for invite in invites]
    for token, status in ((first, 401), (second, 200)):
        answer = httpx.get(f"{hub.url}/v1/hub", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == status


def test_a_device_that_lost_its_key_is_renewed_by_a_fresh_invite_and_its_old_key_is_kept(hub: HubHouse) -> None:
    other = bytes(32)
    invites = [hub.invite(role).rsplit("#", 1)[1] for role in ("owner", "agent", "agent")]
    old = httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[0])).json()["token"]
    assert httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[0], key=other)).status_code == 403, "a used invite"
    assert httpx.get(f"{hub.url}/v1/hub", headers={"Authorization": f"Bearer {old}"}).status_code == 200
    new = httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[1], key=other)).json()["token"]
    assert httpx.get(f"{hub.url}/v1/hub", headers={"Authorization": f"Bearer {old}"}).status_code == 401
    renewed = httpx.get(f"{hub.url}/v1/hub", headers={"Authorization": f"Bearer {new}"}).json()
    assert (renewed["device"], renewed["role"]) == ("d1", "agent"), "no more rights than the invite's"
    (known,) = commands.devices(hub.folder)
    assert (known.device.public_key, known.keys) == (other, (KEY, other))
    httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[2], key=KEY))
    assert commands.devices(hub.folder)[0].keys == (KEY, other), "a key is kept once"


def test_a_device_from_before_keys_were_kept_loses_none(hub: HubHouse) -> None:
    invites = [hub.invite().rsplit("#", 1)[1] for _ in range(2)]
    httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[0]))
    rows = SqliteRows(hub.folder / "hub.db")
    rows.now(lambda conn: conn.exec_driver_sql("DELETE FROM device_key"))
    rows.close()
    assert commands.devices(hub.folder)[0].keys == (KEY,)
    httpx.post(f"{hub.url}/v1/enrol", json=asked(invites[1], key=bytes(32)))
    assert commands.devices(hub.folder)[0].keys == (KEY, bytes(32))


def test_malformed_enrolments_are_refused(hub: HubHouse) -> None:
    bodies: list[object] = [{}, [], {**asked("x"), "public_key": "%%"}, {**asked("x"), "device_id": 7},
                            {**asked("x"), "name": "\ud800"}, {**asked("x"), "device_id": "a\nb"}]
    for body in bodies:
        assert httpx.post(f"{hub.url}/v1/enrol", content=json.dumps(body)).status_code == 400
    assert httpx.post(f"{hub.url}/v1/enrol", content=b"{" * 20_000).status_code == 413
    assert httpx.post(f"{hub.url}/v1/enrol", json=asked("w" * 43)).status_code == 403


def test_a_hub_without_a_certificate_listens_on_this_computer_only(tmp_path: Path) -> None:
    commands.init(tmp_path / "h", "H")
    for host in ("::", "192.0.2.1", "example.org"):
        with pytest.raises(InputError):
            commands.serve(tmp_path / "h", host=host)
    server.require_safe("127.0.0.1", None)
    server.require_safe("::1", None)


def test_commands_say_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        commands.invite(tmp_path / "none")
    invite = commands.init(tmp_path / "h", "H", "https://hub.example/")
    assert invite.startswith("https://hub.example/#")
    with pytest.raises(InputError):
        commands.init(tmp_path / "h", "H")
    with pytest.raises(InputError):
        commands.invite(tmp_path / "h", "king")
    with pytest.raises(NotFound):
        commands.revoke(tmp_path / "h", "nobody")
    with pytest.raises(InputError, match="--key"):
        commands.serve(tmp_path / "h", certificate=tmp_path / "c.pem")
    HubFolder(tmp_path / "h").config.write_text("{")
    with pytest.raises(InputError):
        commands.invite(tmp_path / "h")
