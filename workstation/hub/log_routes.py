"""The log over HTTP: its newest checkpoint, and proofs. docs/sync-protocol.md describes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from workstation.hub import log, problems
from workstation.hub.http import Enrolled, bounded_json, hub_of

router = APIRouter(prefix="/v1/log")
_ASKED_BYTES = 50_000             # 500 hashes of 64 characters
Size = Annotated[int, Query(ge=0, lt=1 << 62)]


@router.get("")
async def head(request: Request, _device: Enrolled, after: Size = 0) -> JSONResponse:
    return JSONResponse(asdict(await hub_of(request).log_head(after)))


@router.get("/consistency")
async def consistency(request: Request, _device: Enrolled, first: Size, second: Size) -> JSONResponse:
    proof = await hub_of(request).log_consistency(first, second)
    if proof is None:
        raise problems.bad_request("size")
    return JSONResponse({"proof": proof})


@router.post("/inclusion")
async def inclusion(request: Request, _device: Enrolled) -> JSONResponse:
    asked = await bounded_json(request, _ASKED_BYTES)
    size, records = (asked.get("size"), asked.get("records")) if isinstance(asked, dict) else (None, None)
    if not isinstance(size, int) or not isinstance(records, list) or len(records) > log.MOST_ASKED:
        raise problems.bad_request("size, records")
    if not 0 <= size < 1 << 62 or not all(isinstance(one, str) and len(one) == 64 for one in records):
        raise problems.bad_request("size, records")
    found = await hub_of(request).log_inclusions(size, records)
    return JSONResponse({"proofs": [asdict(one) for one in found]})
