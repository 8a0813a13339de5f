"""A conversation's HTML when it is opened: what its arrival put off is done now, once, and kept in the row.

Nothing here has a connection to the window: whoever asks for a conversation gets cleaned HTML or none.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from workstation.domain.events import ConversationsChanged
from workstation.inbox import queries
from workstation.inbox.model import LATER, ConversationView, Formatted, IncomingAttachment, MessageView
from workstation.inbox.ports import MailOpener
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.runtime.jobs import Jobs
from workstation.store.database import Database
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
AT_ONCE = 0.04
"""Seconds that who opens a conversation waits for HTML; a mail takes a millisecond. The rest is done behind it, kept,
and announced."""
MOST_BEHIND = 200
"""Mails that are done behind one look at a conversation."""


class Opening:
    """Finishes what is shown, and finds files that are kept only inside their mail."""

    def __init__(self, database: Database, jobs: Jobs, opener: MailOpener | None) -> None:
        self._database = database
        self._jobs = jobs
        self._opener = opener

    async def finish(self, view: ConversationView) -> ConversationView:
        """The same conversation with the HTML of its messages."""
        return replace(view, messages=await self.finished(view.row.id, view.messages))

    async def finished(self, conversation_id: str, messages: Sequence[MessageView]) -> tuple[MessageView, ...]:
        """The same messages with their HTML, the newest first while there is time; the others as text for now."""
        waiting = [message.id for message in reversed(messages) if message.html == LATER]
        if not waiting or self._opener is None:
            return tuple(_finished(each, None) for each in messages)
        done, left = await self._done(waiting, self._opener, time.monotonic() + AT_ONCE)
        if done:
            self._jobs.aside("formatted mail", lambda: self._database.write(lambda unit: _keep(unit, done)))
        if left:
            self._jobs.aside("formatting mail", partial(self._behind, conversation_id, left, self._opener))
        return tuple(_finished(each, done.get(each.id)) for each in messages)

    async def _behind(self, conversation_id: str, waiting: Sequence[str], opener: MailOpener) -> None:
        """Do the others and say so, so that what shows the conversation reads it again."""
        done, _left = await self._done(waiting[:MOST_BEHIND], opener, None)

        def keep(unit: Unit) -> None:
            _keep(unit, done)
            unit.emit(ConversationsChanged((conversation_id,)))

        if done:
            await self._database.write(keep)

    async def _done(
        self, ids: Sequence[str], opener: MailOpener, until: float | None
    ) -> tuple[dict[str, Formatted], Sequence[str]]:
        """Those that were done, at least one, and those for which there was no time. Each mail is read and done for
        itself, so that two hundred of them are never in memory together."""
        done: dict[str, Formatted] = {}
        for count, message_id in enumerate(ids, start=1):
            raw = await self._database.read(partial(queries.raw_inside, message_id=message_id))
            if raw is not None:
                try:
                    done[message_id] = await asyncio.to_thread(opener.formatted, raw)
                except Exception as problem:  # noqa: BLE001 - its text is shown; its message may quote the mail
                    log.warning("a mail's HTML could not be read: %s", type(problem).__name__)
            if until is not None and time.monotonic() > until:
                return done, ids[count:]
        return done, ()

    async def file(self, place: queries.FilePlace) -> bytes:
        """The content of a file that is only in its mail. Raises NotFound."""
        raw = await self._database.read(lambda c: queries.raw_inside(c, place.message_id))
        files = await asyncio.to_thread(self._opener.files, raw) if raw is not None and self._opener else ()
        found = _found(files, place)
        if found is None:
            raise NotFound(_("This file is not in the store."), _("It may have been erased."))
        return found.content


def _finished(message: MessageView, formatted: Formatted | None) -> MessageView:
    if message.html != LATER:
        return message
    if formatted is None:
        return replace(message, html="")
    return replace(
        message, html=formatted.html, problems=_more(message.problems, formatted.problems),
        notes=_more(message.notes, formatted.notes))


def _more(known: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *found)))


def _keep(unit: Unit, done: dict[str, Formatted]) -> None:
    """In the row from now on, unless somebody was quicker."""
    for message_id, formatted in done.items():
        if not unit.conn.exec_driver_sql(_PUT, (formatted.html, message_id, LATER)).rowcount:
            continue
        if formatted.problems or formatted.notes:
            problems, notes = unit.conn.exec_driver_sql(_SAID, (message_id,)).one()
            said = (_more(json.loads(problems), formatted.problems), _more(json.loads(notes), formatted.notes))
            unit.conn.exec_driver_sql(
                _SAY, (*(json.dumps(each, ensure_ascii=False) for each in said), message_id))


def _found(files: Sequence[IncomingAttachment], place: queries.FilePlace) -> IncomingAttachment | None:
    """At its place, or, when a later version of the program counts a mail's files otherwise, the one that fits."""
    at = files[place.position : place.position + 1]
    fitting = (file for file in (*at, *files) if len(file.content) == place.size and file.mime == place.mime)
    return next(fitting, None)


_PUT = "UPDATE mail_body SET html = ? WHERE message_id = ? AND html = ?"
_SAID = "SELECT problems, notes FROM message WHERE id = ?"
_SAY = "UPDATE message SET problems = ?, notes = ? WHERE id = ?"
