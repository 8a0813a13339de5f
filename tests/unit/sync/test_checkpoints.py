"""A hub's log must go on from what was seen of it; whatever else it does is caught, named, and stays caught."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from tests.support.evidence import CASE, PaintedScreen
from tests.support.hub import Desktop, HubHouse, running_hub
from tests.support.hublog import record_hash
from tests.support.proofs import tree
from workstation.evidence import checkpoint, log_rows, merkle
from workstation.evidence.checkpoint import Checkpoint
from workstation.evidence.model import CaptureRequest
from workstation.evidence.service import EvidenceService
from workstation.hub import log
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import BadAnswer, NotFound
from workstation.sync import log_wire
from workstation.sync.checkpoints import LogFollower
from workstation.sync.log_wire import LogHead, Proof


@dataclass
class House:
    """A desktop that seals, and its hub."""

    hub: HubHouse
    ana: Desktop
    evidence: EvidenceService

    async def seal(self, n: int = 1) -> None:
        for _one in range(n):
            await self.evidence.capture(CaptureRequest(CASE))

    async def cycle(self) -> str:
        """What the status says after a cycle."""
        await self.ana.sync.run()
        return (await self.ana.sync.status()).log_broken

    async def secured(self) -> set[bool]:
        return {one.secured for one in await self.evidence.list(CASE)}

    def in_hub(self, work: Callable[[Connection], object]) -> None:
        """Do something to the hub's database behind everybody's back."""
        self.hub.stop()
        rows = SqliteRows(self.hub.folder / "hub.db")
        rows.now(work)
        rows.close()
        self.hub.restart()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    with running_hub(tmp_path / "hub") as hub:
        ana = Desktop(tmp_path / "ana", "ana")
        await ana.sync.connect(hub.invite())
        sealing = EvidenceService(
            ana.database, ana.files, ana.secrets, ana.clock, PaintedScreen(), "ana", "0.1.0")
        yield House(hub, ana, sealing)
        await ana.close()


def relog(hashes: Sequence[str], connection: Connection) -> None:
    """Write the hub's log anew."""
    for statement in ("DELETE FROM log_leaf", "DELETE FROM log_node", "DELETE FROM log_checkpoint"):
        connection.exec_driver_sql(statement)
    for n, hashed in enumerate(hashes):
        log.append(connection, hashed, f"r{n}", 1)


def hashes_in(connection: Connection) -> list[str]:
    return [row[0] for row in connection.exec_driver_sql("SELECT record_hash FROM log_leaf ORDER BY leaf")]


async def test_each_record_gets_its_proof_and_each_checkpoint_goes_on(house: House) -> None:
    await house.seal(2)
    assert await house.cycle() == ""
    await house.seal(3)
    assert await house.cycle() == ""
    assert await house.secured() == {True}

    def read(conn: Connection) -> tuple[tuple[log_rows.Kept, ...], tuple[log_rows.Included, ...]]:
        (known,) = log_rows.logs(conn)
        rows = [row[0] for row in conn.exec_driver_sql("SELECT record_hash FROM evidence_record")]
        found = log_rows.inclusions(conn, rows)
        return log_rows.checkpoints(conn, known.origin), tuple(one for (one,) in found.values())

    kept, proofs = await house.ana.database.read(read)
    assert [(one.after, one.size) for one in kept] == [(0, 2), (2, 5)]
    assert sorted((one.leaf, one.size) for one in proofs) == [(0, 2), (1, 2), (2, 5), (3, 5), (4, 5)]


async def test_a_cycle_in_which_nothing_happened_keeps_no_second_checkpoint(house: House) -> None:
    await house.seal()
    for _time in range(3):
        assert await house.cycle() == ""
    found = await house.ana.database.read(
        lambda conn: conn.exec_driver_sql("SELECT count(*) FROM evidence_checkpoint").scalar())
    assert found == 1


async def test_a_log_that_was_changed_is_caught_named_and_stays_caught(house: House) -> None:
    await house.seal(3)
    assert await house.cycle() == ""
    house.in_hub(lambda conn: relog([record_hash(7), *hashes_in(conn)], conn))
    assert "go on" in await house.cycle()
    assert await house.secured() == {False}
    assert "go on" in (await house.ana.sync.status()).sentence
    await house.seal()
    assert "go on" in await house.cycle()
    assert len(house.hub.entities("evidence")) == 4   # copying goes on; it only does not count as secured


