"""Checks of records, pure: signature, commitments, file. Every finding names where, how, and the part it belongs to.

The store and packs are read elsewhere (store_check.py, pack_check.py); both bring their records here, so that one rule
decides for both. Input may come from anyone. A new kind of check is one more name in `PARTS`, one function in
checks.py, and sentences said through `Tally`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workstation.evidence import dsse, record
from workstation.evidence.model import Finding, Part, State, VerifyReport
from workstation.evidence.record import Private, Statement
from workstation.kernel.i18n import N_, _, ngettext
from workstation.kernel.told import in_a_line

BAG, STORE, SIGNATURES, HASHES, COMMITMENTS = "bag", "store", "signatures", "hashes", "commitments"
CHAIN, EXPORT, LINEAGE, TIME, LOG, KEYS = "chain", "export", "lineage", "time", "log", "keys"

PARTS: dict[str, str] = {
    BAG: N_("The pack as it was written"), STORE: N_("The store's pages and rows"), SIGNATURES: N_("Signatures"),
    HASHES: N_("Files"), COMMITMENTS: N_("Personal values"), CHAIN: N_("The chain of records"),
    EXPORT: N_("What the pack was exported with"), LINEAGE: N_("What copies were made from"), TIME: N_("Time"),
    LOG: N_("The hub's log"), KEYS: N_("Whose key it is"),
}
"""Every part of a report in the order it is shown, with its title for people."""

ABSENT_VALUES = "absent values"
"""In `Tally.notes`: names of personal values that a record's row or pack does not have, by record id."""

_LINE = 400             # characters of a finding: names in it may be a stranger's
_SHORT = 200            # characters of an id or a hash
_MOST_NAMES = 50_000    # other records that one record names
_MOST_NAMED = 500_000   # … that all records name together
_MOST_FINDINGS = 10_000
_MOST_KEYS = 8          # that are named in full


@dataclass(slots=True)
class Checked:
    """A record whose envelope could be read. `where` is how findings name it.

    `statement` is dropped when the record was checked: thousands of them, perhaps a stranger's, would fill the memory.
    """

    where: str
    statement: Statement
    record_hash: str
    key_id: str
    id: str
    kind: str
    sequence: int
    previous: str
    sealed_ns: int
    wall_ns: int
    monotonic_ns: int
    boot_id: str
    device: str
    derived_from: tuple[str, ...]
    references: tuple[tuple[str, str], ...]     # other records it names, by id and hash
    continues: str                              # the key whose chain it goes on with, "" when it does not say
    export: Statement                           # what the record of a pack's export promises, empty for others

    @property
    def file(self) -> Statement:
        """Empty for a record without a file, and once the record was checked."""
        return record.part(self.statement, "file")


@dataclass(slots=True)
class Tally:
    """What a verification has seen so far. `notes` is for checks that gather while records pass, by their name."""

    findings: list[Finding] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    files: int = 0
    committed: int = 0
    erased: int = 0
    unreal: int = 0
    named: int = 0      # other records that the records name
    more: int = 0       # findings that are counted and not kept
    proved: list[tuple[str, str]] = field(default_factory=list)      # part, sentence
    claimed: list[tuple[str, str]] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)   # record id → the file that is not there
    destroyed: set[str] = field(default_factory=set)        # ids of records whose file a record says was erased
    gone: int = 0       # files that are missing because they were erased
    notes: dict[str, Any] = field(default_factory=dict)

    def found(self, where: str, what: str, part: str = SIGNATURES) -> None:
        """Something is wrong. `part` is one of `PARTS`."""
        if len(self.findings) >= _MOST_FINDINGS:
            self.more += 1
            return
        self.findings.append(Finding(in_a_line(where, _LINE), in_a_line(what, _LINE), part))

    def prove(self, part: str, sentence: str) -> None:
        """Something holds. It is not said of a part in which something is wrong."""
        self.proved.append((part, in_a_line(sentence, _LINE)))

    def claim(self, part: str, sentence: str) -> None:
        """Something is only claimed, or has to be known to whoever reads the report."""
        self.claimed.append((part, in_a_line(sentence, _LINE)))

    def spoke(self, part: str) -> bool:
        """Whether anything was said of a part."""
        said = (*self.proved, *self.claimed)
        return any(name == part for name, _said in said) or any(one.part == part for one in self.findings)


