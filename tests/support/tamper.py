"""Single flipped bits in everything evidence relies on: cells of tables, the encrypted file, sealed files, packs.

`DERIVED` and `COLUMNS` are the only places a flip may go unnoticed, each with its reason; whoever adds a table has to
have it checked, or to say here why not.
"""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from tests.support.evidence import CASE, NOW, Bench, make_grab, small_case
from tests.support.proofs import prove
from tests.support.tables import every_table
from workstation.evidence.log_rows import Break, put_break
from workstation.evidence.model import DeriveRequest, Rect, Redact, VerifyReport
from workstation.evidence.pack_check import check_pack
from workstation.evidence.png import encode
from workstation.kernel.errors import StoreError, WorkstationError
from workstation.kernel.told import in_a_line
from workstation.store import pages

HEAD = "evidence.head"

DERIVED = {
    "evidence_text": "what was read in pictures: never evidence, may be deleted at any time and is read again",
    "evidence_exhibit": "a person's order and captions in the binder: a view of the case, said nowhere to be proved",
    "evidence_claim": "the desk a binder was last looked at through",
    "evidence_claim_text": "a person's own words for a form, which they can read there",
    "evidence_erased": "for lists; the proof is the erasure's own record, and what is absent is held against that",
    "evidence_allowed": "what was allowed of a reply that has not left; with the reply it becomes a record",
    "erasure_plan": "what is going to be erased: a plan, of which nothing is proved before it is carried out",
    "erasure_heard": "what the hub was told; it is told again",
}
COLUMNS = {
    "blob.secured_at": "when the hub said it stored the file: asked again at the next copying, of no record",
}
PREFIXES = ("evidence", "erasure", "hold", "blob")


def relied() -> list[str]:
    """Every table of evidence that a verification has to hold against something, from the metadata."""
    return sorted(name for name in every_table().tables if name.startswith(PREFIXES) and name not in DERIVED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in a row. `names` is what a finding may call its row."""

    table: str
    column: str
    rowid: int
    value: object
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one flip. `place` says where it was, for whoever reads a failure."""

    place: str
    detected: bool
    named: bool
    said: str


async def case(made: Bench, *, proofs: bool = True) -> None:
    """A store with records of many kinds; `proofs`: stamped, in a hub's log, and with a break of it that was
    accepted."""
    if proofs:
        await prove(made, stamp_log=True)
        past = Break("0197b0c4-0000-7000-8000-0000000b4ea4", "workstation.hub/past", NOW, "rewritten", 3, b"note\n",
                     "key", NOW + 1)
        await made.database.write(lambda unit: put_break(unit.conn, past))
    first, *_others = await small_case(made)
    made.clock.advance(1_000)
    await made.service.open(first)
    picture = make_grab(9, 7, seed=5)
    await made.service.keep_picture(CASE, encode(picture.width, picture.height, picture.rgba), "box.png", encoded=True)
    await made.service.derive(DeriveRequest(first, (Redact(Rect(1, 1, 8, 8)),)))


async def cells(made: Bench) -> list[Cell]:
    """Every value in every table that is relied on, and the head of the chain."""
    found: list[Cell] = []
    for name in relied():
        table = every_table().tables[name]
        columns = [column.name for column in table.columns]
        for rowid, *values in await made.sql(f"SELECT rowid, {', '.join(columns)} FROM {name}"):  # noqa: S608
            assert isinstance(rowid, int)
            names = frozenset(str(value) for value, column in zip(values, table.columns, strict=True)
                              if column.primary_key)
            found += [Cell(name, column, rowid, value, names) for column, value in zip(columns, values, strict=True)
                      if f"{name}.{column}" not in COLUMNS]
    for rowid, value in await made.sql("SELECT rowid, value FROM meta WHERE name = ?", HEAD):
        assert isinstance(rowid, int)
        last = await made.sql("SELECT id FROM evidence_record ORDER BY sequence DESC LIMIT 1")
        found += [Cell("meta", column, rowid, known, frozenset({str(last[0][0]), "chain"}))
                  for column, known in (("name", HEAD), ("value", value))]
    return found


def flipped(value: object, rng: random.Random) -> object:
    """The value with one bit changed, as a disk or a hand could; something where there was nothing."""
    if isinstance(value, bytes):
        return _bit(value, rng) if value else b"\0"
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(31))
    if not isinstance(value, str) or not value:
        return 1 if value is None else "x"
    while True:
        try:
            return _bit(value.encode(), rng).decode()
        except UnicodeDecodeError:
            continue


def _bit(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << rng.randrange(8)]) + content[at + 1:]


