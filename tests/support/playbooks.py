"""A desk with playbooks and evidence over one store: the checks say what the test says, everything else is real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.evidence import PaintedScreen
from tests.support.secrets import MemorySecrets
from tests.support.store import Desk, desk, mail
from workstation.app.playbooks import CaseProofs, Conversations, StepSeals
from workstation.evidence.service import EvidenceService
from workstation.inbox import placing
from workstation.inbox.model import ListQuery
from workstation.kernel.paths import resources
from workstation.playbooks.book import Book
from workstation.playbooks.ports import CheckStand
from workstation.playbooks.service import PlaybooksService


@dataclass
class Panel:
    """Fulfils `playbooks.ports.Checks`."""

    told: dict[str, CheckStand] = field(default_factory=dict)

    async def of(self, conversation_id: str) -> Sequence[CheckStand]:
        return tuple(self.told.values())

    def says(self, name: str, verdict: str, fact: str = "As it is") -> None:
        self.told[name] = CheckStand(name, verdict, fact, "shop", 1, "a1")


@dataclass
class Played:
    """What a test of playbooks touches."""

    desk: Desk
    panel: Panel
    evidence: EvidenceService
    service: PlaybooksService
    one: str                           # a conversation

    async def about(self, issue: str) -> None:
        """Triage says what it is about."""
        await self.desk.database.write(lambda unit: unit.conn.exec_driver_sql(
            "UPDATE conversation SET issue = ? WHERE id = ?", (issue, self.one)))

    async def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        rows = await self.desk.database.read(lambda c: c.exec_driver_sql(statement, values).all())
        return [tuple(row) for row in rows]


def service_over(here: Desk, name: str = "ana", own: Path | None = None) -> tuple[PlaybooksService, Panel,
                                                                                  EvidenceService]:
    panel = Panel()
    evidence = EvidenceService(
        here.database, here.blobs, MemorySecrets(), here.clock, PaintedScreen(), name, "1.0", kin=placing.members)
    service = PlaybooksService(
        here.database, here.clock, lambda: Book(resources() / "playbooks", own), Conversations(), panel, CaseProofs(),
        StepSeals(evidence), lambda: name)
    return service, panel, evidence


@asynccontextmanager
async def played(folder: Path, own: Path | None = None) -> AsyncIterator[Played]:
    """A desk with one conversation that is about something late."""
    async with desk(folder) as here:
        if not (await here.inbox.page(ListQuery(queue="all"))).rows:   # else it is the same home once more
            await here.with_account()
            await here.inbox.receive("account", [mail(1)], "INBOX", None)
        (row,) = (await here.inbox.page(ListQuery(queue="all"))).rows
        service, panel, evidence = service_over(here, own=own)
        made = Played(here, panel, evidence, service, row.id)
        await made.about("late")
        yield made
