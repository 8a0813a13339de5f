"""One conversation, a piece of its timeline at a time. Where a piece begins and how much lies on its two sides is read
from the index alone (`message_line`); texts are read only of the messages that are shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from workstation.domain.conversation import Address, Attachment, Delivery, Direction
from workstation.inbox import placing, queries
from workstation.inbox.languages import told
from workstation.inbox.model import (
    LATER,
    ConversationView,
    MessageCursor,
    MessagePage,
    MessageView,
    SystemLine,
    TranslationView,
)
from workstation.inbox.ports import EVER, QuietLines, Translations
from workstation.inbox.repo import ATTACHMENT, BODY, MESSAGE
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.store import erased
from workstation.store.erased import Mark

SHOWN = 40
"""Newest messages that come with a conversation; the others come in pages."""
SHOWN_CHARACTERS = 8_000_000
"""Bytes of one page: a buyer who sends hundreds of huge mails must not fill the memory of whoever opens them."""
LONGEST_PAGE = 200
LOOKED_BACK = 500
"""Newest messages among which the first unread one is looked for; who has more to read begins at the newest."""

Key = tuple[int, int]
"""A message's place in its timeline: `at`, `seq`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Messages in a row by their keys, and how many there are before and after them."""

    keys: tuple[Key, ...]
    earlier: int
    later: int


class Views:
    """Puts a conversation together from messages, translations and the other features' quiet lines."""

    def __init__(
        self, translations: Translations, lines: Sequence[QuietLines], survivors: Callable[[str], tuple[str, ...]],
        agent_language: Callable[[], str],
        orders: Callable[[Connection, str], tuple[str, ...]] = lambda _connection, _conversation_id: (),
    ) -> None:
        self._translations = translations
        self._lines = lines
        self._survivors = survivors
        self._agent_language = agent_language
        self._orders = orders

    def view(self, connection: Connection, conversation_id: str) -> ConversationView:
        """The conversation with its newest messages; for a merged one, what it is shown in. Raises NotFound."""
        conversation_id = placing.shown_in(connection, conversation_id)
        about = queries.conversation(connection, conversation_id)
        row = queries.rows_by_id(connection, [conversation_id])[0]
        page = self.page(connection, conversation_id, MessageCursor(), SHOWN)
        return ConversationView(
            row=row._replace(orders=self._orders(connection, conversation_id)),
            customer=Address(about.customer_address, about.customer_name),
            messages=page.messages, lines=page.lines, earlier=page.earlier,
            first_unread=_first_unread(connection, conversation_id) if row.unread else "",
        )

    def page(self, connection: Connection, conversation_id: str, at: MessageCursor, limit: int) -> MessagePage:
        """As `api.InboxApi.messages`. Raises NotFound when the message named is not in this conversation."""
        conversation_id = placing.shown_in(connection, conversation_id)
        found = _piece(connection, conversation_id, at, max(1, min(limit, LONGEST_PAGE)))
        lines = self._between(connection, conversation_id, found)
        return MessagePage(self._messages(connection, found.keys), lines, found.earlier, found.later)

    def _between(self, connection: Connection, conversation_id: str, found: Piece) -> tuple[SystemLine, ...]:
        """The quiet lines from the first message to the one after the last: neighbouring pages share none."""
        if not found.keys and (found.earlier or found.later):
            return ()
        since = found.keys[0][0] if found.earlier else 0
        until = _next_at(connection, conversation_id, found.keys[-1]) if found.later else EVER
        if since == until:      # the message after is of the same moment, and so the lines are its page's
            return ()
        lines = [line for source in self._lines for line in source.lines(connection, conversation_id, since, until)]
        return tuple(sorted(lines, key=lambda line: line.at))

    def _messages(self, connection: Connection, keys: Sequence[Key]) -> tuple[MessageView, ...]:
        query = select(MESSAGE, BODY.c.html).outerjoin(BODY, BODY.c.message_id == MESSAGE.c.id).where(
            MESSAGE.c.seq.in_([seq for _at, seq in keys])).order_by(MESSAGE.c.at, MESSAGE.c.seq)
        records = connection.execute(query).mappings().all()
        ids = [record["id"] for record in records]
        translated = self._translations.stored(connection, ids, self._agent_language())
        files = _attachments(connection, ids)
        gone = erased.among(connection, erased.MESSAGE, ids)
        return tuple(
            self._message(r, translated.get(r["id"]), files.get(r["id"], ()), gone.get(r["id"])) for r in records)

    def _message(
        self, r: RowMapping, translation: TranslationView | None, files: tuple[Attachment, ...], gone: Mark | None,
    ) -> MessageView:
        return MessageView(
            id=r["id"], conversation_id=r["conversation_id"], direction=Direction(r["direction"]),
            author=Address(r["author_email"], r["author_name"]), to=_people(r["recipients"]), cc=_people(r["cc"]),
            at=r["at"], subject=r["subject"], text=r["text"], quoted=r["quoted"], html=r["html"] or "",
            language=told(r["language"]), translation=translation, attachments=files, delivery=Delivery(r["delivery"]),
            delivery_sentence=r["delivery_sentence"], message_id=r["message_id"],
            problems=tuple(json.loads(r["problems"])), survivors=self._survivors(r["text"]),
            original=r["original"], original_language=r["original_language"], seq=r["seq"],
            notes=(gone.sentence,) if gone else tuple(json.loads(r["notes"])), erased_at=gone.at if gone else 0,
        )


