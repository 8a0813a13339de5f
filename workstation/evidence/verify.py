"""Checks of records, pure: signature, commitments, file, and the chain. Every finding names where and how.

The store and packs are read elsewhere (store_check.py, pack_check.py); both bring their records here, so that one rule
decides for both. Input may come from anyone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workstation.evidence import dsse, record
from workstation.evidence.model import Finding, VerifyReport
from workstation.evidence.record import GENESIS, Private, Statement
from workstation.kernel.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class Checked:
    """A record whose envelope could be read. `where` is how findings name it."""

    where: str
    statement: Statement
    record_hash: str
    key_id: str

    @property
    def sequence(self) -> int:
        return record.whole(record.part(self.statement, "chain"), "sequence")

    @property
    def previous(self) -> str:
        return record.text(record.part(self.statement, "chain"), "previous")

    @property
    def sealed_ns(self) -> int:
        return record.whole(record.part(self.statement, "when"), "sealed_ns")

    @property
    def file(self) -> Statement:
        return record.part(self.statement, "file")


@dataclass(slots=True)
class Tally:
    """What a verification has seen so far."""

    findings: list[Finding] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    files: int = 0
    erased: int = 0

    def found(self, where: str, what: str) -> None:
        self.findings.append(Finding(where, what))


def envelope(tally: Tally, where: str, raw: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Checked | None:
    """Read one envelope and check its signature; adds it to the tally when it is a statement at all."""
    try:
        opened = dsse.parse(raw)
        statement = record.parse(opened.payload)
    except ValueError:
        tally.found(where, _("the record cannot be read"))
        return None
    checked = Checked(where, statement, record.record_hash(opened.payload), opened.key_id)
    tally.checked.append(checked)
    key = keys.get(opened.key_id)
    if opened.payload_type != dsse.RECORD_TYPE:
        tally.found(where, _("the record is of another type than it says"))
    elif key is None:
        tally.found(where, _("the record is signed by a key that is not known here"))
    elif not opened.signed_by(key):
        tally.found(where, _("the signature does not match: the record was changed or is not from this device"))
    if record.text(record.part(statement, "who"), "key_id") != opened.key_id:
        tally.found(where, _("the record names another signing key than the one that signed it"))
    return checked


def private(tally: Tally, checked: Checked, fields: Sequence[Private], where: str = "") -> None:
    """Personal values against their commitments. An erased value is no fault."""
    commitments = record.part(checked.statement, "private")
    present = {field.name for field in fields}
    tally.erased += len(commitments.keys() - present)
    for value in fields:
        if commitments.get(value.name) != value.commitment:
            what = _("the value “{name}” beside the record is not the one that was sealed").format(name=value.name)
            tally.found(where or checked.where, what)


def content(tally: Tally, where: str, checked: Checked, sha256: str, size: int) -> None:
    """A file's hash and size against the statement."""
    sealed = checked.file
    if record.text(sealed, "sha256") != sha256 or record.whole(sealed, "size") != size:
        tally.found(where, _("the file is not the one that was sealed (its SHA-256 differs)"))
        return
    tally.files += 1


def chain(tally: Tally, *, complete: bool) -> None:
    """Order, gaps and doubles. Gaps are a fault only where the whole chain was promised."""
    ordered = sorted(tally.checked, key=lambda checked: checked.sequence)
    if complete and ordered:
        _start(tally, ordered[0])
    for before, after in pairwise(ordered):
        _link(tally, before, after, complete)
        if after.sealed_ns < before.sealed_ns:
            what = _("The device's clock went back before record {sequence}.").format(sequence=after.sequence)
            tally.claims.append(what)


def _start(tally: Tally, first: Checked) -> None:
    if first.sequence != 1:
        tally.found(first.where, _("the chain does not start at record 1: earlier records are missing"))
    elif first.previous != GENESIS:
        tally.found(first.where, _("the first record names a record before it"))


def _link(tally: Tally, before: Checked, after: Checked, complete: bool) -> None:
    step = after.sequence - before.sequence
    if step == 0:
        tally.found(after.where, _("two records have the place {n} in the chain").format(n=after.sequence))
    elif step == 1 and after.previous != before.record_hash:
        tally.found(after.where, _("the chain is broken: the record before it is not the one it names"))
    elif step > 1 and complete:
        what = _("the chain has a gap: records {first} to {last} are missing")
        tally.found(after.where, what.format(first=before.sequence + 1, last=after.sequence - 1))
    elif step > 1:
        what = _("Between records {first} and {last} the device sealed others that are not in this pack.")
        tally.claims.append(what.format(first=before.sequence, last=after.sequence))


def report(tally: Tally, *, complete: bool) -> VerifyReport:
    """The outcome in sentences. Nothing is called proved when something was found."""
    proved = () if tally.findings else _proved(tally, complete)
    return VerifyReport(len(tally.checked), tally.files, tuple(tally.findings), proved, _claimed(tally))


def _proved(tally: Tally, complete: bool) -> tuple[str, ...]:
    n = len(tally.checked)
    keys = ", ".join(sorted({checked.key_id[:16] for checked in tally.checked}))
    said = [
        ngettext("{n} record is exactly as key {keys} signed it.", "{n} records are exactly as key {keys} signed them.",
                 n).format(n=n, keys=keys),
        ngettext("{n} file is byte for byte the one that was sealed.",
                 "{n} files are byte for byte the ones that were sealed.", tally.files).format(n=tally.files),
    ]
    if complete and n:
        said.append(_("The chain is whole: no record between the first and the last is missing, moved or doubled."))
    return tuple(said) if n else ()


def _claimed(tally: Tally) -> tuple[str, ...]:
    if not tally.checked:
        return ()
    said = [_("When it happened: device time only. No time-stamp authority vouches for the device's clock.")]
    said.append(_("Who holds the key: compare its id with the one the device shows (workstation doctor)."))
    unreal = sum(1 for checked in tally.checked if record.part(checked.statement, "how").get("real_screen") is False)
    if unreal:
        said.append(ngettext("{n} capture is not of a real screen.", "{n} captures are not of a real screen.",
                             unreal).format(n=unreal))
    if tally.erased:
        said.append(ngettext("{n} personal value was erased; the hash it was sealed with still holds.",
                             "{n} personal values were erased; the hashes they were sealed with still hold.",
                             tally.erased).format(n=tally.erased))
    return (*said, *tally.claims)
