"""Verification of a pack: the bag's checksums, the signed list of its files, every record, and the export's own.

Checksums alone prove nothing against someone who can compute them again; the device's signature over the list does.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workstation.evidence import dsse, record, signing, verify
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack import MANIFEST_SIGNATURE, file_name, listing_hash
from workstation.evidence.pack_file import PackFile
from workstation.evidence.record import Private
from workstation.evidence.verify import Checked, Tally
from workstation.kernel.i18n import _

_ALGORITHMS = ("sha256", "sha512")
_RECORDS, _FILES, _KEYS, _PRIVATE = "data/records/", "data/files/", "data/keys/", "data/private/"

Digests = Mapping[str, tuple[dict[str, str], int]]


@dataclass(frozen=True, slots=True)
class _Bag:
    """An open pack, what its files hash to, and what is found."""

    pack: PackFile
    digests: Digests
    tally: Tally


def check_pack(path: Path, own_keys: Collection[str] = ()) -> VerifyReport:
    """Check a pack; `own_keys` are the key ids this device knows as its own. Blocks. Raises InputError."""
    pack = PackFile(path)
    try:
        tally = Tally()
        bag = _Bag(pack, _hash_all(pack, tally), tally)
        for algorithm in _ALGORITHMS:
            _check_listing(bag, f"manifest-{algorithm}.txt", algorithm, payload=True)
            _check_listing(bag, f"tagmanifest-{algorithm}.txt", algorithm, payload=False)
        keys = _keys(bag)
        _check_records(bag, keys)
        complete = _check_export(bag, keys)
        verify.chain(tally, complete=complete)
        _name_keys(tally, own_keys)
        return verify.report(tally, complete=complete)
    finally:
        pack.close()


def _hash_all(pack: PackFile, tally: Tally) -> Digests:
    """Every file is read once; one that cannot be read is a finding."""
    found = {}
    for name in pack.names:
        digests = pack.digests(name, _ALGORITHMS)
        if digests is None:
            tally.found(name, _("the file is damaged"))
        else:
            found[name] = digests
    return found


def _check_listing(bag: _Bag, name: str, algorithm: str, *, payload: bool) -> None:
    """A manifest against the files: nothing changed, missing or added."""
    listed = _listing(bag, name)
    if listed is None:
        return
    for path, digest in listed.items():
        if path not in bag.pack.names:
            bag.tally.found(path, _("the file is missing from the pack"))
        elif path in bag.digests and bag.digests[path][0][algorithm] != digest:
            bag.tally.found(path, _("the file was changed ({manifest})").format(manifest=name))
    for path in bag.pack.names:
        expected = path.startswith("data/") if payload else not path.startswith(("data/", "tagmanifest-"))
        if expected and path not in listed:
            bag.tally.found(path, _("the file is not listed in {manifest}").format(manifest=name))


def _listing(bag: _Bag, name: str) -> dict[str, str] | None:
    content = bag.pack.small(name)
    try:
        lines = (content or b"").decode("ascii").splitlines()
        listed = {path: digest.lower() for digest, path in (line.split(maxsplit=1) for line in lines)}
    except ValueError:
        listed = {}
    if not listed:
        bag.tally.found(name, _("the list of files is missing or cannot be read"))
    return listed or None


def _keys(bag: _Bag) -> dict[str, Ed25519PublicKey]:
    """The public keys the pack brings along, by key id."""
    found = {}
    for name in bag.pack.names:
        if name.startswith(_KEYS):
            try:
                key = signing.from_pem(bag.pack.small(name) or b"")
            except ValueError:
                bag.tally.found(name, _("this is not a public key"))
                continue
            found[signing.key_id(key)] = key
    return found


def _check_records(bag: _Bag, keys: Mapping[str, Ed25519PublicKey]) -> None:
    expected: set[str] = set()
    for name in bag.pack.names:
        if not name.startswith(_RECORDS):
            continue
        checked = verify.envelope(bag.tally, name, bag.pack.small(name) or b"", keys)
        if checked is not None:
            expected |= _check_record(bag, checked)
    for name in bag.pack.names:
        if name.startswith((_FILES, _PRIVATE)) and name not in expected:
            bag.tally.found(name, _("no record names this file"))


def _check_record(bag: _Bag, checked: Checked) -> set[str]:
    """Check what lies beside a record; returns the names it accounts for."""
    record_id = record.text(checked.statement, "id")
    beside = f"{_PRIVATE}{record_id}.json"
    if checked.where != f"{_RECORDS}{record_id}.json":
        bag.tally.found(checked.where, _("the record says it has another id"))
    _check_private(bag, checked, beside)
    if not checked.file:
        return {beside}
    name = file_name(checked.statement)
    if name not in bag.pack.names:
        bag.tally.found(name, _("the file is missing from the pack"))
    elif name in bag.digests:
        digests, size = bag.digests[name]
        verify.content(bag.tally, name, checked, digests["sha256"], size)
    return {beside, name}


def _check_private(bag: _Bag, checked: Checked, name: str) -> None:
    if name not in bag.pack.names:
        verify.private(bag.tally, checked, ())
        return
    try:
        fields = _private(json.loads(bag.pack.small(name) or b""))
    except (ValueError, KeyError, TypeError, RecursionError):
        bag.tally.found(name, _("the personal values cannot be read"))
        return
    verify.private(bag.tally, checked, fields, name)


def _private(found: list[dict[str, str]]) -> list[Private]:
    return [Private(str(one["name"]), bytes.fromhex(one["salt"]), str(one["value"])) for one in found]


def _check_export(bag: _Bag, keys: Mapping[str, Ed25519PublicKey]) -> bool:
    """The newest record must be the export this pack was written for. Returns whether it promises the whole chain."""
    ordered = sorted(bag.tally.checked, key=lambda checked: checked.sequence)
    export = ordered.pop() if ordered else None
    what = record.part(export.statement, "what") if export else {}
    if export is None or record.text(export.statement, "kind") != "export":
        bag.tally.found(_RECORDS, _("the record of this export is missing"))
        return False
    listed = [(record.text(one.statement, "id"), one.record_hash) for one in ordered]
    if record.text(what, "records_sha256") != listing_hash(listed):
        said = _("the pack does not hold exactly the records it was exported with ({n})")
        bag.tally.found(export.where, said.format(n=record.whole(what, "count")))
    _check_signature(bag, export, keys)
    return what.get("complete") is True


def _check_signature(bag: _Bag, export: Checked, keys: Mapping[str, Ed25519PublicKey]) -> None:
    """The list of files, signed by the key that signed the export."""
    try:
        envelope = dsse.parse(bag.pack.small(MANIFEST_SIGNATURE) or b"")
    except ValueError:
        bag.tally.found(MANIFEST_SIGNATURE, _("the signature over the list of files is missing or cannot be read"))
        return
    key = keys.get(export.key_id)
    right_type = envelope.payload_type == dsse.MANIFEST_TYPE
    if key is None or not right_type or not envelope.signed_by(key):
        bag.tally.found(MANIFEST_SIGNATURE, _("the signature over the list of files does not match"))
    if envelope.payload != bag.pack.small("manifest-sha256.txt"):
        bag.tally.found("manifest-sha256.txt", _("the list of files is not the one that was signed"))


def _name_keys(tally: Tally, own_keys: Collection[str]) -> None:
    used = {checked.key_id for checked in tally.checked}
    for key_id in sorted(used - set(own_keys)) if own_keys else ():
        tally.claims.append(_("Key {key} is not a key of this device.").format(key=key_id[:16]))
    if len(used) > 1:
        tally.claims.append(_("The records are signed by several keys: {n}.").format(n=len(used)))
