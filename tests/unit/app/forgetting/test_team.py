"""An erasure in a team: the hub and the other desktops erase the same; who was away for a month revives nothing; both
sides agree; what one desktop holds no other one erases at the hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.forgetting import LENA, House, house, left, mail, row
from tests.support.hub import HubHouse, running_hub

ORDER = "305-1234567-1234567"
FIRST, SECOND = mail("one", order=ORDER), mail("two", thread="one", day=2)


async def test_the_hub_and_the_others_erase_the_same_and_nobody_revives_it(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with house(tmp_path / "a") as one, house(tmp_path / "b") as other:
            for here, raw in ((one, (FIRST, SECOND)), (other, (FIRST,))):
                await here.mailbox()
                await here.orders(row(ORDER))
                await here.mails(*raw)
                await here.settle()
                await here.core.sync.connect(hub.invite())
            await one.core.sync.run()      # the other one has not told of its mails yet: it is away
            case = await one.case("zerbrochen")
            assert _at_hub(hub, LENA)
            await one.core.erasure.erase(case, "the buyer asks")
            await one.core.sync.run()
            assert _at_hub(hub, LENA) == []
            await _comes_back(other, hub)
            for here in (one, other):
                report = await here.core.sync.run()
                assert report.digest_equal, report
                assert await left(here, LENA) == []
                assert (await here.core.sync.status()).poisoned == 0
            assert _at_hub(hub, LENA) == []
            view = await other.core.inbox.conversation(case)
            assert [message.notes for message in view.messages] == [
                ("Erased on 2026-11-22 because a person asked.",)] * 2


async def _comes_back(other: House, hub: HubHouse) -> None:
    """With old messages, a draft of its own, and a backlog of events."""
    case = await other.case("zerbrochen")
    await other.fill(case)
    await other.core.inbox.resolve([case])
    await other.core.sync.run()
    assert _at_hub(hub, LENA) == []
    assert await other.running.erasure._erasing.again() > 0
    await other.running.erasure._erasing.erase(case)   # what stands around: its own evidence and drafts
    await other.core.sync.run()


@pytest.mark.long
async def test_what_one_desktop_holds_no_other_one_erases(tmp_path: Path) -> None:
    with running_hub(tmp_path / "hub") as hub:
        async with house(tmp_path / "a") as one, house(tmp_path / "b") as other:
            for here in (one, other):
                await here.mailbox()
                await here.mails(FIRST)
                await here.core.sync.connect(hub.invite())
                await here.core.sync.run()
            case = await one.case("zerbrochen")
            await other.core.erasure.hold(case, "court")
            await one.core.erasure.erase(case)     # before it heard of the hold
            await other.core.sync.run()
            await one.core.sync.run()
            assert _at_hub(hub, ["zerbrochen"])
            await other.core.sync.run()
            await other.running.erasure._erasing.again()
            assert (await other.core.inbox.conversation(case)).messages[0].text
            held = await one.core.erasure.held(case)
            assert held is not None
            assert "another desktop" in held.reason


def _at_hub(hub: HubHouse, words: list[str] | tuple[str, ...]) -> list[str]:
    """Which of these words stand in any file of the hub, its log included."""
    content = b"".join(path.read_bytes().lower() for path in hub.folder.rglob("*") if path.is_file())
    return [word for word in words if word.lower().encode() in content]
