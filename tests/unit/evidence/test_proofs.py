"""What proves a record, kept and packed: it holds, it says what it proves, and every change of it is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.support.authority import house
from tests.support.evidence import CASE, Bench, bench, flip, inside, rewrite, small_case
from tests.support.proofs import prove
from workstation.evidence import log_rows, row_seal, stamp_rows
from workstation.evidence.log_rows import Break
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack_check import check_pack


def of(report: VerifyReport, part: str) -> str:
    """Everything the report says of a part."""
    (found,) = [one for one in report.parts if one.name == part]
    return " ".join((*found.proved, *found.claimed, *(f"{one.where}: {one.what}" for one in found.findings)))


async def packed(made: Bench) -> Path:
    await made.service.open((await made.service.list(CASE))[0].id)
    return await made.service.export(made.folder / "case.zip")


async def test_a_store_says_what_is_proved_and_what_is_not(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made)
        assert {(one.time_stamped, one.stamp_simulated) for one in await made.service.list(CASE)} == {(True, False)}
        report = await made.service.verify()
        assert report.intact, report.findings
        assert "Time proved by Test authority for 4 records, between " in of(report, "time")
        assert "device time only" not in of(report, "time")
        assert "4 records are in the hub's log" in of(report, "log")
        assert "The log only grew: 2 checkpoints" in of(report, "log")
        await made.service.open((await made.service.list(CASE))[0].id)
        later = await made.service.verify()
        assert "When 1 record was made: device time only." in of(later, "time")
        assert "1 record has no place in the hub's log yet." in of(later, "log")


async def test_a_stamp_proves_the_time_of_what_the_chain_leads_back_to(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made)
        await made.sql("DELETE FROM evidence_token WHERE digest IN "
                       "(SELECT record_hash FROM evidence_record WHERE sequence IN (1, 2, 4))")
        said = of(await made.service.verify(), "time")
        assert "for 1 record: it existed no later than" in said
        assert "2 more records existed before a stamped one" in said
        assert "When 1 record was made: device time only." in said


async def test_across_a_gap_in_the_chain_no_stamp_reaches(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made)
        await made.sql("DELETE FROM evidence_token WHERE digest = "
                       "(SELECT record_hash FROM evidence_record WHERE sequence = 1)")
        records = await made.service.list(CASE)
        ends = [records[0].id, records[-1].id]
        pack = await made.service.export(made.folder / "ends.zip", record_ids=ends)
        said = of(await made.service.verify(pack), "time")
        assert "for 1 record" in said
        assert "When 2 records were made: device time only." in said   # the first, and the export's own


async def test_a_clock_that_was_ahead_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        made.clock.advance(50 * 365 * 86_400_000)
        await prove(made)
        report = await made.service.verify()
        assert report.intact
        assert "The device's clock was ahead: record 1 says 20" in of(report, "time")


async def test_the_demos_authority_proves_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made, simulated=True)
        assert {(one.time_stamped, one.stamp_simulated) for one in await made.service.list(CASE)} == {(False, True)}
        said = of(await made.service.verify(), "time")
        assert "a simulated authority of the demo: it proves nothing" in said
        assert "Time proved" not in said
        assert "Time proved" not in of(check_pack(await packed(made)), "time")


async def test_a_pack_brings_its_proofs_along(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made, stamp_log=True)
        pack = await packed(made)
        report = await made.service.verify(pack)
        assert report.intact, report.findings
        assert "Time proved by Test authority for 4 records" in of(report, "time")
        assert "compare the root certificate of Test authority" in of(report, "time")
        assert "4 records are in the hub's log" in of(report, "log")
        assert "The log only grew" in of(report, "log")
        assert "was stamped by CN=Test authority" in of(report, "log")
        names = sorted(name for name in inside(pack) if name.startswith(("data/tokens/", "data/auth", "data/log/")))
        assert len([name for name in names if name.endswith(".tsr")]) == 6
        authority = next(name for name in names if name.endswith(".roots.pem") and "authorities" in name)
        assert inside(pack)[authority] == house().root
        assert {"data/log/1.checkpoint", "data/log/4.checkpoint", "data/log/1-4.json", "data/log/key.txt"} <= set(names)


async def test_a_pack_of_one_case_without_proofs_says_device_time_only(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await small_case(made)
        report = check_pack(await packed(made))
        assert "device time only" in of(report, "time")
        assert of(report, "log") == ""


@pytest.mark.parametrize(("which", "change", "part", "word"), [
    ("tokens/*.tsr", lambda raw: flip(raw, -9), "time", "does not hold"),
    ("tokens/*.tsr", lambda raw: b"", "time", "does not hold"),
    ("authorities/*.roots.pem", lambda raw: house("Another").root, "time", "does not hold"),
    ("authorities/*.roots.pem", lambda raw: None, "time", "not known here"),
    ("authorities/*.json", lambda raw: b"[" * 50_000, "time", "not known here"),
    ("4.checkpoint", lambda raw: raw.replace(b"\n4\n", b"\n5\n"), "log", "not signed"),
    ("4.checkpoint", lambda raw: None, "log", "missing"),
    ("1-4.json", lambda raw: raw.replace(b'"proof": ["', b'"proof": ["00'), "log", "go on"),
    ("1-4.json", lambda raw: b"[]", "log", "no proof"),
    ("log/records/*", lambda raw: raw.replace(b'"leaf": ', b'"leaf": 1'), "log", "not proved"),
    ("log/records/*", lambda raw: raw.replace(b'"record_sha256": "', b'"record_sha256": "f'), "log", "no proof"),
    ("key.txt", lambda raw: raw.replace(b"h1", b"h2"), "log", "not signed"),
])
async def test_a_changed_proof_is_named_even_if_every_sum_was_made_anew(
    proved_pack: Path, tmp_path: Path, which: str, change: Callable[[bytes], bytes | None], part: str, word: str
) -> None:
    """The sums and the signed list find it too; here only what the proof itself says is looked at."""
    name = next(name for name in sorted(inside(proved_pack)) if fnmatch(name, f"data/*{which}"))
    changed = change(inside(proved_pack)[name])
    edit = None if changed is None else (lambda _raw: changed)
    report = check_pack(rewrite(proved_pack, tmp_path / "changed.zip", {name: edit}))
    assert word in of(report, part), (name, of(report, part))


async def test_a_stamp_of_another_record_does_not_count(proved_pack: Path, tmp_path: Path) -> None:
    files = inside(proved_pack)
    one, other = [name for name in sorted(files) if name.startswith("data/tokens/")][:2]
    report = check_pack(rewrite(proved_pack, tmp_path / "swapped.zip", {one: lambda _raw: files[other]}))
    assert "signed something else" in of(report, "time")
    report = check_pack(rewrite(proved_pack, tmp_path / "more.zip", {}, {"data/tokens/x.y.tsr": b"1"}))
    assert "no record of this pack" in of(report, "time")


@pytest.fixture(scope="module")
def proved_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pack with all proofs, made once."""
    import asyncio

    async def make() -> Path:
        async with bench(tmp_path_factory.mktemp("proved")) as made:
            await prove(made)
            return await packed(made)

    return asyncio.run(make())


