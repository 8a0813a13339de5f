"""Verification of a pack: the bag's checksums, the signed list of its files, every record, and the export's own.

Checksums alone prove nothing against someone who can compute them again; the device's signature over the list does.
RFC 8493 calls a bag valid when every checksum of every manifest holds, so both algorithms are computed, in one reading.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workstation.evidence import bounds, chain_check, checks, dsse, log_check, record, signing, verify
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack import MANIFEST_SIGNATURE, file_name, listing_hash
from workstation.evidence.pack_file import Digests, Pack, open_pack
from workstation.evidence.record import Private
from workstation.evidence.verify import BAG, COMMITMENTS, EXPORT, HASHES, KEYS, Checked, Tally
from workstation.kernel.i18n import _

_ALGORITHMS = ("sha256", "sha512")
_RECORDS, _FILES, _KEYS, _PRIVATE = "data/records/", "data/files/", "data/keys/", "data/private/"
_BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@dataclass(slots=True)
class Bag:
    """An open pack, what its files hash to, its public keys by id, and what is found: what checks of packs get."""

    pack: Pack
    digests: Digests
    tally: Tally
    keys: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)

    def read(self, name: str, most: int = bounds.MOST_SMALL) -> bytes | None:
        """A small file, the same bytes that were hashed; None when it is absent, damaged or larger than `most`."""
        content = self.pack.small(name, most)
        known = self.digests.get(name)
        if content is None or known is None or hashlib.sha256(content).hexdigest() != known[0]["sha256"]:
            return None
        return content


def check_pack(
    path: Path, own_keys: Collection[str] | None = None, known: chain_check.Known | None = None,
    own_log: Mapping[tuple[str, int], bytes] | None = None,
) -> VerifyReport:
    """Check a pack, a zip or its unpacked folder. Blocks. Raises InputError.

    `own_keys` are the key ids this device knows as its own, None when it cannot say; `known` are its own records;
    `own_log` are the roots of the hubs' logs it was shown, by origin and size.
    """
    pack = open_pack(path)
    try:
        tally = Tally()
        tally.notes[log_check.OWN] = own_log or {}
        bag = Bag(pack, _hash_all(pack, tally), tally)
        _check_bag(bag)
        bag.keys = _keys(bag)
        _check_records(bag)
        complete = _check_export(bag)
        chain_check.check(tally, complete=complete)
        chain_check.lineage(tally, whole=complete)
        if known is not None:
            chain_check.own(tally, known)
        for check in checks.PACKS:
            check(bag)
        _check_missing(tally)
        _name_keys(tally, own_keys)
        return verify.report(tally)
    finally:
        pack.close()


def _hash_all(pack: Pack, tally: Tally) -> Digests:
    """Every file is read once; one that cannot be read is a finding. Raises InputError when there are too many."""
    found = {}
    for name, digests in pack.digests(_ALGORITHMS).items():
        if digests is None:
            tally.found(name, _("the file is damaged"), BAG)
        else:
            found[name] = digests
    texts = (size for name, (_kinds, size) in found.items() if name.startswith((_RECORDS, _PRIVATE)))
    if sum(texts) > bounds.MOST_RECORDS:
        raise bounds.unreadable(_("its records are too large"))
    return found


def _check_bag(bag: Bag) -> None:
    for name in bag.pack.changed:
        bag.tally.found(name, _("what the zip itself says of this file was changed"), BAG)
    differs: dict[str, list[str]] = {}
    for algorithm in _ALGORITHMS:
        _check_listing(bag, f"manifest-{algorithm}.txt", algorithm, differs, payload=True)
        _check_listing(bag, f"tagmanifest-{algorithm}.txt", algorithm, differs, payload=False)
    for name, lists in differs.items():
        bag.tally.found(name, _("the file was changed ({manifest})").format(manifest=", ".join(lists)), BAG)
    if bag.read("bagit.txt") != _BAGIT:
        bag.tally.found("bagit.txt", _("it does not say that this is a BagIt 1.0 bag"), BAG)
    _check_info(bag)
    bag.tally.prove(BAG, _("Every file is listed, and no other is: all SHA-256 and SHA-512 sums hold."))
    if bag.pack.container is False:
        bag.tally.claim(BAG, _("The zip was packed again by another program. What is in it is checked all the same."))


def _check_info(bag: Bag) -> None:
    """RFC 8493, 2.2.2: Payload-Oxum is the number of bytes and files of the payload."""
    if len(bag.digests) != len(bag.pack.names):
        return
    payload = [size for name, (_kinds, size) in bag.digests.items() if name.startswith("data/")]
    oxum = f"Payload-Oxum: {sum(payload)}.{len(payload)}".encode()
    if oxum not in (bag.read("bag-info.txt") or b"").splitlines():
        bag.tally.found("bag-info.txt", _("it does not give the size of what the pack holds"), BAG)


def _check_listing(bag: Bag, name: str, algorithm: str, differs: dict[str, list[str]], *, payload: bool) -> None:
    """A manifest against the files: nothing missing or added; what was changed goes into `differs`, once for a file."""
    listed = _listing(bag, name)
    if listed is None:
        return
    for path, digest in listed.items():
        if path not in bag.pack.names:
            bag.tally.found(path, _("the file is missing from the pack"), BAG)
        elif path in bag.digests and bag.digests[path][0][algorithm] != digest:
            differs.setdefault(path, []).append(name)
    for path in bag.pack.names:
        expected = path.startswith("data/") if payload else not path.startswith(("data/", "tagmanifest-"))
        if expected and path not in listed:
            bag.tally.found(path, _("the file is not listed in {manifest}").format(manifest=name), BAG)


def _listing(bag: Bag, name: str) -> dict[str, str] | None:
    content = bag.read(name, bounds.MOST_LISTING) or b""
    for between in ("  ", " "):   # as sha256sum and as bagit.py write it, and each of them throughout
        listed = _listed(content, between)
        if listed:
            return listed
    bag.tally.found(name, _("the list of files is missing or cannot be read"), BAG)
    return None


def _listed(content: bytes, between: str) -> dict[str, str]:
    """Digests by path; empty unless the list is written in this way to the byte, and names no file twice."""
    try:
        lines = [line.split(between, 1) for line in content.decode("ascii").split("\n")[:-1]]
        listed = {path: digest for digest, path in lines}
    except ValueError:
        return {}
    again = "".join(f"{digest}{between}{path}\n" for path, digest in listed.items())
    plain = all(path == path.strip() and digest == digest.lower() for path, digest in listed.items())
    return listed if plain and again.encode() == content else {}


def _keys(bag: Bag) -> dict[str, Ed25519PublicKey]:
    """The public keys the pack brings along, by key id."""
    found = {}
    for name in bag.pack.names:
        if name.startswith(_KEYS):
            try:
                key = signing.from_pem(bag.read(name) or b"")
            except ValueError:
                bag.tally.found(name, _("this is not a public key"))
                continue
            found[signing.key_id(key)] = key
    return found


def _check_records(bag: Bag) -> None:
    expected: set[str] = set()
    for name in bag.pack.names:
        if not name.startswith(_RECORDS):
            continue
        checked = verify.envelope(bag.tally, name, bag.read(name) or b"", bag.keys)
        if checked is not None:
            expected |= _check_record(bag, checked)
            for check in checks.RECORDS:
                check(bag.tally, checked)
            verify.passed(bag.tally, checked)
    for name in bag.pack.names:
        if name.startswith((_FILES, _PRIVATE)) and name not in expected:
            bag.tally.found(name, _("no record names this file"), HASHES)


def _check_record(bag: Bag, checked: Checked) -> set[str]:
    """Check what lies beside a record; returns the names it accounts for."""
    beside = f"{_PRIVATE}{checked.id}.json"
    if checked.where != f"{_RECORDS}{checked.id}.json":
        bag.tally.found(checked.where, _("the record says it has another id"))
    _check_private(bag, checked, beside)
    if not checked.file:
        return {beside}
    name = file_name(checked.statement)
    if name not in bag.pack.names:
        bag.tally.missing[checked.id] = name
    elif name in bag.digests:
        digests, size = bag.digests[name]
        verify.content(bag.tally, name, checked, digests["sha256"], size)
    return {beside, name}


def _check_missing(tally: Tally) -> None:
    """A file that is not there was erased, or it is missing."""
    for record_id, name in tally.missing.items():
        if record_id in tally.destroyed:
            tally.gone += 1
        else:
            tally.found(name, _("the file is missing from the pack"), HASHES)


def _check_private(bag: Bag, checked: Checked, name: str) -> None:
    if name not in bag.pack.names:
        verify.private(bag.tally, checked, ())
        return
    try:
        fields = _private(json.loads(bag.read(name) or b""))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        bag.tally.found(name, _("the personal values cannot be read"), COMMITMENTS)
        return
    verify.private(bag.tally, checked, fields, name)


def _private(found: list[dict[str, str]]) -> list[Private]:
    fields = [Private(one["name"], bytes.fromhex(one["salt"]), one["value"]) for one in found]
    for one in fields:
        (one.name + one.value).encode()   # raises ValueError: half a character can be hashed by nobody
    if len({one.name for one in fields}) != len(fields):
        raise ValueError("a name twice")
    return fields


def _check_export(bag: Bag) -> bool:
    """The newest record must be the export this pack was written for. Returns whether it promises the whole chain."""
    ordered = sorted(bag.tally.checked, key=lambda checked: checked.sequence)
    export = ordered.pop() if ordered else None
    if export is None or not export.export:
        bag.tally.found(_RECORDS, _("the record of this export is missing"), EXPORT)
        return False
    listed = [(one.id, one.record_hash) for one in ordered]
    if record.text(export.export, "records_sha256") != listing_hash(listed):
        said = _("the pack does not hold exactly the records it was exported with ({n})")
        bag.tally.found(export.where, said.format(n=record.whole(export.export, "count")), EXPORT)
    _check_signature(bag, export)
    bag.tally.prove(EXPORT, _("The pack holds exactly what it was written with, and its list of files is signed."))
    return export.export.get("complete") is True


def _check_signature(bag: Bag, export: Checked) -> None:
    """The list of files, signed by the key that signed the export."""
    found = bag.tally.found
    try:
        envelope = dsse.parse(bag.read(MANIFEST_SIGNATURE, bounds.MOST_LISTING * 2) or b"", bounds.MOST_LISTING * 2)
    except ValueError:
        found(MANIFEST_SIGNATURE, _("the signature over the list of files is missing or cannot be read"), EXPORT)
        return
    key = bag.keys.get(export.key_id)
    right_type = envelope.payload_type == dsse.MANIFEST_TYPE
    if key is None or not right_type or not envelope.signed_by(key):
        found(MANIFEST_SIGNATURE, _("the signature over the list of files does not match"), EXPORT)
    if envelope.payload != bag.read("manifest-sha256.txt", bounds.MOST_LISTING):
        found("manifest-sha256.txt", _("the list of files is not the one that was signed"), EXPORT)


def _name_keys(tally: Tally, own_keys: Collection[str] | None) -> None:
    used = {checked.key_id for checked in tally.checked}
    for key_id in sorted(used - set(own_keys or ()))[:20] if own_keys else ():
        tally.claim(KEYS, _("Key {key} is not a key of this device.").format(key=key_id[:16]))
    if len(used) > 1:
        tally.claim(KEYS, _("The records are signed by several keys: {n}.").format(n=len(used)))
