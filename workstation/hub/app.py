"""The hub over HTTP: events in, changes out. docs/sync-protocol.md is its description; tus.py takes the files."""

from __future__ import annotations

import base64
import binascii
from dataclasses import asdict

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workstation.hub import log_routes, problems, tus
from workstation.hub.http import Enrolled, bounded_json, hub_of
from workstation.hub.model import MAX_BATCH_BYTES, ROLES
from workstation.hub.problems import HubProblem
from workstation.hub.service import HubService
from workstation.kernel.errors import DiskFull, StoreError

router = APIRouter(prefix="/v1")
_ENROL_BYTES = 10_000


def create_app(service: HubService) -> FastAPI:
    """The application over one hub; closing the hub is the caller's."""
    app = FastAPI(title="Workstation hub", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.hub = service
    app.include_router(router)
    app.include_router(tus.router)
    app.include_router(log_routes.router)
    app.add_exception_handler(HubProblem, _answer_problem)
    app.add_exception_handler(StoreError, _answer_store)
    app.add_exception_handler(ClientDisconnect, _nobody_there)
    app.add_middleware(_HubTime, hub=service)
    return app


@router.get("/hub")
async def hello(request: Request, device: Enrolled) -> JSONResponse:
    hub_id, name = await hub_of(request).identity()
    return JSONResponse({"hub": hub_id, "name": name, "device": device.id, "role": device.role, "roles": list(ROLES),
                         "member": device.member})


@router.post("/hub")
async def hello_from(request: Request, device: Enrolled) -> JSONResponse:
    """As GET, from a desktop that says which home it is."""
    asked = await bounded_json(request, _ENROL_BYTES)
    previous, mark = (asked.get("previous"), asked.get("mark")) if isinstance(asked, dict) else (None, None)
    if not (isinstance(previous, str) and isinstance(mark, str)):
        raise problems.bad_request("mark")
    await hub_of(request).leave_mark(device, previous, mark)
    return await hello(request, device)


@router.post("/enrol")
async def enrol(request: Request) -> JSONResponse:
    asked = await bounded_json(request, _ENROL_BYTES)
    if not isinstance(asked, dict):
        raise problems.bad_request("body")
    invite, device_id, name, key = (asked.get(part) for part in ("invite", "device_id", "name", "public_key"))
    if not (isinstance(invite, str) and isinstance(device_id, str) and isinstance(name, str) and isinstance(key, str)):
        raise problems.bad_request("enrol")
    token, member = await hub_of(request).enrol(invite, device_id, name, _decode(key))
    hub_id, hub_name = await hub_of(request).identity()
    return JSONResponse({"token": token, "hub": hub_id, "name": hub_name, "member": member}, status_code=201)


@router.post("/invites")
async def invites(request: Request, device: Enrolled) -> JSONResponse:
    """`{"for": "device" | "colleague", "role"}` → `{"invite": "token.key"}`, what follows `#` in an invite."""
    asked = await bounded_json(request, _ENROL_BYTES)
    who, role = (asked.get("for"), asked.get("role", "")) if isinstance(asked, dict) else (None, None)
    if not (isinstance(who, str) and isinstance(role, str)):
        raise problems.bad_request("for, role")
    token, key = await hub_of(request).invite(device, who, role)
    return JSONResponse({"invite": f"{token}.{key}"}, status_code=201)


@router.get("/team")
async def team(request: Request, device: Enrolled) -> JSONResponse:
    seats = await hub_of(request).team(device)
    return JSONResponse({"member": device.member, "role": device.role, "devices": [asdict(seat) for seat in seats]})


@router.post("/events")
async def events(request: Request, device: Enrolled) -> JSONResponse:
    asked = await bounded_json(request, MAX_BATCH_BYTES)
    batch = asked.get("events") if isinstance(asked, dict) else None
    if not isinstance(batch, list):
        raise problems.bad_request("events")
    receipts = await hub_of(request).push(device, batch)
    return JSONResponse({"receipts": [asdict(receipt) for receipt in receipts]})


@router.post("/presence")
async def presence(request: Request, device: Enrolled) -> JSONResponse:
    others = await hub_of(request).present(device, await bounded_json(request, _ENROL_BYTES))
    return JSONResponse({"others": [asdict(other) for other in others]})


@router.get("/changes")
async def changes(request: Request, device: Enrolled, cursor: str = "", limit: int = 200) -> JSONResponse:
    return JSONResponse(asdict(await hub_of(request).changes(device, cursor, limit)))


@router.get("/entities")
async def entities(
    request: Request, device: Enrolled, collection: str, after: str = "", limit: int = 200
) -> JSONResponse:
    return JSONResponse(asdict(await hub_of(request).entities(device, collection, after, limit)))


@router.get("/digests")
async def digests(request: Request, device: Enrolled) -> JSONResponse:
    return JSONResponse(asdict(await hub_of(request).digests(device)))


def _decode(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise problems.bad_request("public_key") from problem


async def _answer_problem(_request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, HubProblem)  # noqa: S101 - registered for this class only
    return tus.answer(problem)


async def _answer_store(_request: Request, problem: Exception) -> JSONResponse:
    """The hub's own store failed: nothing was applied, the desktop keeps its events and tries again."""
    if isinstance(problem, DiskFull):
        return tus.answer(problems.no_room())
    return tus.answer(HubProblem(503, "store", str(problem)))


async def _nobody_there(_request: Request, _problem: Exception) -> Response:
    """The desktop went away in the middle of its request: nothing was applied, and that is no fault of the hub's."""
    return Response(status_code=499)


class _HubTime:
    """Puts the hub's clock and its id on every answer: a desktop can tell how far its own is off, and who answers."""

    def __init__(self, app: ASGIApp, hub: HubService) -> None:
        self._app = app
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"hub-time", str(self._hub.now()).encode()),
                                      (b"hub-id", self._hub.hub_id.encode())]
            await send(message)

        await self._app(scope, receive, stamped)
