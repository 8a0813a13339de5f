"""Sealed files over HTTP: tus 1.0 (core, creation with upload, checksum, expiration), by the SHA-256 of the ciphertext.

https://tus.io/protocols/resumable-upload. Our additions: the upload's URL is its address; `Blob-Stored: sha256=…`
is on an answer once the hub has hashed the whole stored file, and only then.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import AsyncIterator
from email.utils import formatdate

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect

from workstation.hub import problems
from workstation.hub.blobs import Cut
from workstation.hub.http import Enrolled, bounded_json, hub_of
from workstation.hub.model import MAX_BATCH, MAX_UPLOAD, Upload
from workstation.hub.problems import HubProblem
from workstation.hub.spool import ALGORITHMS, Checksum

router = APIRouter(prefix="/v1/blobs")
VERSION = "1.0.0"
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")
_OFFSET_TYPE = "application/offset+octet-stream"
_ASK_BYTES = 100_000


@router.options("")
@router.options("/{address}")
async def options() -> Response:
    return Response(status_code=204, headers={
        "Tus-Resumable": VERSION, "Tus-Version": VERSION,
        "Tus-Extension": "creation,creation-with-upload,checksum,expiration",
        "Tus-Max-Size": str(MAX_UPLOAD), "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    })


@router.post("")
async def create(request: Request, device: Enrolled) -> Response:
    _require_version(request)
    length = _number(request, "upload-length")
    address = _metadata(request.headers.get("upload-metadata", "")).get("sha256", "")
    uploads = hub_of(request).uploads
    if request.headers.get("content-type", "") != _OFFSET_TYPE:
        upload = await uploads.create(device.id, _checked(address), length)
    else:
        try:
            upload = await uploads.create_with(device.id, _checked(address), length, _body(request), _checksum(request))
        except Cut:
            return Response(status_code=499)  # nobody is there to read it
    return Response(status_code=201, headers={**_headers(upload), "Location": f"/v1/blobs/{address}"})


@router.post("/missing")
async def missing(request: Request, _device: Enrolled) -> JSONResponse:
    """Which of these addresses the hub does not hold: asked after a restore."""
    asked = await bounded_json(request, _ASK_BYTES)
    addresses = asked.get("addresses") if isinstance(asked, dict) else None
    if not isinstance(addresses, list) or len(addresses) > MAX_BATCH:
        raise problems.bad_request("addresses")
    return JSONResponse({"missing": await hub_of(request).uploads.missing([_checked(a) for a in addresses])})


@router.head("/{address}")
async def head(request: Request, address: str, device: Enrolled) -> Response:
    _require_version(request)
    upload = await hub_of(request).uploads.state(device.id, _checked(address))
    return Response(status_code=200, headers={
        **_headers(upload), "Upload-Length": str(upload.length), "Cache-Control": "no-store",
    })


@router.patch("/{address}")
async def patch(request: Request, address: str, device: Enrolled) -> Response:
    _require_version(request)
    if request.headers.get("content-type", "") != _OFFSET_TYPE:
        raise HubProblem(415, "content-type", _OFFSET_TYPE)
    offset = _number(request, "upload-offset")
    uploads = hub_of(request).uploads
    try:
        upload = await uploads.append(device.id, _checked(address), offset, _body(request), _checksum(request))
    except Cut:
        return Response(status_code=499)  # nobody is there to read it
    return Response(status_code=204, headers=_headers(upload))


@router.post("/{address}/check")
async def check(request: Request, address: str, _device: Enrolled) -> JSONResponse:
    """Hash the stored file again, now."""
    intact = await hub_of(request).uploads.rehash(_checked(address))
    return JSONResponse({"address": address, "intact": intact})


@router.get("/{address}")
async def download(request: Request, address: str, _device: Enrolled) -> Response:
    uploads = hub_of(request).uploads
    size = await uploads.open(_checked(address))
    start, end = _range(request.headers.get("range", ""), size)
    partial = (start, end) != (0, size)
    headers = {"Content-Length": str(end - start), "Accept-Ranges": "bytes"}
    if partial:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return StreamingResponse(uploads.chunks(address, start, end - start), 206 if partial else 200, headers,
                             "application/octet-stream")


def answer(problem: HubProblem) -> JSONResponse:
    """A problem as JSON. tus wants its version on every answer."""
    content = {"error": problem.code, "sentence": problem.sentence, "remedy": problem.remedy}
    return JSONResponse(content, problem.status, {"Tus-Resumable": VERSION})


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as problem:
        raise Cut from problem


def _headers(upload: Upload) -> dict[str, str]:
    headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(upload.offset)}
    if upload.stored:
        return headers | {"Blob-Stored": f"sha256={upload.address}"}
    return headers | {"Upload-Expires": formatdate(upload.expires_at / 1000, usegmt=True)}


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise HubProblem(412, "tus-version", f"Tus-Resumable: {VERSION}")


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise problems.bad_request(name)
    return int(text)


def _checked(address: object) -> str:
    if not isinstance(address, str) or _ADDRESS.fullmatch(address) is None:
        raise problems.bad_request("sha256")
    return address


def _metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a name and a Base64 value, with commas between."""
    pairs = [pair.strip().split(" ", 1) for pair in header.split(",") if pair.strip()]
    try:
        return {pair[0]: base64.b64decode(pair[1], validate=True).decode() if len(pair) > 1 else "" for pair in pairs}
    except (binascii.Error, ValueError) as problem:
        raise problems.bad_request("upload-metadata") from problem


def _checksum(request: Request) -> Checksum | None:
    header = request.headers.get("upload-checksum")
    if header is None:
        return None
    algorithm, _space, value = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise problems.bad_request("upload-checksum algorithm")
    try:
        return Checksum(algorithm, base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as problem:
        raise problems.bad_request("upload-checksum") from problem


def _range(header: str, size: int) -> tuple[int, int]:
    """(start, end) of a single byte range; the whole file for anything else (RFC 9110, 14.2 allows to ignore it)."""
    match = _RANGE.fullmatch(header)
    if match is None:
        return 0, size
    start = int(match.group(1))
    end = min(size, int(match.group(2)) + 1) if match.group(2) else size
    if start >= size or end <= start:
        raise HubProblem(416, "range", f"bytes */{size}")
    return start, end