def _piece(connection: Connection, conversation_id: str, at: MessageCursor, limit: int) -> Piece:
    """Which messages a cursor means, no more than `limit` and no more than fit."""
    if at.message_id and not at.at:
        keys = _around(connection, conversation_id, _place(connection, conversation_id, at.message_id), limit)
    elif at.position >= 0:
        keys = _keys(connection, _NTH, conversation_id, limit, at.position)
        keys = _fitting(connection, keys)
    elif at.later:
        keys = _fitting(connection, _keys(connection, _AFTER, conversation_id, limit, at.at, at.seq))
    else:
        place = (at.at, at.seq) if at.at or at.seq else (EVER, 0)
        keys = _fitting(connection, _keys(connection, _BEFORE, conversation_id, limit, *place))[::-1]
    if not keys:
        return Piece((), *_nothing(connection, conversation_id, at))
    return Piece(tuple(keys), _count(connection, _EARLIER, conversation_id, keys[0]),
                 _count(connection, _LATER, conversation_id, keys[-1]))


def _nothing(connection: Connection, conversation_id: str, at: MessageCursor) -> tuple[int, int]:
    """What lies on the two sides of a place beyond either end."""
    total = _count(connection, _LATER, conversation_id, (-EVER, 0))
    return (total, 0) if at.later or at.position >= 0 else (0, total)


def _around(connection: Connection, conversation_id: str, place: Key, limit: int) -> list[Key]:
    """The message and its neighbours, half before and half after; where one side is short the other has more."""
    before = _keys(connection, _BEFORE, conversation_id, limit, *place)
    after = _keys(connection, _AFTER, conversation_id, limit, *place)
    half = limit // 2
    kept = before[: max(half, limit - 1 - len(after))]
    ordered = _fitting(connection, [place, *_in_turn(kept, after[: limit - 1 - len(kept)])])
    return sorted(ordered)


def _in_turn(before: list[Key], after: list[Key]) -> list[Key]:
    """Nearest first from both sides, so that what does not fit is what is farthest."""
    paired = [key for pair in zip(before, after, strict=False) for key in pair]
    shorter = min(len(before), len(after))
    return [*paired, *before[shorter:], *after[shorter:]]


def _fitting(connection: Connection, keys: list[Key]) -> list[Key]:
    """The first of `keys`, and after it as many as fit. Only lengths are read, which stand before the texts."""
    numbers = json.dumps([seq for _at, seq in keys])
    lengths = {row[0]: row[1] for row in connection.exec_driver_sql(_LENGTHS, (LATER, numbers))}
    total = 0
    for place, (_at, seq) in enumerate(keys):
        total += lengths.get(seq, 0)
        if place and total > SHOWN_CHARACTERS:
            return keys[:place]
    return keys


