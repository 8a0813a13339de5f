"""Forms: within every limit of a desk, looked at by other programs; nothing left out without a word."""

from __future__ import annotations

import hashlib
import json
import os
import random
import zipfile
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.claims import RULES, Case, LongPress, Sheets, case, letters, outside, paper, photo
from tests.support.evidence import CASE, inside, payload_of
from workstation.evidence.claims.model import CORRESPONDENCE, CompileReport, Translation
from workstation.evidence.model import Kind
from workstation.kernel.errors import InputError, NotFound, Tampered

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIX = ("ebay", "paypal", "stripe", "mastercard", "amex", "discover")


@pytest_asyncio.fixture(loop_scope="module")
async def here(pressed: Case) -> Case:
    return pressed


async def rich(here: Case) -> set[str]:
    """A case that breaks the limits of every desk as it is: too many, too large, too long, of other formats."""
    here.known.said = letters(12)
    ids = {CORRESPONDENCE}
    for number in range(2):
        ids.add(await here.capture(f"Tracking page {number}", 700, 450, number))
    for number in range(2):
        ids.add(await here.add(
            photo(1000, 700), "image/jpeg", what={"scope": "message_file", "received": number % 2 == 0}))
    ids.add(await here.add(photo(400, 300, "GIF"), "image/gif"))
    ids.add(await here.add(photo(500, 400, "TIFF"), "image/tiff"))
    ids.add(await here.add(paper(12), "application/pdf", purpose="Invoice"))
    ids.add(await here.add(paper(2, 1_000_000), "application/pdf", purpose="Refund policy"))
    ids.add(await here.add(b'{"status": "Delivered"}', "application/json", Kind.ANSWER,
                           {"scope": "answer", "checks": ["tracking"]}))
    return ids


def accounted(report: CompileReport) -> set[str]:
    """Every exhibit that is in a file or in the list of what was left out."""
    return {name for file in report.files for name in file.record_ids} | {one.record_id for one in report.left_out}


