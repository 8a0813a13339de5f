"""Legal holds: a record says that a case must not be erased, by whom and why; another lifts it.

The newest hold record of a case and of those that were merged into it decides, and it is read from the signed record:
a row that somebody changed holds nothing and frees nothing that the chain does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from workstation.evidence import record, repo, surroundings, views
from workstation.evidence.erasure import shared_holds
from workstation.evidence.erasure.model import Hold
from workstation.evidence.model import Kind
from workstation.evidence.repo import Stored
from workstation.evidence.sealer import Entry, Sealer
from workstation.kernel.clock import Clock, iso
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.store.database import Database
from workstation.store.unit import Unit

Kin = Callable[[Connection, str], tuple[str, ...]]
MOST_REASON = 2_000
"""Characters of a person's own words."""


class Holds:
    """Lays and lifts them."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, kin: Kin) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._kin = kin

    async def lay(self, case_id: str, reason: str) -> Stored:
        """Raises InputError without a case or reason, and when the case is held already."""
        return await self._say(case_id, reason, laid=True)

    async def lift(self, case_id: str, reason: str) -> Stored:
        """Raises InputError when the case is not held."""
        return await self._say(case_id, reason, laid=False)

    async def of(self, case_id: str) -> Hold | None:
        return await self._database.read(lambda conn: held(conn, self._kin(conn, case_id)))

    async def _say(self, case_id: str, reason: str, laid: bool) -> Stored:
        words = reason.strip()[:MOST_REASON]
        if not case_id or (laid and not words):
            raise InputError(_("A hold needs a case and a reason; nothing was changed."), _("Say why."))
        entry = Entry(
            Kind.HOLD, case_id, {"scope": "hold", "state": "laid" if laid else "lifted"}, {"reason": words},
            self._clock.now(), surroundings.monotonic_ns(),
        )

        def check(unit: Unit, stored: Stored) -> None:
            before = held(unit.conn, self._kin(unit.conn, case_id), before=stored.sequence)
            if laid and before is not None:
                raise held_already(before)
            if not laid and before is None:
                raise InputError(_("This case is not held; nothing was changed."), _("Erase it, if it is to go."))
            if not laid and before is not None and not before.record_id:
                raise InputError(_("Another desktop of the team holds this case; nothing was changed."),
                                 _("Lift the hold there."))
            shared_holds.tell(unit, case_id, self._sealer.device_id, stored.at, laid=laid)

        return await self._sealer.add(entry, also=check)


def held(connection: Connection, cases: Sequence[str], before: int = 1 << 62) -> Hold | None:
    """The hold on these cases as the records before a place in the chain leave it, or else as another desktop of the
    team told; None when there is none."""
    found = repo.newest_of_kind(connection, cases, "hold", before)
    said = views.statement(found) if found is not None else {}
    if found is None or record.text(record.part(said, "what"), "state") != "laid":
        return _elsewhere(connection, cases)
    reason = next((one.value for one in repo.private(connection, [found.id]).get(found.id, ())
                   if one.name == "reason"), "")
    return Hold(found.case_id, record.whole(record.part(said, "when"), "wall_ns") // 1_000_000, reason, found.id)


def maybe_held(connection: Connection) -> frozenset[str]:
    """Every case that was ever held, here or at another desktop as far as that was told."""
    here = connection.exec_driver_sql("SELECT DISTINCT case_id FROM evidence_record WHERE kind = 'hold'")
    return frozenset(i for (i,) in here) | shared_holds.cases(connection)


def _elsewhere(connection: Connection, cases: Sequence[str]) -> Hold | None:
    """A hold that another desktop of the team told of. Its reason stays there."""
    told = shared_holds.told(connection, cases)
    return None if told is None else Hold(told[0], told[1], _("held at another desktop of the team"), "")


def held_already(hold: Hold) -> InputError:
    sentence = _("This case has been under a legal hold since {date}: “{reason}”. Nothing was changed.")
    return InputError(sentence.format(date=iso(hold.at)[:10], reason=hold.reason or "–"), _("Lift the hold first."))
