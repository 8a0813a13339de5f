"""Rows of a search with what matched in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from workstation.inbox.listing import ConversationRow
from workstation.inbox.searching import snippets
from workstation.inbox.searching.hits import Hit, Index
from workstation.inbox.searching.plan import Plan

_LENGTH = snippets.LOOKED_AT


def mark(
    index: Index, rows: Sequence[ConversationRow], hits: Mapping[str, Hit], plan: Plan
) -> tuple[ConversationRow, ...]:
    """The text is looked at first, then its translations, then the rest of the message."""
    wanted = snippets.pattern(plan.marks)
    keys = json.dumps([hits[row.id].seq for row in rows])
    found: dict[int, str] = {}
    if wanted is not None:
        for seq, *texts in index.run(_TEXTS, (keys,)).fetchall():
            found[seq] = snippets.best(texts, wanted)
        for sql in (_TRANSLATIONS, _REST):
            missing = [seq for seq, text in found.items() if not text]
            for seq, text in index.run(sql, (json.dumps(missing),)).fetchall() if missing else ():
                found[seq] = found[seq] or snippets.snippet(text or "", wanted)
    return tuple(
        replace(row, found=found.get(hits[row.id].seq, ""), found_message=hits[row.id].message_id) for row in rows)


_AMONG = "m.seq IN (SELECT value FROM json_each(?))"
_TEXTS = (
    f"SELECT m.seq, substr(m.text, 1, {_LENGTH}), substr(m.original, 1, {_LENGTH}), m.subject FROM message m "  # noqa: S608
    f"WHERE {_AMONG}"
)
_TRANSLATIONS = (
    f"SELECT m.seq, substr(t.text, 1, {_LENGTH}) FROM message m JOIN message_translation t ON t.message_id = m.id "  # noqa: S608
    f"WHERE {_AMONG} ORDER BY t.language"
)
_REST = (
    "SELECT m.seq, a.name FROM message m JOIN attachment a ON a.message_id = m.id "  # noqa: S608
    f"WHERE {_AMONG.replace('?', '?1')} "
    "UNION ALL SELECT m.seq, o.order_id || ' ' || o.tracking_number FROM message m JOIN order_link l ON "
    f"l.conversation_id = m.conversation_id JOIN sales_order o ON o.id = l.order_id WHERE {_AMONG.replace('?', '?1')} "
    f"UNION ALL SELECT m.seq, substr(e.text, 1, {_LENGTH}) FROM message m JOIN message_extra e "
    f"ON e.message_id = m.id WHERE {_AMONG.replace('?', '?1')} "
    "UNION ALL SELECT m.seq, m.author_name || ' ' || m.author_email || ' ' || m.recipients || ' ' || m.cc "
    f"FROM message m WHERE {_AMONG.replace('?', '?1')}"
)
