"""What was read ↔ tables. Plain SQL where it looks at messages and their files: the words of a picture are found at a
message, and change with the row in one transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence import record, views
from workstation.evidence import repo as records
from workstation.evidence.model import Rect
from workstation.evidence.reading import layout
from workstation.evidence.reading.model import Line, PictureText, State
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.store import search
from workstation.store.core import table

_TEXT = table("evidence_text")
MIMES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/heic",
         "image/heif")
KINDS = ("capture", "file", "derived")
"""Records whose files may be pictures."""
LEAST, MOST = 4_000, 20_000_000
"""Bytes of a picture that came with a message and is read by itself: below are dots and icons."""
LEAST_INLINE = 16_000
"""Of one that stands inside the mail: below are logos and signatures."""
MOST_INDEXED = 20_000
"""Characters of one picture that the search knows."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A picture. `case_id`: the conversation it belongs to; `blob_id`: its sealed file, "" for an attachment."""

    source: str
    kind: str                      # "record" or "attachment"
    case_id: str
    message_id: str                # where its words are found; "" for a case without a message
    mime: str
    blob_id: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A picture that could not be read."""

    source: str
    case_id: str
    at: int
    why: str


def next_records(connection: Connection, limit: int) -> list[str]:
    """Records whose file was not looked at yet, the newest first."""
    return [row[0] for row in connection.exec_driver_sql(_RECORDS, (json.dumps(KINDS), limit))]


def next_attachments(connection: Connection, since: int, limit: int) -> list[str]:
    """Buyers' pictures of messages written after `since` that were not looked at yet, the newest first."""
    asked = {"since": since, "limit": limit, "mimes": json.dumps(MIMES), "least": LEAST, "inline": LEAST_INLINE,
             "most": MOST}
    return [row[0] for row in connection.exec_driver_sql(_ATTACHMENTS, asked)]


def of_message(connection: Connection, message_id: str) -> list[str]:
    """The same of one message."""
    asked = {"id": message_id, "mimes": json.dumps(MIMES), "least": LEAST, "inline": LEAST_INLINE, "most": MOST}
    return [row[0] for row in connection.exec_driver_sql(_OF_MESSAGE, asked)]


def subject(connection: Connection, source: str) -> Subject:
    """The picture of a record or an attachment. Raises NotFound, also after it was erased; Tampered."""
    row = connection.exec_driver_sql(_ATTACHMENT, (source,)).first()
    if row is not None:
        return Subject(source, "attachment", row[0], row[1], str(row[2]).lower())
    stored = records.get(connection, source)
    file = record.part(views.statement(stored), "file")
    if not stored.blob_id:
        raise NotFound(_("This record has no file."), _("Choose a record that has one."))
    at = connection.exec_driver_sql(_PLACE, {"case": stored.case_id}).scalar() or ""
    return Subject(source, "record", stored.case_id, at, record.text(file, "mime").lower(), stored.blob_id)


def begin(connection: Connection, picture: Subject, at: int) -> int:
    """Note that it is being read, and return how often that was begun: what ends the program counts, too."""
    values = {"source": picture.source, "kind": picture.kind, "state": State.WAITING.value, "tries": 1, "at": at,
              "message_id": picture.message_id}
    again = {"state": State.WAITING.value, "tries": _TEXT.c.tries + 1, "at": at}
    connection.execute(upsert(_TEXT).values(values).on_conflict_do_update(index_elements=["source"], set_=again))
    return int(connection.execute(select(_TEXT.c.tries).where(_TEXT.c.source == picture.source)).scalar() or 0)


def uncount(connection: Connection, source: str) -> None:
    """It was not the picture's fault."""
    connection.exec_driver_sql("UPDATE evidence_text SET tries = max(0, tries - 1) WHERE source = ?", (source,))


def put(connection: Connection, picture: Subject, told: PictureText, digest: str) -> None:
    """What was read, and its words at the picture's message, in the caller's transaction. A failure leaves what was
    read before."""
    if told.state is State.FAILED:
        connection.exec_driver_sql(_FAILED, (told.state.value, told.why, told.at, picture.source))
        return
    values = {
        "source": picture.source, "kind": picture.kind, "state": told.state.value, "message_id": picture.message_id,
        "sha256": digest, "text": told.text, "unread": told.unread, "engine": told.engine, "at": told.at,
        "why": told.why, "lines": json.dumps([_plain(line) for line in told.lines], ensure_ascii=False),
    }
    connection.execute(upsert(_TEXT).values(values).on_conflict_do_update(index_elements=["source"], set_=values))
    if picture.message_id:
        search.put_extra(connection, picture.message_id, picture.source, told.text[:MOST_INDEXED])


def get(connection: Connection, source: str) -> PictureText | None:
    """What is known of a picture; None when nobody looked at it yet."""
    row = connection.execute(select(_TEXT).where(_TEXT.c.source == source)).mappings().first()
    return None if row is None else _told(row)


def same(connection: Connection, digest: str, engine: str) -> PictureText | None:
    """What this very engine read in a picture of the same bytes."""
    query = select(_TEXT).where(
        _TEXT.c.sha256 == digest, _TEXT.c.engine == engine, _TEXT.c.state.in_((State.READ, State.NOTHING)))
    row = connection.execute(query.limit(1)).mappings().first()
    return None if row is None else _told(row)


