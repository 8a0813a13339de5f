"""Another desktop's name of a conversation that is here already leads to it, and nothing is looked through for that."""

from __future__ import annotations

from pathlib import Path

from tests.support.store import NOW, desk, mail
from workstation.inbox.model import ListQuery
from workstation.inbox.placing import shown_in
from workstation.inbox.shared import SharedInbox


async def test_a_twin_leads_home_and_is_in_no_list(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        await here.inbox.receive("account", [mail(1)])
        (home,) = (await here.inbox.page(ListQuery("all"))).rows
        (message,) = (await here.inbox.conversation(home.id)).messages
        told = {"conversation_id": "twin", "direction": "in", "at": NOW, "author": [message.author.email, ""],
                "subject": message.subject, "text": message.text, "message_id": message.message_id}
        shared = SharedInbox(())
        await here.database.write(lambda unit: shared.apply_conversation(unit, "twin", {"subject": "Question 1"}))
        await here.database.write(lambda unit: shared.apply_message(unit, "another id", told))
        assert await here.database.read(lambda c: shown_in(c, "twin")) == home.id
        assert [row.id for row in (await here.inbox.page(ListQuery("all"))).rows] == [home.id]
        assert await here.inbox.rows(["twin"]) == ()
        unheard = {**told, "conversation_id": "another twin"}
        await here.database.write(lambda unit: shared.apply_message(unit, "a third id", unheard))
        assert [row.id for row in (await here.inbox.page(ListQuery("all"))).rows] == [home.id]
        await here.database.write(lambda unit: shared.apply_conversation(unit, "twin", {"assignee": "bo"}))
        assert (await here.inbox.rows([home.id]))[0].assignee == "bo"
