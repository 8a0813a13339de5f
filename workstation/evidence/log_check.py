"""The hub's log in a verification: signed checkpoints, that each goes on from the one before, and each record's place.

What a hub signed binds it: whoever holds two of its checkpoints that do not go on from one another holds the proof.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from workstation.evidence import checkpoint, log_rows, log_trust, log_words, merkle, proofs, tokens
from workstation.evidence.checkpoint import Checkpoint
from workstation.evidence.verify import LOG, STORE, Tally
from workstation.kernel.clock import iso
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from workstation.evidence.pack_check import Bag
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database

OWN = "own log"
"""In `Tally.notes`: roots of logs this desktop was shown, by origin and size."""
_MOST_JSON = 32 * 1024
_MOST_CHECKPOINTS = 10_000


@dataclass(frozen=True, slots=True)
class _Place:
    where: str
    record_hash: str
    size: int
    leaf: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    where: str
    first: int
    second: int
    proof: tuple[bytes, ...]


@dataclass(slots=True)
class _Shown:
    """What there is of one log. `checkpoints`: where it lies, the size it is kept under, note, token and roots."""

    origin: str
    key: str
    trusted: str = ""             # why this computer goes by that key, in a sentence
    checkpoints: list[tuple[str, int, bytes, bytes, bytes]] = field(default_factory=list)
    steps: list[_Step] = field(default_factory=list)
    places: list[_Place] = field(default_factory=list)


async def store(database: Database, _files: BlobFiles, tally: Tally) -> None:
    """What this desktop has seen of its hub's log, and where it broke."""
    hashes = [one.record_hash for one in tally.checked]
    shown, broken, breaks = await database.read(lambda conn: (
        _kept(conn, hashes), log_rows.broken(conn), log_rows.breaks(conn)))
    for table, name in broken:
        tally.found(name, _("a row of the table “{name}” was changed").format(name=table), STORE)
    for one in shown:
        await asyncio.to_thread(_judge, tally, one, set(hashes))   # signatures and proofs by the thousand
    for found in breaks:
        _say_break(tally, found)


def _kept(connection: Connection, hashes: Sequence[str]) -> list[_Shown]:
    found = []
    included = log_rows.inclusions(connection, hashes)
    for log in log_rows.logs(connection):
        why = log_trust.trust(connection, log.origin).why
        shown = _Shown(proofs.origin_of(log.origin), log.key, log_words.trusted(why))
        for one in log_rows.checkpoints(connection, log.origin):
            where = f"{log.origin} {one.size}"
            shown.checkpoints.append((where, one.size, one.note, one.token, one.roots))
            if len(shown.checkpoints) > 1:
                shown.steps.append(_Step(where, one.after, one.size, one.proof))
        shown.places = [_Place(one.record_hash, one.record_hash, one.size, one.leaf, one.proof)
                        for listed in included.values() for one in listed if one.origin == log.origin]
        found.append(shown)
    return found


def own(connection: Connection) -> dict[tuple[str, int], bytes]:
    """The roots of every checkpoint this desktop accepted, by origin and size; what cannot be read is left out."""
    found: dict[tuple[str, int], bytes] = {}
    for log in log_rows.logs(connection):
        for one in log_rows.checkpoints(connection, log.origin):
            try:
                shown = checkpoint.read(one.note, log.key)
            except ValueError:
                continue
            found.setdefault((shown.origin, shown.size), shown.root)
    return found


def pack(bag: Bag) -> None:
    """What a pack brings along of its hub's log."""
    names = [name for name in bag.pack.names if name.startswith(proofs.LOG)]
    if not names:
        return
    if len(names) > len(bag.tally.checked) + 4 * _MOST_CHECKPOINTS:
        bag.tally.found(proofs.LOG, _("there is more of the hub's log than can be checked"), LOG)
        return
    key = (bag.read(proofs.KEY, 1024) or b"").decode("utf-8", "replace").strip()
    shown = _Shown(key.partition("+")[0], key)
    ids = {checked.id: checked.record_hash for checked in bag.tally.checked}
    for name in names:
        _read(bag, shown, name, ids)
    _judge(bag.tally, shown, set(ids.values()))


def _read(bag: Bag, shown: _Shown, name: str, ids: Mapping[str, str]) -> None:
    """One file of the pack's folder `log`; what it is, its name says."""
    plain = name.removeprefix(proofs.LOG)
    stem, _dot, kind = plain.partition(".")
    if name == proofs.KEY or kind in ("tsr", "roots.pem"):
        return
    if kind == "checkpoint" and stem.isascii() and stem.isdigit() and len(stem) < 20:
        beside = [bag.read(f"{proofs.LOG}{stem}.{end}", tokens.MOST_PEM) or b"" for end in ("tsr", "roots.pem")]
        shown.checkpoints.append((name, int(stem), bag.read(name, checkpoint.MOST_BYTES) or b"", beside[0], beside[1]))
        return
    said = _object(bag.read(name, _MOST_JSON))
    path, numbers = _path(said.get("proof")), [said.get(part) for part in ("first", "second", "size", "leaf")]
    first, second, size, leaf = (n if type(n) is int and 0 <= n < 1 << 62 else -1 for n in numbers)
    if plain.startswith("records/") and path is not None and min(size, leaf) >= 0:
        hashed = ids.get(stem.removeprefix("records/"), "")
        if hashed and said.get("record_sha256") == hashed:
            shown.places.append(_Place(name, hashed, size, leaf, path))
            return
    elif path is not None and min(first, second) >= 0:
        shown.steps.append(_Step(name, first, second, path))
        return
    bag.tally.found(name, _("this is no proof about a record of this pack"), LOG)


