"""What could not be copied, one by one: refused events, files that do not go up, changes that could not be applied.

None of them holds up anything else. A refused event was never applied, so it is tried again under a new id: the hub
keeps its refusal for the old one for ever. One that a person dismissed stays in the outbox, marked: its record must
never pass for one the hub holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, select, update

from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.core import table
from workstation.store.unit import Unit
from workstation.sync import repo
from workstation.sync.model import SyncFailure

_OUTBOX = table("outbox")
_BLOB = table("blob")
_REFUSED = (_OUTBOX.c.refused != "") & _OUTBOX.c.dismissed_at.is_(None)
_FILE, _CHANGE = "file:", "change:"


def listed(connection: Connection, stuck: Mapping[str, str]) -> tuple[SyncFailure, ...]:
    """Everything that waits for a person, events first. `stuck`: address of a file → why it does not go up."""
    return (*_events(connection), *_files(connection, stuck), *_changes(connection))


def count_refused(connection: Connection) -> int:
    """How many events the hub refused and nobody dismissed."""
    return int(connection.execute(select(func.count()).select_from(_OUTBOX).where(_REFUSED)).scalar_one())


def retry(unit: Unit, failure_id: str) -> None:
    """Let it be tried again with the next cycle. Raises NotFound when it does not wait any more."""
    if failure_id.startswith(_CHANGE):
        _parked(unit.conn, failure_id)   # every cycle of a person tries these; it is enough that it is still there
    elif failure_id.startswith(_FILE):
        _file(unit.conn, failure_id)
    else:
        _settle(unit.conn, failure_id, event_id=new_id(), refused="")


def dismiss(unit: Unit, failure_id: str, at: int) -> None:
    """A person says it need not arrive. Nothing of this computer is deleted. Raises NotFound."""
    if failure_id.startswith(_CHANGE):
        collection, entity_id = _parked(unit.conn, failure_id)
        repo.unpark(unit.conn, collection, entity_id)
    elif failure_id.startswith(_FILE):
        unit.conn.execute(update(_BLOB).where(_BLOB.c.id == _file(unit.conn, failure_id)).values(upstream=False))
    else:
        _settle(unit.conn, failure_id, dismissed_at=at)


def _events(connection: Connection) -> list[SyncFailure]:
    rows = connection.execute(select(_OUTBOX).where(_REFUSED).order_by(_OUTBOX.c.seq))
    return [
        SyncFailure(
            row.event_id, "event", row.collection, row.entity_id,
            _("The hub refused a change of “{what}”; it is kept here.").format(what=row.collection),
            _("Try again after the hub was updated, or dismiss it."), row.created_at, row.refused,
        )
        for row in rows
    ]


def _files(connection: Connection, stuck: Mapping[str, str]) -> list[SyncFailure]:
    waiting = (_BLOB.c.address.in_(list(stuck))) & _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_(None)
    rows = connection.execute(select(_BLOB.c.id, _BLOB.c.address).where(waiting).order_by(_BLOB.c.id)) if stuck else ()
    return [
        SyncFailure(_FILE + row.id, "file", "file", row.id, stuck[row.address],
                    _("Restore it from a backup and try again, or dismiss it."))
        for row in rows
    ]


def _changes(connection: Connection) -> list[SyncFailure]:
    return [
        SyncFailure(
            f"{_CHANGE}{collection}:{entity.entity_id}", "change", collection, entity.entity_id,
            _("A change of “{what}” by another device could not be applied here; it is kept.").format(what=collection),
            _("Update the program and try again, or dismiss it."),
        )
        for collection, entity in repo.parked(connection)
    ]


def _parked(connection: Connection, failure_id: str) -> tuple[str, str]:
    collection, _colon, entity_id = failure_id.removeprefix(_CHANGE).partition(":")
    _one(sum((name, entity.entity_id) == (collection, entity_id) for name, entity in repo.parked(connection)))
    return collection, entity_id


def _file(connection: Connection, failure_id: str) -> str:
    blob_id = failure_id.removeprefix(_FILE)
    waiting = (_BLOB.c.id == blob_id) & _BLOB.c.upstream.is_(True) & _BLOB.c.secured_at.is_(None)
    _one(len(connection.execute(select(_BLOB.c.id).where(waiting)).all()))
    return blob_id


def _settle(connection: Connection, failure_id: str, **values: object) -> None:
    mine = (_OUTBOX.c.event_id == failure_id) & _REFUSED
    _one(connection.execute(update(_OUTBOX).where(mine).values(**values)).rowcount)


def _one(found: int) -> None:
    if not found:
        raise NotFound(_("This does not wait any more."), _("Look at the list again."))
