"""Where copies come from: what a statement says of its originals, and whether that can be so. Pure.

The viewer's service and the verification both ask here.
"""

from __future__ import annotations

from collections.abc import Sequence

from workstation.evidence import operations, record
from workstation.evidence.record import Statement
from workstation.kernel.i18n import _

SUMMARIES = ("redact", "arrow", "box", "text", "number", "crop", "orient")


def sources(statement: Statement) -> tuple[tuple[str, str], ...]:
    """Id and record hash of what a record was made of, as it says. A hash is "" where it names none."""
    lineage = record.part(statement, "lineage")
    ids, named = lineage.get("derived_from"), lineage.get("sources")
    hashes = {
        record.text(one, "id"): record.text(one, "record_sha256")
        for one in (named if isinstance(named, list) else []) if isinstance(one, dict)
    }
    return tuple((one, hashes.get(one, "")) for one in (ids if isinstance(ids, list) else []) if isinstance(one, str))


def lines(statement: Statement) -> tuple[str, ...]:
    """The operations, as the statement says them."""
    found = record.part(statement, "lineage").get("operations")
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def verbs(said: Sequence[str]) -> frozenset[str]:
    """What was done, in words of the grammar: {"redact", "arrow"}."""
    return frozenset(line.partition(" ")[0] for line in said) & frozenset(SUMMARIES)


def title(said: Sequence[str]) -> str:
    """What a copy with these operations is called."""
    done = verbs(said)
    drawn = bool(done & {"arrow", "box", "text", "number"})
    if "redact" in done:
        return _("Redacted and annotated copy") if drawn else _("Redacted copy")
    if drawn:
        return _("Annotated copy")
    return _("Cropped copy") if "crop" in done else _("Edited copy")


def well_formed(statement: Statement) -> bool:
    """Whether a copy names one original by id and hash, and only operations that there are."""
    named = sources(statement)
    said = lines(statement)
    whole = len(said) == len(_raw(statement)) <= operations.MOST + 1
    return len(named) == 1 and len(named[0][1]) == 64 and whole and bool(said) and all(map(operations.known, said))


def _raw(statement: Statement) -> list[record.Json]:
    found = record.part(statement, "lineage").get("operations")
    return found if isinstance(found, list) else []


def fits(said: Sequence[str], original: tuple[int, int], copy: tuple[int, int]) -> bool:
    """Whether a copy has the size that these operations leave of its original; (0, 0) is an unknown size.

    Of a turned photo the original's size may be told as it lies in the file or upright.
    """
    if 0 in copy:
        return False
    turned = any(line.startswith("orient ") for line in said)
    return 0 in original or operations.size_after(said, *original) == copy or (
        turned and operations.size_after(said, *reversed(original)) == copy)


def size(statement: Statement) -> tuple[int, int]:
    """Width and height of a record's picture, (0, 0) where it says none."""
    pixels = record.part(record.part(statement, "file"), "pixels")
    return max(0, record.whole(pixels, "width")), max(0, record.whole(pixels, "height"))