def _judge(tally: Tally, shown: _Shown, hashes: set[str]) -> None:
    known = _roots(tally, shown)
    for step in shown.steps:
        before, after = known.get(step.first), known.get(step.second)
        if before and after and not merkle.consistent(step.first, step.second, before.root, after.root, step.proof):
            tally.found(step.where, _("the hub's log does not go on from its earlier checkpoint"), LOG)
    placed = set()
    for place in shown.places:
        under = known.get(place.size)
        leaf = merkle.leaf_hash(bytes.fromhex(place.record_hash))
        if under is None:
            tally.found(place.where, _("the checkpoint of its place in the hub's log is missing"), LOG)
        elif not merkle.included(leaf, place.leaf, place.size, place.proof, under.root):
            what = _("its place in the hub's log is not proved: the hashes do not lead to the root")
            tally.found(place.where, what, LOG)
        else:
            placed.add(place.record_hash)
    if known:
        _conclude(tally, shown, known, placed & hashes, hashes)


def _roots(tally: Tally, shown: _Shown) -> dict[int, Checkpoint]:
    """The checkpoints whose signature holds, by size."""
    found: dict[int, Checkpoint] = {}
    for where, size, note, _token, _roots in shown.checkpoints:
        try:
            one = checkpoint.read(note, shown.key)
        except ValueError:
            tally.found(where, _("the checkpoint of the hub's log is not signed by its key"), LOG)
            continue
        if one.size != size or one.origin != shown.origin:
            tally.found(where, _("the checkpoint is of another log or length than it is kept under"), LOG)
            continue
        found[size] = one
        if tally.notes.get(OWN, {}).get((one.origin, size), one.root) != one.root:
            tally.found(where, _("the hub showed this computer another log of the same length: it has two"), LOG)
    stamped = [each for each in shown.checkpoints if each[3] and each[1] in found]
    for each in stamped:
        _judge_stamp(tally, *each, tell=each[1] == max(size for _where, size, *_rest in stamped))
    return found


def _judge_stamp(tally: Tally, where: str, size: int, note: bytes, token: bytes, roots: bytes, *, tell: bool) -> None:
    """The hub's own time stamp, under the root the hub names. Only the newest is told of when all is well."""
    try:
        stamp = tokens.check(token, hashlib.sha256(note).digest(), roots)
    except WorkstationError as problem:
        tally.found(where, _("the time stamp over a checkpoint does not hold: {why}").format(why=problem.sentence), LOG)
        return
    if tell:
        what = _("The hub's checkpoint of {n} records was stamped by {signer} at {at} UTC; compare its root "
                 "certificate (SHA-256 {sum}).")
        sums = ", ".join(hashlib.sha256(der).hexdigest() for der in tokens.root_ders(roots)[:1])
        tally.claim(LOG, what.format(n=size, signer=stamp.signer, at=iso(stamp.at), sum=sums))


def _conclude(
    tally: Tally, shown: _Shown, known: Mapping[int, Checkpoint], placed: set[str], hashes: set[str]
) -> None:
    n, left, newest = len(placed), len(hashes - placed), max(known)
    if n:
        tally.prove(LOG, ngettext(
            "{n} record is in the hub's log, under a checkpoint the hub signed ({size} records at last).",
            "{n} records are in the hub's log, under checkpoints the hub signed ({size} records at last).", n,
        ).format(n=n, size=newest))
    if len(known) > 1 and {step.second for step in shown.steps} >= set(known) - {min(known)}:
        tally.prove(LOG, ngettext(
            "The log only grew: {n} checkpoint, each with the proof that it goes on from the one before.",
            "The log only grew: {n} checkpoints, each with the proof that it goes on from the one before.", len(known),
        ).format(n=len(known)))
    elif len(known) > 1:
        tally.claim(LOG, _("That the log only grew between its checkpoints is not shown here."))
    if left:
        tally.claim(LOG, ngettext("{n} record has no place in the hub's log yet.",
                                  "{n} records have no place in the hub's log yet.", left).format(n=left))
    what = _("That the hub shows everybody the same log: compare its key {key} with another device's.")
    tally.claim(LOG, " ".join((what.format(key=shown.key[:200]), shown.trusted)).strip())


def _say_break(tally: Tally, found: log_rows.Break) -> None:
    what = log_words.sentence(found.code)
    if found.accepted_at is None:
        tally.found(proofs.origin_of(found.origin), what, LOG)
        return
    told = _("On {at} UTC the hub's log broke ({what}) A person accepted it as it was on {accepted} UTC.")
    tally.claim(LOG, told.format(at=iso(found.at), what=what, accepted=iso(found.accepted_at)))


def _object(content: bytes | None) -> dict[str, Any]:
    try:
        said = json.loads(content or b"")
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _path(listed: object) -> tuple[bytes, ...] | None:
    if not isinstance(listed, list) or len(listed) > merkle.LONGEST:
        return None
    try:
        return tuple(bytes.fromhex(step) for step in listed)
    except (ValueError, TypeError):
        return None
