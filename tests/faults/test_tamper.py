"""One flipped bit anywhere in what evidence relies on is detected and named, and nothing untouched is suspected.

A few hundred flips by default, ten thousand with --long; the seed is printed. `python -m tests.bench tamper` counts.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from tests.support import tamper
from tests.support.evidence import KEY, bench
from tests.support.secrets import MemorySecrets
from tests.support.tables import every_table
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack_check import check_pack
from workstation.store import pages

pytestmark = [pytest.mark.timeout(3_600)]   # with --long


def test_every_table_of_evidence_is_relied_on_or_said_not_to_be() -> None:
    known = set(every_table().tables)
    assert set(tamper.DERIVED) <= known, "a table that is gone needs no reason any more"
    for name in tamper.COLUMNS:
        table, column = name.split(".")
        assert column in every_table().tables[table].columns


async def test_a_flip_in_any_table_is_named(tmp_path: Path, rng: random.Random, long_run: bool) -> None:
    async with bench(tmp_path) as made:
        await tamper.case(made)
        assert (await made.service.verify()).intact
        every = await tamper.cells(made)
        columns: dict[tuple[str, str], list[tamper.Cell]] = {}
        for cell in every:
            columns.setdefault((cell.table, cell.column), []).append(cell)
        filled = {table for table, _column in columns}
        assert filled >= set(tamper.relied()), "the case of this test has no row there"
        chosen = [rng.choice(found) for found in columns.values()]   # each column, however few its rows
        if long_run:
            chosen += rng.choices(every, k=2_500)
        else:
            chosen = rng.sample(chosen, 20)
            chosen += [rng.choice([cell for cell in every if cell.table == table]) for table in sorted(filled)]
        outcomes = [await tamper.flip_cell(made, cell, rng) for cell in chosen]
        assert (await made.service.verify()).intact, "put back, it is as it was"
    done = [outcome for outcome in outcomes if outcome is not None]
    assert len(done) > len(chosen) * 0.9
    assert list(tamper.missed(done)) == []


async def test_a_flip_in_any_sealed_file_is_named(tmp_path: Path, rng: random.Random, long_run: bool) -> None:
    async with bench(tmp_path) as made:
        await tamper.case(made, proofs=False)
        outcomes = [await tamper.flip_sealed(made, rng) for _n in range(2_500 if long_run else 12)]
        assert (await made.service.verify()).intact
    assert list(tamper.missed(outcomes)) == []


def test_a_flip_in_the_encrypted_store_names_its_page(tmp_path: Path, rng: random.Random, long_run: bool) -> None:
    secrets = MemorySecrets()

    async def fill() -> None:
        async with bench(tmp_path, secrets) as made:
            await tamper.case(made, proofs=False)

    async def look() -> VerifyReport:
        async with bench(tmp_path, secrets, damaged_pages=lambda: pages.check(database, KEY).damaged) as made:
            return await made.service.verify()

    database = tmp_path / "workstation.db"
    asyncio.run(fill())
    outcomes = [tamper.flip_page(database, rng, lambda: asyncio.run(look()))
                for _n in range(2_500 if long_run else 6)]
    assert asyncio.run(look()).intact
    assert list(tamper.missed(outcomes)) == []


@pytest.fixture
async def pack(tmp_path: Path, long_run: bool) -> Path:
    async with bench(tmp_path) as made:
        await tamper.case(made, proofs=long_run)
        return await made.service.export(tmp_path / "case.zip")


async def test_a_flip_anywhere_in_a_pack_is_named(pack: Path, rng: random.Random, long_run: bool) -> None:
    whose = tamper.owners(pack)
    outcomes = [tamper.flip_pack(pack, rng, whose) for _n in range(1_500 if long_run else 30)]
    own = [outcome for outcome in outcomes if "the zip itself" in outcome.place]
    assert own or not long_run
    assert list(tamper.missed(outcomes)) == []
    assert check_pack(pack).intact


async def test_a_flip_in_any_file_of_an_unpacked_pack_is_named(
    pack: Path, tmp_path: Path, rng: random.Random, long_run: bool
) -> None:
    bag = tamper.unpacked(pack, tmp_path / "out")
    assert check_pack(bag).intact
    outcomes = [tamper.flip_file(bag, rng) for _n in range(1_000 if long_run else 15)]
    assert list(tamper.missed(outcomes)) == []
    assert check_pack(bag).intact


async def test_nothing_untouched_is_suspected(tmp_path: Path, rng: random.Random, long_run: bool) -> None:
    async with bench(tmp_path) as made:
        for number in range(1_000 if long_run else 4):
            made.clock.advance(rng.randrange(1_000))
            await made.service.capture(made.request(purpose="x" * rng.randrange(40), url="https://a.example/" * 2))
            ids = [view.id for view in await made.service.list()]
            some = rng.sample(ids, rng.randrange(1, min(len(ids), 5) + 1))
            found = await made.service.export(tmp_path / f"{number}.zip", record_ids=() if number % 7 == 0 else some)
            assert check_pack(found).findings == ()
            found.unlink()
        assert (await made.service.verify()).findings == ()
