"""Over a whole home: after an erasure nothing of the buyer is anywhere, what rests on the rows goes on working, and
nothing that comes once more brings a word back."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.support.forgetting import LENA, NOW, House, house, left, log_size, mail, row
from workstation.drafts.model import Mode
from workstation.evidence.erasure.model import customer_subject, order_subject
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import DAY
from workstation.kernel.errors import InputError, NotFound, WorkstationError

ORDER = "305-1234567-1234567"
FIRST = mail("one", order=ORDER)
SECOND = mail("two", thread="one", day=2)


async def test_nothing_of_a_buyer_is_left_and_nothing_that_comes_again_revives_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.mailbox()
        await here.orders(row(ORDER))
        await here.mails(FIRST, SECOND)
        case = await here.case("zerbrochen")
        await here.settle()
        await here.fill(case)
        await here.running.database.flush_log()
        before = await left(here, LENA)
        assert {where.partition(":")[0] for where in before} >= {
            "message", "mail_body, compressed", "attachment", "conversation", "customer_identity", "draft", "outgoing",
            "message_translation", "sales_order", "source_answer, compressed", "message_index_data", "evidence_private",
            "buyer_address", "evidence_claim_text"}
        seen = await here.core.erasure.preview(case)
        done = await here.core.erasure.erase(case)
        assert log_size(here) == 0
        assert done.counts == seen.counts
        assert (done.counts["messages"], done.counts["orders"], done.counts["customers"]) == (2, 1, 1)
        assert await left(here, LENA) == []
        with pytest.raises(NotFound):
            await here.core.erasure.erase(case)
        assert (await here.core.evidence.verify()).intact
        await _everything_reads(here, case)
        await _nothing_comes_back(here, case)


async def _everything_reads(here: House, case: str) -> None:
    """List, timeline, raw source, search, reply, checks, export: each says that it was erased, or says nothing."""
    (line,) = (await here.core.inbox.page(ListQuery("all"))).rows
    assert (line.who, line.snippet) == ("Erased buyer", "Erased on 2026-11-22 because a person asked.")
    view = await here.core.inbox.conversation(case)
    assert [message.notes for message in view.messages] == [(line.snippet,)] * 2
    assert {(message.text, message.subject, message.erased_at) for message in view.messages} == {("", "", NOW)}
    with pytest.raises(NotFound, match="Erased on 2026-11-22"):
        await here.core.inbox.raw_source(view.messages[0].id)
    for words in ("zerbrochen", "lena", "Kesselglas"):
        assert (await here.core.inbox.page(ListQuery("all", search=words))).rows == ()
    draft = await here.core.drafts.load(case, Mode.REPLY)
    assert draft.body == ""
    with pytest.raises(WorkstationError):
        await here.core.drafts.send(dataclasses.replace(draft, body="Hello"))
    assert await here.core.verification.panel(case)
    await here.core.evidence.export(here.home.root.parent / "case.zip", case)
    await here.core.inbox.resolve([case])
    await here.core.inbox.reopen([case])


async def _nothing_comes_back(here: House, case: str) -> None:
    """The mailbox read anew, an import of the same file, the order file once more; a new mail of the buyer is new."""
    await here.mails(FIRST, SECOND)
    await here.orders(row(ORDER))
    await here.running.customers.step()
    assert await left(here, [each for each in LENA if each != "lena.wagner"]) == []
    await here.mails(mail("three", thread="one", words="neu", day=3))
    await here.running.erasure._erasing.heal()
    rows = await here.sql("SELECT text != '', conversation_id FROM message ORDER BY seq")
    assert rows == [(0, case), (0, case), (1, case)]
    (line,) = (await here.core.inbox.page(ListQuery("all"))).rows
    assert (line.who, "neu" in line.snippet) == ("Lena Wagner", True)
    again = await here.core.erasure.erase(case)
    assert again.counts["messages"] == 1
    assert await left(here, LENA) == []


async def test_holds_share_and_deadlines(tmp_path: Path) -> None:
    """Two cases of one buyer in two shops, one held; an order that two cases are about; a rule's deadline."""
    async with house(tmp_path) as here:
        await here.mailbox()
        await here.orders(row(ORDER), row("305-7654321-7654321", buyer="Idunna Holmgren", email="idunna@home.example"))
        await here.mails(mail("one", order=ORDER), mail("other", order=ORDER, words="vermisst"))
        held, free = await here.case("zerbrochen"), await here.case("vermisst")
        await here.settle()
        (customer,) = await here.sql("SELECT DISTINCT customer_id FROM conversation")
        await here.core.erasure.hold(held, "A-to-z claim")
        seen = await here.core.erasure.preview(customer_subject(str(customer[0])))
        assert (seen.cases, seen.held, seen.shared, seen.hold, seen.counts["orders"]) == (1, 1, 1, None, 0)
        done = await here.core.erasure.erase(customer_subject(str(customer[0])))
        assert (done.held, done.counts["messages"], done.counts["orders"], done.counts["customers"]) == (1, 1, 0, 0)
        assert await left(here, ["vermisst"]) == []
        assert (await here.sql("SELECT buyer_name FROM sales_order WHERE order_id = ?", ORDER)) == [("Lena Wagner",)]
        (order,) = await here.sql("SELECT id FROM sales_order WHERE order_id = ?", ORDER)
        with pytest.raises(InputError, match="A-to-z claim"):
            await here.core.erasure.erase(order_subject(str(order[0])))
        await _deadline(here, held)
        assert (await here.core.evidence.verify()).intact
        assert free != held


async def _deadline(here: House, held: str) -> None:
    """Thirty days after the delivery the held case waits, the order nobody wrote about goes; lifted, the case goes."""
    await here.put("UPDATE sales_order SET delivered_at = ?", NOW)
    here.clock.advance(28 * DAY)
    await here.running.erasure._turn()
    due = await here.core.erasure.due()
    assert {(each.case_id, each.rule is not None, each.hold is not None) for each in due} == {
        (held, True, True), ("orders-of:amazon-30-days", True, False)}
    here.clock.advance(3 * DAY)
    await here.running.erasure._turn()
    assert await left(here, ["idunna", "holmgren"]) == []
    assert await left(here, ["zerbrochen"]) != []
    await here.core.erasure.lift(held, "won")
    await here.running.erasure._turn()
    assert await left(here, LENA) == []
    assert await here.core.erasure.due() == ()
    view = await here.core.inbox.conversation(held)
    assert view.messages[0].notes == ("Erased on 2026-12-23 by the rule amazon-30-days.",)
