"""What every route needs: the hub behind it, who is asking, and a body of bounded size."""

from __future__ import annotations

import json
from typing import Annotated, cast

from fastapi import Depends, Request

from workstation.hub import problems
from workstation.hub.model import Device
from workstation.hub.service import HubService


def hub_of(request: Request) -> HubService:
    return cast(HubService, request.app.state.hub)


async def enrolled(request: Request) -> Device:
    """The device whose bearer token came along. Raises HubProblem 401."""
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise problems.not_enrolled()
    return await hub_of(request).authenticate(token.strip())


Enrolled = Annotated[Device, Depends(enrolled)]


async def bounded_json(request: Request, most: int) -> object:
    """The parsed body. Raises HubProblem 413 as soon as it is larger than `most` bytes, 400 when it is not JSON."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise problems.too_large()
    try:
        return cast(object, json.loads(content))
    except (ValueError, RecursionError) as problem:
        raise problems.bad_request("JSON") from problem
