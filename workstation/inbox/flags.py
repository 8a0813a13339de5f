"""Where mails lie on the server and how they are marked there, so that what was read on a phone is read here and what
was read here is read there. Everything runs inside the caller's transaction.

A mark is followed when it *changes*: what a person did here is never undone by a mark that was there before. What is to
be written back is not queued anywhere; it is whatever is read here and not marked there, so no crash can lose it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged
from workstation.inbox.model import Place, SystemLine
from workstation.inbox.ports import EVER, MOST_LINES
from workstation.kernel.i18n import _
from workstation.store.unit import Unit

MOST_WRITTEN = 500
"""Marks that are written back with one command."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A stored mail and where it lies. `new` False: it was known already, from another folder or an earlier reading."""

    place: Place
    message_id: str
    conversation_id: str
    new: bool


def arrive(connection: Connection, account_id: str, folder: str, arrived: Sequence[Arrived]) -> None:
    """Remember the places of mails that were just stored. What was read elsewhere before it came is not unread here."""
    rows = [(account_id, folder, a.place.uid, a.message_id, int(a.place.seen), int(a.place.answered)) for a in arrived]
    if rows:
        connection.exec_driver_sql(_PUT, rows)
    _settle(connection, (a.conversation_id for a in arrived if a.new and a.place.seen))


def follow(unit: Unit, account_id: str, folder: str, places: Sequence[Place]) -> None:
    """The marks that these mails have on the server now. Unknown places are passed over."""
    read: set[str] = set()
    unread: set[str] = set()
    for place in places:
        known = unit.conn.exec_driver_sql(_KNOWN, (account_id, folder, place.uid)).first()
        if known is None or (bool(known[0]), bool(known[1])) == (place.seen, place.answered):
            continue
        unit.conn.exec_driver_sql(_MARK, (place.seen, place.answered, account_id, folder, place.uid))
        if bool(known[0]) != place.seen and known[2] is not None:
            (read if place.seen else unread).add(known[2])
    changed = _settle(unit.conn, read)
    for conversation_id in unread:
        if unit.conn.exec_driver_sql(_SET_UNREAD, (conversation_id,)).rowcount:
            changed.append(conversation_id)
    if changed:
        unit.emit(ConversationsChanged(tuple(dict.fromkeys(changed))))


def differs(connection: Connection, account_id: str, folder: str, places: Sequence[Place]) -> bool:
    """Whether any of these mails is marked otherwise than it is known here."""
    if not places:
        return False
    lowest, highest = min(place.uid for place in places), max(place.uid for place in places)
    found = connection.exec_driver_sql(_MARKS, (account_id, folder, lowest, highest))
    known = {uid: (bool(seen), bool(answered)) for uid, seen, answered in found}
    return any(known.get(place.uid, (place.seen, place.answered)) != (place.seen, place.answered) for place in places)


def forget(connection: Connection, account_id: str, folder: str, uids: Iterable[tuple[int, int]]) -> None:
    """These mails, in ranges of UIDs, are not there any more. Their messages stay."""
    for first, last in uids:
        connection.exec_driver_sql(_GONE, (account_id, folder, first, last))


def forget_folder(connection: Connection, account_id: str, folder: str) -> None:
    """The folder was rebuilt: its UIDs mean other mails now."""
    for statement in (_FOLDER_GONE, _FOLDER_WELL):
        connection.exec_driver_sql(statement, (account_id, folder))


def forget_account(connection: Connection, account_id: str) -> None:
    """The mailbox is another one now."""
    for statement in ("DELETE FROM mail_place WHERE account_id = ?", "DELETE FROM mail_bad_place WHERE account_id = ?"):
        connection.exec_driver_sql(statement, (account_id,))


def known(connection: Connection, account_id: str, folder: str, most: int) -> list[int]:
    """The `most` highest UIDs that lie in the folder as far as is known here, ascending."""
    return sorted(uid for (uid,) in connection.exec_driver_sql(_UIDS, (account_id, folder, most)))


def unwritten(connection: Connection, account_id: str, folder: str) -> tuple[int, ...]:
    """UIDs of mails that were read here and are not marked as read there."""
    found = connection.exec_driver_sql(_UNWRITTEN, (account_id, folder, MOST_WRITTEN))
    return tuple(sorted(uid for (uid,) in found))


def waiting_accounts(connection: Connection) -> list[str]:
    """Mailboxes in which something was read here that is not marked as read there."""
    return [account_id for (account_id,) in connection.exec_driver_sql(_WAITING)]


def written(connection: Connection, account_id: str, folder: str, uids: Sequence[int]) -> None:
    """The server has marked these as read."""
    if uids:
        connection.exec_driver_sql(_WRITTEN, [(account_id, folder, uid) for uid in uids])


