"""A translation typed by hand is held to the same check as a machine's, with or without an engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.store import Desk, desk, mail
from workstation.drafts.model import Draft, Mode
from workstation.drafts.rules import judged
from workstation.inbox.model import ListQuery
from workstation.kernel.errors import SendBlocked

ENGLISH = "We refunded R$ 129,90 for order 702-1234567-7654321."
WHOLE = "Reembolsamos R$ 129,90 do pedido 702-1234567-7654321."
WRONG = "Reembolsamos R$ 129,00 do pedido 702-1234567-7654321."
MISSING = "Reembolsamos o pedido 702-1234567-7654321."
BY_HAND = Draft("c", body=ENGLISH, translated=WHOLE, target_language="pt", edited=True)


async def ready(here: Desk, translated: str) -> Draft:
    """A reply whose Portuguese was typed by hand; nothing was ever translated by an engine."""
    await here.with_account()
    await here.inbox.receive("account", [mail(1)])
    row = (await here.inbox.page(ListQuery())).rows[0]
    draft = await here.drafts.load(row.id, Mode.REPLY)
    return replace(draft, body=ENGLISH, translated=translated, target_language="pt", edited=True)


@pytest.mark.parametrize("translated", [MISSING, WRONG])
async def test_what_a_hand_left_out_or_mistyped_stops_the_send(tmp_path: Path, translated: str) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here, translated)
        (reason,) = await here.drafts.blockers(draft)
        with pytest.raises(SendBlocked) as stopped:
            await here.drafts.send(draft)
        kept = await here.drafts.load(draft.conversation_id, Mode.REPLY)
        assert await here.drafts.outgoing() == ()
    assert stopped.value.reasons == (reason,)
    assert "R$ 129,90" in reason
    assert kept.lost


async def test_a_whole_translation_by_hand_leaves(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        draft = await ready(here, WHOLE)
        assert await here.drafts.blockers(draft) == ()
        await here.drafts.send(draft)
        assert len(await here.drafts.outgoing()) == 1


async def test_who_saw_what_is_lost_may_send_anyway(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        seen = await here.drafts.save(await ready(here, MISSING))
        await here.drafts.send(replace(seen, accepted_lost=True))
        assert len(await here.drafts.outgoing()) == 1


def test_what_was_accepted_does_not_cover_what_is_lost_later() -> None:
    seen = replace(judged(replace(BY_HAND, translated=MISSING)), accepted_lost=True)
    assert judged(seen).accepted_lost
    later = judged(replace(seen, translated="Reembolsamos."))
    assert not later.accepted_lost
    assert set(later.lost) > set(seen.lost)


def test_corrected_by_hand_nothing_is_lost_any_more() -> None:
    assert judged(replace(judged(replace(BY_HAND, translated=WRONG)), translated=WHOLE)).lost == ()


@pytest.mark.parametrize("draft", [
    replace(BY_HAND, edited=False, translated=MISSING, lost=("kept",)), replace(BY_HAND, target_language="en"),
    replace(BY_HAND, mode=Mode.NOTE, translated=MISSING), replace(BY_HAND, body=" ", translated="Pedido 702"),
])
def test_other_drafts_are_not_judged(draft: Draft) -> None:
    assert judged(draft) is draft
