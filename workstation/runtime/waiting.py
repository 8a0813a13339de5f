"""Waiting for news, or for a while."""

from __future__ import annotations

import asyncio


async def woken(news: asyncio.Event, seconds: float | None) -> bool:
    """Until the event is set (True) or so many seconds have passed (False; None waits for ever).

    Not `asyncio.wait_for`: in Python 3.11 it forgets that its task is cancelled when the event is set in the same turn
    of the loop, and a loop that is being ended then goes on for ever.
    """
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
