"""The chain and what records say of one another: order, gaps, doubles, forks, who goes on, clocks, copies' originals.

Pure, over records whose envelopes were read (verify.py). `complete` is whether every record from the first on was
promised; a gap is a fault only then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from workstation.evidence.record import GENESIS
from workstation.evidence.verify import CHAIN, KEYS, LINEAGE, Checked, Tally
from workstation.kernel.i18n import _, ngettext

_DRIFT_NS = 5_000_000_000       # a person takes less between looking at two clocks of one computer
_NAMED = 20                     # places of a clock or a key that are named one by one

Known = Callable[[Sequence[tuple[str, int]]], Mapping[tuple[str, int], str]]
"""The hashes of this device's own records, by signing key and place, as far as it has them."""


def check(tally: Tally, *, complete: bool) -> None:
    """Order, gaps, doubles, keys and clocks."""
    before = len(tally.findings)
    ordered = sorted(tally.checked, key=lambda checked: (checked.sequence, checked.where))
    if complete and ordered:
        _start(tally, ordered[0])
    for earlier, later in pairwise(ordered):
        _link(tally, earlier, later, complete)
    _holes(tally, ordered, complete)
    _devices(tally, ordered)
    _clocks(tally, ordered)
    if complete and ordered and len(tally.findings) == before:
        tally.prove(CHAIN, _("The chain is whole: no record between the first and the last is missing, moved or "
                             "doubled."))
    elif len(ordered) > 1 and any(later.sequence - earlier.sequence == 1 for earlier, later in pairwise(ordered)):
        tally.prove(CHAIN, _("Records that follow each other name each other: none of them was moved or put between."))


def _start(tally: Tally, first: Checked) -> None:
    if first.sequence != 1:
        tally.found(first.where, _("the chain does not start at record 1: earlier records are missing"), CHAIN)
    elif first.previous != GENESIS:
        tally.found(first.where, _("the first record names a record before it"), CHAIN)


def _link(tally: Tally, before: Checked, after: Checked, complete: bool) -> None:
    step = after.sequence - before.sequence
    if before.sequence < 1:
        tally.found(before.where, _("the record has no place in a chain"), CHAIN)
    elif step == 0:
        tally.found(after.where, _double(before, after), CHAIN)
    elif step == 1 and after.previous != before.record_hash:
        tally.found(after.where, _("the chain is broken: the record before it is not the one it names"), CHAIN)
    elif step > 1 and complete:
        what = _("the chain has a gap: records {first} to {last} are missing")
        tally.found(after.where, what.format(first=before.sequence + 1, last=after.sequence - 1), CHAIN)


def _double(before: Checked, after: Checked) -> str:
    if before.record_hash == after.record_hash:
        return _("the record is there twice, also as {other}").format(other=before.where)
    if before.key_id == after.key_id:
        what = _("the chain is forked: one key signed two records for the place {n}, this one and {other}")
        return what.format(n=after.sequence, other=before.where)
    return _("two records have the place {n} in the chain").format(n=after.sequence)


def _holes(tally: Tally, ordered: Sequence[Checked], complete: bool) -> None:
    """Where records are missing that nobody promised."""
    gaps = [(a.sequence, b.sequence) for a, b in pairwise(ordered) if b.sequence - a.sequence > 1]
    what = _("Between records {first} and {last} the device sealed others that are not in this pack.")
    for first, last in () if complete else gaps[:_NAMED]:
        tally.claim(CHAIN, what.format(first=first, last=last))
    if not complete and len(gaps) > _NAMED:
        tally.claim(CHAIN, ngettext("There is {n} more such place.", "There are {n} more such places.",
                                    len(gaps) - _NAMED).format(n=len(gaps) - _NAMED))


def _devices(tally: Tally, ordered: Sequence[Checked]) -> None:
    """Where another key goes on with the chain: a home that was restored or copied, or a key that was replaced."""
    changes = [(a, b) for a, b in pairwise(ordered) if a.key_id != b.key_id]
    for before, after in pairwise(ordered):
        if after.continues not in ("", before.key_id) and after.sequence - before.sequence == 1:
            tally.found(after.where, _("the record says it goes on with the chain of another key than it does"), CHAIN)
    what = _("From record {n} on key {key} goes on with the chain of key {former}: a home that was restored or copied, "
             "or a key that was replaced. What the former key signed after that is not in this chain.")
    for before, after in changes[:_NAMED]:
        tally.claim(KEYS, what.format(n=after.sequence, key=after.key_id[:16], former=before.key_id[:16]))


