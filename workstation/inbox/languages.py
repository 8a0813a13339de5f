"""Languages of messages that a glance did not tell: told in the background, a few at a time, the newest first.

What was not looked at yet has the language "", what could not be told "und". So a restart goes on where the last run
stopped, and nothing is looked at twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged
from workstation.inbox.ports import LanguageDetector
from workstation.inbox.preparing import DETECT_ON, UNDETERMINED
from workstation.store.database import Database
from workstation.store.unit import Unit

SLICE = 25
"""Messages that are looked at in one go; lingua takes about two milliseconds for each."""
BUSY, IDLE = 0.1, 60.0
"""Seconds until the next slice while something waits, and until the next look when nothing says that it does."""

MANY, PAUSE = 30, 3.0
"""Conversations that change at once when a backlog is read, and the seconds that this steps aside after each time:
loading lingua and telling compete with reading and storing. What a person opens does not wait longer than that."""

Untold = tuple[int, str, str]
"""seq, conversation and text of a message."""


def told(language: str) -> str:
    """A stored language as everybody else knows it: "" for what is not known, for whatever reason."""
    return "" if language == UNDETERMINED else language


class Languages:
    """Tells what is still untold, on a thread of its own and of low priority, so that nothing waits for it."""

    def __init__(self, database: Database, detector: LanguageDetector) -> None:
        self._database = database
        self._detector = detector
        self._opened: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._backlog_until = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="languages", initializer=_step_aside)

    def opened(self, conversation_id: str) -> None:
        """A person looks at this conversation: its messages are told first."""
        self._opened[conversation_id] = None
        self._wake.set()

    def on_changed(self, event: ConversationsChanged) -> None:
        """Subscribe this to ConversationsChanged: something may have come that a glance did not tell."""
        if len(event.ids) > MANY:
            self._backlog_until = time.monotonic() + PAUSE
        self._wake.set()

    async def step(self) -> float:
        """One slice: what is being looked at, then the newest. Returns the seconds until the next."""
        self._wake.clear()
        pause = self._backlog_until - time.monotonic()
        if pause > 0 and not self._opened:
            return pause
        waiting = await self._database.read(self._next)
        if waiting:
            found = await asyncio.get_running_loop().run_in_executor(
                self._thread, _detect, self._detector, waiting)
            await self._database.write(lambda unit: _keep(unit, found))
            return BUSY
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), IDLE)
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
        return [(seq, conversation, text) for seq, conversation, text in connection.exec_driver_sql(_NEXT, (SLICE,))]


def _of(connection: Connection, conversation_id: str) -> list[Untold]:
    found = connection.exec_driver_sql(_IN_ONE, (conversation_id, SLICE))
    return [(seq, conversation, text) for seq, conversation, text in found]


def _detect(detector: LanguageDetector, waiting: Sequence[Untold]) -> list[tuple[str, int, str]]:
    """(language, seq, conversation) of each text."""
    return [(detector.detect(text) or UNDETERMINED, seq, conversation) for seq, conversation, text in waiting]


def _step_aside() -> None:
    """Let everything else go first, where the system lets one thread do so (Linux; elsewhere slices are small)."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


def _keep(unit: Unit, found: Sequence[tuple[str, int, str]]) -> None:
    unit.conn.exec_driver_sql(_TOLD, [(language, seq) for language, seq, _conversation in found])
    conversations = list(dict.fromkeys(conversation for _language, _seq, conversation in found))
    unit.conn.exec_driver_sql(_OF_BUYER, (json.dumps(conversations),))
    unit.emit(ConversationsChanged(tuple(conversations)))


_TEXT = f"substr(CASE WHEN text != '' THEN text ELSE subject END, 1, {DETECT_ON})"
_UNTOLD = "language = '' AND direction != 'note'"
_NEXT = f"SELECT seq, conversation_id, {_TEXT} FROM message WHERE {_UNTOLD} ORDER BY at DESC LIMIT ?"  # noqa: S608
_IN_ONE = (
    f"SELECT seq, conversation_id, {_TEXT} FROM message WHERE conversation_id = ? AND {_UNTOLD} "  # noqa: S608
    "ORDER BY at DESC LIMIT ?"
)
_COUNT = f"SELECT count(*) FROM message WHERE {_UNTOLD}"  # noqa: S608
_TOLD = "UPDATE message SET language = ? WHERE seq = ? AND language = ''"
# A conversation is in the language its buyer first wrote; what the first mail did not show, the next one does.
_OF_BUYER = (
    "UPDATE conversation SET language = coalesce((SELECT m.language FROM message m WHERE m.conversation_id = "
    "conversation.id AND m.direction = 'in' AND m.language NOT IN ('', 'und') ORDER BY m.at, m.seq LIMIT 1), '') "
    "WHERE language = '' AND id IN (SELECT value FROM json_each(?))"
)
