"""What goes into a pack beside the records: time stamps, checkpoints of the hub's log, and proofs that lead there.

    data/tokens/<record id>.<authority>.tsr           RFC 3161 answers over the record hash
    data/authorities/<authority>.json                 {"name", "url", "simulated"}
    data/authorities/<authority>.roots.pem            what the seller trusts; the reader compares it
    data/authorities/<authority>.chain.pem            certificates between signers and root, where there are any
    data/log/key.txt                                  the verifier key of the hub's log
    data/log/<size>.checkpoint                        signed notes, and <size>.tsr with <size>.roots.pem
    data/log/<first>-<second>.json                    {"first", "second", "proof"}: the log went on
    data/log/records/<record id>.json                 {"record_sha256", "size", "leaf", "proof"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from workstation.evidence import checkpoint, log_rows, stamp_rows
from workstation.evidence.log_rows import Included, Kept, Log
from workstation.evidence.repo import Stored
from workstation.evidence.stamp_rows import Token
from workstation.evidence.tokens import Authority

TOKENS, AUTHORITIES, LOG = "data/tokens/", "data/authorities/", "data/log/"
RECORDS, KEY = "data/log/records/", "data/log/key.txt"
MOST_STEPS = 500
"""Checkpoints in one pack. With more between a record's and the newest, the log's going on is not shown."""

Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What is proved of one record, for a page to say. Times are milliseconds since the epoch, UTC."""

    authority: str = ""           # who stamped it first
    at: int = 0                   # no later than this
    simulated: bool = False
    leaf: int | None = None       # its place in the hub's log, from 0


@dataclass(frozen=True, slots=True)
class Proofs:
    """The files of a pack, and what they say of each record, by its id."""

    files: Files = ()
    said: Mapping[str, Said] = field(default_factory=dict)


def gather(connection: Connection, rows: Sequence[Stored]) -> Proofs:
    """All that is kept about these records, read in the caller's transaction."""
    hashes = [row.record_hash for row in rows]
    known = {each.authority.id: each.authority for each in stamp_rows.authorities(connection, removed=True)}
    by_hash = stamp_rows.tokens(connection, hashes)
    tokens = {row.id: by_hash.get(row.record_hash, ()) for row in rows}
    log, places = _places(connection, rows)
    files = (*_token_files(tokens, known), *(_log_files(connection, log, places) if log else ()))
    return Proofs(files, {row.id: _said(tokens[row.id], known, places.get(row.id)) for row in rows})


def _token_files(tokens: Mapping[str, Sequence[Token]], known: Mapping[str, Authority]) -> Files:
    files: list[tuple[str, bytes]] = []
    chains: dict[str, dict[str, None]] = {}
    for record_id, held in tokens.items():
        for one in held:
            files.append((f"{TOKENS}{record_id}.{one.authority_id}.tsr", one.raw))
            chains.setdefault(one.authority_id, {})[one.chain] = None
    for name, chain in chains.items():
        if name in known:
            files += _authority_files(known[name], "".join(chain))
    return tuple(files)


def _authority_files(one: Authority, chain: str) -> Files:
    told = {"name": one.name, "url": one.url, "simulated": one.simulated}
    files = [(f"{AUTHORITIES}{one.id}.json", _json(told)), (f"{AUTHORITIES}{one.id}.roots.pem", one.roots)]
    return (*files, (f"{AUTHORITIES}{one.id}.chain.pem", chain.encode())) if chain else tuple(files)


def _places(connection: Connection, rows: Sequence[Stored]) -> tuple[Log | None, dict[str, Included]]:
    """The log that holds most of these records, and their proofs in it, by record id."""
    found = log_rows.inclusions(connection, [row.record_hash for row in rows])
    best: tuple[Log | None, dict[str, Included]] = (None, {})
    for log in log_rows.logs(connection):
        places = {row.id: one for row in rows for one in found.get(row.record_hash, ()) if one.origin == log.origin}
        if len(places) > len(best[1]):
            best = (log, places)
    return best


def _log_files(connection: Connection, log: Log, places: Mapping[str, Included]) -> Files:
    used = {one.size for one in places.values()}
    kept = log_rows.checkpoints(connection, log.origin, min(used))
    if len(kept) > MOST_STEPS:
        kept = tuple(one for one in kept if one.size in used)
    files = [(KEY, f"{log.key}\n".encode()), *(file for one in kept for file in _checkpoint_files(one))]
    sizes = {one.size for one in kept}
    files += [(f"{LOG}{one.after}-{one.size}.json", _json(
        {"first": one.after, "second": one.size, "proof": [step.hex() for step in one.proof]}))
        for one in kept if one.after in sizes]
    return (*files, *((f"{RECORDS}{record_id}.json", _json(
        {"record_sha256": one.record_hash, "size": one.size, "leaf": one.leaf,
         "proof": [step.hex() for step in one.proof]})) for record_id, one in places.items()))


def _checkpoint_files(one: Kept) -> Files:
    name = f"{LOG}{one.size}"
    stamped = ((f"{name}.tsr", one.token), (f"{name}.roots.pem", one.roots)) if one.token else ()
    return ((f"{name}.checkpoint", one.note), *stamped)


def _said(held: Sequence[Token], known: Mapping[str, Authority], place: Included | None) -> Said:
    leaf = place.leaf if place else None
    sound = [one for one in held if one.authority_id in known]
    if not sound:
        return Said(leaf=leaf)
    first = min(sound, key=lambda one: (known[one.authority_id].simulated, one.at + one.accuracy))
    who = known[first.authority_id]
    return Said(who.name, first.at + first.accuracy, who.simulated, leaf)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def origin_of(stored: str) -> str:
    """A log that a person gave up goes on in the tables as `<origin>#<when>`; this is its name in its notes."""
    return stored.partition("#")[0] if stored.startswith(checkpoint.ORIGIN) else stored
