"""The chain: gaps, moved and doubled records, forks, homes that were restored or copied, clocks that were set."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.evidence import Bench, bench, make_grab, payload_of, small_case
from tests.support.secrets import MemorySecrets
from workstation.evidence import chain_check
from workstation.evidence.model import VerifyReport
from workstation.evidence.verify import Checked, Tally
from workstation.kernel.errors import Tampered

SECOND = 1_000_000_000
A, B = "a" * 64, "b" * 64


def one(sequence: int, previous: str = "", key: str = A, **changes: object) -> Checked:
    """A record in a place; its hash follows from place and key."""
    at = 1_790_000_000 * SECOND + sequence * SECOND
    made = Checked(
        f"r{sequence}", {}, f"{sequence:064d}", key, f"id-{sequence}-{key[:1]}", "file", sequence,
        previous or f"{sequence - 1:064d}", at, at, sequence * SECOND, "boot", f"device-{key[:1]}", (), (), "", {})
    return replace(made, **changes)  # type: ignore[arg-type]


def judged(*records: Checked, complete: bool = True) -> Tally:
    tally = Tally(checked=list(records))
    chain_check.check(tally, complete=complete)
    chain_check.lineage(tally, whole=complete)
    return tally


def found(*records: Checked, complete: bool = True) -> list[tuple[str, str]]:
    return [(finding.where, finding.what) for finding in judged(*records, complete=complete).findings]


def claims(*records: Checked, complete: bool = True) -> list[str]:
    return [sentence for _part, sentence in judged(*records, complete=complete).claimed]


def test_a_whole_chain_is_proved_in_whatever_order_it_lies() -> None:
    tally = judged(one(3), one(1), one(2))
    assert tally.findings == []
    assert any("chain is whole" in sentence for _part, sentence in tally.proved)


def test_every_gap_is_named() -> None:
    assert found(one(1), one(4), one(7)) == [
        ("r4", "the chain has a gap: records 2 to 3 are missing"),
        ("r7", "the chain has a gap: records 5 to 6 are missing"),
    ]
    assert found(one(2)) == [("r2", "the chain does not start at record 1: earlier records are missing")]
    assert found(one(1), one(4), complete=False) == []
    assert any("Between records 1 and 4" in said for said in claims(one(1), one(4), complete=False))


def test_moved_records_break_two_links() -> None:
    moved = [one(1), replace(one(2), record_hash="x" * 64), one(3)]
    assert found(*moved) == [("r3", "the chain is broken: the record before it is not the one it names")]
    assert found(replace(one(1), sequence=2), replace(one(2), sequence=1))[0][0] == "r2"


def test_a_double_a_fork_and_two_chains_are_three_things() -> None:
    again = replace(one(2), where="copy")
    assert found(one(1), one(2), again, complete=False)[0][1] == "the record is there twice, also as copy"
    fork = replace(one(2), where="other", record_hash="f" * 64, id="other")
    assert found(one(1), one(2), fork)[0] == (
        "r2", "the chain is forked: one key signed two records for the place 2, this one and other")
    mixed = replace(one(2, key=B), where="theirs", record_hash="f" * 64)
    assert found(one(1), one(2), mixed)[0][1] == "two records have the place 2 in the chain"


@pytest.mark.parametrize("sequence", [0, -1, -(1 << 62)])
def test_a_record_without_a_place_is_named(sequence: int) -> None:
    lost = replace(one(1), where="lost", sequence=sequence)
    assert ("lost", "the record has no place in a chain") in found(lost, one(1), one(2), complete=False)


def test_another_key_that_goes_on_is_said_and_has_to_name_the_right_one() -> None:
    told = claims(one(1), one(2, key=B, continues=A), one(3, key=B))
    assert any("From record 2 on key bbbbbbbbbbbbbbbb goes on with the chain of key aaaaaaaaaaaaaaaa" in said
               for said in told)
    assert found(one(1), one(2, key=B), one(3, key=B)) == []   # records from before the field was there
    wrong = "the record says it goes on with the chain of another key than it does"
    assert found(one(1), one(2, key=B, continues="c" * 64)) == [("r2", wrong)]
    assert found(one(1), one(2, continues=B)) == [("r2", wrong)]
    assert found(one(1), one(9, key=B, continues="c" * 64), complete=False) == []   # its predecessor is elsewhere


def test_a_clock_that_was_set_back_is_seen_even_when_it_still_grew() -> None:
    slow = one(3, wall_ns=one(2).wall_ns + 2 * SECOND, monotonic_ns=one(2).monotonic_ns + 3_600 * SECOND)
    assert any("Before record 3 the device's clock was set back by 3598 s" in said
               for said in claims(one(1), one(2), slow))
    assert found(one(1), one(2), slow) == []
    fast = one(3, wall_ns=one(2).wall_ns + 3_600 * SECOND)
    assert any("In 1 place the device's clock went ahead" in said for said in claims(one(1), one(2), fast))
    booted = replace(slow, boot_id="another")
    elsewhere = replace(slow, boot_id="")
    for harmless in (booted, elsewhere, one(3)):
        assert claims(one(1), one(2), harmless) == []


def test_what_others_name_must_be_what_it_is() -> None:
    right = one(3, references=(("id-1-a", one(1).record_hash),))
    assert found(one(1), one(2), right) == []
    wrong = one(3, references=(("id-1-a", "f" * 64), ("id-9-a", "e" * 64)))
    assert [what for _where, what in found(one(1), one(2), wrong)] == [
        "it names the record id-1-a with another content than it has", "it names a record that is not there (id-9-a)"]
    assert found(one(1), one(3, references=(("id-9-a", "e" * 64),)), complete=False) == []
    assert found(one(1), replace(one(2), id="id-1-a"))[-1] == ("r2", "two records have one id")


def test_a_copy_names_an_original_that_came_before_it() -> None:
    assert found(one(1), one(2, kind="derived", derived_from=("id-1-a",))) == []
    assert found(one(1), one(2, kind="derived"))[0][1] == "the copy does not name what it was made from"
    assert found(one(1), one(2, kind="derived", derived_from=("id-2-a",)))[0][1] == (
        "it names a record as its original that came after it")
    assert "is not there" in found(one(1), one(2, kind="derived", derived_from=("id-7-a",)))[0][1]
    outside = claims(one(1), one(2, kind="derived", derived_from=("id-7-a",)), complete=False)
    assert any("1 copy was made from an original that is not in this pack" in said for said in outside)


@pytest.fixture
async def begun(tmp_path: Path) -> AsyncIterator[tuple[Path, MemorySecrets]]:
    """A home with three records, closed, as a backup or a copy would find it."""
    (tmp_path / "home").mkdir()
    async with bench(tmp_path / "home") as made:
        await small_case(made)
        yield tmp_path, made.secrets


def said(report: VerifyReport) -> str:
    return " ".join((*report.proved, *report.claimed, *(finding.what for finding in report.findings)))


async def statements(made: Bench) -> list[dict[str, object]]:
    rows = await made.sql("SELECT envelope FROM evidence_record ORDER BY sequence")
    return [payload_of(bytes(row[0])) for row in rows]  # type: ignore[call-overload]


async def test_a_restored_home_goes_on_under_its_own_key_and_says_whose_chain_it_was(
    begun: tuple[Path, MemorySecrets]
) -> None:
    folder, former = begun
    shutil.copytree(folder / "home", folder / "restored")
    async with bench(folder / "restored") as made:   # without the lost device's key, as `store.restore` leaves it
        await made.service.capture(made.request())
        await made.service.capture(made.request())
        chains = [dict(one["chain"]) for one in await statements(made)]  # type: ignore[call-overload]
        assert ["continues" in chain for chain in chains] == [False, False, False, True, False]
        old = former.values["device-key"]
        assert old != made.secrets.values["device-key"]
        report = await made.service.verify()
        assert report.intact
        assert "From record 4 on key" in said(report)
        pack = await made.service.export(folder / "all.zip")
        assert (await made.service.verify(pack)).intact
    async with bench(folder / "restored", made.secrets) as again:   # a new start does not say it again
        await again.service.capture(again.request())
        assert "continues" not in dict((await statements(again))[-1]["chain"])  # type: ignore[call-overload]


async def test_a_copy_under_the_same_key_is_caught_by_the_other_branch(begun: tuple[Path, MemorySecrets]) -> None:
    """A disk image put back, say: nobody asked the program, so the key is the same. Two branches meet in a pack."""
    folder, secrets = begun
    shutil.copytree(folder / "home", folder / "copy")
    async with bench(folder / "copy", MemorySecrets(dict(secrets.values))) as copy:
        copy.screen.picture = make_grab(seed=9)
        await copy.service.capture(copy.request())
        pack = await copy.service.export(folder / "copy.zip")
        assert (await copy.service.verify(pack)).intact
    async with bench(folder / "home", secrets) as home:
        assert (await home.service.verify(pack)).intact    # its own branch has not come so far
        await home.service.capture(home.request())
        report = await home.service.verify(pack)
    assert [finding.part for finding in report.findings] == ["chain"]
    assert "the chain is forked: this device has another record in place 4, signed by the same key" in said(report)


async def test_nothing_is_sealed_where_the_head_is_lost(begun: tuple[Path, MemorySecrets]) -> None:
    folder, secrets = begun
    async with bench(folder / "home", secrets) as made:
        await made.sql("UPDATE meta SET value = 'x3:' WHERE name = 'evidence.head'")
        with pytest.raises(Tampered, match="where the chain of records ends"):
            await made.service.capture(made.request())
        assert not (await made.service.verify()).intact
