"""Notices that the computer slept: then every connection is dead, and nobody will say so for minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from workstation.kernel.clock import SECOND, Clock

TICK = 5.0
JUMP = 20 * SECOND
"""The wall clock runs on while everything sleeps. A tick that took this much longer than it should was a sleep, or
somebody set the clock; a connection made anew costs nothing in either case."""


async def watch(clock: Clock, woken: Callable[[], None], tick: float = TICK) -> None:
    """Call `woken` after each sleep, until cancelled."""
    before = clock.now()
    while True:
        await asyncio.sleep(tick)
        now = clock.now()
        if now - before - tick * SECOND >= JUMP:
            woken()
        before = now
