"""A hub over HTTP. Only HTTP: mapper.py reads what it says, docs/sync-protocol.md describes it."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock, from_datetime
from workstation.kernel.errors import AuthFailed, BadCertificate, ConnectError, Offline, Refused, TimedOut
from workstation.kernel.i18n import _
from workstation.store.outbox import QueuedEvent
from workstation.sync import log_wire, mapper
from workstation.sync.log_wire import LogHead, Proof
from workstation.sync.ports import AnotherHub, CursorExpired, Forked, UploadMoved
from workstation.sync.wire import (
    ChangePage,
    DeviceCard,
    Digests,
    Enrolment,
    EntityPage,
    Offset,
    Present,
    Receipt,
    Seats,
    UploadState,
)

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_ANSWER_BYTES = 64 * 1024 * 1024   # the hub's pages hold 8 MB of text; JSON may escape it
_TUS = {"Tus-Resumable": "1.0.0"}
_BYTES = "application/offset+octet-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: httpx.Headers
    content: bytes


class HttpHubs:
    """Fulfils `ports.Hubs` over the one shared client."""

    def __init__(self, http: httpx.AsyncClient, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def hub(self, url: str, token: str, hub_id: str = "") -> HttpHub:
        return HttpHub(self._http, url, token, self._clock, hub_id)

    async def enrol(self, url: str, invite: str, device: DeviceCard) -> Enrolment:
        asked = {"invite": invite, "device_id": device.id, "name": device.name,
                 "public_key": base64.b64encode(device.public_key).decode()}
        answer = await ask(self._http, "POST", f"{url}/v1/enrol", {}, json.dumps(asked).encode())
        if answer.status == 403:
            raise AuthFailed(_("The invite is wrong, used or too old."), _("Ask for a new invite."),
                             action=Action.CONNECT_HUB)
        return mapper.enrolment(expect(answer, 201).content)


class HttpHub:
    """Fulfils `ports.Hub`."""

    def __init__(self, http: httpx.AsyncClient, url: str, token: str, clock: Clock, hub_id: str = "") -> None:
        self._id = hub_id
        self._http = http
        self._url = f"{url}/v1"
        self._auth = {"Authorization": f"Bearer {token}"}
        self._clock = clock

    async def hello(self, previous: str = "", mark: str = "") -> Offset:
        before = self._clock.now()
        asked = json.dumps({"previous": previous, "mark": mark}).encode() if mark else b""
        answer = await self._ask("POST" if mark else "GET", "/hub", asked)
        if mapper.problem(answer.content)[0] == "forked":
            raise Forked(
                _("A copy of this home, or a newer state of it, has spoken to the hub since; nothing was sent."),
                _("Make this one a device of its own: workstation init --recover --new-device."))
        expect(answer, 200)
        after = self._clock.now()
        ahead = _hub_time(answer.headers, before) - (before + after) // 2
        return Offset(ahead, after - before, mapper.member(answer.content))

    async def push(self, events: Sequence[QueuedEvent]) -> tuple[Receipt, ...]:
        answer = await self._ask("POST", "/events", mapper.events(events), {"Content-Type": "application/json"})
        return mapper.receipts(expect(answer, 200).content, events)

    async def changes(self, cursor: str, limit: int) -> ChangePage:
        query = httpx.QueryParams({"cursor": cursor, "limit": limit})
        answer = await self._ask("GET", f"/changes?{query}")
        if answer.status == 410:
            raise CursorExpired(_("The hub does not know how far we have read; everything is compared again."),
                                _("It is done by itself."))
        return mapper.changes(expect(answer, 200).content)

    async def entities(self, collection: str, after: str, limit: int) -> EntityPage:
        query = httpx.QueryParams({"collection": collection, "after": after, "limit": limit})
        return mapper.entities(expect(await self._ask("GET", f"/entities?{query}"), 200).content)

    async def digests(self) -> Digests:
        return mapper.digests(expect(await self._ask("GET", "/digests"), 200).content)

    async def present(self, conversation_ids: Sequence[str], doing: str) -> tuple[Present, ...]:
        asked = json.dumps({"conversations": list(conversation_ids), "doing": doing}).encode()
        return mapper.present(expect(await self._ask("POST", "/presence", asked), 200).content)

    async def seats(self) -> Seats:
        return mapper.seats(expect(_knowing(await self._ask("GET", "/team")), 200).content)

    async def invite(self, who: str, role: str) -> str:
        asked = json.dumps({"for": who, "role": role}).encode()
        answer = _knowing(await self._ask("POST", "/invites", asked))
        return f"{self._url.removesuffix('/v1')}/#{mapper.invite(expect(answer, 201).content)}"

    async def begin_upload(self, address: str, length: int, content: bytes = b"") -> UploadState:
        named = base64.b64encode(address.encode()).decode()
        headers = {**_TUS, "Upload-Length": str(length), "Upload-Metadata": f"sha256 {named}"}
        if content:
            checksum = base64.b64encode(bytes.fromhex(address)).decode()   # all of it: its address is its hash
            headers |= {"Content-Type": _BYTES, "Upload-Checksum": f"sha256 {checksum}"}
        return _state(_unmoved(await self._ask("POST", "/blobs", content, headers)), 201)

    async def upload(self, address: str, offset: int, length: int, pieces: AsyncIterable[bytes]) -> UploadState:
        headers = {**_TUS, "Upload-Offset": str(offset), "Content-Type": _BYTES, "Content-Length": str(length)}
        return _state(_unmoved(await self._ask("PATCH", f"/blobs/{address}", pieces, headers)), 204)

    async def missing(self, addresses: Sequence[str]) -> frozenset[str]:
        asked = json.dumps({"addresses": list(addresses)}).encode()
        return mapper.missing(expect(await self._ask("POST", "/blobs/missing", asked), 200).content)

    async def log(self, after: int) -> LogHead | None:
        answer = await self._ask("GET", f"/log?{httpx.QueryParams({'after': after})}")
        return None if answer.status == 404 else log_wire.head(expect(answer, 200).content)

    async def log_proofs(self, size: int, records: Sequence[str]) -> dict[str, Proof]:
        asked = json.dumps({"size": size, "records": list(records)}).encode()
        return log_wire.proofs(expect(await self._ask("POST", "/log/inclusion", asked), 200).content, records)

    async def _ask(
        self, method: str, path: str, content: bytes | AsyncIterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        answer = await ask(self._http, method, self._url + path, {**self._auth, **(headers or {})}, content)
        theirs = answer.headers.get("hub-id", "")
        if self._id and theirs and theirs != self._id:
            raise AnotherHub(_("Another hub answers at this address; everything is kept here."),
                             _("If it took the place of the old one, connect it with a new invite."))
        return answer


async def ask(
    http: httpx.AsyncClient, method: str, url: str, headers: Mapping[str, str], content: bytes | AsyncIterable[bytes]
) -> Answer:
    """One request, its answer bounded. Raises Offline, TimedOut, BadCertificate, BadAnswer."""
    try:
        async with http.stream(
            method, url, headers=dict(headers), content=content, timeout=_TIMEOUT, follow_redirects=False
        ) as answer:
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > _ANSWER_BYTES:
                    raise mapper.odd()
            return Answer(answer.status_code, answer.headers, bytes(body))
    except httpx.TimeoutException as problem:
        raise TimedOut(_("The hub did not answer in time; everything is kept."), _("It is tried again.")) from problem
    except httpx.DecodingError as problem:
        raise mapper.odd() from problem
    except httpx.TransportError as problem:
        raise _unreachable(problem) from problem


def expect(answer: Answer, status: int) -> Answer:
    """The answer if it has this status. Raises the known failure otherwise."""
    if answer.status == status:
        return answer
    code, sentence = mapper.problem(answer.content)
    if answer.status == 401:
        raise AuthFailed(_("The hub does not know this device any more."), _("Connect it with a new invite."),
                         action=Action.CONNECT_HUB)
    if answer.status == 507:
        raise Offline(_("The hub's disk is full; everything is kept here."), _("Free space on the hub."))
    if answer.status >= 500 or answer.status in (408, 423, 429):
        raise Offline(_("The hub cannot work just now; everything is kept."), _("It is tried again."))
    if code:
        raise Refused(sentence, _("It is kept here. Update the program or the hub, then try again."))
    raise mapper.odd()


def _knowing(answer: Answer) -> Answer:
    """Raises Refused for a hub that knows no members."""
    if answer.status in (404, 405):
        raise Refused(_("This hub is of an older version and knows no members yet."),
                      _("Ask whoever runs the hub to update it."))
    return answer


def _unreachable(problem: httpx.TransportError) -> ConnectError:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(cause):
            return BadCertificate(_("The hub could not prove who it is; nothing was sent."),
                                  _("Ask who runs it for its certificate."))
        cause = cause.__cause__ or cause.__context__
    return Offline(_("The hub cannot be reached; everything is kept."),
                   _("It is tried again when the network is back."))


def _unmoved(answer: Answer) -> Answer:
    """Raises UploadMoved when the upload stands elsewhere than we thought, is being written, or is gone."""
    content_is_wrong = mapper.problem(answer.content)[0] == "wrong-content"
    if answer.status in (404, 409, 410, 423, 460) and not content_is_wrong:
        raise UploadMoved(_("A file has to be taken up again; everything is kept."), _("It is tried again by itself."))
    return answer


def _state(answer: Answer, status: int) -> UploadState:
    expect(answer, status)
    offset = answer.headers.get("upload-offset", "")
    if not (offset.isascii() and offset.isdigit()):
        raise mapper.odd()
    algorithm, _sep, stored = answer.headers.get("blob-stored", "").partition("=")
    return UploadState(int(offset), stored if algorithm == "sha256" else "")


def _hub_time(headers: httpx.Headers, fallback: int) -> int:
    """`Hub-Time` in milliseconds; without it RFC 9110's `Date`, which knows seconds only."""
    exact = headers.get("hub-time", "")
    if exact.isascii() and exact.isdigit() and len(exact) < 16:
        return int(exact)
    try:
        return from_datetime(parsedate_to_datetime(headers.get("date", "")))
    except (TypeError, ValueError):
        return fallback