async def flip_cell(made: Bench, cell: Cell, rng: random.Random) -> Outcome | None:
    """Change a cell, verify, put it back. None where the table itself refuses the change (a double key)."""
    place = f"{cell.table}.{cell.column} of row {cell.rowid}"
    change = f"UPDATE {cell.table} SET {cell.column} = ? WHERE rowid = ?"  # noqa: S608
    value = flipped(cell.value, rng)
    own = str(cell.value) in cell.names   # the row is called by what is changed, and now by what it became
    names = {*cell.names, in_a_line(str(value), 200)} if own else cell.names
    try:
        await made.sql(change, value, cell.rowid)
    except IntegrityError:
        return None
    try:
        return _judged(place, await made.service.verify(), frozenset(names))
    finally:
        await made.sql(change, cell.value, cell.rowid)


def _judged(place: str, report: VerifyReport, names: frozenset[str]) -> Outcome:
    said = "; ".join(f"{finding.where}: {finding.what}" for finding in report.findings)
    return Outcome(place, not report.intact, any(name in said for name in names if name), said)


async def flip_sealed(made: Bench, rng: random.Random) -> Outcome:
    """One bit of one ciphertext on the disk."""
    path = rng.choice(sorted(path for path in (made.folder / "blobs").glob("*/*") if path.is_file()))
    ((owner,),) = await made.sql("SELECT id FROM blob WHERE address = ?", path.name)
    with _changed(path, rng) as at:
        return _judged(f"{path.name} at {at}", await made.service.verify(), frozenset({str(owner)}))


def flip_page(database: Path, rng: random.Random, verify: Callable[[], VerifyReport]) -> Outcome:
    """One bit of the encrypted store while nobody has it open: the page is named, or why nothing opens."""
    with _changed(database, rng) as at:
        number = at // pages.PAGE + 1
        try:
            return _judged(f"{database.name} at {at}", verify(), frozenset({f"page {number}:"}))
        except StoreError as problem:   # the first page holds what opens all others
            return Outcome(f"{database.name} at {at}", True, number == 1, problem.sentence)


def flip_pack(pack: Path, rng: random.Random, owners: Sequence[tuple[int, int, str]]) -> Outcome:
    """One bit anywhere in a zip. `owners` says which bytes are whose content; the rest is the zip's own."""
    with _changed(pack, rng) as at:
        owner = next((name for start, end, name in owners if start <= at < end), "")
        return _outcome(f"{pack.name} at {at} ({owner or 'the zip itself'})", pack, owner)


def flip_file(folder: Path, rng: random.Random) -> Outcome:
    """One bit of one file of an unpacked pack."""
    path = rng.choice(sorted(path for path in folder.rglob("*") if path.is_file()))
    with _changed(path, rng) as at:
        name = path.relative_to(folder).as_posix()
        return _outcome(f"{name} at {at}", folder, name)


def _outcome(place: str, pack: Path, owner: str) -> Outcome:
    try:
        report = check_pack(pack)
    except WorkstationError as problem:
        return Outcome(place, True, bool(problem.sentence), problem.sentence)
    # A list of files names itself, or the files of which it says something else.
    return _judged(place, report, frozenset({owner} if owner else {finding.where for finding in report.findings}))


class _changed:  # noqa: N801 - reads as what it does
    """A file with one bit flipped, put back afterwards."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        self._path, self._content, self._rng = path, path.read_bytes(), rng

    def __enter__(self) -> int:
        at, bit = self._rng.randrange(len(self._content)), 1 << self._rng.randrange(8)
        self._path.write_bytes(self._content[:at] + bytes([self._content[at] ^ bit]) + self._content[at + 1:])
        os.utime(self._path, (1, 1))   # long ago: a store that was written this moment is read again and again
        return at

    def __exit__(self, *_raised: object) -> None:
        self._path.write_bytes(self._content)


def owners(pack: Path) -> list[tuple[int, int, str]]:
    """Where each file's bytes lie in a stored zip, by the name inside the bag."""
    with pack.open("rb") as file:
        from workstation.evidence import zip_layout

        layout = zip_layout.read(zip_layout.Reader(file))
        return [(one.start, one.start + one.stored, one.name.partition("/")[2]) for one in layout.members]


def unpacked(pack: Path, folder: Path) -> Path:
    """The bag of a pack as a folder."""
    shutil.unpack_archive(pack, folder, "zip")
    (bag,) = folder.iterdir()
    return bag


def missed(outcomes: Sequence[Outcome]) -> Iterator[Outcome]:
    """What was not detected, or not named."""
    return (outcome for outcome in outcomes if not (outcome.detected and outcome.named))
