"""Asks 17TRACK about one parcel: registers the number when it must be, at most three questions a second."""

from __future__ import annotations

import asyncio

import httpx

from workstation.connectors.http import Reply, post_json
from workstation.connectors.seventeentrack.mapper import read_parcel, read_registered
from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _
from workstation.orders.model import Answer


class SeventeenTrack:
    """Fulfils `orders.ports.Carrier`."""

    def __init__(self, client: httpx.AsyncClient, clock: Clock, settings: SeventeenTrackSettings, token: str) -> None:
        self._client = client
        self._clock = clock
        self._settings = settings
        self._headers = {"17token": token}
        self._turn = asyncio.Lock()
        self._next = 0.0
        self.name = "17track" + (f" ({_('simulated')})" if settings.simulated else "")

    async def track(self, tracking_number: str, carrier: str) -> Answer | None:
        """The parcel; None when 17TRACK does not accept its number. A number it has not seen yet is registered first.

        Raises ConnectError's kinds.
        """
        answer = await self._info(tracking_number, carrier)
        if answer is None and await self._register(tracking_number):
            answer = await self._info(tracking_number, carrier)
        return answer

    async def _info(self, number: str, carrier: str) -> Answer | None:
        reply = await self._ask("gettrackinfo", number)
        parcel = read_parcel(reply.body, number, carrier, self.name)
        if parcel is None:
            return None
        return Answer(self.name, self._clock.now(), reply.body, reply.content_type, parcel=parcel, asked=reply.asked,
                      status=reply.status)

    async def _register(self, number: str) -> bool:
        reply = await self._ask("register", number)
        return read_registered(reply.body, number, self.name)

    async def _ask(self, action: str, number: str) -> Reply:
        """The carrier is left to 17TRACK to recognise: its numeric carrier keys are not in any order."""
        await self._wait_turn()
        url = self._settings.url(action)
        return await post_json(self._client, self.name, url, [{"number": number}], self._headers)

    async def _wait_turn(self) -> None:
        """Questions start at least `pause` apart; a slow answer holds up nobody else's question."""
        async with self._turn:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._next - loop.time())
            self._next = loop.time() + self._settings.pause