async def check(here: Case, desk: str, ids: set[str], out: Path) -> CompileReport:
    report = await here.binder.compile(CASE, desk, "", out)
    assert outside(desk, out / "files") == []
    assert accounted(report) == ids
    assert all(one.reason for one in report.left_out)
    for file in report.files:
        content = (out / "files" / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
    assert {path.name for path in (out / "files").iterdir()} == {file.name for file in report.files}
    assert report.pack is not None
    assert (await here.made.service.verify(report.pack)).intact
    return report


async def test_six_desks_get_what_they_take(here: Case, tmp_path: Path) -> None:
    ids = await rich(here)
    for desk in SIX:
        report = await check(here, desk, ids, tmp_path / desk)
        assert len(report.files) >= 3
    assert (await here.made.service.verify()).intact


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_all_twelve_desks_get_what_they_take(here: Case, tmp_path: Path) -> None:
    ids = await rich(here)
    desks = await here.binder.desks()
    assert {desk.id for desk in desks} == set(RULES)
    for desk in desks:
        for reason in desk.reasons[:2]:
            report = await here.binder.compile(CASE, desk.id, reason.id, tmp_path / f"{desk.id}-{reason.id}")
            assert outside(desk.id, report.path / "files") == [], (desk.id, reason.id)
            assert accounted(report) == ids


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_whatever_is_in_a_case_a_form_keeps_the_rules(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    seed = int(request.config.getoption("--seed") or 7)
    chance = random.Random(seed)
    print(f"seed {seed}")
    for turn in range(8):
        folder = tmp_path / str(turn)
        folder.mkdir()
        async with case(folder, Sheets()) as here:
            here.known.said = letters(chance.randrange(0, 200))
            ids = {CORRESPONDENCE} if here.known.said else set()
            for _number in range(chance.randrange(1, 14)):
                ids.add(await _any(here, chance))
            desk = chance.choice(sorted(RULES))
            report = await here.binder.compile(CASE, desk, "", folder / "out")
            assert outside(desk, folder / "out" / "files") == [], (turn, desk)
            assert accounted(report) == ids, (turn, desk)


async def _any(here: Case, chance: random.Random) -> str:
    sort = chance.randrange(4)
    if sort == 0:
        return await here.capture("Shot", chance.randrange(20, 2000), chance.randrange(20, 1500), chance.randrange(255))
    if sort == 1:
        return await here.add(photo(chance.randrange(10, 2000), chance.randrange(10, 2000)), "image/jpeg")
    if sort == 2:
        return await here.add(paper(chance.randrange(1, 40), chance.randrange(0, 6_000_000)), "application/pdf")
    return await here.add(chance.randbytes(chance.randrange(1, 3_000)), chance.choice(["text/plain", "image/png"]))


async def test_the_form_says_everything_and_the_custody_record_names_the_files(here: Case, tmp_path: Path) -> None:
    here.known.said = letters()
    shot = await here.capture("Tracking page")
    excluded = await here.capture("Something else", seed=4)
    await here.binder.include(CASE, [excluded], False)
    await here.binder.caption(CASE, shot, "The carrier says delivered")
    report = await here.binder.compile(CASE, "stripe", "product_not_received", tmp_path / "form")
    form = json.loads((tmp_path / "form" / "form.json").read_text(encoding="utf-8"))
    assert [file["name"] for file in form["files"]] == [f"files/{file.name}" for file in report.files]
    sealed = {one.id: one.sha256 for one in await here.made.service.list(CASE)}
    assert form["files"][0]["made_of_sha256"] == [sealed[shot]]
    assert form["facts"]["tracking_number"]["value"] == "JD014600003RU"
    assert form["facts"]["tracking_number"]["source"] == "17track"
    assert form["facts"]["promised_on"] == {
        "value": None, "source": "", "asked_at": None, "old": False, "unknown_because": "No source says it."}
    assert form["left_out"] == [
        {"record_id": excluded, "title": "Orders <of> Ana", "reason": "it is not included in the binder"}]
    text = (tmp_path / "form" / "texts" / "uncategorized_text.txt").read_text(encoding="utf-8")
    assert "Exhibit 1: The carrier says delivered" in text
    assert report.files[0].name.startswith("01-")
    rows = await here.made.sql("SELECT envelope FROM evidence_record WHERE id = ?", report.record_id)
    said = payload_of(rows[0][0])["what"]  # type: ignore[arg-type]
    assert (said["scope"], said["desk"], said["reason"]) == ("claim", "stripe", "product_not_received")  # type: ignore[index]
    assert {file["sha256"] for file in said["files"]} == {file.sha256 for file in report.files}  # type: ignore[index]
    assert said["files"][0]["records"][0]["id"] == shot  # type: ignore[index]


async def test_a_zip_holds_the_same(here: Case, tmp_path: Path) -> None:
    await here.capture("Tracking page")
    report = await here.binder.compile(CASE, "stripe", "", tmp_path / "form.zip")
    with zipfile.ZipFile(tmp_path / "form.zip") as archive:
        assert archive.testzip() is None
        assert {f"files/{file.name}" for file in report.files} < set(archive.namelist())
    assert report.pack == tmp_path / "form-evidence.zip"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".")]  # noqa: PTH208


async def test_a_translation_goes_behind_its_exhibit_and_says_who_made_it(tmp_path: Path, press: LongPress) -> None:
    sheets = Sheets()
    async with case(tmp_path, sheets, press) as here:
        here.known.said = letters()
        one = await here.capture("Tracking page")
        await here.binder.translate(CASE, one, "zh", Translation("en", "Signed for <by> Ana", "argos 1.9"))
        report = await here.binder.compile(CASE, "stripe", "", tmp_path / "form")
    assert report.pack is not None
    packed = inside(report.pack)
    for name in ("data/binder/exhibits.html", "data/binder/correspondence.html"):
        assert "machine translation by argos 1.9" in packed[name].decode(), name
    first = next(file for file in report.files if one in file.record_ids)
    assert (first.mime, first.pages) == ("application/pdf", 2)
    page = next(html for html in sheets.printed if "Signed for" in html)
    assert "Signed for &lt;by&gt; Ana" in page
    assert "machine translation by argos 1.9, not edited by a person" in page
    assert any("Machine translations" in warning for warning in report.warnings)
    thread = next(html for html in sheets.printed if "O pacote" in html)
    assert "As the seller wrote it, in English (en), before translation:" in thread


