"""Which key a hub's log must be signed with is known before the hub says anything, where the invite names it; and a hub
that was restored is called by another name than one that rewrites its log."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from tests.support.hub import Desktop, HubHouse, running_hub
from tests.support.hublog import record_hash
from tests.unit.sync.test_checkpoints import House, Told, desk, hashes_in, hashes_of, house, relog
from workstation.evidence import log_rows, log_trust
from workstation.hub import log, meta
from workstation.hub.rows import SqliteRows
from workstation.kernel.errors import AuthFailed
from workstation.sync import facts
from workstation.sync.checkpoints import LogFollower

__all__ = ["desk", "house"]

ORIGIN = "workstation.hub/h1"
OTHER = "77" * 32


def without_key(invite: str) -> str:
    """As a hub from before it was named would write it."""
    return invite.rpartition(".")[0]


def another_key(hub: HubHouse) -> None:
    """Somebody signs the log with a key of their own."""
    def work(connection: Connection) -> None:
        meta.put(connection, "log_key", OTHER)
        connection.exec_driver_sql("DELETE FROM log_checkpoint")

    hub.stop()
    rows = SqliteRows(hub.folder / "hub.db")
    rows.now(work)
    rows.close()
    hub.restart()


@pytest.fixture
async def ben(tmp_path: Path) -> AsyncIterator[Desktop]:
    made = Desktop(tmp_path / "ben", "ben")
    yield made
    await made.close()


async def test_an_invite_names_the_key_and_it_counts_from_the_first_contact(tmp_path: Path, ben: Desktop) -> None:
    with running_hub(tmp_path / "hub") as hub:
        invite = hub.invite()
        status = await ben.sync.connect(invite)
        assert (status.log_trust, f".{status.log_key}") == ("invite", invite[-65:])
        await ben.sync.run()
        assert (await ben.sync.status()).log_trust == "invite"
        (kept,) = await ben.database.read(log_rows.logs)
        assert hashlib.sha256(kept.key.encode()).hexdigest() == status.log_key


async def test_an_invite_without_a_key_still_joins_and_the_first_key_is_trusted(tmp_path: Path, ben: Desktop) -> None:
    with running_hub(tmp_path / "hub") as hub:
        invite = hub.invite()
        status = await ben.sync.connect(without_key(invite))
        assert (status.connected, status.log_trust, status.log_key) == (True, "", "")
        await ben.sync.run()
        status = await ben.sync.status()
        assert (status.log_trust, status.log_key) == ("first_sight", invite[-64:])
        await ben.sync.connect(hub.invite())
        assert (await ben.sync.status()).log_trust == "invite"


async def test_a_hub_that_shows_another_key_than_its_invite_is_not_connected(tmp_path: Path, ben: Desktop) -> None:
    with running_hub(tmp_path / "hub") as hub:
        invite = hub.invite()
        another_key(hub)
        with pytest.raises(AuthFailed, match="not the hub that this invite is from"):
            await ben.sync.connect(invite)
        status = await ben.sync.status()
        assert (status.connected, status.log_key, ben.secrets.get(facts.TOKEN_SECRET)) == (False, "", None)


async def test_a_key_that_is_not_the_named_one_is_caught_with_the_first_checkpoint(desk: Desktop) -> None:
    await desk.database.write(lambda unit: log_trust.pin(unit.conn, ORIGIN, OTHER, log_trust.INVITE))
    follower = LogFollower(desk.database, desk.clock)
    hub = Told(await hashes_of(desk))
    assert "than the invite named" in await follower.follow(hub, "h1")  # type: ignore[arg-type]
    assert await desk.database.read(lambda conn: log_rows.log(conn, ORIGIN)) is None, "nothing of it is believed"
    (found,) = await desk.database.read(log_rows.breaks)
    await follower.accept(found.id)
    assert await follower.follow(hub, "h1") == ""  # type: ignore[arg-type]
    assert (await follower.trust("h1")).why == "person"


async def test_a_hub_that_promised_a_log_and_shows_none_is_named(desk: Desktop) -> None:
    await desk.database.write(lambda unit: log_trust.pin(unit.conn, ORIGIN, OTHER, log_trust.INVITE))
    follower = LogFollower(desk.database, desk.clock)
    hub = Told(await hashes_of(desk), change=lambda _shown: None)
    assert "any more" in await follower.follow(hub, "h1")  # type: ignore[arg-type]
    (found,) = await desk.database.read(log_rows.breaks)
    await follower.accept(found.id)
    assert await follower.follow(hub, "h1") == ""  # type: ignore[arg-type]


async def test_the_honest_key_after_a_liars_is_told_to_be_the_named_one(desk: Desktop) -> None:
    """A liar was met first; then an invite names the key of the real hub."""
    follower, mine = LogFollower(desk.database, desk.clock), await hashes_of(desk)
    liar = Told(mine, key=Ed25519PrivateKey.from_private_bytes(b"i" * 32))
    assert await follower.follow(liar, "h1") == ""  # type: ignore[arg-type]
    real = Told(mine)
    shown = await real.log(0)
    assert shown is not None
    named = hashlib.sha256(shown.key.encode()).hexdigest()
    await desk.database.write(lambda unit: log_trust.pin(unit.conn, ORIGIN, named, log_trust.INVITE))
    assert "the key that the invite named" in await follower.follow(real, "h1")  # type: ignore[arg-type]


async def test_a_log_that_was_rewritten_while_the_hub_went_on_is_no_restored_copy(house: House) -> None:
    await house.seal(3)
    await house.cycle()
    house.in_hub(lambda conn: relog([record_hash(7), *hashes_in(conn)], conn))
    assert "its log was rewritten" in await house.cycle()
    assert (await house.ana.sync.status()).log_restored is False


@pytest.mark.long
async def test_what_cannot_be_told_is_not_claimed(house: House) -> None:
    """One checkpoint, no record of ours changed its place: it may have been a copy taken between our two questions."""
    await house.seal(2)
    await house.cycle()
    house.in_hub(lambda conn: log.append(conn, record_hash(8), "of a colleague", 1))
    assert await house.cycle() == ""
    house.in_hub(lambda conn: relog([*hashes_in(conn)[:2], record_hash(9)], conn))
    told = await house.cycle()
    assert "it was rewritten, or restored from an older copy and filled again" in told


@pytest.mark.long
async def test_a_restored_hub_that_lacks_one_of_our_records_is_not_excused(house: House, tmp_path: Path) -> None:
    await house.seal(2)
    await house.cycle()
    house.hub.back_up(tmp_path / "yesterday")
    await house.seal(2)
    await house.cycle()
    lost = house.hub.rows("SELECT record_hash FROM log_leaf WHERE leaf = 3")[0][0]
    house.hub.restore(tmp_path / "yesterday")
    await house.ana.database.write(lambda unit: facts.put_set_back(unit.conn, True))
    assert await house.cycle() == ""
    house.in_hub(lambda conn: relog([one for one in hashes_in(conn) if one != lost] + [record_hash(5)], conn))
    await house.ana.database.write(lambda unit: facts.put_set_back(unit.conn, True))
    told = await house.cycle()
    assert "is in it again" not in told
    assert "same length" in told
