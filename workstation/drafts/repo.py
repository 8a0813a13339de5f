"""Tables ↔ model for drafts and outgoing replies. Everything runs inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.domain.conversation import Address, Delivery
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.kernel.clock import HOUR
from workstation.store.core import table

DRAFT = table("draft")
HISTORY = table("draft_history")
FILE = table("draft_file")
OUTGOING = table("outgoing")
HISTORY_KEPT = 100
LONGEST_HOLD = HOUR
LONGEST_PAUSE = 5 * HOUR
"""No reply is held, or kept back by a server's wish (four hours at most), longer than this; in milliseconds."""

_WAITING = (Delivery.HELD, Delivery.QUEUED)
# A list of replies is not the place for their mails, which may have megabytes each.
_LISTED = [column for column in OUTGOING.c if column.name not in ("raw", "draft")]


def load(connection: Connection, conversation_id: str, mode: Mode) -> Draft | None:
    mine = (DRAFT.c.conversation_id == conversation_id) & (DRAFT.c.mode == mode)
    row = connection.execute(select(DRAFT).where(mine)).mappings().first()
    return replace(unpack(row["content"]), revision=row["revision"], saved_at=row["saved_at"]) if row else None


def save(connection: Connection, draft: Draft, at: int) -> Draft:
    """Keep a draft under its next revision, the state before in the history."""
    newer = replace(draft, revision=draft.revision + 1, saved_at=at)
    values = {"revision": newer.revision, "saved_at": at, "content": pack(newer)}
    key = {"conversation_id": draft.conversation_id, "mode": str(draft.mode)}
    statement = upsert(DRAFT).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
    connection.execute(upsert(HISTORY).values(**key, **values).on_conflict_do_nothing())
    _trim(connection, newer)
    return newer


def _trim(connection: Connection, draft: Draft) -> None:
    old = (HISTORY.c.conversation_id == draft.conversation_id) & (HISTORY.c.mode == draft.mode)
    connection.execute(delete(HISTORY).where(old, HISTORY.c.revision <= draft.revision - HISTORY_KEPT))


def last_revision(connection: Connection, conversation_id: str, mode: Mode) -> int:
    """The highest revision ever used, so that a new draft never reuses one."""
    mine = (HISTORY.c.conversation_id == conversation_id) & (HISTORY.c.mode == mode)
    query = select(HISTORY.c.revision).where(mine).order_by(HISTORY.c.revision.desc()).limit(1)
    return int(connection.execute(query).scalar() or 0)


def used_up(connection: Connection, draft: Draft, at: int) -> bool:
    """Take the draft away because it becomes a reply or a note. False when it is not the stored one any more.

    Its revision is used up with it: a late save of the same words, or a second command to send them, is refused.
    """
    present = load(connection, draft.conversation_id, draft.mode)
    if present is None or present.revision != draft.revision:
        return False
    mine = (DRAFT.c.conversation_id == draft.conversation_id) & (DRAFT.c.mode == draft.mode)
    connection.execute(delete(DRAFT).where(mine))
    empty = Draft(draft.conversation_id, draft.mode)
    connection.execute(insert(HISTORY).values(
        conversation_id=draft.conversation_id, mode=draft.mode, revision=draft.revision + 1, saved_at=at,
        content=pack(empty),
    ))
    return True


def offered(connection: Connection, conversation_id: str, mode: Mode, kin: Sequence[str]) -> Draft | None:
    """The newest draft of what was merged into a conversation, as one of its own: until something newer than that was
    written here."""
    others = DRAFT.c.conversation_id.in_([each for each in kin if each != conversation_id]) & (DRAFT.c.mode == mode)
    query = select(DRAFT).where(others).order_by(DRAFT.c.saved_at.desc()).limit(1)
    row = connection.execute(query).mappings().first() if len(kin) > 1 else None
    revision = last_revision(connection, conversation_id, mode)
    here = (HISTORY.c.conversation_id == conversation_id) & (HISTORY.c.mode == mode)
    written = connection.execute(select(func.max(HISTORY.c.saved_at)).where(here)).scalar() or 0
    if row is None or row["saved_at"] <= written:
        return None
    return replace(unpack(row["content"]), conversation_id=conversation_id, revision=revision, saved_at=row["saved_at"])


def history(connection: Connection, conversation_id: str, mode: Mode, kin: Sequence[str] = ()) -> tuple[Draft, ...]:
    """Earlier states that hold something, newest first; also of those that were merged into it (`kin`)."""
    mine = HISTORY.c.conversation_id.in_(list(kin or (conversation_id,))) & (HISTORY.c.mode == mode)
    newest = (HISTORY.c.saved_at.desc(), HISTORY.c.revision.desc())
    rows = connection.execute(select(HISTORY).where(mine).order_by(*newest)).mappings()
    drafts = (replace(unpack(r["content"]), revision=r["revision"], saved_at=r["saved_at"]) for r in rows)
    return tuple(draft for draft in drafts if not draft.empty)


def add_file(connection: Connection, conversation_id: str, file: DraftFile) -> None:
    connection.execute(insert(FILE).values(conversation_id=conversation_id, **asdict(file)))