async def test_a_hub_that_shows_two_desks_two_logs_is_found_by_their_packs(proved_pack: Path, tmp_path: Path) -> None:
    """A fork: each desk alone sees a log that only grows."""
    async with bench(tmp_path) as made:
        await prove(made)   # the same hub, with other records in the same places
        report = await made.service.verify(proved_pack)
        assert "another log of the same length: it has two" in of(report, "log")
        assert (await made.service.verify(await packed(made))).intact


async def test_a_broken_log_is_a_finding_until_it_is_accepted_and_a_claim_for_ever(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made)
        found = Break("b1", "workstation.hub/h1", 1_800_000_000_000, "shrunk", 4, b"note", "key")
        await made.database.write(lambda unit: log_rows.put_break(unit.conn, found))
        report = await made.service.verify()
        assert not report.intact
        assert "shorter than it was" in of(report, "log")
        await made.database.write(lambda unit: log_rows.accept(unit.conn, "b1", 1_800_000_001_000))
        report = await made.service.verify()
        assert report.intact, report.findings
        assert "A person accepted it" in of(report, "log")
        assert "shorter than it was" in of(report, "log")


async def test_no_column_around_the_proofs_changes_unseen(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await prove(made, stamp_log=True)
        await made.database.write(lambda unit: log_rows.put_break(
            unit.conn, Break("b1", "elsewhere", 1_800_000_000_000, "shrunk", 4, b"note", "key")))
        await made.database.write(lambda unit: log_rows.accept(unit.conn, "b1", 1_800_000_001_000))
        assert (await made.service.verify()).intact
        for table in ("evidence_authority", "evidence_token", "evidence_log", "evidence_checkpoint",
                      "evidence_inclusion", "evidence_log_break"):
            columns = [str(row[1]) for row in await made.sql(f"PRAGMA table_info({table})")]
            for column in columns:
                ((rowid, before),) = await made.sql(f"SELECT rowid, {column} FROM {table} LIMIT 1")  # noqa: S608
                after = before + b"x" if isinstance(before, bytes) else before + 1 if isinstance(before, int) else \
                    f"{before}x"
                statement = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"  # noqa: S608
                await made.sql(statement, after, rowid)
                broken = await made.database.read(lambda conn: (*stamp_rows.broken(conn), *log_rows.broken(conn)))
                assert [name for name, _row in broken] == [table], column
                await made.sql(statement, before, rowid)
        assert (await made.service.verify()).intact
        await made.sql("UPDATE evidence_checkpoint SET at = at + 1")
        assert "was changed" in of(await made.service.verify(), "store")


def test_a_seal_covers_every_value() -> None:
    one = row_seal.sealed({"a": 1, "b": b"x", "c": None})
    assert one["seal"] == row_seal.digest(json.loads(json.dumps({"a": 1, "b": "78", "c": None})))
    assert row_seal.digest({"a": 2, "b": b"x", "c": None}) != one["seal"]
