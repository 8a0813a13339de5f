"""What the meter says: have, weak, missing, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.evidence.claims.meter import Case, measure
from workstation.evidence.claims.model import Binder, Exhibit, Fact, Fill, Mark, Need, Slot, Translation

NOW = 1_790_000_000_000     # 2026-09-21
SHOT = Exhibit(
    "r1", "capture", "Screen", NOW, "", "proof_of_delivery", proposed=True, included=True, mime="image/png", size=9)
KNOWN = Fact("delivered_on", "Delivered on", "2026-09-01", "17track", NOW)


def mark(slot: str, exhibits: list[Exhibit], facts: list[Fact], need: Need = Need.REQUIRED, **options: object) -> Mark:
    case = Case(exhibits, {fact.id: fact for fact in facts}, NOW, **options)  # type: ignore[arg-type]
    return measure([Slot(slot, need, slot, "do this")], case)[0]


@pytest.mark.parametrize(("exhibits", "facts", "fill"), [
    ([SHOT], [KNOWN], Fill.HAVE),
    ([SHOT], [], Fill.WEAK),
    ([SHOT], [replace(KNOWN, value="")], Fill.WEAK),
    ([], [KNOWN], Fill.WEAK),
    ([], [], Fill.MISSING),
    ([replace(SHOT, included=False)], [KNOWN], Fill.MISSING),
    ([replace(SHOT, real_screen=False)], [KNOWN], Fill.WEAK),
    ([replace(SHOT, slot="other")], [], Fill.MISSING),
])
def test_proof_of_delivery(exhibits: list[Exhibit], facts: list[Fact], fill: Fill) -> None:
    found = mark("proof_of_delivery", exhibits, facts)
    assert found.fill is fill
    assert found.why
    assert bool(found.todo) is (fill is not Fill.HAVE)


TRACKING = [Fact("carrier", "Carrier", "DHL", "shop", NOW), Fact("tracking_number", "Number", "JD1", "shop", NOW)]


@pytest.mark.parametrize(("facts", "fill"), [
    (TRACKING, Fill.HAVE),
    ([TRACKING[0], replace(TRACKING[1], value="", why="none yet")], Fill.WEAK),
    ([replace(one, value="") for one in TRACKING], Fill.MISSING),
    ([TRACKING[0], replace(TRACKING[1], stale=True)], Fill.WEAK),
    ([], Fill.MISSING),
])
def test_values_that_are_asked_for_themselves(facts: list[Fact], fill: Fill) -> None:
    assert mark("tracking", [], facts).fill is fill


def test_unknown_says_why_it_is_unknown() -> None:
    facts = [replace(one, value="", why="The shop says that it was not shipped.") for one in TRACKING]
    assert mark("tracking", [], facts).why == "The shop says that it was not shipped."


@pytest.mark.parametrize(("promised", "fill"), [
    ("2026-09-22", Fill.HAVE), ("2026-09-21", Fill.HAVE), ("2026-09-20", Fill.MISSING), ("", Fill.MISSING)])
def test_a_promise_helps_until_its_day_has_passed(promised: str, fill: Fill) -> None:
    assert mark("promise", [], [Fact("promised_on", "Promised", promised, "shop", NOW)]).fill is fill


@pytest.mark.parametrize(("amount", "need"), [
    ("USD 749.99", Need.HELPFUL), ("USD 750.00", Need.REQUIRED), ("EUR 20.00", Need.REQUIRED), ("", Need.REQUIRED),
    ("nonsense", Need.REQUIRED)])
def test_a_signature_is_asked_for_from_an_amount_upwards(amount: str, need: Need) -> None:
    facts = [Fact("amount", "Amount", amount, "shop", NOW)]
    assert mark("signature", [], facts, amounts={"signature": "USD 750.00"}).slot.need is need


def test_a_desk_that_reads_english_wants_a_translation() -> None:
    foreign = replace(SHOT, language="pt")
    assert mark("proof_of_delivery", [foreign], [KNOWN], english_only=True).fill is Fill.WEAK
    told = replace(foreign, translation=Translation("en", "Delivered"))
    assert mark("proof_of_delivery", [told], [KNOWN], english_only=True).fill is Fill.HAVE
    assert mark("proof_of_delivery", [foreign], [KNOWN]).fill is Fill.HAVE


def test_of_a_group_one_is_enough() -> None:
    slots = [Slot(name, Need.REQUIRED, name, "", group="one") for name in ("proof_of_delivery", "refund")]
    marks = measure(slots, Case([SHOT], {"delivered_on": KNOWN}, NOW))
    assert Binder("c", "d", "r", (SHOT,), marks).complete
    none = measure(slots, Case([], {}, NOW))
    assert not Binder("c", "d", "r", (), none).complete
