"""The upload endpoint against the tus 1.0 text, and against a client that somebody else wrote."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed

from tests.support.hub import HubHouse
from workstation.hub.config import HubFolder
from workstation.kernel.clock import DAY

TUS = {"Tus-Resumable": "1.0.0"}
OFFSET = "application/offset+octet-stream"


def address_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def begin(device: httpx.Client, address: str, length: int) -> httpx.Response:
    named = base64.b64encode(address.encode()).decode()
    return device.post("/blobs", headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": f"sha256 {named}"})


def patch(device: httpx.Client, address: str, offset: int, piece: bytes, **headers: str) -> httpx.Response:
    wanted = {**TUS, "Upload-Offset": str(offset), "Content-Type": OFFSET, **headers}
    return device.patch(f"/blobs/{address}", content=piece, headers=wanted)


def head(device: httpx.Client, address: str) -> httpx.Response:
    return device.head(f"/blobs/{address}", headers=TUS)


def checksum(algorithm: str, content: bytes) -> dict[str, str]:
    return {"Upload-Checksum": f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"}


def wait_for(condition: Callable[[], bool]) -> None:
    for _try in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen in time")


@pytest.mark.parametrize("chunk", [100_000, 10**9])
def test_the_public_tus_client_uploads_and_resumes(device: httpx.Client, hub: HubHouse, chunk: int) -> None:
    content = secrets.token_bytes(350_001)
    client = TusClient(f"{hub.url}/v1/blobs", headers={"Authorization": device.headers["authorization"]})
    asked = {"chunk_size": chunk, "metadata": {"sha256": address_of(content)}, "upload_checksum": True}
    uploader = client.uploader(file_stream=io.BytesIO(content), **asked)
    uploader.upload(stop_at=120_000)
    resumed = client.uploader(file_stream=io.BytesIO(content), url=uploader.url, **asked)
    assert resumed.offset == uploader.offset > 0
    resumed.upload()
    assert resumed.request is not None
    assert resumed.request.response_headers["blob-stored"] == f"sha256={address_of(content)}"
    assert hub.object_path(address_of(content)).read_bytes() == content
    assert hub.rows("SELECT address, size FROM stored_blob") == [(address_of(content), len(content))]


def test_the_public_client_learns_that_its_bytes_are_not_what_it_named(device: httpx.Client, hub: HubHouse) -> None:
    client = TusClient(f"{hub.url}/v1/blobs", headers={"Authorization": device.headers["authorization"]})
    uploader = client.uploader(file_stream=io.BytesIO(b"other"), metadata={"sha256": address_of(b"wanted")})
    with pytest.raises(TusUploadFailed) as refused:
        uploader.upload()
    assert refused.value.status_code == 460
    assert hub.rows("SELECT count(*) FROM stored_blob") == [(0,)]
    assert list((hub.folder / "spool").iterdir()) == []
    assert head(device, address_of(b"wanted")).status_code == 404


def test_options_tell_what_is_spoken(device: httpx.Client) -> None:
    answer = device.options("/blobs")
    assert (answer.status_code, answer.headers["tus-version"]) == (204, "1.0.0")
    assert answer.headers["tus-extension"] == "creation,creation-with-upload,checksum,expiration"
    assert set(answer.headers["tus-checksum-algorithm"].split(",")) >= {"sha1", "sha256"}


def begin_with(device: httpx.Client, address: str, length: int, piece: bytes, **headers: str) -> httpx.Response:
    named = base64.b64encode(address.encode()).decode()
    wanted = {**TUS, "Upload-Length": str(length), "Upload-Metadata": f"sha256 {named}", "Content-Type": OFFSET}
    return device.post("/blobs", content=piece, headers={**wanted, **headers})


@pytest.mark.parametrize("size", [0, 1, 300_000, 5_000_000])
def test_a_file_that_comes_with_its_creation_is_stored_at_once(device: httpx.Client, hub: HubHouse, size: int) -> None:
    content = secrets.token_bytes(size)
    address = address_of(content)
    for _again in range(2):
        answer = begin_with(device, address, size, content, **checksum("sha256", content))
        assert (answer.status_code, answer.headers["upload-offset"]) == (201, str(size))
        assert answer.headers["blob-stored"] == f"sha256={address}"
    assert hub.object_path(address).read_bytes() == content
    assert hub.rows("SELECT address, size FROM stored_blob") == [(address, size)]
    assert hub.rows("SELECT count(*) FROM upload") == [(0,)]
    assert list((hub.folder / "spool").iterdir()) == []


@pytest.mark.parametrize("size", [1_000, 5_000_000])
def test_the_beginning_of_a_file_may_come_with_its_creation(device: httpx.Client, hub: HubHouse, size: int) -> None:
    content = secrets.token_bytes(size)
    address = address_of(content)
    begun = begin_with(device, address, size, content[:400])
    assert (begun.status_code, begun.headers["upload-offset"]) == (201, "400")
    assert begin_with(device, address, size, content[:300]).headers["upload-offset"] == "400"
    assert patch(device, address, 400, content[400:]).headers["blob-stored"] == f"sha256={address}"
    assert hub.object_path(address).read_bytes() == content


def test_what_comes_with_a_creation_is_checked(device: httpx.Client, hub: HubHouse) -> None:
    content = b"0123456789" * 50
    address = address_of(content)
    assert begin_with(device, address, 500, b"#" + content[1:], **checksum("sha256", content)).status_code == 460
    assert begin_with(device, address, 500, b"#" + content[1:]).json()["error"] == "wrong-content"
    assert begin_with(device, address, 499, content).status_code == 413
    assert hub.rows("SELECT count(*) FROM stored_blob") == hub.rows("SELECT count(*) FROM upload") == [(0,)]
    assert list((hub.folder / "spool").iterdir()) == []
    assert not hub.object_path(address).exists()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_wrong_checksum_is_refused_and_its_bytes_are_not_kept(device: httpx.Client, algorithm: str) -> None:
    content = b"0123456789" * 50
    address = address_of(content)
    begin(device, address, len(content))
    assert patch(device, address, 0, content[:100], **checksum(algorithm, content[:100])).status_code == 204
    bad = patch(device, address, 100, b"#" + content[101:200], **checksum(algorithm, content[100:200]))
    assert bad.status_code == 460
    assert head(device, address).headers["upload-offset"] == "100"
    last = patch(device, address, 100, content[100:], **checksum(algorithm, content[100:]))
    assert (last.status_code, last.headers["blob-stored"]) == (204, f"sha256={address}")
    assert patch(device, address, 0, b"", **{"Upload-Checksum": "md5 AAAA"}).status_code == 400


def test_offsets_versions_types_and_lengths_are_kept_to(device: httpx.Client) -> None:
    content = b"abcdef"
    address = address_of(content)
    created = begin(device, address, 6)
    assert (created.status_code, created.headers["location"]) == (201, f"/v1/blobs/{address}")
    assert "upload-expires" in created.headers
    assert patch(device, address, 3, b"def").status_code == 409
    assert patch(device, address, 0, b"abcdefg").status_code == 413
    assert patch(device, address, 0, b"abc", **{"Content-Type": "text/plain"}).status_code == 415
    assert device.patch(f"/blobs/{address}", content=b"a", headers={"Upload-Offset": "0"}).status_code == 412
    assert head(device, address).headers["upload-offset"] == "0"
    assert head(device, address).headers["cache-control"] == "no-store"
    assert head(device, address).headers["upload-length"] == "6"
    assert head(device, "0" * 64).status_code == 404
    for length, name in (("-1", address), ("1e3", address), (str(3 * 1024**3), address), ("5", "../../etc/passwd")):
        named = base64.b64encode(name.encode()).decode()
        headers = {**TUS, "Upload-Length": length, "Upload-Metadata": f"sha256 {named}"}
        assert device.post("/blobs", headers=headers).status_code in (400, 413)


def test_a_cut_request_keeps_what_was_synced(device: httpx.Client, hub: HubHouse) -> None:
    content = secrets.token_bytes(3_000_000)
    address = address_of(content)
    begin(device, address, len(content))
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as sock:
        request = (
            f"PATCH /v1/blobs/{address} HTTP/1.1\r\nHost: hub\r\nAuthorization: {device.headers['authorization']}\r\n"
            f"Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: {OFFSET}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        sock.sendall(request.encode() + content[:1_500_000])
        spooled = hub.folder / "spool" / hub.rows("SELECT spool FROM upload")[0][0]
        wait_for(lambda: spooled.stat().st_size >= 1_000_000)
        sock.sendall(content[1_500_000:2_000_000])
    wait_for(lambda: head(device, address).headers["upload-offset"] != "0")
    offset = int(head(device, address).headers["upload-offset"])
    assert 1_000_000 <= offset <= 2_000_000
    assert patch(device, address, 0, content).status_code == 409
    done = patch(device, address, offset, content[offset:])
    assert done.headers["blob-stored"] == f"sha256={address}"


def test_an_empty_file_and_one_that_is_there_already_are_stored_at_once(device: httpx.Client) -> None:
    assert begin(device, address_of(b""), 0).headers["blob-stored"] == f"sha256={address_of(b'')}"
    address = address_of(b"abc")
    begin(device, address, 3)
    patch(device, address, 0, b"abc")
    again = begin(device, address, 3)
    assert (again.headers["upload-offset"], again.headers["blob-stored"]) == ("3", f"sha256={address}")
    assert patch(device, address, 3, b"d").status_code == 409


def test_download_whole_and_in_part(device: httpx.Client) -> None:
    content = secrets.token_bytes(10_000)
    address = address_of(content)
    begin(device, address, len(content))
    assert device.get(f"/blobs/{address}").status_code == 404  # not before it is whole
    patch(device, address, 0, content)
    assert device.get(f"/blobs/{address}").content == content
    part = device.get(f"/blobs/{address}", headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content) == (206, content[100:200])
    assert part.headers["content-range"] == "bytes 100-199/10000"
    assert device.get(f"/blobs/{address}", headers={"Range": "bytes=9990-"}).content == content[9990:]
    assert device.get(f"/blobs/{address}", headers={"Range": "bytes=10000-"}).status_code == 416


def test_a_stored_file_that_was_changed_is_found_and_can_be_uploaded_again(device: httpx.Client, hub: HubHouse) -> None:
    content = b"proof" * 1000
    address = address_of(content)
    begin(device, address, len(content))
    patch(device, address, 0, content)
    assert device.post(f"/blobs/{address}/check").json() == {"address": address, "intact": True}
    path = hub.object_path(address)
    path.write_bytes(b"P" + content[1:])
    assert device.post(f"/blobs/{address}/check").json() == {"address": address, "intact": False}
    assert device.post("/blobs/missing", json={"addresses": [address]}).json() == {"missing": [address]}
    assert begin(device, address, len(content)).headers["upload-offset"] == "0"
    assert patch(device, address, 0, content).headers["blob-stored"] == f"sha256={address}"
    assert path.read_bytes() == content


def test_a_file_whose_row_was_lost_in_a_crash_is_hashed_before_it_counts(device: httpx.Client, hub: HubHouse) -> None:
    for content, stored in ((b"right", True), (b"wrong", False)):
        address = address_of(b"right" if stored else b"expected")
        hub.object_path(address).parent.mkdir(parents=True, exist_ok=True)
        hub.object_path(address).write_bytes(content)
        assert ("blob-stored" in begin(device, address, 5).headers) is stored


def test_a_full_disk_is_507_and_costs_nothing_that_was_kept(device: httpx.Client, hub: HubHouse) -> None:
    address = address_of(b"x" * 100)
    begin(device, address, 100)
    patch(device, address, 0, b"x" * 50)
    config = HubFolder(hub.folder).load()
    full = replace(config, reserve=2**62)
    (hub.folder / "hub.json").write_text(json.dumps({"name": full.name, "url": full.url, "reserve": full.reserve}))
    hub.restart()
    assert begin(device, address_of(b"new"), 3).status_code == 507
    assert head(device, address).headers["upload-offset"] == "50"


def test_an_upload_left_alone_ends(device: httpx.Client, hub: HubHouse) -> None:
    address = address_of(b"abc")
    begin(device, address, 3)
    clock = hub.server.service._clock
    old = clock.now
    clock.now = lambda: old() + 8 * DAY  # type: ignore[method-assign]
    assert head(device, address).status_code == 410
    assert begin(device, address, 3).status_code == 201
    assert patch(device, address, 0, b"abc").status_code == 204


def test_devices_do_not_share_unfinished_uploads(enrol: object, device: httpx.Client) -> None:
    assert callable(enrol)
    other = enrol("device-2")
    address = address_of(b"abc")
    begin(device, address, 3)
    patch(device, address, 0, b"ab")
    assert head(other, address).status_code == 404
    assert begin(other, address, 3).headers["upload-offset"] == "0"
