"""A LibreTranslate-compatible server as an engine. Off unless its address is set: buyers' text leaves this computer.

Routes `GET /languages` and `POST /translate` with `q`, `source`, `target`, `format` as in LibreTranslate's OpenAPI
description (version 1.6).
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from workstation.kernel.actions import Action
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, InputError, Offline, Refused, TimedOut
from workstation.kernel.i18n import _
from workstation.translation.model import Engine

MOST_ANSWER_BYTES = 4_000_000
LOOK_SECONDS = 60.0
"""Between two questions to a server that did not answer which pairs it has."""


def checked_address(text: str) -> str:
    """A server's address, encrypted unless it is on this computer. Raises InputError."""
    try:
        parts = urlsplit(text.strip())
        host, scheme, _port = parts.hostname or "", parts.scheme, parts.port
    except ValueError:
        host, scheme = "", ""
    if scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise InputError(_("{text} is no address of a translation server.").format(text=text),
                         _("Write it like http://127.0.0.1:5000 or https://translate.example.com."))
    if scheme == "http" and not _loopback(host):
        raise InputError(_("Buyers' words would cross the network unencrypted; the server is not used."),
                         _("Use an address that begins with https://, or a server on this computer."))
    return text.strip().rstrip("/")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HttpEngine:
    """Call `refresh` once before use; until then it has no pairs."""

    name = "http"

    def __init__(self, client: httpx.AsyncClient, base_url: str, api_key: str = "") -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._pairs: tuple[Engine, ...] = ()
        self._looked_at = -LOOK_SECONDS

    def pairs(self) -> tuple[Engine, ...]:
        return self._pairs

    async def refresh(self) -> tuple[Engine, ...]:
        """Ask the server which pairs it has. Raises Offline, TimedOut, AuthFailed, BadAnswer."""
        answer = await self._call("GET", "/languages", None)
        if not isinstance(answer, list):
            raise _changed()
        try:
            self._pairs = tuple(
                Engine(self.name, str(one["code"]), str(target))
                for one in answer for target in one["targets"] if target != one["code"])
        except (TypeError, KeyError) as problem:
            raise _changed() from problem
        return self._pairs

    async def look(self) -> bool:
        """Ask which pairs it has, unless that was asked a moment ago. True when they changed; a failure says no."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return False
        self._looked_at, before = time.monotonic(), self._pairs
        try:
            return await self.refresh() != before
        except ConnectError:
            return False

    async def translate(self, texts: Sequence[str], source: str, target: str) -> tuple[str, ...]:
        body: dict[str, object] = {"q": list(texts), "source": source, "target": target, "format": "text"}
        if self._api_key:
            body["api_key"] = self._api_key
        answer = await self._call("POST", "/translate", body)
        translated = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(translated, list) or len(translated) != len(texts):
            raise _changed()
        return tuple(str(text) for text in translated)

    async def shutdown(self) -> None:
        """The client belongs to the core."""

    async def _call(self, method: str, path: str, body: dict[str, object] | None) -> object:
        try:
            response = await self._client.request(method, self._base_url + path, json=body)
        except httpx.TimeoutException as problem:
            raise TimedOut(_("The translation server did not answer in time."), _("Try again later.")) from problem
        except httpx.TransportError as problem:
            raise Offline(_("The translation server cannot be reached."), _("Check its address.")) from problem
        return _answer(response)


def _answer(response: httpx.Response) -> object:
    if response.status_code in {401, 403}:
        raise AuthFailed(_("The translation server refused the key."), _("Check the key."),
                         action=Action.OPEN_SETTINGS)
    if response.status_code >= 400:
        raise Refused(_("The translation server refused the text."), _("Try another engine."))
    if len(response.content) > MOST_ANSWER_BYTES:
        raise _changed()
    try:
        answer: object = response.json()
    except ValueError as problem:
        raise _changed() from problem
    return answer


def _changed() -> BadAnswer:
    return BadAnswer(_("The translation server answered something unknown."), _("Check that it is LibreTranslate."))
