"""Copies are verified against their originals, in the store and in packs, whoever signed what they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.evidence import CASE, Bench
from workstation.evidence import lineage
from workstation.evidence.model import Crop, DeriveRequest, Kind, Part, Rect, Redact, State, VerifyReport
from workstation.evidence.sealer import Entry, Prepared
from workstation.evidence.verify import LINEAGE


def said(report: VerifyReport) -> list[str]:
    return [one.what for one in report.findings if one.part == LINEAGE]


def part(report: VerifyReport) -> Part:
    return next(one for one in report.parts if one.name == LINEAGE)


async def claimed_copy(made: Bench, **changes: Any) -> str:
    """A copy as a device could sign it that says something which cannot be. Returns the copy's id."""
    original = await made.service.capture(made.request())
    details = await made.service.details(original.id)
    entry = Entry(
        Kind.DERIVED, CASE, {"scope": "copy"}, {}, made.clock.now(), 1,
        sources=((original.id, details.record_hash),), operations=("crop 0,0,9,9",))
    prepared = Prepared(b"picture", "image/png", "", "ab" * 32, 9, 9)
    fields = {name: value for name, value in changes.items() if name in Entry.__slots__}
    sizes = {name: value for name, value in changes.items() if name in ("width", "height", "pixels")}
    stored = await made.service._sealer.add(replace(entry, **fields), replace(prepared, **sizes))
    return stored.id


async def test_honest_copies_are_no_finding(made: Bench, tmp_path: Path) -> None:
    original = await made.service.capture(made.request())
    first = await made.service.derive(DeriveRequest(original.id, (Redact(Rect(0, 0, 9, 9)), Crop(Rect(1, 1, 30, 20)))))
    await made.service.derive(DeriveRequest(first.id, (Crop(Rect(0, 0, 5, 6)),)))
    assert await claimed_copy(made)
    report = await made.service.verify()
    assert report.findings == ()
    assert part(report).state is State.PROVED
    alone = await made.service.export(tmp_path / "alone.zip", record_ids=[first.id])
    checked = await made.service.verify(alone)
    assert checked.findings == ()
    assert any("not in this pack" in one for one in part(checked).claimed)


@pytest.mark.parametrize(("changes", "word"), [
    ({"operations": ()}, "what was made"), ({"operations": ("blur 0,0,9,9",)}, "what was made"),
    ({"operations": ("redact 0,0,4,4",)}, "size"), ({"width": 8}, "size"), ({"pixels": ""}, "size"),
    ({"operations": ("crop 0,0,9,9",) * 300}, "what was made"), ({"case_id": "another"}, "another case"),
    ({"sources": ()}, "what was made"),
])
async def test_a_copy_that_cannot_be_is_named(made: Bench, changes: dict[str, object], word: str) -> None:
    copy = await claimed_copy(made, **changes)
    report = await made.service.verify()
    assert any(word in one for one in said(report))
    assert {one.where for one in report.findings} == {copy}


async def test_a_copy_of_another_record_than_it_says_is_named(made: Bench) -> None:
    other = await made.service.capture(made.request())
    await claimed_copy(made, sources=((other.id, "0" * 64),))
    assert any("another content" in one for one in said(await made.service.verify()))


def test_a_turned_photo_fits_whichever_way_its_size_was_told() -> None:
    assert lineage.fits(("orient 6",), (30, 20), (20, 30))
    assert lineage.fits(("orient 6",), (20, 30), (20, 30))
    assert not lineage.fits(("redact 0,0,1,1",), (30, 20), (20, 30))
    assert lineage.fits(("orient 6", "crop 0,0,4,4"), (0, 0), (4, 4))
