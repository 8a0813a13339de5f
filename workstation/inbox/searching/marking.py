"""Rows of a search with what matched in them."""

from __future__ import annotations

import json
from collections.abc import Sequence

from workstation.inbox import rows
from workstation.inbox.listing import ConversationRow
from workstation.inbox.searching import snippets
from workstation.inbox.searching.hits import Found, Index
from workstation.inbox.searching.plan import Plan

_LENGTH = snippets.LOOKED_AT


def mark(index: Index, found: Sequence[Found], plan: Plan) -> tuple[ConversationRow, ...]:
    """The text is looked at first, then its translations, then the rest of the message."""
    wanted = snippets.pattern(plan.marks)
    texts = _texts(index, [each.hit.seq for each in found], wanted) if wanted is not None else {}
    return tuple(rows.row(each.record, texts.get(each.hit.seq, ""), each.hit.message_id) for each in found)


def _texts(index: Index, seqs: Sequence[int], wanted: snippets.Wanted) -> dict[int, str]:
    marked = {row[0]: snippets.best(row[1:], wanted) for row in index.run(_TEXTS, (json.dumps(seqs),)).fetchall()}
    for sql in (_TRANSLATIONS, _REST):
        missing = [seq for seq, text in marked.items() if not text]
        for seq, text in index.run(sql, (json.dumps(missing),)).fetchall() if missing else ():
            marked[seq] = marked[seq] or snippets.snippet(text or "", wanted)
    return marked


_AMONG = "m.seq IN (SELECT value FROM json_each(?1))"
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
    f"WHERE {_AMONG} "
    "UNION ALL SELECT m.seq, o.order_id || ' ' || o.tracking_number FROM message m JOIN order_link l ON "
    f"l.conversation_id = m.conversation_id JOIN sales_order o ON o.id = l.order_id WHERE {_AMONG} "
    f"UNION ALL SELECT m.seq, substr(e.text, 1, {_LENGTH}) FROM message m JOIN message_extra e "
    f"ON e.message_id = m.id WHERE {_AMONG} "
    "UNION ALL SELECT m.seq, m.author_name || ' ' || m.author_email || ' ' || m.recipients || ' ' || m.cc "
    f"FROM message m WHERE {_AMONG}"
)
