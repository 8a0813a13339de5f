"""Erasing destroys keys, files and values for good; records, chain and verification stand, and say what went."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.support.erasing import OTHER, RULE, Desk, desk
from tests.support.evidence import CASE, KEY, inside, payload_of
from workstation.evidence.erasing import Cause, heard
from workstation.evidence.model import Kind, VerifyReport
from workstation.kernel.errors import InputError, NotFound
from workstation.store.unit import Unit


def said(report: VerifyReport, words: str) -> bool:
    return any(words in sentence for sentence in report.claimed)


async def erasure_of(here: Desk, erase_id: str) -> dict[str, object]:
    ((envelope,),) = await here.made.sql("SELECT envelope FROM evidence_record WHERE id = ?", erase_id)
    assert isinstance(envelope, bytes)
    what = payload_of(envelope)["what"]
    assert isinstance(what, dict)
    return what


async def test_what_is_erased_is_gone_and_everything_else_still_verifies(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids, others = await here.case(), await here.case(OTHER)
        before = here.files()
        seen = await here.deadlines.preview(CASE)
        assert (seen.records, seen.files, seen.stay, seen.hold) == (3, 3, 3, None)
        assert "file_name" in seen.values
        assert "operator" not in seen.values
        done = await here.deadlines.erase(CASE)
        assert (done.records, done.files, done.left) == (3, 3, 0)
        assert len(here.files()) == len(before) - 3
        rows = await here.made.sql("SELECT name FROM evidence_private WHERE record_id IN (?, ?, ?)", *ids)
        assert {name for (name,) in rows} == {"operator", "os_user"}
        assert await here.made.sql("SELECT 1 FROM evidence_thumbnail WHERE record_id = ?", ids[0]) == []
        report = await here.made.service.verify()
        assert report.intact, report.findings
        assert said(report, "3 files were erased")
        for record_id in ids:
            with pytest.raises(NotFound, match="erased"):
                await here.made.service.open(record_id)
        assert await here.made.service.open(others[0])
        assert (await here.deadlines.preview(CASE)).empty
        with pytest.raises(NotFound):
            await here.deadlines.erase(CASE)


async def test_the_record_of_an_erasure_names_what_went_by_which_rule_and_no_value(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await here.case()
        done = await here.erasing.erase(CASE, Cause(RULE, 1_790_000_000_000))
        what = await erasure_of(here, done.record_id)
        assert what["rule"] == {
            "id": "amazon-30-days", "channel": "amazon", "after": "delivery", "days": 30,
            "source": "kept at most 30 days after delivery", "due_ns": "1790000000000000000",
        }
        listed = what["records"]
        assert isinstance(listed, list)
        assert [one["id"] for one in listed] == ids
        assert {name for one in listed for name in one["values"]} >= {"url", "file_name", "message_id", "receipt"}
        assert all(one["file"] for one in listed)
        text = json.dumps(what)
        for value in ("shop.example", "ana", "Ana", "250 ok"):
            assert value not in text
        (row,) = [record for record in await here.made.service.list(CASE, custody=True) if record.kind is Kind.ERASE]
        assert row.id == done.record_id


async def test_no_key_and_no_value_is_left_in_any_page_of_the_store(tmp_path: Path) -> None:
    """Every page is decrypted as who holds the store's key could, free ones too; the log is empty."""
    secrets = [b"https://shop.example/ana", b"screenshot of ana.jpg"]
    async with desk(tmp_path) as here:
        await here.case()
        secrets += [bytes(key) for (key,) in await here.made.sql("SELECT key FROM blob")]  # type: ignore[call-overload]
        await here.made.database.flush_log()
        assert all(secret in _pages(tmp_path) for secret in secrets)
        await here.deadlines.erase(CASE)
        assert not any(secret in _pages(tmp_path) for secret in secrets)
        log = tmp_path / "workstation.db-wal"
        assert not log.exists() or log.stat().st_size == 0


def _pages(folder: Path) -> bytes:
    """The plaintext of the file, page by page (SQLCipher 4: AES-256-CBC, 80 bytes at a page's end, the first of them
    its IV; 16 bytes of salt before the first page). A raw key is the key of the pages itself."""
    content, found = (folder / "workstation.db").read_bytes(), []
    for start in range(0, len(content), 4_096):
        page = content[start:start + 4_096]
        opening = Cipher(algorithms.AES(KEY), modes.CBC(page[-80:-64])).decryptor()
        found.append(opening.update(page[0 if start else 16:-80]) + opening.finalize())
    return b"".join(found)


