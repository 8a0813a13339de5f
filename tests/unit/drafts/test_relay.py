"""What Amazon would drop is stopped here, with the reason; what it passes on is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workstation.domain.conversation import Address, ReplyContext
from workstation.drafts.model import Draft, DraftFile
from workstation.drafts.relay import relays
from workstation.drafts.rules import blockers

ALIAS = Address("abc123xyz@marketplace.amazon.co.uk", "Ana")
CONTEXT = ReplyContext(
    "c", "acc", "Order", Address("shop@seller.example"), (ALIAS,), (), "<q@amazon.example>", ("<q@amazon.example>",),
    False, "en", "amazon",
)
DRAFT = Draft("c", body="Your parcel left today.")


def file(name: str, size: int = 10) -> DraftFile:
    return DraftFile(name, name, "application/octet-stream", size)


def test_an_ordinary_answer_from_the_approved_sender_passes() -> None:
    draft = replace(DRAFT, files=(file("label.PDF"), file("photo.jpg")), body="See https://www.amazon.co.uk/orders .")
    assert blockers(draft, CONTEXT) == ()


@pytest.mark.parametrize(("draft", "context", "words"), [
    (DRAFT, replace(CONTEXT, sent_from="email"), "approved sender"),
    (DRAFT, replace(CONTEXT, in_reply_to=""), "message to answer to"),
    (replace(DRAFT, cc=(Address("boss@seller.example"),)), CONTEXT, "boss@seller.example"),
    (replace(DRAFT, files=(file("tool.exe"),)), CONTEXT, "tool.exe"),
    (replace(DRAFT, files=(file("noending"),)), CONTEXT, "noending"),
    (replace(DRAFT, files=(file("a.pdf", 6 << 20), file("b.pdf", (4 << 20) + 1))), CONTEXT, "at most 10 MB"),
    (replace(DRAFT, body="Buy at https://shop.example/x"), CONTEXT, "shop.example"),
    (replace(DRAFT, body="Buy at WWW.shop.example"), CONTEXT, "shop.example"),
    (replace(DRAFT, body="https://amazon.de.evil.example/x"), CONTEXT, "amazon.de.evil.example"),
    (replace(DRAFT, body="https://notamazon.de"), CONTEXT, "notamazon.de"),
    (replace(DRAFT, body="Write to me@seller.example"), CONTEXT, "me@seller.example"),
])
def test_what_amazon_drops_is_stopped_with_its_reason(draft: Draft, context: ReplyContext, words: str) -> None:
    (reason,) = [reason for reason in blockers(draft, context) if "Amazon" in reason]
    assert words in reason


def test_the_words_that_count_are_those_the_buyer_gets() -> None:
    draft = replace(
        DRAFT, source_language="en", target_language="pt", translated="Veja https://loja.example", edited=True,
        translated_from=DRAFT.body)
    assert any("loja.example" in reason for reason in blockers(draft, CONTEXT))


def test_a_buyer_with_an_address_of_their_own_is_written_to_freely() -> None:
    context = replace(CONTEXT, to=(Address("ana@home.example"),), sent_from="email")
    draft = replace(DRAFT, body="https://shop.example me@seller.example", cc=(Address("boss@seller.example"),))
    assert blockers(draft, context) == ()


@pytest.mark.parametrize(("address", "is_alias"), [
    ("a@marketplace.amazon.com", True), ("a@MARKETPLACE.amazon.com.br", True), ("a@marketplace.amazon.de", True),
    ("a@marketplace.amazon.co.jp", True), ("a@marketplace.amazon.evil.example", False),
    ("a@marketplace.amazon.com.evil.example", False), ("a@xmarketplace.amazon.de", False),
])
def test_aliases_are_told_from_look_alikes(address: str, is_alias: bool) -> None:
    assert any(relay.stands_for(address) for relay in relays()) is is_alias
