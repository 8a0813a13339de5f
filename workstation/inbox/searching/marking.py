"""Rows of a search with what matched in them. The text is looked at first, then its translations, then the rest, and at
last what was read in pictures, which is said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from workstation.inbox import rows
from workstation.inbox.listing import ConversationRow
from workstation.inbox.searching import snippets
from workstation.inbox.searching.hits import AT_ONCE, MESSAGE, SEQ, TEXTS, Index, Record
from workstation.inbox.searching.plan import Plan
from workstation.kernel.i18n import _

_LENGTH = snippets.LOOKED_AT


def mark(index: Index, found: Sequence[Record], plan: Plan) -> tuple[ConversationRow, ...]:
    """Each row with a snippet. The beginning of its text came with the hit, and most often holds one already."""
    wanted = snippets.pattern(plan.marks)
    if wanted is None:
        return tuple([rows.row(each, "", each[MESSAGE]) for each in found])
    marked = [snippets.best(each[TEXTS], wanted) for each in found]
    if "" in marked:
        marked = _further(index, found, marked, wanted)
    return tuple([rows.row(each, text, each[MESSAGE]) for each, text in zip(found, marked, strict=True)])


def _further(index: Index, found: Sequence[Record], marked: Sequence[str], wanted: snippets.Wanted) -> list[str]:
    """The same for those of which nothing was marked yet."""
    missing = {each[SEQ]: "" for each, text in zip(found, marked, strict=True) if not text}
    longer = [each[SEQ] for each in found if any(len(text) == AT_ONCE for text in each[TEXTS])]
    for sql, among in ((_TEXTS, [seq for seq in longer if seq in missing]), (_TRANSLATIONS, missing), (_REST, missing)):
        _look_further(index, sql, missing, among, wanted)
    _look_into_pictures(index, missing, wanted)
    return [text or missing[each[SEQ]] for each, text in zip(found, marked, strict=True)]


def _look_further(
    index: Index, sql: str, marked: dict[int, str], among: Iterable[int], wanted: snippets.Wanted
) -> None:
    missing = [seq for seq in among if not marked[seq]]
    for seq, text in index.run(sql, (json.dumps(missing),)).fetchall() if missing else ():
        marked[seq] = marked[seq] or snippets.snippet(text or "", wanted)


def _look_into_pictures(index: Index, marked: dict[int, str], wanted: snippets.Wanted) -> None:
    missing = [seq for seq in marked if not marked[seq]]
    for seq, text in index.run(_PICTURES, (json.dumps(missing),)).fetchall() if missing else ():
        found = "" if marked[seq] else snippets.snippet(text, wanted)
        if found:
            marked[seq] = _("In a picture: {text}").format(text=found)


_AMONG = "m.seq IN (SELECT value FROM json_each(?1))"
_TEXTS = (
    f"SELECT m.seq, substr(m.text, 1, {_LENGTH}) FROM message m WHERE {_AMONG} "  # noqa: S608
    f"UNION ALL SELECT m.seq, substr(m.original, 1, {_LENGTH}) FROM message m WHERE {_AMONG}"
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
    "UNION ALL SELECT m.seq, m.author_name || ' ' || m.author_email || ' ' || m.recipients || ' ' || m.cc "
    f"FROM message m WHERE {_AMONG}"
)
_PICTURES = (
    f"SELECT m.seq, substr(e.text, 1, {_LENGTH}) FROM message m JOIN message_extra e "  # noqa: S608
    f"ON e.message_id = m.id WHERE {_AMONG} ORDER BY e.source"
)