def _settle(connection: Connection, conversation_ids: Iterable[str]) -> list[str]:
    """Conversations whose every mail is read on the server are read. Returns those that were not."""
    ordered = dict.fromkeys(conversation_ids)
    return [found for found in ordered if connection.exec_driver_sql(_SET_READ, (found,)).rowcount]


class AnsweredElsewhere:
    """Fulfils `inbox.ports.QuietLines`: a mail that is marked as answered on the server while no answer to it is known
    here. The clock goes on, for nobody here knows what was answered."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        marked = connection.exec_driver_sql(_ANSWERED, (conversation_id, since - 1, until - 1, MOST_LINES)).all()
        if not marked:
            return []
        known = connection.exec_driver_sql(_NEWEST_ANSWER, (conversation_id, marked[-1][0])).scalar()
        sentence = _("Answered with another mail program; that answer is not in the folder of sent mail.")
        return [SystemLine(at + 1, sentence, "state", message_id) for at, message_id in reversed(marked)
                if known is None or at > known]


_PUT = (
    "INSERT INTO mail_place(account_id, folder, uid, message_id, seen, answered) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(account_id, folder, uid) DO UPDATE SET message_id = excluded.message_id, seen = excluded.seen, "
    "answered = excluded.answered"
)
_HERE = "account_id = ?1 AND folder = ?2"
_KNOWN = (
    "SELECT p.seen, p.answered, m.conversation_id FROM mail_place p LEFT JOIN message m "
    "ON m.id = p.message_id AND m.direction = 'in' WHERE p.account_id = ?1 AND p.folder = ?2 AND p.uid = ?3"
)
_MARKS = f"SELECT uid, seen, answered FROM mail_place WHERE {_HERE} AND uid BETWEEN ?3 AND ?4"  # noqa: S608
_MARK = "UPDATE mail_place SET seen = ?, answered = ? WHERE account_id = ? AND folder = ? AND uid = ?"
_GONE = f"DELETE FROM mail_place WHERE {_HERE} AND uid BETWEEN ?3 AND ?4"  # noqa: S608
_FOLDER_GONE = f"DELETE FROM mail_place WHERE {_HERE}"  # noqa: S608
_FOLDER_WELL = f"DELETE FROM mail_bad_place WHERE {_HERE}"  # noqa: S608
_UIDS = f"SELECT uid FROM mail_place WHERE {_HERE} ORDER BY uid DESC LIMIT ?3"  # noqa: S608
# Driven by the index of unread places, which is short, and not by the folder, which is long.
_UNWRITTEN = (
    "SELECT p.uid FROM mail_place p INDEXED BY mail_place_unseen JOIN message m ON m.id = p.message_id "
    "JOIN conversation c ON c.id = m.conversation_id "
    "WHERE p.seen = 0 AND p.account_id = ?1 AND p.folder = ?2 AND c.unread = 0 LIMIT ?3"
)
_WAITING = (
    "SELECT DISTINCT p.account_id FROM mail_place p INDEXED BY mail_place_unseen JOIN message m ON m.id = p.message_id "
    "JOIN conversation c ON c.id = m.conversation_id WHERE p.seen = 0 AND c.unread = 0"
)
_WRITTEN = "UPDATE mail_place SET seen = 1 WHERE account_id = ? AND folder = ? AND uid = ?"
_SET_READ = (
    "UPDATE conversation SET unread = 0, seen_seq = (SELECT max(seq) FROM message) WHERE id = ?1 AND unread = 1 "
    "AND NOT EXISTS ("
    "SELECT 1 FROM message m JOIN mail_place p ON p.message_id = m.id AND p.seen = 0 "
    "WHERE m.conversation_id = ?1 AND m.direction = 'in')"
)
_SET_UNREAD = "UPDATE conversation SET unread = 1 WHERE id = ?1 AND unread = 0"
# The marks of one piece of the timeline, and only then what came after: where nobody ever answered, looking for the
# newest answer goes through the whole conversation.
_ANSWERED = (
    "SELECT m.at, m.id FROM message m INDEXED BY message_line WHERE m.conversation_id = ?1 AND m.direction = 'in' "
    "AND m.at >= ?2 AND m.at < ?3 AND EXISTS ("
    "SELECT 1 FROM mail_place p WHERE p.message_id = m.id AND p.answered = 1) ORDER BY m.at DESC LIMIT ?4"
)
_NEWEST_ANSWER = (
    "SELECT at FROM message INDEXED BY message_line WHERE conversation_id = ?1 AND at >= ?2 AND direction = 'out' "
    "ORDER BY at DESC LIMIT 1"
)