def _place(connection: Connection, conversation_id: str, message_id: str) -> Key:
    found = connection.exec_driver_sql(_PLACE, (message_id, conversation_id)).first()
    if found is None:
        raise NotFound(_("This message is not in the store."), _("It may have been erased."))
    return found[0], found[1]


def _keys(connection: Connection, statement: str, conversation_id: str, limit: int, *values: int) -> list[Key]:
    return [(at, seq) for at, seq in connection.exec_driver_sql(statement, (conversation_id, limit, *values))]


def _count(connection: Connection, statement: str, conversation_id: str, key: Key) -> int:
    return int(connection.exec_driver_sql(statement, (conversation_id, *key)).scalar_one())


def _next_at(connection: Connection, conversation_id: str, key: Key) -> int:
    found = _keys(connection, _AFTER, conversation_id, 1, *key)
    return found[0][0] if found else EVER


def _first_unread(connection: Connection, conversation_id: str) -> str:
    """The first buyer's message that was stored after the conversation was last looked at; "" when that is too far."""
    found = connection.exec_driver_sql(_UNREAD, (conversation_id, LOOKED_BACK)).first()
    if found is None or (found[1] >= LOOKED_BACK and found[2] == found[3]):
        return ""
    return str(connection.exec_driver_sql("SELECT id FROM message WHERE seq = ?", (found[0],)).scalar_one())


def _people(text: str) -> tuple[Address, ...]:
    return tuple(Address(email, name) for email, name in json.loads(text))


def _attachments(connection: Connection, message_ids: Sequence[str]) -> dict[str, tuple[Attachment, ...]]:
    columns = (ATTACHMENT.c[name] for name in ("id", "message_id", "name", "mime", "size", "inline", "content_id"))
    query = select(*columns).where(ATTACHMENT.c.message_id.in_(message_ids)).order_by(ATTACHMENT.c.position)
    found: dict[str, list[Attachment]] = {}
    for file_id, message_id, *rest in connection.execute(query):
        found.setdefault(message_id, []).append(Attachment(file_id, *_file(rest)))
    return {message_id: tuple(files) for message_id, files in found.items()}


def _file(values: Sequence[Any]) -> tuple[str, str, int, bool, str]:
    name, mime, size, inline, content_id = values
    return name, mime, size, inline, content_id


_OF = "SELECT at, seq FROM message INDEXED BY message_line WHERE conversation_id = ?1"
_BEFORE = f"{_OF} AND (at, seq) < (?3, ?4) ORDER BY at DESC, seq DESC LIMIT ?2"
_AFTER = f"{_OF} AND (at, seq) > (?3, ?4) ORDER BY at, seq LIMIT ?2"
_NTH = f"{_OF} ORDER BY at, seq LIMIT ?2 OFFSET ?3"
_HOW_MANY = "SELECT count(*) FROM message INDEXED BY message_line WHERE conversation_id = ?1"
_EARLIER = f"{_HOW_MANY} AND (at, seq) < (?2, ?3)"
_LATER = f"{_HOW_MANY} AND (at, seq) > (?2, ?3)"
_PLACE = "SELECT at, seq FROM message WHERE id = ? AND conversation_id = ?"
_LENGTHS = (
    "SELECT m.seq, octet_length(m.text) + octet_length(m.quoted) + coalesce("
    "CASE WHEN b.html = ?1 THEN 2 * octet_length(b.raw) ELSE octet_length(b.html) END, 0) "
    "FROM message m LEFT JOIN mail_body b ON b.message_id = m.id WHERE m.seq IN (SELECT value FROM json_each(?2))"
)
_UNREAD = (
    "WITH newest AS (SELECT at, seq, direction FROM message INDEXED BY message_line WHERE conversation_id = ?1 "
    "ORDER BY at DESC, seq DESC LIMIT ?2), "
    "unread AS (SELECT at, seq FROM newest WHERE direction = 'in' AND seq > "
    "(SELECT seen_seq FROM conversation WHERE id = ?1)) "
    "SELECT seq, (SELECT count(*) FROM newest), at, (SELECT min(at) FROM newest) FROM unread ORDER BY at, seq LIMIT 1"
)
