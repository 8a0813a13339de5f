"""One question to a time-stamp authority over HTTP. What the answer is worth, evidence/tokens.py decides."""

from __future__ import annotations

import asyncio

import httpx

from workstation.connectors.http import post_bytes
from workstation.kernel.errors import TimedOut
from workstation.kernel.i18n import _

LARGEST = 64 * 1024
SECONDS = 15.0
"""All of an answer: one that drips byte by byte is no answer either."""
_HEADERS = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}


class TimeStampClient:
    """Fulfils `evidence.ports.AskAuthority` over the one shared client."""

    def __init__(self, http: httpx.AsyncClient, seconds: float = SECONDS) -> None:
        self._http = http
        self._seconds = seconds

    async def __call__(self, name: str, url: str, question: bytes) -> bytes:
        """The answer's bytes. Raises Offline, TimedOut, AuthFailed, Refused, BadCertificate, BadAnswer."""
        try:
            async with asyncio.timeout(self._seconds):
                return (await post_bytes(self._http, name, url, question, _HEADERS, LARGEST)).body
        except TimeoutError as problem:
            raise TimedOut(_("{source} did not answer in time.").format(source=name),
                           _("Try again in a moment.")) from problem
