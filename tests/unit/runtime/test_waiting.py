"""Whoever waits for news is told of it, of the time that is over, and always of its own end."""

from __future__ import annotations

import asyncio

import pytest

from workstation.runtime.waiting import woken


async def test_news_come_or_the_time_is_over() -> None:
    news = asyncio.Event()
    assert not await woken(news, 0.0)
    news.set()
    assert await woken(news, None)


async def test_who_is_ended_in_the_turn_in_which_news_come_ends() -> None:
    news, turns = asyncio.Event(), 0

    async def loop() -> None:
        nonlocal turns
        while True:
            news.clear()
            await woken(news, 60.0)
            turns += 1

    task = asyncio.ensure_future(loop())
    await asyncio.sleep(0.01)
    news.set()
    await asyncio.sleep(0)   # the waiter has its news, and nobody has heard of it
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 2.0)
    assert turns <= 1