def pack(draft: Draft) -> str:
    return json.dumps(asdict(draft), ensure_ascii=False)


def unpack(content: str) -> Draft:
    values = json.loads(content)
    values["mode"] = Mode(values["mode"])
    values["cc"] = tuple(Address(**person) for person in values["cc"])
    values["files"] = tuple(DraftFile(**file) for file in values["files"])
    values["lost"] = tuple(values["lost"])
    return Draft(**values)


def told_before(row: RowMapping) -> bool:
    """It left once and came back: every desktop was told of it then, and what was told is never changed."""
    return bool(row["bounced"])


def add_outgoing(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(OUTGOING).values(**values))


def outgoing(connection: Connection, outgoing_id: str) -> RowMapping | None:
    return connection.execute(select(OUTGOING).where(OUTGOING.c.id == outgoing_id)).mappings().first()


def unfinished(connection: Connection) -> tuple[Outgoing, ...]:
    """Everything that is not done, oldest first."""
    query = select(*_LISTED).where(OUTGOING.c.state != Delivery.DONE).order_by(OUTGOING.c.release_at)
    return tuple(to_outgoing(row) for row in connection.execute(query).mappings())


def to_outgoing(row: RowMapping) -> Outgoing:
    return Outgoing(
        id=row["id"], conversation_id=row["conversation_id"], message_id=row["message_id"],
        in_reply_to=row["in_reply_to"], state=Delivery(row["state"]), release_at=row["release_at"],
        tries=row["tries"], sentence=row["sentence"], next_try_at=row["next_try_at"] or None,
        came_back=bool(row["bounced"]),
    )


def claim(connection: Connection, now: int) -> RowMapping | None:
    """Take the next reply whose time has come and mark it as being sent; None when there is none.

    The mark is committed before anything is handed over: after a crash a marked reply is of unknown outcome.
    """
    due = OUTGOING.c.state.in_(_WAITING) & (OUTGOING.c.release_at <= now) & (OUTGOING.c.next_try_at <= now)
    _pull_in(connection, now)
    query = select(OUTGOING).where(due).order_by(OUTGOING.c.release_at, OUTGOING.c.id).limit(1)
    row = connection.execute(query).mappings().first()
    if row is not None:
        change(connection, row["id"], state=Delivery.SENDING, sentence="", tries=row["tries"] + 1, sent_at=now)
    return row


def _pull_in(connection: Connection, now: int) -> None:
    """Nothing is ever held or asked to wait that long: the clock was put back since, and the reply goes now."""
    for column, longest in (
        (OUTGOING.c.release_at, LONGEST_HOLD), (OUTGOING.c.next_try_at, LONGEST_PAUSE),
        (OUTGOING.c.not_before, LONGEST_PAUSE),
    ):
        ahead = OUTGOING.c.state.in_(_WAITING) & (column > now + longest)
        connection.execute(update(OUTGOING).where(ahead).values({column.name: now}))


def move_back(connection: Connection, milliseconds: int) -> None:
    """The clock was put back by this much: what waits waits as long as it would have."""
    earlier = {
        column.name: func.max(0, column - milliseconds)
        for column in (OUTGOING.c.release_at, OUTGOING.c.next_try_at, OUTGOING.c.not_before)
    }
    connection.execute(update(OUTGOING).where(OUTGOING.c.state.in_(_WAITING)).values(earlier))


def next_due(connection: Connection) -> int | None:
    """When the next waiting reply wants to go, in milliseconds since the epoch."""
    query = select(OUTGOING.c.release_at, OUTGOING.c.next_try_at).where(OUTGOING.c.state.in_(_WAITING))
    return min((max(release, again) for release, again in connection.execute(query)), default=None)


def change(connection: Connection, outgoing_id: str, **values: Any) -> None:
    connection.execute(update(OUTGOING).where(OUTGOING.c.id == outgoing_id).values(**values))


def hurry(connection: Connection) -> None:
    """Let every queued reply go now, but none before the time a server asked for."""
    queued = OUTGOING.c.state == Delivery.QUEUED
    connection.execute(update(OUTGOING).where(queued).values(next_try_at=OUTGOING.c.not_before))


def take_back(connection: Connection, outgoing_id: str) -> RowMapping | None:
    """Remove a reply that waits or that the server refused; None when it is, or may be, on its way, or came back."""
    row = outgoing(connection, outgoing_id)
    if row is None or row["bounced"] or row["state"] not in (*_WAITING, Delivery.FAILED):
        return None
    connection.execute(delete(OUTGOING).where(OUTGOING.c.id == outgoing_id))
    return row


def in_state(connection: Connection, state: Delivery) -> Sequence[RowMapping]:
    return connection.execute(select(*_LISTED).where(OUTGOING.c.state == state)).mappings().all()


def loose_ends(connection: Connection) -> Sequence[RowMapping]:
    """Sent replies that are not yet copied to the Sent folder or not yet a record of their case."""
    open_ = (OUTGOING.c.copied.is_(False)) | (OUTGOING.c.recorded.is_(False))
    query = select(*_LISTED).where(OUTGOING.c.state == Delivery.DONE, open_).order_by(OUTGOING.c.release_at)
    return connection.execute(query).mappings().all()
