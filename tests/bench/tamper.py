"""How many of 10,000 random single-bit flips a verification detects and names, and how many of 1,000 untouched packs
and stores it suspects. A quarter each: cells of every table, sealed files, the encrypted store's pages, packs (as a zip
and unpacked). The goal is all of them and none.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support import tamper
from tests.support.evidence import KEY, Bench, bench
from tests.support.secrets import MemorySecrets
from tests.support.tamper import Outcome
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack_check import check_pack
from workstation.store import pages

RUNS = 10_000
_SHOWN = 20


def measure(flips: int, untouched: int = 0, seed: int = 0) -> dict[str, Any]:
    """Counts for each sort of flip, what was missed, and false alarms. `untouched`: a tenth of `flips` unless given."""
    seed = seed or random.SystemRandom().randrange(1 << 32)
    rng, began = random.Random(seed), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        sorts = asyncio.run(_flips(Path(folder), rng, flips // 4))
        sorts["page"] = list(_page_flips(Path(folder), rng, flips // 4))
    with tempfile.TemporaryDirectory() as folder:
        alarms = asyncio.run(_untouched(Path(folder), rng, untouched or flips // 10))
    every = [outcome for outcomes in sorts.values() for outcome in outcomes]
    missed = list(tamper.missed(every))
    return {
        "seed": seed, "flips": len(every), "detected": sum(outcome.detected for outcome in every),
        "named": sum(outcome.named for outcome in every), "sorts": {name: len(found) for name, found in sorts.items()},
        "columns": len(Counter(outcome.place.partition(" ")[0] for outcome in sorts["cell"])),
        "missed": [outcome.place for outcome in missed][:_SHOWN], "untouched": alarms["checked"],
        "false_alarms": alarms["suspected"], "seconds": round(time.monotonic() - began),
    }


async def _flips(folder: Path, rng: random.Random, each: int) -> dict[str, list[Outcome]]:
    async with bench(folder, MemorySecrets({"device-key": b"k" * 32})) as made:
        await tamper.case(made)
        cells = await tamper.cells(made)
        changed = [await tamper.flip_cell(made, rng.choice(cells), rng) for _n in range(each)]
        while len(done := [one for one in changed if one is not None]) < each:   # some keys cannot be doubled
            changed.append(await tamper.flip_cell(made, rng.choice(cells), rng))
        sealed = [await tamper.flip_sealed(made, rng) for _n in range(each)]
        packs = await _pack_flips(made, rng, each)
        return {"cell": done, "sealed file": sealed, "pack": packs}


async def _pack_flips(made: Bench, rng: random.Random, count: int) -> list[Outcome]:
    pack = await made.service.export(made.folder / "case.zip")
    bag, whose = tamper.unpacked(pack, made.folder / "out"), tamper.owners(pack)
    return [tamper.flip_pack(pack, rng, whose) if number % 2 else tamper.flip_file(bag, rng)
            for number in range(count)]


def _page_flips(folder: Path, rng: random.Random, count: int) -> Iterator[Outcome]:
    """Of the store that `_flips` left behind, closed."""
    database = folder / "workstation.db"

    async def look() -> VerifyReport:
        secrets = MemorySecrets({"device-key": b"k" * 32})
        async with bench(folder, secrets, damaged_pages=lambda: pages.check(database, KEY).damaged) as made:
            return await made.service.verify()

    for _n in range(count):
        yield tamper.flip_page(database, rng, lambda: asyncio.run(look()))


async def _untouched(folder: Path, rng: random.Random, count: int) -> dict[str, int]:
    """Ever other packs of a store that grows, each checked once, and the store beside each of them."""
    checked = suspected = 0
    async with bench(folder) as made:
        for number in range(count // 2):
            made.clock.advance(rng.randrange(1_000))
            await made.service.capture(made.request(purpose="x" * rng.randrange(40)))
            ids = [view.id for view in await made.service.list()]
            some = rng.sample(ids, min(len(ids), 4))
            pack = await made.service.export(folder / f"{number}.zip", record_ids=() if number % 20 == 0 else some)
            for report in (check_pack(pack), await made.service.verify()):
                checked, suspected = checked + 1, suspected + (not report.intact)
            pack.unlink()
    return {"checked": checked, "suspected": suspected}
