"""Raw answers, kept once in the bytes they came in, and the record of every question that was put to a source."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from workstation.domain.facts import Attempt, Outcome, StoredAnswer
from workstation.domain.order import OrderRef
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.orders.model import Answer
from workstation.store.core import table

_ANSWER = table("source_answer")
_ASKED = table("source_answer_asked")
_ATTEMPT = table("source_attempt")
_ORDER = table("sales_order")
_LOOKED_BACK = 500


def keep(connection: Connection, answers: Sequence[Answer]) -> tuple[str, ...]:
    """Store raw answers; their ids in the same order. The same bytes from the same source are kept once."""
    digests = [_digest(answer) for answer in answers]
    known = _known(connection, digests)
    fresh: dict[str, dict[str, object]] = {}
    seen: list[dict[str, object]] = []
    for digest, answer in zip(digests, answers, strict=True):
        if digest in known:
            seen.append({"key": known[digest], "at": answer.fetched_at})
        elif digest not in fresh:
            fresh[digest] = _values(digest, answer)
    if fresh:
        connection.execute(insert(_ANSWER), list(fresh.values()))
        _note_questions(connection, fresh, dict(zip(digests, answers, strict=True)))
    if seen:
        later = update(_ANSWER).where(_ANSWER.c.id == bindparam("key"), _ANSWER.c.last_at < bindparam("at"))
        connection.execute(later.values(last_at=bindparam("at")), seen)
    return tuple(known.get(digest) or str(fresh[digest]["id"]) for digest in digests)


def get(connection: Connection, answer_id: str) -> StoredAnswer:
    """Raises NotFound."""
    same = _ASKED.c.answer_id == _ANSWER.c.id
    asked = select(_ANSWER, _ASKED.c.asked, _ASKED.c.status).join(_ASKED, same, isouter=True)
    row = connection.execute(asked.where(_ANSWER.c.id == answer_id)).mappings().first()
    if row is None:
        raise NotFound(_("This answer is no longer stored."), _("Refresh the checks to ask its source again."))
    if not row["size"]:
        raise NotFound(_("This answer was erased with its order's buyer."),
                       _("The case's records say when, and by which rule."))
    return StoredAnswer(row["id"], row["source"], row["last_at"], row["content_type"], zlib.decompress(row["body"]),
                        row["first_at"], row["asked"] or "", row["status"] or 0)


def note(connection: Connection, subject: str, attempt: Attempt) -> None:
    """Remember how asking about `subject` ended; only the last time is kept."""
    values = {"source": attempt.source, "at": attempt.at, "outcome": attempt.outcome.value,
              "sentence": attempt.sentence}
    statement = insert(_ATTEMPT).values(subject=subject, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["subject"], set_=values))


def attempts(connection: Connection, subjects: Sequence[str]) -> Mapping[str, Attempt]:
    rows = connection.execute(select(_ATTEMPT).where(_ATTEMPT.c.subject.in_(subjects))).mappings()
    return {row["subject"]: Attempt(row["source"], row["at"], Outcome(row["outcome"]), row["sentence"]) for row in rows}


def failing(connection: Connection) -> tuple[tuple[str, Attempt, int], ...]:
    """Sources whose newest question failed: its subject, how it ended, and when the first such failure since its last
    answer was noted (of the questions still remembered)."""
    rows = connection.execute(select(_ATTEMPT).order_by(_ATTEMPT.c.at.desc()).limit(_LOOKED_BACK)).mappings()
    newest: dict[str, tuple[str, Attempt, int]] = {}
    answered: set[str] = set()
    for row in rows:
        attempt = Attempt(row["source"], row["at"], Outcome(row["outcome"]), row["sentence"])
        name = attempt.source
        if attempt.outcome in (Outcome.ANSWERED, Outcome.ABSENT):
            answered.add(name)
        elif name not in answered:
            subject, first, _at = newest.get(name, (row["subject"], attempt, attempt.at))
            newest[name] = (subject, first, attempt.at)
    return tuple(newest.values())


def order_of(connection: Connection, subject: str) -> OrderRef | None:
    """The order a question was about; None when it is not stored any more."""
    kind, _colon, name = subject.partition(":")
    if kind == "parcel":
        found = select(_ORDER.c.platform, _ORDER.c.store, _ORDER.c.order_id).where(_ORDER.c.tracking_number == name)
        row = connection.execute(found.limit(1)).first()
        return OrderRef(row.platform, row.store, row.order_id) if row else None
    platform, _slash, rest = name.partition("/")
    store, _slash, order_id = rest.rpartition("/")
    return OrderRef(platform, store, order_id) if order_id else None


def order_subject(ref: OrderRef) -> str:
    return f"order:{ref.platform}/{ref}"


def parcel_subject(tracking_number: str) -> str:
    return f"parcel:{tracking_number}"


def _note_questions(
    connection: Connection, fresh: Mapping[str, Mapping[str, object]], answers: Mapping[str, Answer]
) -> None:
    rows = [{"answer_id": fresh[digest]["id"], "asked": answers[digest].asked, "status": answers[digest].status}
            for digest in fresh if answers[digest].asked]
    if rows:
        connection.execute(insert(_ASKED), rows)


def _digest(answer: Answer) -> str:
    return hashlib.sha256(answer.source.encode() + b"\x00" + answer.raw).hexdigest()


def _known(connection: Connection, digests: Sequence[str]) -> dict[str, str]:
    rows = connection.execute(select(_ANSWER.c.sha256, _ANSWER.c.id).where(_ANSWER.c.sha256.in_(digests)))
    return {str(digest): str(key) for digest, key in rows}


def _values(digest: str, answer: Answer) -> dict[str, object]:
    return {
        "id": new_id(), "sha256": digest, "source": answer.source, "content_type": answer.content_type,
        "first_at": answer.fetched_at, "last_at": answer.fetched_at, "size": len(answer.raw),
        "body": zlib.compress(answer.raw),
    }
