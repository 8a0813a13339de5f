"""What waits is stamped, what is wrong is not kept, and nothing is lost while an authority is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.authority import Served, house, serving
from tests.support.evidence import CASE, Bench, bench, small_case
from workstation.connectors.http import make_client
from workstation.connectors.timestamp.client import TimeStampClient
from workstation.domain.events import EvidenceSealed
from workstation.evidence import stamp_rows
from workstation.evidence.stamping import Stamping
from workstation.evidence.tokens import BadToken
from workstation.kernel.errors import BadAnswer, ConnectError, InputError, NotFound, Offline, TimedOut


@asynccontextmanager
async def stamping(made: Bench, seconds: float = 15.0) -> AsyncIterator[Stamping]:
    http: httpx.AsyncClient = make_client()
    try:
        yield Stamping(made.database, made.clock, TimeStampClient(http, seconds))
    finally:
        await http.aclose()


async def tokens_of(made: Bench) -> int:
    (found,) = await made.sql("SELECT count(*) FROM evidence_token")
    return int(str(found[0]))


async def test_records_get_their_time_and_say_so(tmp_path: Path) -> None:
    with serving() as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await small_case(made)
            assert not any(one.time_stamped for one in await made.service.list(CASE))
            added = await stamps.add(" Test  authority", authority.url, house().root)
            assert (added.name, added.waiting, added.root) == ("Test authority", 3, "CN=Test authority root")
            made.events.clear()
            await stamps.drain()
            assert all(one.time_stamped for one in await made.service.list(CASE))
            assert len([one for one in made.events if isinstance(one, EvidenceSealed)]) == 3
            await stamps.drain()
            assert len(authority.asked) == 3
            (view,) = await stamps.list()
            assert (view.stamped, view.waiting, view.failure) == (3, 0, "")


async def test_what_is_asked_holds_nothing_but_a_hash_and_a_number(tmp_path: Path) -> None:
    with serving(mode="alone") as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await small_case(made)
            await stamps.add("T", authority.url, house().root + house().intermediate)
            await stamps.drain()
    assert len(authority.asked) == len(set(authority.asked)) == 3
    assert all(len(query) < 80 for query in authority.asked)


@pytest.mark.parametrize(("mode", "kind", "word"), [
    ("nonce", BadToken, "number"), ("imprint", BadToken, "something else"), ("rejected", BadToken, "refused"),
    ("page", BadToken, "no time stamp"), ("huge", BadAnswer, "more than"), ("away", BadAnswer, "503"),
    ("slow", TimedOut, "in time"),
])
async def test_a_wrong_answer_is_named_and_never_kept(
    tmp_path: Path, mode: str, kind: type[ConnectError], word: str
) -> None:
    with serving(mode=mode) as authority:
        async with bench(tmp_path) as made, stamping(made, 0.2 if mode == "slow" else 15.0) as stamps:
            await small_case(made)
            with pytest.raises(kind, match=word) as refused:
                await stamps.test("T", authority.url, house().root)
            assert refused.value.remedy
            await stamps.add("T", authority.url, house().root)
            await stamps.drain()
            assert await tokens_of(made) == 0
            (view,) = await stamps.list()
            assert word in view.failure
            assert view.waiting == 3
            authority.gate.set()
            authority.mode = "right"
            async with stamping(made) as patient:
                await patient.drain()
            (view,) = await stamps.list()
            assert (view.failure, view.failed_at, view.stamped) == ("", None, 3)


async def test_an_authority_that_runs_out_or_is_another_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as made, stamping(made) as stamps:
        with serving(house("Old", -1)) as authority, pytest.raises(BadToken) as refused:
            await stamps.test("T", authority.url, house("Old", -1).root)
        assert refused.value.code == "expired"
        with serving(house("Another")) as authority, pytest.raises(BadToken) as refused:
            await stamps.test("T", authority.url, house().root)
        assert refused.value.code == "authority"


async def test_an_authority_away_for_days_finds_everything_after_a_restart(tmp_path: Path) -> None:
    with serving(mode="away") as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await stamps.add("T", authority.url, house().root)
            await small_case(made)
            await stamps.drain()
            secrets = made.secrets
        authority.mode = "right"
        async with bench(tmp_path, secrets) as again, stamping(again) as stamps:
            again.clock.advance(4 * 86_400_000)
            await small_case(again)
            await stamps.drain()
            assert all(one.time_stamped for one in await again.service.list(CASE))
            assert await tokens_of(again) == 5   # the reply was there


async def test_two_authorities_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with serving(mode="away") as first, serving(house("Another")) as second:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await small_case(made)
            await stamps.add("One", first.url, house().root)
            made.clock.advance(1)
            await stamps.add("Two", second.url, house("Another").root)
            await stamps.drain()
            assert [(one.name, one.stamped) for one in await stamps.list()] == [("One", 0), ("Two", 3)]
            first.mode = "right"
            await stamps.drain()
            assert await tokens_of(made) == 6


async def test_the_loop_stamps_what_is_sealed_and_waits_after_a_failure(tmp_path: Path) -> None:
    with serving() as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await stamps.add("T", authority.url, house().root)
            loop = asyncio.ensure_future(_for_ever(stamps))
            record = await made.service.capture(made.request())
            stamps.on_sealed(EvidenceSealed(CASE, record.id))
            for _try in range(200):
                if await tokens_of(made):
                    break
                await asyncio.sleep(0.02)
            assert await tokens_of(made) == 1
            authority.mode = "away"
            asked = len(authority.asked)
            await made.service.capture(made.request())
            for _try in range(3):
                stamps.on_sealed(EvidenceSealed(CASE, record.id))
                await asyncio.sleep(0.02)
            for _try in range(200):
                if (await stamps.list())[0].failure:
                    break
                await asyncio.sleep(0.02)
            assert len(authority.asked) == asked + 1
            loop.cancel()
            await asyncio.gather(loop, return_exceptions=True)


async def _for_ever(stamps: Stamping) -> None:
    while True:
        await stamps.step()


async def test_a_removed_authority_is_not_asked_and_its_tokens_stay(tmp_path: Path) -> None:
    with serving() as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await small_case(made)
            added = await stamps.add("T", authority.url, house().root)
            await stamps.drain()
            await stamps.remove(added.id)
            with pytest.raises(NotFound):
                await stamps.remove(added.id)
            await made.service.capture(made.request())
            await stamps.drain()
            assert len(authority.asked) == 3
            assert await stamps.list() == ()
            assert sum(one.time_stamped for one in await made.service.list(CASE)) == 3


@pytest.mark.parametrize("url", ["", "ftp://a.example", "https://", "http://a b", "http://u@a.example", "http://a:x/"])
async def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    async with bench(tmp_path) as made, stamping(made) as stamps:
        with pytest.raises(InputError):
            await stamps.add("T", url, house().root)
        with pytest.raises(InputError):
            await stamps.add(" ", "https://tsa.example", house().root)


async def test_a_record_that_was_changed_is_not_stamped_and_holds_up_no_other(tmp_path: Path) -> None:
    with serving() as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            first, _second, _third = await small_case(made)
            await made.sql("UPDATE evidence_record SET envelope = x'00' WHERE id = ?", first)
            await stamps.add("T", authority.url, house().root)
            await stamps.drain()
            assert await tokens_of(made) == 2


async def test_what_was_sealed_long_before_an_authority_was_added_is_left_alone(tmp_path: Path) -> None:
    with serving() as authority:
        async with bench(tmp_path) as made, stamping(made) as stamps:
            await small_case(made)
            made.clock.advance(stamp_rows.BACK + 86_400_000)
            await made.service.capture(made.request())
            await stamps.add("T", authority.url, house().root)
            await stamps.drain()
            assert await tokens_of(made) == 1


async def test_nobody_there_is_offline(tmp_path: Path) -> None:
    with serving() as authority:
        served: Served = authority
    async with bench(tmp_path) as made, stamping(made) as stamps:
        with pytest.raises(Offline):
            await stamps.test("T", served.url, house().root)