async def test_without_a_printer_pages_stay_beside_as_html_and_it_is_said(tmp_path: Path, press: LongPress) -> None:
    async with case(tmp_path, Sheets(reason="No window here."), press) as here:
        here.known.said = letters()
        one = await here.capture("Tracking page")
        report = await here.binder.compile(CASE, "stripe", "", tmp_path / "form")
    assert [file.record_ids for file in report.files] == [(one,)]
    left = report.left_out[0]
    assert (left.record_id, "No window here." in left.reason) == (CORRESPONDENCE, True)
    assert "O pacote" in (tmp_path / "form" / "not-sent" / "02-page.html").read_text(encoding="utf-8")


async def test_a_desk_for_pictures_gets_papers_as_pictures(here: Case, tmp_path: Path) -> None:
    here.known.said = letters(20)
    shots = [await here.capture(f"Tracking page {n}", seed=n) for n in range(7)]
    bill = await here.add(paper(), "application/pdf", purpose="Invoice")
    report = await here.binder.compile(CASE, "ebay", "", tmp_path / "form")
    assert outside("ebay", tmp_path / "form" / "files") == []
    assert len(report.files) == 5
    assert {name for file in report.files for name in file.record_ids} == {*shots, CORRESPONDENCE, bill}
    assert report.left_out == ()


async def test_the_least_important_goes_first_and_pages_are_cut_with_a_word(here: Case, tmp_path: Path) -> None:
    needed = await here.add(paper(18), "application/pdf", purpose="Delivery of the carrier")
    surplus = await here.add(paper(30), "application/pdf", purpose="unclear")
    report = await here.binder.compile(CASE, "discover", "not_received", tmp_path / "form")
    assert sum(file.pages for file in report.files) == 20
    assert next(file.pages for file in report.files if needed in file.record_ids) == 18
    assert [(one.record_id, "pages 1 to 2 of 30" in one.reason) for one in report.left_out] == [(surplus, True)]


async def test_an_existing_place_and_an_edited_record_are_refused(here: Case, tmp_path: Path) -> None:
    await here.capture("Tracking page")
    (tmp_path / "there").mkdir()
    with pytest.raises(InputError):
        await here.binder.compile(CASE, "stripe", "", tmp_path / "there")
    with pytest.raises(InputError):
        await here.binder.compile(CASE, "stripe", "", tmp_path / "nowhere" / "form")
    blob = max((one for one in (tmp_path / "blobs").rglob("*") if one.is_file()), key=lambda p: p.stat().st_size)
    blob.chmod(0o600)
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    with pytest.raises(Tampered):
        await here.binder.compile(CASE, "stripe", "", tmp_path / "form")
    assert not (tmp_path / "form").exists()


async def test_an_erased_exhibit_is_left_out_with_what_became_of_it(
    here: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, there = await here.capture("Tracking page"), await here.capture("Tracking page", seed=5)
    real = here.made.service.sealed

    async def erased(record_id: str) -> tuple[str, str, bytes]:
        if record_id == gone:
            raise NotFound("This file was erased on 2026-11-22.", "")
        return await real(record_id)

    monkeypatch.setattr(here.made.service, "sealed", erased)
    report = await here.binder.compile(CASE, "stripe", "", tmp_path / "form")
    assert [file.record_ids for file in report.files] == [(there,)]
    assert [(one.record_id, one.reason) for one in report.left_out] == [(gone, "This file was erased on 2026-11-22.")]
