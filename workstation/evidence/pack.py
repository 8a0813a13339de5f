"""Writes packs: a BagIt 1.0 bag (RFC 8493) in a zip, for anyone to check without our software.

The bag is streamed straight into the zip, one file in memory at a time. The bagit package checks our bags in the tests
and for the reader of a pack; it is not used to write them, because `make_bag` changes the working directory of the
whole process, needs the plaintext in a folder on disk, and declares version 0.97.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workstation.evidence import dsse, howto, mimes, record, report
from workstation.evidence.proofs import Proofs, Said
from workstation.evidence.record import Private, Statement
from workstation.evidence.repo import Stored
from workstation.evidence.signing import DeviceKey
from workstation.kernel.clock import to_datetime
from workstation.kernel.errors import DiskFull, InputError, ReadOnly
from workstation.kernel.failing import FULL
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.blobs import SealedFile
from workstation.store.files import publish, sync_file

MANIFEST_SIGNATURE = "manifest-sha256.txt.dsse.json"
_ALGORITHMS = ("sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Item:
    """A record that goes into a pack, with what lies beside it."""

    stored: Stored
    private: tuple[Private, ...]
    sealed: SealedFile | None


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack holds. The last item is the export's own record, which lists the others."""

    export_id: str
    at: int
    items: tuple[Item, ...]
    public_keys: tuple[tuple[str, bytes], ...]   # key id, PEM
    proofs: Proofs = field(default_factory=Proofs)   # time stamps, and the places in the hub's log
    pages: tuple[tuple[str, bytes], ...] = ()        # for people: the report as PDF, what a binder adds; by name


def file_name(statement: Statement) -> str:
    """Where a record's file is inside the bag."""
    mime = record.text(record.part(statement, "file"), "mime")
    sequence = record.whole(record.part(statement, "chain"), "sequence")
    return f"data/files/{sequence:06d}-{record.text(statement, 'id')}.{mimes.extension(mime)}"


def listing_hash(records: Sequence[tuple[str, str]]) -> str:
    """What an export record says of its pack's records: SHA-256 of "<id> <record hash>\\n" for each, in chain order."""
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in records).encode()).hexdigest()


def _statement(stored: Stored) -> Statement:
    return record.parse(dsse.parse(stored.envelope).payload)


def reserve(out: Path) -> Path:
    """A temporary file beside `out`, so that a full disk or a missing folder is known before anything is recorded.

    Raises InputError, ReadOnly, DiskFull.
    """
    if out.is_dir() or not out.parent.is_dir():
        raise InputError(_("The pack cannot be written to {path}.").format(path=out),
                         _("Name a file in a folder that exists, such as case.zip."))
    temporary = out.with_name(f".{out.name}.{new_id()}")
    try:
        temporary.touch(exist_ok=False)
    except OSError as problem:
        raise _write_error(problem) from problem
    return temporary