def envelope(tally: Tally, where: str, raw: bytes, keys: Mapping[str, Ed25519PublicKey]) -> Checked | None:
    """Read one envelope and check its signature; adds it to the tally when it is a statement at all."""
    try:
        opened = dsse.parse(raw)
        checked = _checked(where, record.parse(opened.payload), opened)
    except ValueError:
        tally.found(where, _("the record cannot be read"))
        return None
    tally.checked.append(checked)
    _count_names(tally, checked)
    key = keys.get(opened.key_id)
    if opened.payload_type != dsse.RECORD_TYPE:
        tally.found(where, _("the record is of another type than it says"))
    elif key is None:
        tally.found(where, _("the record is signed by a key that is not known here"))
    elif not opened.signed_by(key):
        tally.found(where, _("the signature does not match: the record was changed or is not from this device"))
    if record.text(record.part(checked.statement, "who"), "key_id") != opened.key_id:
        tally.found(where, _("the record names another signing key than the one that signed it"))
    if raw != opened.canonical():
        tally.found(where, _("the record is not written the one way it can be (canonical JSON)"))
    return checked


def _count_names(tally: Tally, checked: Checked) -> None:
    """What is kept of a stranger's records stays bounded; what is not kept is not passed over in silence."""
    tally.named += len(checked.derived_from) + len(checked.references)
    if tally.named > _MOST_NAMED:
        tally.found(checked.where, _("the records name more other records than can be checked"), LINEAGE)
        checked.derived_from, checked.references = (), ()


def _checked(where: str, said: Statement, opened: dsse.Envelope) -> Checked:
    chain, when, kind = record.part(said, "chain"), record.part(said, "when"), record.text(said, "kind")
    what = record.part(said, "what")
    return Checked(
        where, said, record.record_hash(opened.payload), opened.key_id, _short(said, "id"), kind,
        record.whole(chain, "sequence"), _short(chain, "previous"), record.whole(when, "sealed_ns"),
        record.whole(when, "wall_ns"), record.whole(when, "monotonic_ns"), _short(when, "boot_id"),
        _short(record.part(said, "who"), "device"), _originals(record.part(said, "lineage").get("derived_from")),
        _references(what.get("records"), record.part(said, "lineage").get("sources")),
        _short(record.part(chain, "continues"), "key_id"),
        _export(what) if kind == "export" and what.get("scope") == "pack" else {},
    )


def _short(said: Statement, name: str) -> str:
    """A text of the length that ids and hashes have; "" for another: what is kept of every record is bounded."""
    found = record.text(said, name)
    return found if len(found) <= _SHORT else ""


def _originals(found: record.Json) -> tuple[str, ...]:
    """Raises ValueError when there are more than anything is made from."""
    named = found if isinstance(found, list) else []
    if len(named) > _MOST_NAMES:
        raise ValueError("too many originals")
    return tuple(one for one in named if isinstance(one, str) and len(one) <= _SHORT)


def _references(*lists: record.Json) -> tuple[tuple[str, str], ...]:
    """Raises ValueError when there are more than a record of ours ever names."""
    named = [one for found in lists if isinstance(found, list) for one in found if isinstance(one, dict)]
    if len(named) > _MOST_NAMES:
        raise ValueError("too many references")
    return tuple((_short(one, "id"), _short(one, "record_sha256")) for one in named)


def _export(what: Statement) -> Statement:
    return {
        "complete": what.get("complete") is True, "count": record.whole(what, "count"),
        "records_sha256": _short(what, "records_sha256"),
    }


def passed(tally: Tally, checked: Checked) -> None:
    """A record was checked: count what the report says of all, and let go of its statement."""
    tally.unreal += record.part(checked.statement, "how").get("real_screen") is False
    checked.statement = {}


