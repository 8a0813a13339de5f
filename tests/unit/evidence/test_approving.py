"""What a person allowed of a reply becomes a record with the reply, bound to the very mail, and lapses without it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.evidence import CASE, NOW, bench, payload_of
from workstation.drafts.model import Draft
from workstation.drafts.service import _allowed
from workstation.evidence import approving
from workstation.evidence.model import Kind
from workstation.kernel.clock import DAY

RAW = b"Subject: Hello\r\n\r\nOl\xc3\xa1 Ana"


async def test_what_was_allowed_is_sealed_with_the_reply_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await made.database.write(lambda unit: approving.note(
            unit, CASE, RAW, NOW - 15_000, ("lost", "translation"), {"lost": "R$ 129,90"}))
        for _again in range(2):
            await made.service.keep_reply(CASE, "<r1@seller.example>", RAW, "250 ok")
        approval, reply = await made.service.list(CASE, custody=True)
        assert (approval.kind, reply.kind) == (Kind.APPROVAL, Kind.REPLY)
        assert approval.title == "Allowed: sent although items were lost, translation written by hand"
        assert approval.at == NOW - 15_000
        ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record WHERE id = ?", approval.id)
        assert isinstance(envelope, bytes)
        said = payload_of(envelope)
        assert said["what"] == {
            "scope": "reply", "allowed": ["lost", "translation"], "content_sha256": hashlib.sha256(RAW).hexdigest()}
        assert said["what"]["content_sha256"] == reply.sha256
        assert "129,90" not in str(said)
        assert await made.sql("SELECT 1 FROM evidence_allowed") == []
        assert (await made.service.verify()).intact


async def test_other_content_is_not_what_was_allowed(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        await made.database.write(lambda unit: approving.note(unit, CASE, RAW, NOW, ("lost",), {"lost": "7"}))
        await made.service.keep_reply(CASE, "<r2@seller.example>", RAW + b"!", "250 ok")
        assert [one.kind for one in await made.service.list(CASE, custody=True)] == [Kind.REPLY]
        later = NOW + (approving.KEPT_DAYS + 1) * DAY
        await made.database.write(lambda unit: approving.note(unit, CASE, b"another", later, ("lost",), {}))
        assert len(await made.sql("SELECT 1 FROM evidence_allowed")) == 1


@pytest.mark.parametrize(("changes", "allowed"), [
    ({}, ()), ({"lost": ("7",)}, ()), ({"lost": ("7",), "accepted_lost": True}, ("lost",)),
    ({"accepted_lost": True}, ()), ({"edited": True}, ("translation",)),
    ({"edited": True, "target_language": "en"}, ()),
    ({"edited": True, "lost": ("7",), "accepted_lost": True}, ("lost", "translation")),
])
def test_only_what_a_person_said_is_an_approval(changes: dict[str, object], allowed: tuple[str, ...]) -> None:
    draft = Draft("c1", body="Hello Ana", translated="Olá Ana", target_language="pt", translated_from="Hello Ana")
    assert _allowed(replace(draft, **changes)) == allowed  # type: ignore[arg-type]
