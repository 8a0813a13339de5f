"""The hub's answers as values. Pure; anything unexpected is BadAnswer, never a guess."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from workstation.kernel.errors import BadAnswer
from workstation.kernel.i18n import _
from workstation.store.outbox import QueuedEvent
from workstation.sync.wire import ChangePage, Digests, Enrolment, EntityPage, Present, Receipt, Seats

T = TypeVar("T")
_CHANGES = TypeAdapter(ChangePage)
_ENTITIES = TypeAdapter(EntityPage)
_DIGESTS = TypeAdapter(Digests)
_ENROLMENT = TypeAdapter(Enrolment)
_RECEIPTS = TypeAdapter(dict[str, tuple[Receipt, ...]])
_PRESENT = TypeAdapter(dict[str, Annotated[tuple[Present, ...], Field(max_length=100)]])
_SEATS = TypeAdapter(Seats)
_INVITE = TypeAdapter(dict[str, str])
_MOST_NAME = 200
_MISSING = TypeAdapter(dict[str, Annotated[frozenset[str], Field(max_length=500)]])


def events(batch: Sequence[QueuedEvent]) -> bytes:
    """The request of a push."""
    return json.dumps({"events": [
        {"event_id": e.event_id, "collection": e.collection, "entity_id": e.entity_id, "kind": e.kind, "body": e.body,
         "request_hash": e.request_hash} for e in batch
    ]}, ensure_ascii=False).encode()


def receipts(content: bytes, batch: Sequence[QueuedEvent]) -> tuple[Receipt, ...]:
    """One receipt for each event of the batch, bound to its id and hash; otherwise BadAnswer."""
    found = _read(_RECEIPTS, content).get("receipts", ())
    if [(r.event_id, r.request_hash) for r in found] != [(e.event_id, e.request_hash) for e in batch]:
        raise odd()
    return found


def changes(content: bytes) -> ChangePage:
    return _read(_CHANGES, content)


def entities(content: bytes) -> EntityPage:
    return _read(_ENTITIES, content)


def digests(content: bytes) -> Digests:
    return _read(_DIGESTS, content)


def enrolment(content: bytes) -> Enrolment:
    return _read(_ENROLMENT, content)


def present(content: bytes) -> tuple[Present, ...]:
    return _read(_PRESENT, content).get("others", ())


def member(content: bytes) -> str:
    """Whose device a hub's greeting says this is, "" when it does not say."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    told = found.get("member") if isinstance(found, dict) else None
    return told if isinstance(told, str) and len(told) <= _MOST_NAME and told.isprintable() else ""


def seats(content: bytes) -> Seats:
    return _read(_SEATS, content)


def invite(content: bytes) -> str:
    """What follows `#` in an invite."""
    return _read(_INVITE, content).get("invite", "")


def missing(content: bytes) -> frozenset[str]:
    return _read(_MISSING, content).get("missing", frozenset())


def problem(content: bytes) -> tuple[str, str]:
    """The word and the sentence of a refusal; empty when there are none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return "", ""
    values = found if isinstance(found, dict) else {}
    return str(values.get("error", ""))[:100], str(values.get("sentence", ""))[:500]


def odd() -> BadAnswer:
    return BadAnswer(_("The hub answered something that is not understood; nothing was lost."),
                     _("Check that hub and desktop have the same version."))


def _read(adapter: TypeAdapter[T], content: bytes) -> T:
    try:
        return adapter.validate_json(content)
    except ValidationError as problem:
        raise odd() from problem
