"""Storing a batch of mails: recognised, threaded and inserted with one statement for each table, however many.

Everything here runs inside the caller's write transaction, in the order the mails came in, so that a batch leaves
what its mails would have left one by one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from workstation.domain.conversation import Direction
from workstation.inbox import lines
from workstation.inbox.lines import Line, Standing
from workstation.inbox.model import AccountSettings, ClockRule
from workstation.inbox.prepare import Batch, file_id
from workstation.inbox.prepared import PreparedFile, PreparedMail
from workstation.inbox.preparing import as_json, words_of
from workstation.inbox.repo import NEW_REFERENCE
from workstation.kernel.i18n import _
from workstation.kernel.ids import derived_id
from workstation.store import erased, search

_IN, _OUT = Direction.IN.value, Direction.OUT.value
"""What a batch binds is plain text and plain numbers: SQLite's driver looks for a way to adapt every other value, which
takes five microseconds for a member of an enumeration and seven for a truth value."""
MOST_TWINS = 20
"""Stored mails under one Message-ID without a content key that a new one is compared with."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a mail: `message_id` is ours; `new` False when a copy was already there, `ours_now` when that
    copy was taken for a stranger's until the Sent folder showed that we wrote it, `outgoing_id` when it is our reply
    coming back, `completed` when another desktop had told of it and its source is here only now."""

    conversation_id: str
    message_id: str
    new: bool
    new_conversation: bool = False
    ours_now: bool = False
    outgoing_id: str = ""
    home: str = ""          # where its thread leads, when it is shown elsewhere (`inbox.following`)
    completed: bool = False


@dataclass(slots=True)
class _Known:
    """A message that is here already."""

    message_id: str
    conversation_id: str
    direction: str
    outgoing_id: str
    author: str
    subject: str
    text: str
    content_key: str
    print: str = ""         # of an erased one, what it said (`store.erased`)


@dataclass(slots=True)
class _Fresh:
    """A conversation that begins with this batch, and its mails so far as (seq, mail)."""

    first: PreparedMail
    mails: list[tuple[int, PreparedMail]] = field(default_factory=list)


class Arrival:
    """One batch being stored. Use once."""

    def __init__(
        self, connection: Connection, account_id: str, settings: AccountSettings, own: Collection[str],
        rules: Sequence[ClockRule], least_seq: int = 0,
    ) -> None:
        self._conn = connection
        self._account = account_id
        self._settings = settings
        self._own = own
        self._rules = rules
        self._seq = max(least_seq, int(connection.exec_driver_sql(_LAST_SEQ).scalar() or 0))
        self._by_key: dict[str, _Known] = {}
        self._by_id: dict[str, _Known] = {}
        self._by_name: dict[str, list[_Known]] = {}
        self._taken: set[str] = set()          # Message-IDs that a stored mail carries
        self._threads: dict[str, str] = {}     # name → conversation
        self._begun: dict[str, str] = {}       # root → conversation that begins there
        self._there: set[str] = set()          # conversations that exist
        self._fresh: dict[str, _Fresh] = {}
        self.joined: dict[str, None] = {}      # conversations whose list columns are to be worked out again
        self._messages: list[tuple[Any, ...]] = []
        self._bodies: list[tuple[Any, ...]] = []
        self._files: list[tuple[Any, ...]] = []
        self._names: list[tuple[str, str, str]] = []
        self._index: list[search.Entry] = []
        self._completed: list[str] = []        # messages whose files are known only now

    def store(self, batch: Batch) -> list[Stored]:
        """One result for each mail, in order."""
        self._look_up(batch)
        stored = [self._one(own_id, mail) for own_id, mail in zip(batch.ids, batch.mails, strict=True)]
        self._insert()
        return stored

    # -- what is here already ---------------------------------------------------------------------------------------

    def _look_up(self, batch: Batch) -> None:
        mails = batch.mails
        for row in self._rows(_BY_KEY, [m.content_key for m in mails]) + self._rows(_BY_ID, batch.ids):
            known = _Known(*row)
            self._by_id[known.message_id] = known
            if known.content_key:
                self._by_key.setdefault(known.content_key, known)
        names = [m.message_id for m in mails]
        self._taken = {name for (name,) in self._rows(_TAKEN, names)}
        for row in self._rows(_WITHOUT_KEY, list(self._taken)):
            same = self._by_name.setdefault(row[0], [])
            if len(same) < MOST_TWINS:
                same.append(_Known(*row[1:]))
        wanted = {name for m in mails for name in m.names}
        found = self._conn.exec_driver_sql(_THREADS, (json.dumps(sorted(wanted)), self._account))
        self._threads = {str(name): str(conversation) for name, conversation in found}
        roots = dict.fromkeys(m.root for m in mails)
        self._begun = {root: self._begun_by(root) for root in roots}
        self._there = {i for (i,) in self._rows(_THERE, list(self._begun.values()))}

    def _rows(self, query: str, values: Sequence[str]) -> list[Any]:
        return self._conn.exec_driver_sql(query, (json.dumps(values),)).all() if values else []  # type: ignore[return-value]

    def _one(self, own_id: str, mail: PreparedMail) -> Stored:
        known = self._known(own_id, mail)
        if known is not None:
            return self._recognise(known, own_id, mail)
        conversation, created = self._conversation(mail)
        self._seq += 1
        self._add(own_id, conversation, mail)
        if conversation in self._fresh:
            self._fresh[conversation].mails.append((self._seq, mail))
        else:
            self.joined[conversation] = None
        direction = _OUT if mail.own else _IN
        here = _Known(own_id, conversation, direction, "", mail.author[0], mail.subject, mail.text, mail.content_key)
        self._by_key[mail.content_key] = self._by_id[own_id] = here
        self._taken.add(mail.message_id)
        return Stored(conversation, own_id, new=True, new_conversation=created)

    def _known(self, own_id: str, mail: PreparedMail) -> _Known | None:
        """The stored copy of a mail, our own reply coming back, or what another desktop already told of it."""
        known = self._by_key.get(mail.content_key) or self._by_id.get(own_id)
        if known is not None:
            return known
        return next((row for row in self._by_name.get(mail.message_id, ()) if _is_copy(row, mail)), None)

    def _recognise(self, known: _Known, own_id: str, mail: PreparedMail) -> Stored:
        ours_now = mail.own and known.direction == Direction.IN
        if ours_now:
            # A copy to ourselves was met before the Sent folder's: it is no buyer's mail and no impostor's.
            problems = as_json(mail.problems)
            self._insert()   # it may be a message of this very batch
            self.joined[known.conversation_id] = None
            self._conn.exec_driver_sql(_MAKE_OURS, (Direction.OUT, problems, known.message_id))
            known.direction = Direction.OUT
        completed = not known.content_key and not known.outgoing_id and not known.print
        if completed:
            self._complete(known, own_id, mail)
        return Stored(known.conversation_id, known.message_id, new=False, ours_now=ours_now,
                      outgoing_id=known.outgoing_id, completed=completed)

    def _complete(self, known: _Known, own_id: str, mail: PreparedMail) -> None:
        """Another desktop told of this mail; its source, its files and its place in the thread are known only now."""
        known.content_key = mail.content_key
        told = (mail.content_key, mail.reply_to, as_json(mail.problems), as_json(mail.notes), known.message_id)
        self._conn.exec_driver_sql(_COMPLETE, told)
        self._completed.append(known.message_id)
        self._bodies.append((known.message_id, mail.packed, mail.html))
        self._files += [_file_row(own_id, known.message_id, n, file) for n, file in enumerate(mail.files)]
        self._remember(known.conversation_id, mail.names)

    # -- threads ----------------------------------------------------------------------------------------------------

    def _conversation(self, mail: PreparedMail) -> tuple[str, bool]:
        """Where a mail belongs, and whether that begins with it."""
        found = next((self._threads[name] for name in mail.names if name in self._threads), None)
        if found is None:
            found = self._begun[mail.root]
            if found not in self._there:
                self._there.add(found)
                self._fresh[found] = _Fresh(mail)
                self._remember(found, mail.names)
                return found, True
        self._remember(found, mail.names)
        return found, False

    def _begun_by(self, root: str) -> str:
        """The id of the conversation a mail belongs to when nothing else says so: from the Message-ID of the mail that
        began it, which every later mail names. Two desktops that began reading at different mails agree on it,
        and so it holds no date: not each of them has seen the first mail."""
        return derived_id(0, "conversation", self._account, root)

    def _remember(self, conversation_id: str, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._threads:
                self._threads[name] = conversation_id
                self._names.append((name, self._account, conversation_id))

    # -- rows -------------------------------------------------------------------------------------------------------

    def _add(self, own_id: str, conversation_id: str, mail: PreparedMail) -> None:
        problems = self._problems(mail)
        self._messages.append((
            self._seq, own_id, conversation_id, _OUT if mail.own else _IN, mail.at, *mail.author,
            mail.recipients, mail.cc, mail.reply_to, mail.subject, mail.text, mail.quoted, mail.language,
            mail.message_id, mail.content_key, int(mail.automatic), as_json(problems) if problems else "[]",
            as_json(mail.notes) if mail.notes else "[]",
        ))
        self._bodies.append((own_id, mail.packed, mail.html))
        self._files += [_file_row(own_id, own_id, n, file) for n, file in enumerate(mail.files)]
        self._index.append(search.Entry(self._seq, mail.at, mail.indexed))

    def _problems(self, mail: PreparedMail) -> tuple[str, ...]:
        found = mail.problems
        if not mail.own and mail.author[0].lower() in self._own:
            # Anybody can write our address into From; only the Sent folder shows what we wrote.
            found += (_("This mail names your own address as its sender but is not in your Sent folder."),)
        if mail.message_id in self._taken:
            found += (_("Another mail carries the same Message-ID."),)
        return found

    def _insert(self) -> None:
        """The rows gathered so far, parents first. Conversations that begin here get their list columns at once."""
        rows = [self._begin(conversation_id, fresh) for conversation_id, fresh in self._fresh.items()]
        for statement, gathered in (
            (_NEW_CONVERSATION, rows), (_NEW_MESSAGE, self._messages), (_NEW_BODY, self._bodies),
            (_NEW_FILE, self._files), (NEW_REFERENCE, self._names),
        ):
            if gathered:
                self._conn.exec_driver_sql(statement, gathered)
        if self._index:
            search.add(self._conn, self._index)
        if self._completed:
            search.refresh(self._conn, self._completed)
        self._fresh, self._completed = {}, []
        self._messages, self._bodies, self._files, self._names, self._index = [], [], [], [], []

    def _begin(self, conversation_id: str, fresh: _Fresh) -> tuple[Any, ...]:
        first, settings = fresh.first, self._settings
        email, name = first.customer
        standing = Standing(settings.channel, settings.market, "open", store=settings.store)
        here = [Line(seq, m.at, "out" if m.own else "in", m.automatic, "done", "") for seq, m in fresh.mails]
        columns = lines.values(
            lines.shown(here, standing, self._rules), {seq: mail.text for seq, mail in fresh.mails})
        return (
            conversation_id, self._account, first.plain_subject, str(settings.channel), settings.store, settings.market,
            name, email, _language(fresh), int(any(not m.own for _seq, m in fresh.mails)), *columns,
        )


def _language(fresh: _Fresh) -> str:
    """The buyer's language, as far as the first mails show it at a glance."""
    return next((m.language for _seq, m in fresh.mails if m.language not in ("", "und")), "")


