"""Serving a hub: on a thread of its own for the demo and for tests, or in the foreground for the command line."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from workstation.hub import log_stamps
from workstation.hub.app import create_app
from workstation.hub.config import HubFolder
from workstation.hub.service import HubService, open_hub
from workstation.kernel.errors import InputError, Offline
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)
_START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and key, both PEM."""

    certificate: Path
    key: Path


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises InputError when it cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        sentence = _("The hub cannot listen on {where}.").format(where=f"{host}:{port}")
        raise InputError(sentence, _("Choose another port.")) from problem


def address_of(sock: socket.socket, tls: Tls | None) -> str:
    """What a desktop on this computer calls this socket."""
    host, port = sock.getsockname()[:2]
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def require_safe(host: str, tls: Tls | None) -> None:
    """Bearer tokens go over TLS or stay on this computer. Raises InputError."""
    if tls is None and not is_loopback(host):
        raise InputError(_("Without a certificate the hub listens on this computer only."),
                         _("Give --certificate and --key, or listen on 127.0.0.1."))


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _IntoOurLog(logging.Handler):
    """Hands what the web server says to the product's log, which redacts."""

    def emit(self, record: logging.LogRecord) -> None:
        log.handle(record)


def configure(service: HubService, tls: Tls | None) -> uvicorn.Config:
    """uvicorn without its own logging: the product's logs redact, its own would write addresses."""
    theirs = logging.getLogger("uvicorn.error")
    theirs.handlers, theirs.propagate = [_IntoOurLog(logging.WARNING)], False
    return uvicorn.Config(
        create_app(service), log_config=None, access_log=False, ws="none", lifespan="off", server_header=False,
        timeout_graceful_shutdown=3, ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )


class HubServer:
    """A hub on its own thread. `start` returns its address; `stop` ends it and closes its files."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0, *, sock: socket.socket | None = None,
                 tls: Tls | None = None) -> None:
        require_safe(host, tls)
        self._socket = sock or bind(host, port)
        self.url = address_of(self._socket, tls)
        self._folder = HubFolder(folder)
        self.service = open_hub(self._folder)
        self._server = uvicorn.Server(configure(self.service, tls))
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)

    def start(self) -> str:
        """Serve; returns the address once it answers. Blocks for some milliseconds. Raises Offline."""
        self._thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise Offline(_("The hub did not start."), _("Look into its log."))
            time.sleep(0.005)
        return self.url

    def stop(self) -> None:
        """End the thread and close the hub. Safe to call twice. Blocks for at most a few seconds."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(10)
        self._socket.close()
        self.service.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await self.service.uploads.sweep()
        async with _stamping(self.service, self._folder):
            await self._server.serve(sockets=[self._socket])


@contextlib.asynccontextmanager
async def _stamping(service: HubService, folder: HubFolder) -> AsyncIterator[None]:
    """The log's checkpoints are stamped as long as the hub serves."""
    task = asyncio.ensure_future(log_stamps.keep_stamping(service, folder))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def serve_forever(folder: Path, sock: socket.socket, tls: Tls | None = None) -> None:
    """Serve in the foreground until a signal ends it."""
    service = open_hub(HubFolder(folder))
    server = uvicorn.Server(configure(service, tls))

    async def run() -> None:
        await service.uploads.sweep()
        async with _stamping(service, HubFolder(folder)):
            await server.serve(sockets=[sock])

    try:
        asyncio.run(run())
    finally:
        sock.close()
        service.close()
