"""A store whose records are stamped by a real authority and lie in a real log, for tests of what proves them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.authority import House, house
from tests.support.evidence import Bench, small_case
from workstation.evidence import checkpoint, merkle
from workstation.evidence.checkpoint import Checkpoint
from workstation.evidence.stamping import Stamping
from workstation.sync.checkpoints import LogFollower
from workstation.sync.log_wire import LogHead, Proof


@dataclass
class AtHand:
    """An authority without a network between: `openssl ts` answers at once."""

    at: House

    async def __call__(self, name: str, url: str, question: bytes) -> bytes:
        return await asyncio.to_thread(self.at.reply, question)


def tree(hashes: Sequence[str]) -> merkle.Node:
    """The nodes of the tree over these record hashes (hex)."""
    nodes: dict[tuple[int, int], bytes] = {}
    for n, hashed in enumerate(hashes):
        leaf = merkle.leaf_hash(bytes.fromhex(hashed))
        for level, place, made in merkle.grown(n, leaf, lambda level, place: nodes[level, place]):
            nodes[level, place] = made
    return lambda level, place: nodes[level, place]


@dataclass
class LogAtHand:
    """A hub's log without a hub."""

    hashes: list[str] = field(default_factory=list)
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"h" * 32))
    stamp: House | None = None

    async def log(self, after: int) -> LogHead:
        origin, size, node = "workstation.hub/h1", len(self.hashes), tree(self.hashes)
        note = checkpoint.sign(Checkpoint(origin, size, merkle.root(size, node)), self.key)
        token = self.stamp.reply(self.stamp.query(note)) if self.stamp else b""
        return LogHead(note, checkpoint.verifier_key(origin, self.key.public_key()),
                       tuple(merkle.consistency(after, size, node)), token, self.stamp.root if self.stamp else b"")

    async def log_proofs(self, size: int, records: Sequence[str]) -> dict[str, Proof]:
        node = tree(self.hashes)
        return {one: Proof(self.hashes.index(one), tuple(merkle.inclusion(self.hashes.index(one), size, node)))
                for one in records if one in self.hashes}


async def hashes_of(made: Bench) -> list[str]:
    return [str(row[0]) for row in await made.sql("SELECT record_hash FROM evidence_record ORDER BY sequence")]


async def prove(made: Bench, *, stamp_log: bool = False, simulated: bool = False) -> LogAtHand:
    """A small case, in a log of two checkpoints, every record stamped."""
    stamps = Stamping(made.database, made.clock, AtHand(house()))
    await stamps.add("Test authority", "http://127.0.0.1:1/tsr", house().root, simulated=simulated)
    log = LogAtHand(stamp=house() if stamp_log else None)
    follower = LogFollower(made.database, made.clock)
    await made.service.capture(made.request())
    await taken(made, log, follower)
    await small_case(made)
    await taken(made, log, follower)
    await stamps.drain()
    return log


async def taken(made: Bench, log: LogAtHand, follower: LogFollower) -> None:
    """The hub takes what waits, and shows its log."""
    await made.sql("DELETE FROM outbox")
    log.hashes += [one for one in await hashes_of(made) if one not in log.hashes]
    assert await follower.follow(log, "h1") == ""  # type: ignore[arg-type]