def _is_copy(row: _Known, mail: PreparedMail) -> bool:
    """Whether a mail with the Message-ID of a message without a content key is that message.

    Whoever got our reply knows its id, so outside the Sent folder the id alone proves nothing: sender and words must
    be ours, or a buyer's mail would be swallowed. The same goes for what another desktop told of.
    """
    if row.print:   # its words were erased
        return _was(row, mail)
    same_sender = mail.author[0].lower() == row.author.lower()
    if row.outgoing_id:
        return mail.own or (same_sender and mail.words == words_of(row.text))
    return same_sender and mail.subject == row.subject and mail.text == row.text


def _was(row: _Known, mail: PreparedMail) -> bool:
    """The same of a message whose words were erased."""
    if row.outgoing_id:
        return mail.own or row.print == erased.fingerprint(mail.author[0], mail.words)
    return row.print == erased.fingerprint(mail.author[0], mail.subject, mail.text)


def _file_row(own_id: str, message_id: str, position: int, file: PreparedFile) -> tuple[Any, ...]:
    inside = None if file.large else file.content
    return (file_id(own_id, position), message_id, position, file.name, file.mime, file.size, int(file.inline),
            file.content_id, inside)


# The way of every arriving mail: plain SQL, because building a statement costs ten times its execution.
_AMONG = "IN (SELECT value FROM json_each(?))"
_LAST_SEQ = "SELECT max(seq) FROM message"
# The conversation a message belongs to, wherever it is shown.
_BASE = "coalesce((SELECT base FROM message_home WHERE message_home.message_id = message.id), conversation_id)"
_COLUMNS = f"id, {_BASE}, direction, outgoing_id, author_email, subject, '', content_key"
_PRINT = (
    "coalesce((SELECT e.print FROM personal_erased e WHERE e.kind = 'message' AND e.id = message.id), '')"
)
_BY_KEY = f"SELECT {_COLUMNS} FROM message WHERE content_key {_AMONG}"  # noqa: S608
_BY_ID = f"SELECT {_COLUMNS}, {_PRINT} FROM message WHERE id {_AMONG}"  # noqa: S608
_TAKEN = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM message WHERE message_id = value)"
_WITHOUT_KEY = (
    f"SELECT message_id, id, {_BASE}, direction, outgoing_id, author_email, subject, text, '', {_PRINT} "  # noqa: S608
    f"FROM message WHERE content_key = '' AND message_id {_AMONG}"
)
_THREADS = f"SELECT name, conversation_id FROM thread_reference WHERE name {_AMONG} AND account_id = ?"  # noqa: S608
_THERE = f"SELECT id FROM conversation WHERE id {_AMONG}"  # noqa: S608
_MAKE_OURS = "UPDATE message SET direction = ?, problems = ? WHERE id = ?"
_COMPLETE = "UPDATE message SET content_key = ?, reply_to = ?, problems = ?, notes = ? WHERE id = ?"
_NEW_CONVERSATION = (
    "INSERT INTO conversation(id, account_id, subject, channel, store, market, customer_name, customer_address, "  # noqa: S608
    f"language, unread, {', '.join(lines.COLUMNS)}, state, dismissed_at, issue, resolved_upto, shared) "
    f"VALUES ({', '.join('?' * (10 + len(lines.COLUMNS)))}, 'open', 0, '', 0, 0)"
)
_NEW_MESSAGE = (
    "INSERT INTO message(seq, id, conversation_id, direction, at, author_email, author_name, recipients, cc, reply_to, "  # noqa: S608
    "subject, text, quoted, language, message_id, content_key, automatic, problems, notes, delivery, "
    "delivery_sentence, outgoing_id, original, original_language) "
    f"VALUES ({', '.join('?' * 19)}, 'done', '', '', '', '')"
)
_NEW_BODY = "INSERT INTO mail_body(message_id, raw, html) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_NEW_FILE = (
    "INSERT INTO attachment(id, message_id, position, name, mime, size, inline, content_id, content) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
