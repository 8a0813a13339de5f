"""The composer's pure rules: what is stale, what a hand edit kept, where a blocker points, who is copied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ui.composer import rules
from ui.composer.rules import Field
from workstation.domain.conversation import Address
from workstation.drafts.model import Draft, DraftFile, Mode

DRAFT = Draft("c", body="You paid R$ 5", translated="Pagou", translated_from="You paid R$ 5", target_language="pt")


def test_a_preview_is_stale_when_the_words_moved_on() -> None:
    assert not rules.is_stale(DRAFT)
    assert rules.is_stale(replace(DRAFT, body="You paid R$ 6"))
    assert not rules.is_stale(replace(DRAFT, body="x", target_language="en"))
    assert not rules.is_stale(replace(DRAFT, body="x", mode=Mode.NOTE))


def test_a_hand_edit_looks_for_what_must_survive_again() -> None:
    lost = replace(DRAFT, lost=("R$ 5",), accepted_lost=True)
    assert rules.with_hand_edit(lost, "Pagou R$ 5", ("R$ 5",)).lost == ()
    still = rules.with_hand_edit(lost, "Pagou!", ("R$ 5",))
    assert (still.lost, still.accepted_lost, still.edited) == (("R$ 5",), True, True)
    other = rules.with_hand_edit(lost, "Pagou R$ 5", ("R$ 5", "702-1"))
    assert (other.lost, other.accepted_lost) == (("702-1",), False)


@pytest.mark.parametrize(("draft", "sentence", "field"), [
    (replace(DRAFT, lost=("R$ 5",)), "R$ 5 was lost.", Field.LOST),
    (replace(DRAFT, body=" "), "Nothing is written.", Field.BODY),
    (replace(DRAFT, cc=(Address("mei@example.test"),)), "mei@example.test is no address.", Field.CC),
    (replace(DRAFT, files=(DraftFile("f", "a.png", "image/png", 1),)), "a.png is too large.", Field.FILES),
    (replace(DRAFT, body="newer"), "The translation is out of date.", Field.TRANSLATION),
    (DRAFT, "The wording promises too much.", Field.BODY),
])
def test_a_blocker_points_at_its_field(draft: Draft, sentence: str, field: Field) -> None:
    assert rules.points_at(draft, sentence) is field


@pytest.mark.parametrize(("line", "emails", "wrong"), [
    ("", (), ""), ("mei@example.test", ("mei@example.test",), ""),
    ("Mei <mei@example.test>, li@example.test", ("mei@example.test", "li@example.test"), ""),
    ("mei@example.test；".replace("；", ";") + " li@example.test", ("mei@example.test", "li@example.test"), ""),
    ("nobody", (), "nobody"), ("a@b", (), "a@b"),
])
def test_cc_lines(line: str, emails: tuple[str, ...], wrong: str) -> None:
    found, bad = rules.parse_cc(line)
    assert tuple(address.email for address in found) == emails
    assert bad == wrong
    assert rules.parse_cc(rules.cc_line(found))[0] == found


def test_files_that_joined_elsewhere_stay_and_removed_ones_stay_away() -> None:
    one, two, three = (DraftFile(name, name, "", 1) for name in ("1", "2", "3"))
    base = replace(DRAFT, files=(one, two))
    mine = replace(base, files=(two,))
    stored = replace(base, files=(one, two, three))
    assert rules.with_files_of(mine, stored, base).files == (two, three)


def test_what_is_sent_is_what_the_buyer_reads() -> None:
    assert rules.what_is_sent(DRAFT) == "Pagou"
    assert rules.what_is_sent(replace(DRAFT, target_language="")) == "You paid R$ 5"
