"""Marks of mails in a folder: what was read or answered elsewhere is known here, what was read here is marked there.

Three ways, the best the server has: QRESYNC tells what changed and what vanished as the folder is opened; CONDSTORE
answers what changed since a count; without either, the newest mails are looked at now and then.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from workstation.connectors.email.opened import Selected, places
from workstation.connectors.email.session import ImapSession, ranges
from workstation.inbox.model import AccountSettings, FolderCursor, Place
from workstation.inbox.ports import Intake
from workstation.kernel.errors import BadAnswer

log = logging.getLogger(__name__)
LOOKED_AT = 300
"""Newest known mails whose marks are compared where the server does not tell what changed."""
BETWEEN = 120.0
"""Seconds between two such looks at a folder that is not the inbox."""

MOST_CHUNKS = 20
"""Commands with marks to write, at one visit."""


class Marks:
    """The marks of one mailbox's folders."""

    def __init__(self, account_id: str, settings: AccountSettings, intake: Intake) -> None:
        self._account = account_id
        self._settings = settings
        self._intake = intake
        self._looked: dict[str, float] = {}
        self._unwilling: set[str] = set()   # folders the server marks nothing in

    def worth_a_look(self, folder: str) -> bool:
        """Whether a folder whose changes are not counted was not looked at for a while."""
        return time.monotonic() - self._looked.get(folder, -BETWEEN) >= BETWEEN

    def follow(self, session: ImapSession, folder: str, cursor: FolderCursor, opened: Selected) -> FolderCursor:
        """Take over what changed since the folder was last opened. Returns the cursor as it is on disk then."""
        self._looked[folder] = time.monotonic()
        newer = replace(cursor, mod_sequence=opened.mod_sequence)
        if not cursor.last_uid or (opened.mod_sequence and opened.mod_sequence == cursor.mod_sequence):
            return cursor
        if session.tells_changes and cursor.mod_sequence and opened.mod_sequence:
            changed, gone = opened.changed, opened.gone
        elif session.counts_changes and cursor.mod_sequence and opened.mod_sequence:
            answers = session.changed_since(cursor.last_uid, cursor.mod_sequence)
            changed, gone = places(answers), self._missing(session, folder)
        else:
            changed, gone = self._newest(session, folder)
        self._intake.follow(self._account, folder, changed, gone, newer)
        return newer

    def _newest(
        self, session: ImapSession, folder: str
    ) -> tuple[tuple[Place, ...], tuple[tuple[int, int], ...]]:
        known = self._intake.known(self._account, folder, LOOKED_AT)
        answers = session.fetch(known, "(UID FLAGS)")
        return places(answers), tuple((uid, uid) for uid in known if uid not in answers)

    def _missing(self, session: ImapSession, folder: str) -> tuple[tuple[int, int], ...]:
        known = self._intake.known(self._account, folder, LOOKED_AT)
        there = set(session.search(["UID", ranges(known)])) if known else set()
        return tuple((uid, uid) for uid in known if uid not in there)

    def write_back(self, session: ImapSession, folder: str, cursor: FolderCursor) -> None:
        """Mark on the server what was read here. The only time a folder is opened for writing; what does not succeed is
        tried at the next visit, and a server that refuses is not asked again on this connection's mailbox."""
        if not self._settings.mark_seen or folder in self._unwilling or not cursor.last_uid:
            return
        for _chunk in range(MOST_CHUNKS):
            uids = self._intake.unwritten(self._account, folder)
            if not uids:
                return
            try:
                if session.select(folder, write=True).uid_validity != cursor.uid_validity:
                    return   # rebuilt: these numbers mean other mails now
                session.mark_seen(uids)
            except BadAnswer as problem:
                log.info("marks: %s", type(problem).__name__)
                self._unwilling.add(folder)
                return
            self._intake.written(self._account, folder, uids)
