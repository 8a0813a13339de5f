"""What the binder asks of the core, each a coroutine of the core's thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ui.binder.edits import Edit
from ui.binder.proposal import propose
from workstation.api import BinderApi, Core, Progress
from workstation.domain.undo import Undo
from workstation.evidence.claims.model import Binder, CompileReport, Desk
from workstation.evidence.model import RecordView
from workstation.inbox.listing import ConversationRow
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the core says of a case. `proposed`: nobody chose the desk yet."""

    desks: tuple[Desk, ...]
    binder: Binder
    records: dict[str, RecordView]
    row: ConversationRow | None
    proposed: bool
    problems: tuple[str, ...] = ()     # desks of one's own that could not be read


def api_of(core: Core) -> BinderApi:
    """Raises Unsupported where nobody wired one."""
    if core.binder is None:
        raise Unsupported(_("This version has no case binder."))
    return core.binder


async def load(case_id: str, desk: str, reason: str, core: Core) -> Loaded:
    api = api_of(core)
    desks = await api.desks()
    rows = await core.inbox.rows((case_id,))
    row = rows[0] if rows else None
    binder = await api.binder(case_id, desk, reason)
    proposed = False
    if not binder.desk and row is not None:
        desk, reason = propose(desks, row.channel.value, row.issue)
        proposed = bool(desk)
        binder = await api.binder(case_id, desk, reason) if desk else binder
    records = await core.evidence.list(case_id)
    return Loaded(desks, binder, {one.id: one for one in records}, row, proposed,
                  await api.desk_problems())


async def choose(case_id: str, desk: str, reason: str, core: Core) -> None:
    await api_of(core).choose(case_id, desk, reason)


async def run(edit: Edit, unchosen: tuple[str, str, str] | None, core: Core) -> tuple[Undo, ...]:
    api = api_of(core)
    if unchosen is not None:
        await api.choose(*unchosen)
    return await edit.run(api)


async def thumbnail(record_id: str, core: Core) -> bytes:
    return await core.evidence.thumbnail(record_id)


async def refresh(case_id: str, core: Core) -> object:
    return await core.verification.refresh(case_id)


async def make_pack(
    case_id: str, desk: str, reason: str, out: Path, progress: Progress, core: Core
) -> CompileReport:
    return await api_of(core).compile(case_id, desk, reason, out, progress)
