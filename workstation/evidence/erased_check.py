"""What is not there any more: erased, because a record later in the chain names it with its hash, or taken away.

An erasure that does not fit, of a record that came after it or that has another content, lets nothing be absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workstation.evidence import record
from workstation.evidence.verify import ABSENT_VALUES, COMMITMENTS, STORE, Checked, Tally
from workstation.kernel.i18n import _, ngettext
from workstation.store import blobs

if TYPE_CHECKING:
    from workstation.evidence.pack_check import Bag
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database

_ERASURES = "erasures"


@dataclass(frozen=True, slots=True)
class _Erasure:
    """What one record of kind `erase` says of another one."""

    where: str
    sequence: int
    record_hash: str
    file: bool
    values: frozenset[str]


def gather(tally: Tally, checked: Checked) -> None:
    """Read what an erasure names while its statement is at hand."""
    if checked.kind != "erase":
        return
    known: dict[str, list[_Erasure]] = tally.notes.setdefault(_ERASURES, {})
    listed = record.part(checked.statement, "what").get("records")
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, dict):
            values = one.get("values")
            names = frozenset(name for name in values if isinstance(name, str)) if isinstance(values, list) else ()
            known.setdefault(record.text(one, "id"), []).append(_Erasure(
                checked.where, checked.sequence, record.text(one, "record_sha256"), one.get("file") is True,
                frozenset(names)))


async def store(database: Database, _files: BlobFiles, tally: Tally) -> None:
    """Of a store every absence needs its erasure, and what was erased must be gone."""
    fitting = _fitting(tally)
    tally.destroyed |= {name for name, found in fitting.items() if any(one.file for one in found)}
    absent: Mapping[str, frozenset[str]] = tally.notes.get(ABSENT_VALUES, {})
    for record_id, names in absent.items():
        erased = frozenset().union(*(one.values for one in fitting.get(record_id, ())))
        for name in sorted(names - erased)[:20]:
            what = _("the value “{name}” beside the record is missing, and no record says that it was erased")
            tally.found(record_id, what.format(name=name), COMMITMENTS)
    still = await database.read(lambda conn: blobs.among(conn, sorted(tally.destroyed)))
    for record_id in sorted(still):
        tally.found(record_id, _("a record says that its file was erased, and its key is there"), STORE)


def pack(bag: Bag) -> None:
    """Of a pack personal values may have been left out; a file may not, but for an erasure in the same pack."""
    tally, fitting = bag.tally, _fitting(bag.tally)
    tally.destroyed |= {name for name, found in fitting.items() if any(one.file for one in found)}
    absent: Mapping[str, frozenset[str]] = tally.notes.get(ABSENT_VALUES, {})
    unsaid = sum(
        len(names - frozenset().union(*(one.values for one in fitting.get(record_id, ()))))
        for record_id, names in absent.items())
    if unsaid:
        tally.claim(COMMITMENTS, ngettext(
            "{n} personal value is not in this pack, and no record in it says that it was erased.",
            "{n} personal values are not in this pack, and no record in it says that they were erased.", unsaid,
        ).format(n=unsaid))


def _fitting(tally: Tally) -> dict[str, list[_Erasure]]:
    """Erasures by the record they name, when it came before them and is the one they mean."""
    known: Mapping[str, list[_Erasure]] = tally.notes.get(_ERASURES, {})
    found: dict[str, list[_Erasure]] = {}
    for checked in tally.checked:
        for one in known.get(checked.id, ()):
            if one.record_hash == checked.record_hash and one.sequence > checked.sequence:
                found.setdefault(checked.id, []).append(one)
    return found
