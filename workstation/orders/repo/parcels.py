"""What tracking services said about parcels."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.domain.facts import Provenance
from workstation.domain.order import Parcel
from workstation.orders.repo import rows
from workstation.store.core import table

_PARCEL = table("parcel")
_EVENT = table("tracking_event")


def find(connection: Connection, tracking_number: str) -> tuple[Parcel | None, Provenance | None]:
    if not tracking_number:
        return None, None
    row = connection.execute(select(_PARCEL).where(_PARCEL.c.tracking_number == tracking_number)).mappings().first()
    if row is None:
        return None, None
    query = select(_EVENT).where(_EVENT.c.tracking_number == tracking_number).order_by(_EVENT.c.position)
    events = tuple(rows.to_event(event) for event in connection.execute(query).mappings())
    return rows.to_parcel(row, events), rows.to_provenance(row)


def save(connection: Connection, parcel: Parcel, said: Provenance) -> None:
    """Replace what was known of the parcel, unless what we have is newer."""
    _known, before = find(connection, parcel.tracking_number)
    if before is not None and before.fetched_at > said.fetched_at:
        return
    values = {"carrier": parcel.carrier, "service": parcel.service, "state": parcel.state.value,
              "delivered_at": parcel.delivered_at, **rows.provenance_values(said)}
    statement = upsert(_PARCEL).values(tracking_number=parcel.tracking_number, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["tracking_number"], set_=values))
    connection.execute(delete(_EVENT).where(_EVENT.c.tracking_number == parcel.tracking_number))
    events = [
        {"tracking_number": parcel.tracking_number, "position": at, "at": event.at, "state": event.state.value,
         "text": event.text, "place": event.place}
        for at, event in enumerate(parcel.events)
    ]
    if events:
        connection.execute(insert(_EVENT), events)