async def test_every_way_a_log_can_be_changed_has_a_name(desk: Desktop) -> None:
    """Each as a log of its own: a break of one does not touch another."""
    mine = await hashes_of(desk)
    grown = [*mine, record_hash(1), record_hash(2)]
    ways: list[tuple[Told, str]] = [
        (Told(grown[:3]), "shorter"), (Told([]), "shorter"), (Told(grown[::-1]), "same length"),
        (Told([record_hash(7), *grown]), "go on"), (Told([*grown[:3], record_hash(7), record_hash(8)]), "go on"),
        (Told(grown, key=Ed25519PrivateKey.from_private_bytes(b"i" * 32)), "another key"),
        (Told(grown, change=lambda shown: replace(shown, note=shown.note[:-9] + b"AAAAAAA=\n")), "not signed"),
        (Told(grown, origin="workstation.hub/of another"), "another key"),
    ]
    for n, (changed, word) in enumerate(ways):
        changed.origin = changed.origin or f"workstation.hub/h{n}"
        assert await followed(desk, Told(grown, origin=f"workstation.hub/h{n}"), f"h{n}") == ""
        assert word in await followed(desk, changed, f"h{n}")
        assert word in await followed(desk, Told(grown, origin=f"workstation.hub/h{n}"), f"h{n}")
    assert len(await desk.database.read(log_rows.breaks)) == len(ways)


async def test_a_person_may_accept_the_log_as_it_is_and_the_break_stays_on_record(house: House) -> None:
    await house.seal(3)
    await house.cycle()
    house.in_hub(lambda conn: relog(hashes_in(conn)[::-1], conn))
    await house.cycle()
    found = (await house.ana.sync.status()).log_break
    await house.ana.sync.accept_log(found)
    with pytest.raises(NotFound):
        await house.ana.sync.accept_log(found)
    assert await house.cycle() == ""
    assert await house.secured() == {True}
    (kept,) = await house.ana.database.read(log_rows.breaks)
    assert (kept.code, kept.size, bool(kept.accepted_at)) == ("forked altered", 3, True)
    assert checkpoint.read(kept.note, kept.key).size == 3   # the hub's own signature under what it showed
    proofs = await house.ana.database.read(
        lambda conn: conn.exec_driver_sql("SELECT count(*) FROM evidence_inclusion").scalar())
    assert proofs == 6   # those under the old log are kept beside the new ones


async def test_a_hub_restored_from_yesterday_is_filled_again_or_named(house: House, tmp_path: Path) -> None:
    """What the restored hub lacks is handed in again; where others' records came in between, its log is another one."""
    await house.seal(2)
    await house.cycle()
    house.hub.back_up(tmp_path / "yesterday")
    await house.seal(2)
    await house.cycle()
    house.hub.restore(tmp_path / "yesterday")
    assert await house.cycle() == ""   # the same records in the same order: the same log
    assert len(house.hub.rows("SELECT leaf FROM log_leaf")) == 4
    house.hub.restore(tmp_path / "yesterday")
    house.in_hub(lambda conn: log.append(conn, record_hash(9), "of somebody else", 1))
    assert "goes on from its first 2 records, and every record of this computer is in it again" in await house.cycle()
    assert (await house.ana.sync.status()).log_restored is True
    assert await house.secured() == {False}


