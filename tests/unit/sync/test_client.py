"""What the hub, or whoever answers in its place, may say, and what the desktop makes of it."""

from __future__ import annotations

import hashlib
import json
import ssl
from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from workstation.kernel.clock import FixedClock
from workstation.kernel.errors import (
    AuthFailed,
    BadAnswer,
    BadCertificate,
    ConnectError,
    Offline,
    Refused,
    TimedOut,
)
from workstation.store.outbox import QueuedEvent
from workstation.sync.client import HttpHub
from workstation.sync.ports import CursorExpired, UploadMoved
from workstation.sync.wire import Offset, UploadState

EVENT = QueuedEvent(1, "e1", "note", "n1", "put", "{}", "h1")
RECEIPT = {"event_id": "e1", "request_hash": "h1", "status": "applied", "version": 3}
Answering = Callable[[httpx.Request], httpx.Response]


def hub(answer: Answering | httpx.Response, clock: FixedClock | None = None) -> HttpHub:
    handler = answer if callable(answer) else lambda _request: answer
    client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
    return HttpHub(client, "http://127.0.0.1:1", "token", clock or FixedClock(1_000_000))


async def test_receipts_must_answer_the_events_that_were_sent() -> None:
    (receipt,) = await hub(httpx.Response(200, json={"receipts": [RECEIPT]})).push([EVENT])
    assert (receipt.status, receipt.version) == ("applied", 3)
    odd: list[object] = [
        {"receipts": []}, {"receipts": [RECEIPT, RECEIPT]}, {"receipts": [{**RECEIPT, "event_id": "e2"}]},
        {"receipts": [{**RECEIPT, "request_hash": "other"}]}, {"receipts": [{"event_id": "e1"}]}, [], {}, "text",
    ]
    for body in odd:
        with pytest.raises(BadAnswer):
            await hub(httpx.Response(200, json=body)).push([EVENT])
    with pytest.raises(BadAnswer):
        await hub(httpx.Response(200, text="<html>log in to the hotel's network</html>")).push([EVENT])


@pytest.mark.parametrize(("answer", "kind"), [
    (httpx.Response(401, json={"error": "not-enrolled"}), AuthFailed),
    (httpx.Response(403, json={"error": "no", "sentence": "No."}), Refused),
    (httpx.Response(302, headers={"location": "http://127.0.0.1:2/"}), BadAnswer),
    (httpx.Response(404, text="not a hub"), BadAnswer),
    (httpx.Response(500), Offline), (httpx.Response(503), Offline), (httpx.Response(507), Offline),
    (httpx.Response(429), Offline),
])
async def test_every_status_is_a_known_failure(answer: httpx.Response, kind: type[ConnectError]) -> None:
    with pytest.raises(kind) as raised:
        await hub(answer).digests()
    assert type(raised.value) is kind
    assert raised.value.sentence


@pytest.mark.parametrize(("problem", "kind"), [
    (httpx.ConnectTimeout("slow"), TimedOut), (httpx.ReadTimeout("slow"), TimedOut),
    (httpx.ConnectError("refused"), Offline), (httpx.ReadError("reset"), Offline),
    (httpx.RemoteProtocolError("cut"), Offline),
])
async def test_every_failing_network_is_a_known_failure(problem: Exception, kind: type[ConnectError]) -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise problem

    with pytest.raises(kind):
        await hub(fail).digests()


async def test_a_wrong_certificate_is_not_called_offline() -> None:
    def fail(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("TLS") from ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED")

    with pytest.raises(BadCertificate):
        await hub(fail).digests()


async def test_a_lost_position_is_told_apart() -> None:
    with pytest.raises(CursorExpired):
        await hub(httpx.Response(410, json={"error": "cursor-expired"})).changes("x", 10)


async def test_cursor_and_collection_are_quoted() -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"cursor": "c", "after": "", "more": False, "changes": [], "entities": []})

    await hub(answer).changes("e.1.a&limit=9 +#é", 10)
    await hub(answer).entities("a/b&c", "#1001 é", 5)
    assert asked[0].params["cursor"] == "e.1.a&limit=9 +#é"
    assert dict(asked[1].params) == {"collection": "a/b&c", "after": "#1001 é", "limit": "5"}


async def test_the_clock_is_measured_in_the_middle_of_the_round_trip() -> None:
    clock = FixedClock(1_000_000)

    def answer(_request: httpx.Request) -> httpx.Response:
        clock.advance(400)
        return httpx.Response(200, json={}, headers={"Hub-Time": "1005200"})

    assert await hub(answer, clock).hello() == Offset(ahead=5_000, round_trip=400)


async def test_without_its_own_header_the_date_is_used() -> None:
    date = {"Date": "Thu, 01 Jan 1970 00:17:00 GMT"}
    assert (await hub(httpx.Response(200, json={}, headers=date)).hello()).ahead == 1_020_000 - 1_000_000
    assert (await hub(httpx.Response(200, json={}, headers={"Date": "soon"})).hello()).ahead == 0


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def test_a_part_says_how_long_it_is_and_is_not_chunked() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert (request.headers["content-length"], "transfer-encoding" in request.headers) == ("5", False)
        assert await request.aread() == b"12345"
        return httpx.Response(204, headers={"Upload-Offset": "7"})

    assert (await hub(answer).upload("abc", 2, 5, pieces(b"12", b"345"))).offset == 7  # type: ignore[arg-type]


async def test_only_a_sha256_counts_as_stored() -> None:
    head = {"Upload-Offset": "5"}
    for header, stored in (("sha256=abc", "abc"), ("md5=abc", ""), ("yes", ""), ("", "")):
        answer = httpx.Response(204, headers={**head, "Blob-Stored": header})
        assert await hub(answer).upload("abc", 0, 5, pieces(b"12", b"345")) == UploadState(5, stored)
    with pytest.raises(BadAnswer):
        await hub(httpx.Response(204, headers={"Upload-Offset": "x"})).upload("abc", 0, 1, pieces(b"1"))


@pytest.mark.parametrize(("status", "code", "kind"), [
    (409, "wrong-offset", UploadMoved), (460, "wrong-checksum", UploadMoved), (423, "upload-busy", UploadMoved),
    (410, "upload-expired", UploadMoved), (460, "wrong-content", Refused), (413, "too-large", Refused),
])
async def test_what_an_upload_is_told(status: int, code: str, kind: type[ConnectError]) -> None:
    with pytest.raises(kind) as raised:
        await hub(httpx.Response(status, json={"error": code, "sentence": "x"})).upload("abc", 0, 1, pieces(b"1"))
    assert type(raised.value) is kind


async def test_the_token_goes_along_and_the_checksum_is_of_the_bytes() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == "Bearer token"
        assert request.headers["upload-checksum"] == "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        assert request.content == b"abc"
        return httpx.Response(201, headers={"Upload-Offset": "3"})

    await hub(answer).begin_upload(hashlib.sha256(b"abc").hexdigest(), 3, b"abc")


async def test_an_endless_answer_is_left() -> None:
    async def endless() -> object:
        while True:
            yield json.dumps("x" * 1_000_000).encode()

    with pytest.raises(BadAnswer):
        await hub(httpx.Response(200, content=endless())).digests()  # type: ignore[arg-type]
