"""A case with every sort of exhibit, and erasure over it, with cases and dates a test chose."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from sqlalchemy import Connection

from tests.support.evidence import CASE, Bench, bench, make_grab
from workstation.evidence.deadlines import Deadlines
from workstation.evidence.erasing import Erasing
from workstation.evidence.erasure.model import Rule
from workstation.evidence.exhibits import Sources
from workstation.evidence.holds import Holds
from workstation.evidence.ports import AnswerBehind, CaseDates, DeliveredFile
from workstation.kernel.errors import NotFound

OTHER = CASE.replace("case", "0ca5")
RULE = Rule("amazon-30-days", "amazon", 30, 3, "kept at most 30 days after delivery")


def jpeg(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), colour).save(out, "JPEG")
    return out.getvalue()


class Mailbox:
    """Messages with one file each, as the inbox would hand them out."""

    def __init__(self, *files: DeliveredFile) -> None:
        self.files = files

    async def file(self, message_id: str, position: int) -> DeliveredFile:
        for each in self.files:
            if (each.message_id, each.position) == (message_id, position):
                return each
        raise NotFound("no such file")


class Answered:
    def __init__(self, *answers: AnswerBehind) -> None:
        self.answers: Sequence[AnswerBehind] = answers

    async def behind(self, case_id: str) -> Sequence[AnswerBehind]:
        return self.answers


@dataclass
class Book:
    """Cases with their channels and deliveries."""

    known: dict[str, CaseDates] = field(default_factory=dict)

    def put(self, case_id: str, *delivered: int | None, channel: str = "amazon") -> None:
        self.known[case_id] = CaseDates(case_id, f"About {case_id[-4:]}", frozenset({channel}), delivered)

    def dates(self, connection: Connection, case_ids: Sequence[str]) -> list[CaseDates]:
        return [self.known[case_id] for case_id in case_ids if case_id in self.known]


@dataclass
class Desk:
    """A store with evidence and what erases it."""

    made: Bench
    book: Book
    erasing: Erasing
    deadlines: Deadlines

    async def case(self, case_id: str = CASE) -> list[str]:
        """A capture, a photo, a pasted picture and a reply. Returns the ids in chain order."""
        made = self.made
        made.screen.picture = make_grab(70, 30, seed=len(case_id) + sum(map(ord, case_id)))
        await made.service.capture(made.request(case_id=case_id, url="https://shop.example/ana"))
        await made.service.keep_picture(case_id, jpeg("green"), "screenshot of ana.jpg")
        await made.service.keep_reply(case_id, f"<r-{case_id}>", b"Subject: Dear Ana\r\n\r\nHello", "250 ok")
        return [record.id for record in await made.service.list(case_id)]

    def files(self) -> list[Path]:
        return sorted(path for path in (self.made.folder / "blobs").rglob("*") if path.is_file())


@asynccontextmanager
async def desk(
    folder: Path, kin: Mapping[str, tuple[str, ...]] | None = None, rules: Sequence[Rule] = (RULE,),
    sources: Sources | None = None,
) -> AsyncIterator[Desk]:
    """A desk in `folder`; opening the same folder again finds what was kept."""

    def same(_connection: Connection, case_id: str) -> tuple[str, ...]:
        return (kin or {}).get(case_id, (case_id,))

    async with bench(folder, kin=same, exhibits=sources or Sources()) as made:
        book = Book()
        erasing = Erasing(made.database, made.blobs, made.service.sealer, made.clock, same, lambda _conn, _ids: ())
        holds = Holds(made.database, made.service.sealer, made.clock, same)
        yield Desk(made, book, erasing, Deadlines(
            made.database, made.clock, erasing, holds, rules=lambda: rules, book=book, kin=same,
            show=made.service.show))
