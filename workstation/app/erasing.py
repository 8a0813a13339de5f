"""Erasing, put together: what the inbox, the orders and the drafts say to it, and what the hub tells of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from workstation.app.forgetting import hearing
from workstation.app.forgetting.data import Data
from workstation.evidence import erasure_rules
from workstation.evidence.deadlines import Deadlines
from workstation.evidence.erasing import Erasing
from workstation.evidence.erasure import shared_holds
from workstation.evidence.erasure.model import COLLECTION
from workstation.evidence.holds import Holds
from workstation.evidence.ports import CaseDates
from workstation.evidence.service import EvidenceService
from workstation.inbox import placing
from workstation.inbox.model import ClockRule
from workstation.kernel.clock import Clock
from workstation.kernel.paths import resources
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.sync.collections import MirrorCollection

_COPIES = (
    "SELECT b.id, b.address FROM draft_file f JOIN blob b ON b.id = f.id "
    "WHERE f.record_id IN (SELECT value FROM json_each(?))"
)
_SHOWN = (
    "SELECT s.id, s.channel, s.subject FROM conversation s WHERE s.id IN (SELECT "
    "CASE WHEN c.merged_into != '' THEN c.merged_into ELSE c.id END FROM conversation c "
    "WHERE c.id IN (SELECT value FROM json_each(?)))"
)
_ORDERS = (
    "SELECT CASE WHEN c.merged_into != '' THEN c.merged_into ELSE c.id END, o.id, o.platform, "
    "coalesce(o.delivered_at, p.delivered_at) FROM order_link l JOIN conversation c ON c.id = l.conversation_id "
    "JOIN sales_order o ON o.id = l.order_id "
    "LEFT JOIN parcel p ON o.tracking_number != '' AND p.tracking_number = o.tracking_number "
    "WHERE l.why != 'address' AND (c.id IN (SELECT value FROM json_each(?1)) "
    "OR c.merged_into != '' AND c.merged_into IN (SELECT value FROM json_each(?1)))"
)


def erasure(
    database: Database, files: BlobFiles, clock: Clock, evidence: EvidenceService, clocks: Sequence[ClockRule] = (),
) -> Deadlines:
    """The service, over the evidence's own chain. `clocks`: the rules of the response clocks."""
    data = Data(clocks)
    return Deadlines(
        database, clock, Erasing(database, files, evidence.sealer, clock, whole_case, draft_copies, data),
        Holds(database, evidence.sealer, clock, whole_case), book=Cases(), kin=whole_case, show=evidence.show,
        rules=lambda: erasure_rules.load(resources() / "policy" / "erasure.toml"), data=data,
    )


def erasure_collections(device_id: str = "") -> tuple[MirrorCollection, ...]:
    """What was erased and what is held. `device_id`: of this desktop."""
    def hold(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
        shared_holds.hear(unit, entity_id, body, device_id)

    return MirrorCollection(COLLECTION, hearing.heard), MirrorCollection(shared_holds.COLLECTION, hold)


def whole_case(connection: Connection, case_id: str) -> tuple[str, ...]:
    """Every case that is one with this one, whichever of them it is: one hold holds them all."""
    return placing.members(connection, placing.shown_in(connection, case_id)) if case_id else ()


def draft_copies(connection: Connection, record_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Fulfils `evidence.ports.Copies`: records that were added to a reply."""
    return [(row[0], row[1]) for row in connection.exec_driver_sql(_COPIES, (json.dumps(list(record_ids)),))]


class Cases:
    """Fulfils `evidence.ports.CaseBook`: channels and deliveries of the orders a case is surely about."""

    def dates(self, connection: Connection, case_ids: Sequence[str]) -> list[CaseDates]:
        shown = connection.exec_driver_sql(_SHOWN, (json.dumps(list(case_ids)),)).all()
        orders: dict[str, dict[str, tuple[str, int | None]]] = {}
        for case_id, order_id, platform, delivered_at in connection.exec_driver_sql(
            _ORDERS, (json.dumps([row[0] for row in shown]),)
        ):
            orders.setdefault(case_id, {})[order_id] = (platform, delivered_at)
        return [_dates(row[0], row[1], row[2], tuple(orders.get(row[0], {}).values())) for row in shown]


def _dates(case_id: str, channel: str, title: str, orders: Sequence[tuple[str, int | None]]) -> CaseDates:
    channels = frozenset({channel, *(platform for platform, _at in orders)})
    return CaseDates(case_id, title, channels, tuple(at for _platform, at in orders))