def write(pack: Pack, temporary: Path, out: Path, key: DeviceKey, plaintext: Callable[[SealedFile], bytes]) -> None:
    """Write the zip, force it to the disk and move it to `out`. Blocks. Raises Tampered, DiskFull, ReadOnly."""
    try:
        with temporary.open("wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                _fill(_Bag(archive, f"evidence-{pack.export_id}", pack.at), pack, key, plaintext)
            file.flush()
            sync_file(file.fileno())
        publish(temporary, out, replace=True)
    except OSError as problem:
        raise _write_error(problem) from problem
    finally:
        temporary.unlink(missing_ok=True)


def _write_error(problem: OSError) -> Exception:
    if problem.errno in FULL:
        return DiskFull(_("The disk is full; the pack was not written."), _("Free some space and export again."))
    return ReadOnly(_("The pack could not be written there."), _("Choose another folder."))


@dataclass(slots=True)
class _Bag:
    """A bag that is being written: keeps the checksums of what went in."""

    archive: zipfile.ZipFile
    folder: str
    at: int
    sums: dict[str, dict[str, str]] = field(default_factory=dict)
    payload_bytes: int = 0

    def put(self, name: str, content: bytes) -> None:
        moment = to_datetime(self.at)
        entry = zipfile.ZipInfo(f"{self.folder}/{name}", moment.timetuple()[:6])
        entry.external_attr = 0o644 << 16
        self.archive.writestr(entry, content)
        self.sums[name] = {kind: hashlib.new(kind, content).hexdigest() for kind in _ALGORITHMS}
        self.payload_bytes += len(content) if name.startswith("data/") else 0

    def listing(self, algorithm: str, payload: bool) -> bytes:
        """A manifest (payload) or a tag manifest (everything else), sorted by name."""
        names = sorted(name for name in self.sums if name.startswith("data/") == payload)
        return "".join(f"{self.sums[name][algorithm]}  {name}\n" for name in names).encode()


def _fill(bag: _Bag, pack: Pack, key: DeviceKey, plaintext: Callable[[SealedFile], bytes]) -> None:
    for item in pack.items:
        _put_item(bag, item, plaintext)
    for name, content in pack.proofs.files:
        bag.put(name, content)
    for key_id, pem in pack.public_keys:
        bag.put("data/keys/device.pub.pem" if key_id == key.key_id else f"data/keys/{key_id[:16]}.pub.pem", pem)
    bag.put("data/report.html", readable(pack, key.key_id))
    for name, content in pack.pages:
        bag.put(name, content)
    bag.put("data/HOWTO-VERIFY.md", howto.text(key.key_id))
    _put_tags(bag, pack, key)


def _put_item(bag: _Bag, item: Item, plaintext: Callable[[SealedFile], bytes]) -> None:
    bag.put(f"data/records/{item.stored.id}.json", item.stored.envelope)
    if item.private:
        bag.put(f"data/private/{item.stored.id}.json", _private_json(item.private))
    if item.sealed is not None:
        bag.put(file_name(_statement(item.stored)), plaintext(item.sealed))


def _private_json(fields: Sequence[Private]) -> bytes:
    found = [{"name": f.name, "salt": f.salt.hex(), "value": f.value} for f in fields]
    return json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True).encode()


def readable(pack: Pack, key_id: str, pictures: report.Pictures | None = None) -> bytes:
    """The report's page. With `pictures` (small PNGs by record id) it loads nothing, for whoever prints it."""
    lines = [_line(item, pack.proofs.said.get(item.stored.id)) for item in pack.items]
    return report.html(pack.at, lines, key_id, pictures)


def _line(item: Item, said: Said | None) -> report.Line:
    values = {field.name: field.value for field in item.private}
    statement = _statement(item.stored)
    file = file_name(statement).removeprefix("data/") if item.sealed else ""
    return report.Line(statement, item.stored.record_hash, values, file, said)


def _put_tags(bag: _Bag, pack: Pack, key: DeviceKey) -> None:
    bag.put("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    files = sum(1 for name in bag.sums if name.startswith("data/"))
    bag.put("bag-info.txt", (
        f"Bag-Software-Agent: workstation\nBagging-Date: {to_datetime(pack.at):%Y-%m-%d}\n"
        f"External-Identifier: {pack.export_id}\nPayload-Oxum: {bag.payload_bytes}.{files}\n"
    ).encode())
    manifest = bag.listing("sha256", payload=True)
    bag.put("manifest-sha512.txt", bag.listing("sha512", payload=True))
    bag.put("manifest-sha256.txt", manifest)
    bag.put(MANIFEST_SIGNATURE, key.sign(manifest, dsse.MANIFEST_TYPE))
    tags = {kind: bag.listing(kind, payload=False) for kind in _ALGORITHMS}
    for kind, listing in tags.items():
        bag.put(f"tagmanifest-{kind}.txt", listing)

