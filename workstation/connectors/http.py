"""How connectors speak HTTP: one client with limits, a bounded question, and failures in our own words.

Nothing follows a redirect, reads proxies from the environment, or takes more than eight megabytes of answer. The trace
names method, host, path and status; never a query, a header or a body.
"""

from __future__ import annotations

import contextlib
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from workstation.kernel.actions import Action
from workstation.kernel.errors import AuthFailed, BadAnswer, BadCertificate, ConnectError, Offline, Refused, TimedOut
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)

LARGEST = 8 * 1024 * 1024
"""Bytes of an answer; no order or parcel needs a fraction of it."""
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
LIMITS = httpx.Limits(max_connections=20, max_keepalive_connections=10, keepalive_expiry=30.0)
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer with a good status."""

    status: int
    content_type: str
    body: bytes
    asked: str = ""            # the question's template: "POST https://host/path", without query, header or body


def make_client(verify: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """The one client every connector shares. Close it when the core stops. `verify`: whom to trust, if not the usual.
    """
    return httpx.AsyncClient(
        timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False, verify=verify or _usual(),
        headers={"User-Agent": "workstation"},
    )


@cache
def _usual() -> ssl.SSLContext:
    """The usual authorities, read once."""
    return httpx.create_ssl_context(trust_env=False)


async def post_json(
    client: httpx.AsyncClient, name: str, url: str, body: Any, headers: Mapping[str, str], largest: int = LARGEST,
) -> Reply:
    """POST `body` as JSON to the source called `name`; its answer when the status is 2xx.

    Raises Offline, TimedOut, AuthFailed, Refused, BadCertificate, BadAnswer.
    """
    return await _post(client, name, client.build_request("POST", url, json=body, headers=dict(headers)), largest)


async def post_bytes(
    client: httpx.AsyncClient, name: str, url: str, body: bytes, headers: Mapping[str, str], largest: int = LARGEST,
) -> Reply:
    """POST `body` as it is. Raises as `post_json`."""
    return await _post(client, name, client.build_request("POST", url, content=body, headers=dict(headers)), largest)


async def _post(client: httpx.AsyncClient, name: str, request: httpx.Request, largest: int) -> Reply:
    try:
        response = await client.send(request, stream=True)
        async with contextlib.aclosing(response):
            log.debug("POST %s%s %s", response.url.host, response.url.path, response.status_code)
            _check_status(response, name)
            content = await _bounded(response, name, largest)
            template = f"POST {response.url.copy_with(query=None, fragment=None, userinfo=None)}"
            return Reply(response.status_code, response.headers.get("content-type", ""), content, template)
    except httpx.HTTPError as problem:
        raise _known(problem, name) from problem


async def _bounded(response: httpx.Response, name: str, largest: int) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes(_CHUNK):
        content += chunk
        if len(content) > largest:
            raise BadAnswer(_("{source} sent more than {n} B.").format(source=name, n=largest),
                            _("Try again later."))
    return bytes(content)


def _check_status(response: httpx.Response, name: str) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise AuthFailed(_("{source} refused our access key.").format(source=name),
                         _("Enter a new key in the settings."), action=Action.CONNECT_SOURCE)
    if status in (408, 504):
        raise TimedOut(_("{source} did not answer in time.").format(source=name), _("Try again in a moment."))
    if status == 429:
        raise Refused(_("{source} says we ask too often.").format(source=name), _("Try again in a minute."))
    if 300 <= status < 400:
        raise BadAnswer(_("{source} sent us to another address, which is not followed.").format(source=name),
                        _("Check the address in the settings."))
    if status >= 500:
        raise BadAnswer(_("{source} failed with status {status}.").format(source=name, status=status),
                        _("Try again later."))
    raise Refused(_("{source} refused the question with status {status}.").format(source=name, status=status),
                  _("Check the address and the rights of the key in the settings."))


def _known(problem: httpx.HTTPError, name: str) -> ConnectError:
    if isinstance(problem, httpx.TimeoutException):
        return TimedOut(_("{source} did not answer in time.").format(source=name), _("Try again in a moment."))
    if _is_certificate(problem):
        return BadCertificate(_("{source} could not prove who it is.").format(source=name),
                              _("Check the address; do not go on over this network."))
    if isinstance(problem, httpx.ConnectError):
        return Offline(_("{source} cannot be reached.").format(source=name), _("Check the network."))
    return BadAnswer(_("{source} broke off its answer.").format(source=name), _("Try again in a moment."))


def _is_certificate(problem: BaseException) -> bool:
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return "CERTIFICATE_VERIFY_FAILED" in str(problem)
