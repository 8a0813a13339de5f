"""No statement of organising walks through all conversations or messages, however many there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import event

from tests.support.store import NOW, desk
from tests.unit.inbox.test_merging import answer, ids_of
from tests.unit.inbox.test_organising import received
from workstation.drafts.model import Mode
from workstation.kernel.clock import DAY

_TABLES = "conversation|message|thread_reference|message_home|message_split|conversation_merge"
_LONG = re.compile(rf"^SCAN ({_TABLES})\b(?!.*INDEX)")
_PARENTS = re.compile(r"^INSERT INTO conversation\(")
"""SQLite names the children of a new row's foreign keys, and looks at them only while one is broken."""


async def test_every_statement_finds_its_rows_by_an_index(tmp_path: Path) -> None:
    plans: dict[str, list[str]] = {}
    asking = False

    def before(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        nonlocal asking
        if asking or statement in plans or not re.match(r"SELECT|UPDATE|DELETE|INSERT|WITH", statement):
            return
        asking = True
        first = values[0] if many else values
        plans[statement] = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", first)]
        asking = False

    async with desk(tmp_path) as here:
        await here.with_account()
        one, two, three = await received(here, 3)
        for engine in (here.database._writer, here.database._reader):
            event.listen(engine, "before_cursor_execute", before)
        inbox = here.inbox
        merged = await inbox.merge([two], one)
        await inbox.receive("account", [answer(5, 2), answer(6, 5)])
        split = await inbox.split(one, (await ids_of(here, one))[-1:])
        await inbox.receive("account", [answer(7, 6)])
        await inbox.undo(split.id)
        await inbox.undo((await inbox.unmerge(one)).id)
        await inbox.undo(merged.id)
        for undo in (
            await inbox.assign([three], "bo"), await inbox.tag([three], ["late"]), await inbox.resolve([three]),
            await inbox.snooze([three], NOW + DAY), await inbox.no_response_needed([three]),
        ):
            await inbox.undo(undo.id)
        await inbox.tags()
        await inbox.mark_read([one])
        await inbox.wake_snoozed()
        await here.drafts.load(one, Mode.REPLY)
    found = {text: plan for text, plan in plans.items() if not _PARENTS.match(text) and any(map(_LONG.match, plan))}
    assert len(plans) > 40
    assert found == {}
