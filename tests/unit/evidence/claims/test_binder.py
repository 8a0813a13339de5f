"""The binder: proposals, a person's order and words, undo, and what is told of a change."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.claims import Case, letters, paper, photo
from tests.support.evidence import CASE
from workstation.domain.events import BinderChanged
from workstation.evidence.claims.model import CORRESPONDENCE, OTHER, Fill, Translation
from workstation.evidence.model import Kind
from workstation.kernel.errors import InputError, NotFound


async def order(here: Case, desk: str = "") -> list[str]:
    return [one.record_id for one in (await here.binder.binder(CASE, desk)).exhibits]


async def slots(here: Case, desk: str, reason: str) -> dict[str, str]:
    return {one.record_id: one.slot for one in (await here.binder.binder(CASE, desk, reason)).exhibits}


async def test_slots_are_proposed_by_what_a_record_says_of_itself(here: Case) -> None:
    here.known.said = letters()
    tracking = await here.capture("Tracking page of the carrier")
    policy = await here.capture("Refund policy of the shop")
    answer = await here.add(b"{}", "application/json", Kind.ANSWER, {"scope": "answer", "checks": ["tracking"]})
    damage = await here.add(photo(8, 8), "image/jpeg", what={"scope": "message_file", "received": True})
    invoice = await here.add(paper(), "application/pdf", purpose="Invoice")
    found = await slots(here, "stripe", "product_not_received")
    assert found == {
        tracking: "proof_of_delivery", answer: "proof_of_delivery", CORRESPONDENCE: "communication",
        invoice: "receipt", policy: OTHER, damage: OTHER,
    }
    assert (await slots(here, "tiktok_shop", "damaged"))[damage] == "damage_photos"
    assert (await slots(here, "ebay", "CREDIT_NOT_DUE"))[policy] == "refund_policy"


async def test_the_default_order_is_that_of_the_desk(here: Case) -> None:
    invoice = await here.add(paper(), "application/pdf", purpose="Invoice")
    tracking = await here.capture("Tracking page")
    assert await order(here, "stripe") == [tracking, invoice]
    assert await order(here, "visa_13_3") == [invoice, tracking]


async def test_what_a_person_moved_stays_where_it_was_put_for_every_desk(here: Case) -> None:
    first, second, third = [await here.capture(f"Shot {n}", seed=n) for n in range(3)]
    await here.binder.move(CASE, third, 0)
    assert await order(here) == [third, first, second]
    assert await order(here, "stripe") == [third, first, second]
    late = await here.capture("Tracking page of the carrier", seed=9)
    assert await order(here, "stripe") == [third, first, second, late]
    await here.binder.move(CASE, first, 99)
    assert await order(here) == [third, second, late, first]


async def test_each_change_is_told_and_undone(here: Case) -> None:
    one, two = [await here.capture(f"Shot {n}", seed=n) for n in range(2)]
    before = await here.binder.binder(CASE, "stripe", "general")
    here.made.events.clear()
    undos = [
        await here.binder.move(CASE, two, 0), await here.binder.caption(CASE, one, "  What the\ncarrier says "),
        await here.binder.assign(CASE, one, "receipt"), await here.binder.include(CASE, [one, two], False),
        await here.binder.translate(CASE, two, "zh", Translation("en", "Signed for", editor="Li")),
        await here.binder.write(CASE, "stripe", "general", "uncategorized_text", "Mine"),
    ]
    assert here.made.events == [BinderChanged(CASE)] * 6
    changed = await here.binder.binder(CASE, "stripe", "general")
    assert [exhibit.record_id for exhibit in changed.exhibits] == [two, one]
    shown = changed.exhibits[1]
    assert (shown.caption, shown.slot) == ("What the carrier says", "receipt")
    assert (shown.proposed, shown.included) == (False, False)
    assert changed.exhibits[0].translation == Translation("en", "Signed for", editor="Li")
    assert changed.texts[-1].text == "Mine"
    for undo in reversed(undos):
        await here.binder.undo(undo.id)
    assert await here.binder.binder(CASE, "stripe", "general") == before
    with pytest.raises(NotFound):
        await here.binder.undo(undos[0].id)


async def test_an_undo_takes_back_its_own_change_and_no_later_one(here: Case) -> None:
    one, two = [await here.capture(f"Shot {n}", seed=n) for n in range(2)]
    undo = await here.binder.caption(CASE, one, "first")
    await here.binder.caption(CASE, two, "second")
    await here.binder.undo(undo.id)
    found = {exhibit.record_id: exhibit.caption for exhibit in (await here.binder.binder(CASE)).exhibits}
    assert found == {one: "", two: "second"}


async def test_two_changes_at_once_are_both_kept(here: Case) -> None:
    one = await here.capture("Shot")
    await asyncio.gather(
        here.binder.caption(CASE, one, "said"), here.binder.assign(CASE, one, "receipt"),
        here.binder.include(CASE, [one], False))
    shown = (await here.binder.binder(CASE, "stripe", "general")).exhibits[0]
    assert (shown.caption, shown.slot, shown.included) == ("said", "receipt", False)


async def test_a_slot_the_desk_does_not_ask_for_is_other_there(here: Case) -> None:
    one = await here.capture("Shot")
    await here.binder.assign(CASE, one, "waybill")
    assert await slots(here, "tiktok_shop", "not_received") == {one: "waybill"}
    assert await slots(here, "stripe", "general") == {one: OTHER}
    await here.binder.assign(CASE, one, "")
    assert (await here.binder.binder(CASE, "stripe")).exhibits[0].proposed


async def test_the_desk_chosen_last_is_remembered(here: Case) -> None:
    await here.capture("Shot")
    await here.binder.choose(CASE, "ebay", "AUTHENTICITY")
    found = await here.binder.binder(CASE)
    assert (found.desk, found.reason) == ("ebay", "AUTHENTICITY")
    assert found.marks[0].slot.id == "authenticity"
    assert (await here.binder.binder(CASE, "stripe")).reason == "product_not_received"


async def test_a_copy_stands_in_for_its_original_and_a_reply_for_nothing_twice(here: Case) -> None:
    original = await here.capture("Shot")
    await here.made.service.keep_reply(CASE, "<a@b>", b"Subject: x\r\n\r\ny", "250")
    reply = (await here.made.service.list(CASE))[-1].id
    found = {one.record_id: one.included for one in (await here.binder.binder(CASE)).exhibits}
    assert found == {original: True, reply: True}
    here.known.said = letters()
    found = {one.record_id: one.included for one in (await here.binder.binder(CASE)).exhibits}
    assert found == {original: True, reply: False, CORRESPONDENCE: True}


async def test_facts_are_there_with_source_and_age_and_unknown_stays_unknown(here: Case) -> None:
    await here.capture("Shot")
    del here.known.values["delivered_place"]
    here.known.stale = {"carrier"}
    found = await here.binder.binder(CASE, "paypal")
    facts = {fact.id: fact for fact in found.facts}
    assert facts["tracking_number"].source == "17track"
    assert facts["tracking_number"].fetched_at
    assert facts["carrier"].stale
    assert (facts["delivered_place"].value, bool(facts["delivered_place"].why)) == ("", True)
    marks = {mark.slot.id: mark.fill for mark in found.marks}
    assert (marks["address"], marks["tracking"]) == (Fill.MISSING, Fill.WEAK)
    texts = {value.slot.id: value.text for value in found.texts}
    assert texts["delivery"] == "2026-08-09, Delivered"


async def test_a_text_is_never_cut(here: Case) -> None:
    here.known.values["items"] = "1 × " + "very long lamp " * 60
    await here.capture("Shot")
    found = (await here.binder.binder(CASE, "ebay")).texts[0]
    assert len(found.text) <= 1_000
    assert found.dropped
    whole = found.text + "\n" + "\n".join(found.dropped)
    assert here.known.values["items"].strip() in whole
    assert "JD014600003RU" in whole
    await here.binder.write(CASE, "ebay", "PROOF_OF_DELIVERY", "explanation", "x" * 1_200)
    written = (await here.binder.binder(CASE, "ebay")).texts[0]
    assert (len(written.text), written.over, written.written) == (1_200, 200, True)


async def test_what_cannot_be_is_refused(here: Case) -> None:
    one = await here.capture("Shot")
    with pytest.raises(NotFound):
        await here.binder.binder("no-such-case")
    with pytest.raises(NotFound):
        await here.binder.caption(CASE, "nothing", "x")
    with pytest.raises(InputError):
        await here.binder.assign(CASE, one, "no_such_proof")
    with pytest.raises(InputError):
        await here.binder.caption(CASE, one, "x" * 501)
    with pytest.raises(InputError):
        await here.binder.write(CASE, "stripe", "general", "no_field", "x")
    with pytest.raises(InputError):
        await here.binder.choose(CASE, "stripe", "no_reason")
    with pytest.raises(InputError):
        await here.binder.translate(CASE, one, "zh", Translation("en", "x" * 200_001))