def private(tally: Tally, checked: Checked, fields: Sequence[Private], where: str = "") -> None:
    """Personal values against their commitments. Whether one may be absent is for erased_check.py to say."""
    commitments = record.part(checked.statement, "private")
    absent = commitments.keys() - {field.name for field in fields}
    tally.erased += len(absent)
    if absent:
        tally.notes.setdefault(ABSENT_VALUES, {})[checked.id] = frozenset(absent)
    for value in fields:
        if commitments.get(value.name) != value.commitment:
            what = _("the value “{name}” beside the record is not the one that was sealed").format(name=value.name)
            tally.found(where or checked.where, what, COMMITMENTS)
        else:
            tally.committed += 1


def content(tally: Tally, where: str, checked: Checked, sha256: str, size: int) -> None:
    """A file's hash and size against the statement."""
    sealed = checked.file
    if record.text(sealed, "sha256") != sha256 or record.whole(sealed, "size") != size:
        tally.found(where, _("the file is not the one that was sealed (its SHA-256 differs)"), HASHES)
        return
    tally.files += 1


def report(tally: Tally) -> VerifyReport:
    """The outcome in sentences, part by part. Of all together nothing is called proved when something was found."""
    _say_usual(tally)
    parts = tuple(_part(tally, name, _(title)) for name, title in PARTS.items())
    if tally.more:
        what = ngettext("{n} more finding is not listed.", "{n} more findings are not listed.", tally.more)
        tally.findings.append(Finding("…", what.format(n=tally.more), tally.findings[-1].part))
    findings = tuple(tally.findings)
    proved = () if findings else tuple(sentence for part in parts for sentence in part.proved)
    claimed = tuple(sentence for part in parts for sentence in part.claimed)
    return VerifyReport(len(tally.checked), tally.files, findings, proved, claimed, parts)


def _part(tally: Tally, name: str, title: str) -> Part:
    findings = tuple(one for one in tally.findings if one.part == name)
    proved = () if findings else tuple(sentence for part, sentence in tally.proved if part == name)
    claimed = tuple(dict.fromkeys(sentence for part, sentence in tally.claimed if part == name))
    state = State.CLAIMED if claimed else State.PROVED if proved else State.ABSENT
    return Part(name, title, State.WRONG if findings else state, proved, claimed, findings)


def _say_usual(tally: Tally) -> None:
    """What is said of any number of records, unless a part's own check said it better."""
    n = len(tally.checked)
    if not n:
        return
    keys = ", ".join(sorted({checked.key_id[:16] for checked in tally.checked}))
    tally.prove(SIGNATURES, ngettext(
        "{n} record is exactly as key {keys} signed it.", "{n} records are exactly as key {keys} signed them.", n,
    ).format(n=n, keys=keys))
    if tally.files:
        tally.prove(HASHES, ngettext(
            "{n} file is byte for byte the one that was sealed.",
            "{n} files are byte for byte the ones that were sealed.", tally.files).format(n=tally.files))
    _say_values(tally)
    if tally.gone:
        tally.claim(HASHES, ngettext(
            "{n} file was erased; its record says when and why, and still holds.",
            "{n} files were erased; their records say when and why, and still hold.", tally.gone).format(n=tally.gone))
    if tally.unreal:
        tally.claim(HASHES, ngettext("{n} capture is not of a real screen.", "{n} captures are not of a real screen.",
                                     tally.unreal).format(n=tally.unreal))
    if not tally.spoke(TIME):
        tally.claim(TIME, _("When it happened: device time only. No time-stamp authority vouches for the device's "
                            "clock."))
    holder = _("Who holds key {key}: compare it with the one the device shows (workstation doctor).")
    for key_id in sorted({checked.key_id for checked in tally.checked})[:_MOST_KEYS]:
        tally.claim(KEYS, holder.format(key=key_id))


def _say_values(tally: Tally) -> None:
    if tally.committed:
        tally.prove(COMMITMENTS, ngettext(
            "{n} personal value is the one that was sealed.", "{n} personal values are the ones that were sealed.",
            tally.committed).format(n=tally.committed))
    if tally.erased:
        tally.claim(COMMITMENTS, ngettext(
            "{n} personal value was erased; the hash it was sealed with still holds.",
            "{n} personal values were erased; the hashes they were sealed with still hold.",
            tally.erased).format(n=tally.erased))
