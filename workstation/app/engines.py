"""Where translation comes from: the packages of this computer, and a server where the person set one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import httpx

from workstation.domain.events import EnginesChanged
from workstation.kernel.errors import InputError
from workstation.kernel.events import Event
from workstation.kernel.settings import Settings
from workstation.translation.engines import Engines, local_engines
from workstation.translation.http_engine import LOOK_SECONDS, HttpEngine, checked_address

log = logging.getLogger(__name__)


def translation_server(settings: Settings, http: httpx.AsyncClient) -> HttpEngine | None:
    """The server of the settings, None where none is set. An address that would not be safe is not used."""
    address = settings.text("translation_server")
    try:
        return HttpEngine(http, checked_address(address)) if address else None
    except InputError:
        log.warning("the translation server's address is not safe; it is not used")
        return None


def engines(packages: Path, server: HttpEngine | None) -> Engines:
    return local_engines(packages, [server], server.look) if server else local_engines(packages)


async def keep_looking(server: HttpEngine, publish: Callable[[Event], None]) -> float:
    """Ask the server which pairs it has, for the screen to say so. Seconds until the next time."""
    if await server.look():
        publish(EnginesChanged())
    return LOOK_SECONDS
