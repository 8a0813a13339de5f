"""A hub's log does not go on from what was seen of it: was the hub restored from an older copy, or the log rewritten?

Two things tell them apart. A restored hub was set back as a whole, its feed of changes with its log: a log that lacks
or moves what was proved to be in it, while the feed simply went on, was rewritten. And a restored hub is filled again
by its desktops: its log then goes on from an earlier checkpoint that is kept here, with every record of this computer
in it. Where neither shows, nothing is claimed. What other devices had put there, only they can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from workstation.evidence import checkpoint, log_rows, merkle
from workstation.evidence.checkpoint import Checkpoint
from workstation.evidence.log_rows import Kept
from workstation.store.database import Database
from workstation.sync import facts
from workstation.sync.log_wire import MOST_ASKED
from workstation.sync.ports import Hub

ASKED = ("shrunk", "rewritten", "forked")
"""Ways a log can break that an honest restore leads to as well."""
MOST_LOOKED_AT = 2_000
"""Records of this computer whose place is compared."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What this desktop kept: lengths of the log, whether the feed was set back, and where its records were."""

    sizes: tuple[int, ...]
    set_back: bool


async def judged(database: Database, hub: Hub, origin: str, key: str, found: Checkpoint, code: str) -> str:
    """The code of a break with what it turned out to be: "altered", "restored N", or nothing. Raises ConnectError.

    `found` is the checkpoint the hub shows now, signed with `key`.
    """
    if code not in ASKED:
        return code
    seen = await database.read(lambda conn: _Seen(log_rows.sizes(conn, origin), facts.set_back(conn)))
    goes_on_from = await _branch(database, hub, origin, key, seen.sizes)
    there, in_place = await _records(database, hub, origin, found, goes_on_from)
    if seen.set_back:
        return f"{code} restored {goes_on_from}" if goes_on_from and there else code
    # The feed was read after the checkpoint before the last, and after our own records were taken: had the hub been
    # restored from before either, it would not know our position in the feed.
    before_last = seen.sizes[-2] if len(seen.sizes) > 1 else 0
    return f"{code} altered" if goes_on_from < before_last or not in_place else code


async def _branch(database: Database, hub: Hub, origin: str, key: str, sizes: tuple[int, ...]) -> int:
    """The largest checkpoint kept here from which the hub's log goes on; 0 when there is none."""
    low, high = -1, len(sizes)
    while high - low > 1:
        middle = (low + high) // 2
        kept = await database.read(partial(log_rows.at_size, origin=origin, size=sizes[middle]))
        if kept is not None and await _goes_on(hub, key, kept):
            low = middle
        else:
            high = middle
    return sizes[low] if low >= 0 else 0


async def _goes_on(hub: Hub, key: str, kept: Kept) -> bool:
    shown = await hub.log(kept.size)
    if shown is None:
        return False
    try:
        before, now = checkpoint.read(kept.note, key), checkpoint.read(shown.note, key)
    except ValueError:
        return False
    return merkle.consistent(before.size, now.size, before.root, now.root, shown.consistency)


async def _records(
    database: Database, hub: Hub, origin: str, found: Checkpoint, least: int
) -> tuple[bool, bool]:
    """Whether this computer's records from that leaf on are all in the log, and whether each is where it was."""
    def read(connection: Connection) -> tuple[tuple[str, int], ...]:
        return log_rows.places(connection, origin, least, MOST_LOOKED_AT)

    places = await database.read(read)
    there = in_place = True
    for start in range(0, len(places), MOST_ASKED):
        chunk = dict(places[start:start + MOST_ASKED])
        proofs = await hub.log_proofs(found.size, tuple(chunk))
        for hashed, leaf in chunk.items():
            proof = proofs.get(hashed)
            held = proof is not None and merkle.included(
                merkle.leaf_hash(bytes.fromhex(hashed)), proof.leaf, found.size, proof.path, found.root)
            there, in_place = there and held, in_place and held and proof is not None and proof.leaf == leaf
    return there, in_place
