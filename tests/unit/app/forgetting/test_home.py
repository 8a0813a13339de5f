"""Over a whole home: after an erasure nothing of the buyer is anywhere, and everything that rests on the rows works."""

from __future__ import annotations

from pathlib import Path

from tests.support.forgetting import LENA, house, left, mail, row

ORDER = "305-1234567-1234567"


async def test_nothing_of_a_buyer_is_left_anywhere_in_a_home(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.mailbox()
        await here.orders(row(ORDER))
        await here.mails(mail("one", order=ORDER), mail("two", thread="one", day=2))
        case = await here.case("zerbrochen")
        await here.settle()
        await here.fill(case)
        await here.running.database.flush_log()
        before = await left(here, LENA)
        print("\n".join(before))
        done = await here.core.erasure.erase(case)
        print(done)
        assert await left(here, LENA) == []
