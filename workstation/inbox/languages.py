"""What is told of messages in the background, a slice at a time, the newest first: their languages, and which orders a
backlog names.

What was not looked at yet has the language "", what could not be told "und". So a restart goes on where the last run
stopped. A mail of a backlog is stored without a look (`PreparedMail.looked`): a glance at its language and its clues to
orders cost as much as storing it, and nobody waits for them but whoever opens it, which is first. To look for clues a
second time, at a message whose language alone was still untold, finds the same and changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from sqlalchemy import Connection

from workstation.domain.clues import Mention, Named, find_mentions
from workstation.domain.events import ConversationsChanged
from workstation.inbox.ports import ClueReader, LanguageDetector
from workstation.inbox.preparing import DETECT_ON, MOST_CLUES, UNDETERMINED
from workstation.runtime.waiting import woken
from workstation.store.database import Database
from workstation.store.unit import Unit

SLICE, SLOW = 250, 25
"""Messages that are looked at in one go, and how many of them need more than a glance: lingua takes about two
milliseconds for each, a glance and the clues a seventh of one."""
BUSY, IDLE = 0.1, 60.0
"""Seconds until the next slice while something waits, and until the next look when nothing says that it does."""


class Untold(NamedTuple):
    """A message that was not looked at. `home`: the conversation its thread leads to, wherever it is shown. `buyers`:
    addresses its home's buyer wrote from."""

    seq: int
    conversation: str
    home: str
    subject: str
    text: str
    quoted: str
    buyers: tuple[str, ...]


class Told(NamedTuple):
    """What a look told."""

    message: Untold
    language: str
    mentions: tuple[Mention, ...]


def told(language: str) -> str:
    """A stored language as everybody else knows it: "" for what is not known, for whatever reason."""
    return "" if language == UNDETERMINED else language


class Languages:
    """Tells what is still untold, on a thread of its own and of low priority, so that nothing waits for it."""

    def __init__(self, database: Database, detector: LanguageDetector, clues: ClueReader | None = None) -> None:
        """Without `clues` no orders are looked for."""
        self._database = database
        self._detector = detector
        self._clues = clues
        self._opened: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="languages", initializer=_step_aside)

    def opened(self, conversation_id: str) -> None:
        """A person looks at this conversation: its messages are told first."""
        self._opened[conversation_id] = None
        self._wake.set()

    def on_changed(self, _event: ConversationsChanged) -> None:
        """Subscribe this to ConversationsChanged: something may have come that a glance did not tell."""
        self._wake.set()

    async def step(self) -> float:
        """One slice: what is being looked at, then the newest. Returns the seconds until the next."""
        self._wake.clear()
        if self._database.filling and not self._opened:   # loading lingua and telling would compete with storing
            return BUSY                                    # a person may open one meanwhile
        waiting = await self._database.read(self._next)
        if waiting:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, look, self._detector, waiting)
            await self._database.write(lambda unit: self._keep(unit, found))
            return BUSY
        await woken(self._wake, IDLE)
        return 0.0

    async def pending(self) -> int:
        """How many messages wait."""
        return await self._database.read(lambda c: int(c.exec_driver_sql(_COUNT).scalar() or 0))

    def _next(self, connection: Connection) -> list[Untold]:
        while self._opened:
            found = _of(connection, next(iter(self._opened)))
            if found:
                return found
            self._opened.pop(next(iter(self._opened)))
        return _untold(connection, _NEXT, (SLICE,))

    def _keep(self, unit: Unit, found: Sequence[Told]) -> None:
        unit.conn.exec_driver_sql(_TOLD, [(told.language, told.message.seq) for told in found])
        if self._clues is not None:
            self._clues.learn(unit.conn, _named(found))
        event = ConversationsChanged(tuple(dict.fromkeys(told.message.conversation for told in found)))
        unit.conn.exec_driver_sql(_OF_BUYER, (json.dumps(event.ids),))
        unit.emit(event)


def _of(connection: Connection, conversation_id: str) -> list[Untold]:
    return _untold(connection, _IN_ONE, (conversation_id, SLICE))


def _untold(connection: Connection, query: str, values: tuple[object, ...]) -> list[Untold]:
    return [
        Untold(seq, conversation, home, subject, text, quoted, tuple(address.lower() for address in buyers if address))
        for seq, conversation, home, subject, text, quoted, *buyers in connection.exec_driver_sql(query, values)]


def look(detector: LanguageDetector, waiting: Sequence[Untold]) -> list[Told]:
    """Pure: what these messages tell, as far as SLOW long looks go; at least that many, in their order."""
    found: list[Told] = []
    slow = 0
    for each in waiting:
        text = (each.text or each.subject)[:DETECT_ON]
        language = detector.quick(text)
        if not language:
            if slow == SLOW:
                break
            slow += 1
            language = detector.detect(text) or UNDETERMINED
        clues = find_mentions(f"{each.subject}\n{each.text}\n{each.quoted}"[:MOST_CLUES])
        found.append(Told(each, language, clues))
    return found


def _named(found: Sequence[Told]) -> list[Named]:
    """What the messages name, by conversation."""
    by_home: dict[str, tuple[dict[Mention, None], dict[str, None]]] = {}
    for message, _language, clues in found:
        mentions, buyers = by_home.setdefault(message.home, ({}, {}))
        mentions |= dict.fromkeys(clues)
        buyers |= dict.fromkeys(message.buyers)
    return [Named(home, tuple(mentions), tuple(buyers)) for home, (mentions, buyers) in by_home.items()]


def _step_aside() -> None:
    """Let everything else go first, where the system lets one thread do so (Linux; elsewhere slices are small)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_UNTOLD = "language = '' AND direction != 'note'"
_COLUMNS = (
    "m.seq, m.conversation_id, coalesce(h.id, m.conversation_id), m.subject, "
    f"substr(m.text, 1, {MOST_CLUES}), substr(m.quoted, 1, {MOST_CLUES}), "
    "CASE WHEN m.direction = 'in' THEN m.author_email ELSE '' END, h.customer_address"
)
# The few are chosen by the index before a row is read.
_LOOK = (
    f"SELECT {_COLUMNS} FROM message m LEFT JOIN message_home o ON o.message_id = m.id "  # noqa: S608
    "LEFT JOIN conversation h ON h.id = coalesce(o.home, m.conversation_id)"
)
_NEWEST = f"SELECT seq FROM message WHERE {_UNTOLD} ORDER BY at DESC LIMIT ?"  # noqa: S608
_NEXT = f"{_LOOK} WHERE m.seq IN ({_NEWEST}) ORDER BY m.at DESC"
_OF_ONE = f"SELECT seq FROM message WHERE conversation_id = ? AND {_UNTOLD} ORDER BY at DESC LIMIT ?"  # noqa: S608
_IN_ONE = f"{_LOOK} WHERE m.seq IN ({_OF_ONE}) ORDER BY m.at DESC"
_COUNT = f"SELECT count(*) FROM message WHERE {_UNTOLD}"  # noqa: S608
_TOLD = "UPDATE message SET language = ? WHERE seq = ? AND language = ''"
# A conversation is in the language its buyer first wrote; what the first mail did not show, the next one does.
_OF_BUYER = (
    "UPDATE conversation SET language = coalesce((SELECT m.language FROM message m WHERE m.conversation_id = "
    "conversation.id AND m.direction = 'in' AND m.language NOT IN ('', 'und') ORDER BY m.at, m.seq LIMIT 1), '') "
    "WHERE language = '' AND id IN (SELECT value FROM json_each(?))"
)
