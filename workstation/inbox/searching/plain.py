"""Searching without an index: the newest messages, read one by one, as far as the time reaches. For the minutes in
which the index is damaged and a new one is filled."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from workstation.inbox.listing import ConversationRow
from workstation.inbox.searching import pages, snippets
from workstation.inbox.searching.clipping import SECONDS
from workstation.kernel.i18n import _
from workstation.kernel.paging import Page

if TYPE_CHECKING:
    from workstation.inbox.searching.pages import Look

BATCH = 200


def page(connection: Connection, look: Look) -> Page[ConversationRow]:
    """The first page only, with a word about it."""
    wanted = [found for mark in look.plan.marks if (found := snippets.pattern((mark,))) is not None]
    every = snippets.pattern(look.plan.marks)
    deadline = time.monotonic() + SECONDS
    kept: dict[str, tuple[str, str]] = {}
    stream = connection.exec_driver_sql(_NEWEST)
    while wanted and every and len(kept) < look.query.limit and time.monotonic() < deadline:
        rows = stream.fetchmany(BATCH)
        if not rows:
            break
        fitting = [
            (conversation, (message, snippets.best((text, subject), every))) for conversation, message, subject, text
            in rows if conversation not in kept and all(each.search(f"{subject}\n{text}") for each in wanted)]
        inside = _inside(connection, look, {conversation for conversation, _found in fitting})
        for conversation, hit in fitting:
            if conversation in inside:
                kept.setdefault(conversation, hit)
    stream.close()
    ids = list(kept)[: look.query.limit]
    return Page(pages.with_found(connection, ids, kept), None, _(
        "The search index was damaged and is being made anew; until then only the newest messages are looked through."))


def _inside(connection: Connection, look: Look, ids: set[str]) -> set[str]:
    where, values = look.where
    sql = f"SELECT id FROM conversation WHERE id IN (SELECT value FROM json_each(:ids)) AND {where}"  # noqa: S608
    found = connection.exec_driver_sql(sql, {**values, "ids": json.dumps(list(ids))})
    return {i for (i,) in found}


_NEWEST = (
    f"SELECT conversation_id, id, subject, substr(text, 1, {snippets.LOOKED_AT}) FROM message ORDER BY seq DESC"  # noqa: S608
)