@dataclass
class Told:
    """A hub of which a test says what it tells of its log."""

    hashes: list[str] = field(default_factory=list)
    origin: str = ""
    key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"h" * 32))
    change: Callable[[LogHead], LogHead | None] = lambda shown: shown
    withheld: set[str] = field(default_factory=set)
    wrong: bool = False

    async def log(self, after: int) -> LogHead | None:
        size, node = len(self.hashes), tree(self.hashes)
        origin = self.origin or "workstation.hub/h1"
        note = checkpoint.sign(Checkpoint(origin, size, merkle.root(size, node)), self.key)
        proof = merkle.consistency(after, size, node) if after <= size else []
        key = checkpoint.verifier_key(origin, self.key.public_key())
        return self.change(LogHead(note, key, tuple(proof)))

    async def log_proofs(self, size: int, records: Sequence[str]) -> dict[str, Proof]:
        node = tree(self.hashes)
        found = {one: Proof(self.hashes.index(one), tuple(merkle.inclusion(self.hashes.index(one), size, node)))
                 for one in records if one in self.hashes and one not in self.withheld}
        return {one: replace(proof, path=(b"\0" * 32, *proof.path[1:])) for one, proof in found.items()} \
            if self.wrong else found


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desktop]:
    """A desktop with two records, as if a hub had taken them."""
    ana = Desktop(tmp_path / "ana", "ana")
    sealing = EvidenceService(ana.database, ana.files, ana.secrets, ana.clock, PaintedScreen(), "ana", "0.1.0")
    for _one in range(2):
        await sealing.capture(CaptureRequest(CASE))
    await ana.database.write(lambda unit: unit.conn.exec_driver_sql("DELETE FROM outbox"))
    yield ana
    await ana.close()


async def hashes_of(ana: Desktop) -> list[str]:
    return await ana.database.read(lambda conn: [
        row[0] for row in conn.exec_driver_sql("SELECT record_hash FROM evidence_record ORDER BY sequence")])


async def followed(ana: Desktop, hub: Told, hub_id: str = "h1") -> str:
    return await LogFollower(ana.database, ana.clock).follow(hub, hub_id)  # type: ignore[arg-type]


async def test_a_hub_without_a_log_is_no_fault_until_it_had_one(desk: Desktop) -> None:
    hub = Told(await hashes_of(desk))
    hub.change = lambda _shown: None
    assert await followed(desk, hub) == ""
    hub.change = lambda shown: shown
    assert await followed(desk, hub) == ""
    hub.change = lambda _shown: None
    assert "any more" in await followed(desk, hub)


async def test_a_checkpoint_somebody_else_signed_is_caught_at_once(desk: Desktop) -> None:
    hub = Told(await hashes_of(desk))
    hub.change = lambda shown: replace(shown, note=shown.note.replace(b"\n2\n", b"\n3\n"))
    assert "not signed" in await followed(desk, hub)


@pytest.mark.parametrize("how", ["withheld", "wrong"])
async def test_a_record_with_a_receipt_that_is_not_in_the_log_is_caught(desk: Desktop, how: str) -> None:
    mine = await hashes_of(desk)
    hub = Told(mine)
    if how == "withheld":
        hub.withheld = {mine[1]}
    hub.wrong = how == "wrong"
    assert "receipt" in await followed(desk, hub)


async def test_two_logs_that_begin_alike_are_told_apart(desk: Desktop) -> None:
    """A fork: each half is a sound log, and only one of them goes on from what was seen."""
    mine = await hashes_of(desk)
    assert await followed(desk, Told([*mine, record_hash(1)])) == ""
    assert "go on" in await followed(desk, Told([*mine, record_hash(2), record_hash(3)]))


@pytest.mark.parametrize("content", [
    b"", b"[]", b"{", b'{"checkpoint":7}', b'{"consistency":["zz"]}', b'{"consistency":[7]}', b'{"token":"*"}',
    b'{"consistency":' + b"[" * 100_000, b'{"checkpoint":"\\ud800","consistency":[]}',
    b'{"consistency":["' + b'","'.join([b"00" * 32] * 200) + b'"]}',
])
def test_an_answer_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        log_wire.head(content)


@pytest.mark.parametrize("content", [
    b'{"proofs":7}', b'{"proofs":[7]}', b'{"proofs":[{"record":"a","leaf":true,"proof":[]}]}',
    b'{"proofs":[{"record":"b","leaf":0,"proof":[]}]}', b'{"proofs":[{"record":"a","leaf":0}]}',
    b'{"proofs":[{"record":"a","leaf":0,"proof":[]},{"record":"a","leaf":0,"proof":[]}]}',
])
def test_proofs_that_are_none_are_refused(content: bytes) -> None:
    with pytest.raises(BadAnswer):
        log_wire.proofs(content, ["a"])
