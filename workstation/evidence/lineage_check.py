"""Copies against their originals: what a copy says was done must be something, and could have made it.

That the original is there, came before and is the record that was meant, is checked with the chain; here it is the
case, and the size that the operations leave. An original outside a pack is said to be outside, there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.evidence import lineage, record
from workstation.evidence.verify import LINEAGE, Checked, Tally
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.evidence.pack_check import Bag
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database

_COPIES, _SIZES = "lineage.copies", "lineage.sizes"
_MOST_SIZES = 1_000_000         # records of which the size is kept; of those beyond it is not compared

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Copy:
    """What one copy says."""

    where: str
    case: str
    source: str
    size: Size
    lines: tuple[str, ...]


def gather(tally: Tally, checked: Checked) -> None:
    """Read what a copy names while its statement is at hand, and remember the sizes of pictures."""
    sizes: dict[str, tuple[str, Size]] = tally.notes.setdefault(_SIZES, {})
    case, size = record.text(checked.statement, "case"), lineage.size(checked.statement)
    if checked.file and len(sizes) < _MOST_SIZES:
        sizes[checked.id] = (case, size)
    if checked.kind != "derived":
        return
    if not lineage.well_formed(checked.statement):
        tally.found(checked.where, _("the copy does not say what was made of which original"), LINEAGE)
        return
    copies: list[_Copy] = tally.notes.setdefault(_COPIES, [])
    source, _digest = lineage.sources(checked.statement)[0]
    copies.append(_Copy(checked.where, case, source, size, lineage.lines(checked.statement)))


async def store(_database: Database, _files: BlobFiles, tally: Tally) -> None:
    _compare(tally)


def pack(bag: Bag) -> None:
    _compare(bag.tally)


def _compare(tally: Tally) -> None:
    """Every copy whose original is there against it."""
    sizes: dict[str, tuple[str, Size]] = tally.notes.get(_SIZES, {})
    copies: list[_Copy] = tally.notes.get(_COPIES, [])
    for copy in copies:
        case, size = sizes.get(copy.source, ("", (-1, -1)))
        if size == (-1, -1):
            continue
        if case != copy.case:
            tally.found(copy.where, _("the copy is in another case than its original"), LINEAGE)
        if not lineage.fits(copy.lines, size, copy.size):
            tally.found(copy.where, _("the copy does not have the size that its operations leave"), LINEAGE)