def forget(connection: Connection, source: str) -> None:
    """Take what was read away, and its words out of the search: its picture was erased or deleted."""
    row = connection.execute(select(_TEXT.c.message_id).where(_TEXT.c.source == source)).first()
    connection.execute(delete(_TEXT).where(_TEXT.c.source == source))
    if row is not None and row[0]:
        search.put_extra(connection, row[0], source, "")


def orphans(connection: Connection) -> list[str]:
    """What was read in pictures that are not here any more."""
    return [row[0] for row in connection.exec_driver_sql(_ORPHANS)]


def again(connection: Connection, source: str) -> None:
    """Let it be read once more. Raises NotFound when it did not fail."""
    changed = connection.exec_driver_sql(
        "UPDATE evidence_text SET state = 'waiting', tries = 0, why = '' WHERE source = ? AND state = 'failed'",
        (source,))
    _there(changed.rowcount)


def let_be(connection: Connection, source: str) -> None:
    """Do not tell of a failure any more. Raises NotFound when it did not fail."""
    changed = connection.exec_driver_sql(
        "UPDATE evidence_text SET state = 'unfit' WHERE source = ? AND state = 'failed'", (source,))
    _there(changed.rowcount)


def failures(connection: Connection, limit: int) -> list[Failure]:
    """What could not be read and waits for a person, the newest first."""
    return [Failure(*row) for row in connection.exec_driver_sql(_FAILURES, (limit,))]


def counts(connection: Connection) -> tuple[int, int]:
    """How many are to be tried again, and how many failed."""
    row = connection.exec_driver_sql(
        "SELECT count(*) FILTER (WHERE state = 'waiting'), count(*) FILTER (WHERE state = 'failed') "
        "FROM evidence_text WHERE state IN ('waiting', 'failed')").one()
    return int(row[0]), int(row[1])


def readable(picture: Subject) -> bool:
    """Whether this is a picture at all."""
    return picture.mime in MIMES


def _there(changed: int) -> None:
    if not changed:
        raise NotFound(_("This was read meanwhile."), _("Look at the list again."))


def _plain(line: Line) -> list[object]:
    return [line.rect.x, line.rect.y, line.rect.width, line.rect.height, line.score, line.text]


def _told(row: Any) -> PictureText:
    lines = tuple(Line(Rect(x, y, width, height), text, score)
                  for x, y, width, height, score, text in json.loads(row["lines"]))
    return PictureText(
        row["source"], State(row["state"]), row["text"], lines, layout.numbers(row["text"]), row["unread"],
        row["engine"], row["at"], row["why"])


_OPEN = "LEFT JOIN evidence_text t ON t.source = {id} WHERE (t.source IS NULL OR t.state = 'waiting')"
_RECORDS = (
    f"SELECT r.id FROM evidence_record r {_OPEN.format(id='r.id')} AND r.blob_id <> '' "  # noqa: S608
    "AND r.kind IN (SELECT value FROM json_each(?)) ORDER BY r.sequence DESC LIMIT ?"
)
_WORTH = (
    "AND m.direction = 'in' AND a.mime IN (SELECT value FROM json_each(:mimes)) AND a.size <= :most "
    "AND a.size >= CASE a.inline WHEN 1 THEN :inline ELSE :least END"
)
# By the conversations, of which there are few, to the index of their messages.
_ATTACHMENTS = (
    "SELECT a.id FROM conversation c CROSS JOIN message m ON m.conversation_id = c.id AND m.at >= :since "  # noqa: S608
    f"CROSS JOIN attachment a ON a.message_id = m.id {_OPEN.format(id='a.id')} AND c.last_at >= :since {_WORTH} "
    "ORDER BY m.at DESC, a.position LIMIT :limit"
)
_OF_MESSAGE = (
    "SELECT a.id FROM message m JOIN attachment a ON a.message_id = m.id "  # noqa: S608
    f"{_OPEN.format(id='a.id')} AND m.id = :id {_WORTH} ORDER BY a.position"
)
_ATTACHMENT = (
    "SELECT m.conversation_id, m.id, a.mime FROM attachment a JOIN message m ON m.id = a.message_id WHERE a.id = ?"
)
# The first message that belongs to the case, wherever the case is shown now: as the numbers of its orders.
_PLACE = (
    "SELECT id FROM (SELECT m.id, m.at, m.seq FROM message m LEFT JOIN message_home h ON h.message_id = m.id "
    "WHERE m.conversation_id = :case AND coalesce(h.base, m.conversation_id) = :case "
    "UNION ALL SELECT m.id, m.at, m.seq FROM message_home h JOIN message m ON m.id = h.message_id "
    "WHERE h.base = :case) ORDER BY at, seq LIMIT 1"
)
_ORPHANS = (
    "SELECT source FROM evidence_text t WHERE CASE kind "
    "WHEN 'record' THEN NOT EXISTS (SELECT 1 FROM evidence_record r JOIN blob b ON b.id = r.blob_id "
    "WHERE r.id = t.source) ELSE NOT EXISTS (SELECT 1 FROM attachment a WHERE a.id = t.source) END"
)
_FAILED = "UPDATE evidence_text SET state = ?, why = ?, at = ? WHERE source = ?"
_FAILURES = (
    "SELECT t.source, coalesce(r.case_id, m.conversation_id, ''), t.at, t.why FROM evidence_text t "
    "LEFT JOIN evidence_record r ON r.id = t.source LEFT JOIN attachment a ON a.id = t.source "
    "LEFT JOIN message m ON m.id = a.message_id WHERE t.state = 'failed' ORDER BY t.at DESC LIMIT ?"
)
