"""By when a claim is to be answered: reckoned from the day it came in, or as the desk says; kept, and in the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.claims import Case, Sheets, case
from tests.support.evidence import CASE
from workstation.evidence.claims import deadline
from workstation.evidence.claims.desks import Desks
from workstation.evidence.claims.model import Claim, Deadline
from workstation.kernel.errors import InputError
from workstation.kernel.paths import resources

DESKS = Desks(resources() / "claims")


def _first(desk: str, claim: Claim) -> Deadline | None:
    return next(iter(deadline.deadlines(claim, DESKS.get(desk).clock)), None)


@pytest.mark.parametrize(("desk", "claim", "on"), [
    ("ebay", Claim("2026-02-26"), "2026-03-03"),                     # five days
    ("ebay", Claim("2026-02-26", due_on="2026-03-01"), "2026-03-01"),   # the desk's own word
    ("amazon_a_to_z", Claim("2026-11-20"), "2026-11-22"),            # 48 hours before 72, an appeal never first
    ("tiktok_shop", Claim("2026-11-20"), "2026-11-27"),              # only appeals: the first of them
    ("stripe", Claim("2026-11-20"), None),                           # no clock of its own
    ("stripe", Claim(due_on="2026-12-01"), "2026-12-01"),
    ("ebay", Claim(reference="5012"), None),
])
def test_the_first_day_counts(desk: str, claim: Claim, on: str | None) -> None:
    found = _first(desk, claim)
    assert (found.on if found else None) == on


def test_hours_are_said_to_end_in_the_course_of_the_day() -> None:
    found = _first("amazon_a_to_z", Claim("2026-11-20"))
    assert found is not None
    assert (found.hours, found.appeal, found.told) == (True, False, False)
    assert found.length.startswith("48 hours")


@pytest.mark.parametrize("claim", [
    Claim("yesterday"), Claim("2026-02-30"), Claim("1926-02-03"), Claim(due_on="2026-13-01"),
    Claim("2026-11-20", due_on="2026-11-19"), Claim(reference="9" * 101)])
def test_what_is_no_date_or_too_long_is_refused(claim: Claim) -> None:
    with pytest.raises(InputError):
        deadline.checked(claim)
    assert deadline.checked(Claim(" 2026-11-20 ", " 50  12\n")) == Claim("2026-11-20", "50 12")


async def test_a_claim_is_kept_undone_listed_by_its_day_and_goes_into_the_form(here: Case, tmp_path: Path) -> None:
    here.known.values |= {"amount": "USD 12.00"}
    await here.capture("Invoice")
    first = await here.binder.claim(CASE, "ebay", Claim("2026-11-20", "5012345678"))
    await here.binder.claim(CASE, "paypal", Claim(due_on="2026-11-23"))
    await here.binder.claim(CASE, "stripe", Claim(reference="dp_1"))
    listed = await here.binder.claims()
    assert [(one.desk, one.deadline.on if one.deadline else "") for one in listed] == [
        ("paypal", "2026-11-23"), ("ebay", "2026-11-25"), ("stripe", "")]
    report = await here.binder.compile(CASE, "ebay", "", tmp_path / "form")
    text = next(value.text for value in report.texts if value.slot.id == "explanation")
    assert text.startswith("Claim 5012345678, opened on 2026-11-20.\nOrder ")
    form = json.loads((tmp_path / "form" / "form.json").read_text(encoding="utf-8"))
    assert form["claim"] == {"reference": "5012345678", "opened_on": "2026-11-20", "answer_by": "2026-11-25",
                             "answer_by_from": "5 days"}
    assert form["facts"]["answer_by"]["value"] == "2026-11-25"
    assert "Answer by 2026-11-25" in (tmp_path / "form" / "READ-ME.txt").read_text(encoding="utf-8")
    shopee = await here.binder.binder(CASE, "shopee")
    assert shopee.claim == Claim()
    await here.binder.undo(first.id)
    assert (await here.binder.binder(CASE, "ebay")).claim == Claim()


async def test_a_claim_is_there_after_a_restart(tmp_path: Path) -> None:
    async with case(tmp_path, Sheets()) as here:
        await here.capture("Invoice")
        await here.binder.claim(CASE, "shopee", Claim("2026-11-20", "SN-1"))
        made = here.made
        from workstation.evidence.claims.binder import BinderService

        again = BinderService(made.database, made.clock, lambda: DESKS, here.known, made.service, Sheets(),
                              lambda _connection, case_id: (case_id,))
        binder = await again.binder(CASE, "shopee")
    assert (binder.claim, [one.on for one in binder.deadlines]) == (Claim("2026-11-20", "SN-1"), ["2026-11-23"])
    assert next(value.text for value in binder.texts if value.slot.id == "return_sn") == "SN-1"