async def test_a_hold_stands_in_the_way_until_it_is_lifted(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        laid = await here.deadlines.hold(CASE, "  A-to-z claim 111-2  ")
        assert laid.kind is Kind.HOLD
        held = await here.deadlines.held(CASE)
        assert held is not None
        assert held.reason == "A-to-z claim 111-2"
        for refused in (here.deadlines.erase(CASE), here.deadlines.plan(CASE), here.deadlines.hold(CASE, "again")):
            with pytest.raises(InputError, match="A-to-z claim 111-2"):
                await refused
        assert (await here.deadlines.preview(CASE)).hold == held
        assert len(here.files()) == 3
        await here.deadlines.lift(CASE, "claim won")
        assert await here.deadlines.held(CASE) is None
        with pytest.raises(InputError):
            await here.deadlines.lift(CASE, "twice")
        assert (await here.deadlines.erase(CASE)).files == 3
        assert [record.kind for record in await here.made.service.list(CASE, custody=True)][-3:] == [
            Kind.HOLD, Kind.HOLD, Kind.ERASE]
        assert (await here.made.service.verify()).intact


@pytest.mark.parametrize("reason", ["", "   "])
async def test_a_hold_needs_a_reason(tmp_path: Path, reason: str) -> None:
    async with desk(tmp_path) as here:
        with pytest.raises(InputError):
            await here.deadlines.hold(CASE, reason)
        assert await here.made.service.list(CASE, custody=True) == ()


async def test_a_refused_hold_or_erasure_leaves_no_record(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.case()
        await here.deadlines.hold(CASE, "court")
        count = len(await here.made.service.list(custody=True))
        with pytest.raises(InputError):
            await here.deadlines.hold(CASE, "court again")
        with pytest.raises(InputError):
            await here.deadlines.erase(CASE)
        assert len(await here.made.service.list(custody=True)) == count
        assert (await here.made.service.verify()).intact


async def test_one_hold_and_one_erasure_are_for_all_that_was_merged(tmp_path: Path) -> None:
    both = (CASE, OTHER)
    async with desk(tmp_path, kin={CASE: both, OTHER: both}) as here:
        await here.case()
        await here.case(OTHER)
        await here.deadlines.hold(OTHER, "court")
        with pytest.raises(InputError):
            await here.deadlines.erase(CASE)
        await here.deadlines.lift(CASE, "over")
        assert (await here.deadlines.erase(CASE)).files == 5   # the same picture in both is kept once
        assert here.files() == []


async def test_copies_made_of_a_record_are_erased_with_it(tmp_path: Path) -> None:
    from workstation.evidence.model import DeriveRequest, Rect, Redact

    async with desk(tmp_path) as here:
        (original, *_rest) = await here.case()
        copy = await here.made.service.derive(DeriveRequest(original, (Redact(Rect(0, 0, 5, 5)),)))
        done = await here.deadlines.erase(CASE)
        assert done.files == 4
        assert here.files() == []
        what = await erasure_of(here, done.record_id)
        assert copy.id in json.dumps(what)
        assert (await here.made.service.verify()).intact


async def test_a_large_case_takes_several_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.evidence.erasing.MOST_AT_ONCE", 2)
    async with desk(tmp_path) as here:
        await here.case()
        done = await here.deadlines.erase(CASE)
        assert (done.records, done.files) == (3, 3)
        kinds = [record.kind for record in await here.made.service.list(CASE, custody=True)]
        assert kinds.count(Kind.ERASE) == 2
        assert (await here.made.service.verify()).intact


async def test_an_erased_case_is_exported_and_its_pack_verifies(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await here.case()
        await here.case(OTHER)
        await here.deadlines.erase(CASE)
        pack = await here.made.service.export(tmp_path / "all.zip")
        names = inside(pack)
        assert sum(name.startswith("data/files/") for name in names) == 3
        report = await here.made.service.verify(pack)
        assert report.intact, report.findings
        assert said(report, "3 files were erased")
        single = await here.made.service.export(tmp_path / "one.zip", record_ids=[ids[0]])
        report = await here.made.service.verify(single)
        assert report.intact, report.findings
        assert said(report, "1 file was erased")


@pytest.mark.parametrize("statement", [
    "DELETE FROM blob WHERE id = (SELECT max(id) FROM evidence_record WHERE kind = 'file')",
    "DELETE FROM evidence_private WHERE name = 'file_name'",
])
async def test_what_no_record_says_was_erased_is_missing(tmp_path: Path, statement: str) -> None:
    async with desk(tmp_path) as here:
        await here.case(OTHER)
        await here.deadlines.erase(OTHER)
        await here.case()
        assert (await here.made.service.verify()).intact
        await here.made.sql(statement)
        report = await here.made.service.verify()
        assert len(report.findings) == 1


async def test_an_erasure_excuses_nothing_it_does_not_name(tmp_path: Path) -> None:
    """What was kept after an erasure, of the same case, and lost its key is missing."""
    async with desk(tmp_path) as here:
        await here.case()
        await here.deadlines.erase(CASE)
        kept = (await here.case())[-1]
        assert (await here.made.service.verify()).intact
        await here.made.sql("DELETE FROM blob WHERE id = ?", kept)
        report = await here.made.service.verify()
        assert [finding.where for finding in report.findings] == [kept]


async def test_a_key_that_came_back_after_its_erasure_is_found(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        ids = await here.case()
        rows = await here.made.sql("SELECT * FROM blob WHERE id = ?", ids[0])
        await here.deadlines.erase(CASE)
        marks = ", ".join("?" for _value in rows[0])
        await here.made.sql(f"INSERT INTO blob VALUES ({marks})", *rows[0])  # noqa: S608 - only question marks
        report = await here.made.service.verify()
        assert any("was erased, and its key is there" in finding.what for finding in report.findings)


async def test_what_the_hub_says_was_erased_is_erased_again_after_a_restore(tmp_path: Path) -> None:
    """A store of before the erasure knows nothing of it; the hub's word erases it once more, and says why."""
    async with desk(tmp_path) as here:
        ids = await here.case()

        def hear(unit: Unit) -> None:
            heard(unit, "erase-1", {"case_id": CASE, "records": [{"id": each, "address": "a"} for each in ids[:2]]})
            heard(unit, "erase-2", {"case_id": CASE, "records": [{"id": "of another desktop"}]})
            heard(unit, "odd", {"case_id": 7, "records": "x"})

        await here.made.database.write(hear)
        assert await here.erasing.again() == 2
        assert len(here.files()) == 1
        erase = [record for record in await here.made.service.list(CASE, custody=True) if record.kind is Kind.ERASE]
        assert (await erasure_of(here, erase[0].id))["again"] == "erase-1"
        assert await here.erasing.again() == 0
        assert (await here.made.service.verify()).intact