def _clocks(tally: Tally, ordered: Sequence[Checked]) -> None:
    """A clock that was set is said, not blamed: the chain holds all the same."""
    back = _("The device's clock went back before record {sequence}.")
    against = _("Before record {sequence} the device's clock was set back by {n} s: its other clock, which cannot be "
                "set, says so.")
    told = ahead = 0
    for before, after in pairwise(ordered):
        drift = _drift(before, after)
        ahead += drift > _DRIFT_NS
        if after.sealed_ns >= before.sealed_ns and drift >= -_DRIFT_NS:
            continue
        told += 1
        if told <= _NAMED:
            said = back if after.sealed_ns < before.sealed_ns else against
            tally.claim(CHAIN, said.format(sequence=after.sequence, n=-drift // 1_000_000_000))
    if told > _NAMED:
        tally.claim(CHAIN, ngettext("There is {n} more such place.", "There are {n} more such places.",
                                    told - _NAMED).format(n=told - _NAMED))
    if ahead:
        tally.claim(CHAIN, ngettext(
            "In {n} place the device's clock went ahead of its other clock: it was set forward, or the computer slept.",
            "In {n} places the device's clock went ahead of its other clock: it was set forward, or the computer "
            "slept.", ahead).format(n=ahead))


def _drift(before: Checked, after: Checked) -> int:
    """How far the wall clock got ahead of the monotonic one between two records, in ns; 0 where nothing tells."""
    known = min(before.wall_ns, before.monotonic_ns, after.wall_ns, after.monotonic_ns) >= 0
    if not known or not before.boot_id or before.boot_id != after.boot_id or before.device != after.device:
        return 0
    return (after.wall_ns - before.wall_ns) - (after.monotonic_ns - before.monotonic_ns)


def lineage(tally: Tally, *, whole: bool) -> None:
    """Copies name what they were made from, and records name others as they are. `whole`: every record is there."""
    here: dict[str, Checked] = {}
    for checked in tally.checked:
        if checked.id in here and here[checked.id].record_hash != checked.record_hash:
            tally.found(checked.where, _("two records have one id"), LINEAGE)
        here.setdefault(checked.id, checked)
    copies = [checked for checked in tally.checked if checked.derived_from or checked.kind == "derived"]
    outside = sum([not _original(tally, copy, here, whole) for copy in copies])
    for checked in tally.checked:
        _named(tally, checked, here, whole)
    known = len(copies) - outside
    if known:
        tally.prove(LINEAGE, ngettext(
            "{n} copy names the original it was made from, which is there.",
            "{n} copies name the originals they were made from, which are there.", known).format(n=known))
    if outside:
        tally.claim(LINEAGE, ngettext(
            "{n} copy was made from an original that is not in this pack.",
            "{n} copies were made from originals that are not in this pack.", outside).format(n=outside))


def _original(tally: Tally, copy: Checked, here: Mapping[str, Checked], whole: bool) -> bool:
    """Whether everything a copy was made from is there. What cannot be is a finding."""
    if not copy.derived_from:
        tally.found(copy.where, _("the copy does not name what it was made from"), LINEAGE)
    missing = [name for name in copy.derived_from if name not in here]
    for name in missing if whole else ():
        tally.found(copy.where, _("the record it was made from is not there ({id})").format(id=name[:40]), LINEAGE)
    for name in copy.derived_from:
        if name in here and here[name].sequence >= copy.sequence:
            tally.found(copy.where, _("it names a record as its original that came after it"), LINEAGE)
    return not missing


def _named(tally: Tally, checked: Checked, here: Mapping[str, Checked], whole: bool) -> None:
    for name, digest in checked.references:
        other = here.get(name)
        if other is None and whole:
            tally.found(checked.where, _("it names a record that is not there ({id})").format(id=name[:40]), LINEAGE)
        elif other is not None and other.record_hash != digest:
            what = _("it names the record {id} with another content than it has").format(id=name[:40])
            tally.found(checked.where, what, LINEAGE)


def own(tally: Tally, known: Known) -> None:
    """Records of this device's own keys against the ones it has itself: another one in the same place is a fork."""
    places = [(checked.key_id, checked.sequence) for checked in tally.checked]
    mine = known(places)
    for checked in tally.checked:
        digest = mine.get((checked.key_id, checked.sequence))
        if digest is not None and digest != checked.record_hash:
            what = _("the chain is forked: this device has another record in place {n}, signed by the same key")
            tally.found(checked.where, what.format(n=checked.sequence), CHAIN)
