"""Verification of the store: whoever changes a byte is named, whatever was changed."""

from __future__ import annotations

import asyncio
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.evidence import Bench, flip, make_grab, payload_of, small_case
from workstation.evidence import dsse, signing
from workstation.kernel.errors import Tampered


async def test_an_untouched_store_is_proved(made: Bench) -> None:
    ids = await small_case(made)
    await made.service.open(ids[0])
    report = await made.service.verify()
    assert report.intact
    assert (report.records, report.files) == (4, 3)
    assert any("chain is whole" in said for said in report.proved)
    assert any("device time only" in said for said in report.claimed)
    assert any("2 captures are not of a real screen" in said for said in report.claimed)


async def test_an_empty_store_proves_nothing(made: Bench) -> None:
    report = await made.service.verify()
    assert report.intact
    assert (report.records, report.proved, report.claimed) == (0, (), ())


async def _findings(made: Bench) -> list[tuple[str, str]]:
    report = await made.service.verify()
    assert report.proved == ()
    assert not report.intact
    return [(finding.where, finding.what) for finding in report.findings]


@pytest.mark.parametrize("column", ["envelope", "record_hash", "case_id", "kind", "at", "sequence", "blob_id"])
async def test_a_changed_column_of_a_record_is_named(made: Bench, column: str) -> None:
    _first, second, _reply = await small_case(made)
    changes = {
        "envelope": "CAST(replace(CAST(envelope AS TEXT), '\"payload\":\"eyJ', '\"payload\":\"eyK') AS BLOB)",
        "record_hash": "lower(hex(zeroblob(32)))", "case_id": "'other'", "kind": "'reply'", "at": "at + 1",
        "sequence": "9", "blob_id": "''",
    }
    await made.sql(f"UPDATE evidence_record SET {column} = {changes[column]} WHERE id = ?", second)  # noqa: S608
    found = await _findings(made)
    assert any(where == second for where, _what in found)


async def test_every_byte_of_an_envelope_counts(made: Bench) -> None:
    view = await made.service.capture(made.request())
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record")
    assert isinstance(envelope, bytes)
    for at in range(0, len(envelope), 37):
        await made.sql("UPDATE evidence_record SET envelope = ?", flip(envelope, at))
        assert any(where == view.id for where, _what in await _findings(made)), at


@pytest.mark.parametrize("at", [0, 100, -1])
async def test_a_changed_file_is_named(made: Bench, at: int) -> None:
    _first, second, _reply = await small_case(made)
    ((address,),) = await made.sql("SELECT address FROM blob WHERE id = ?", second)
    path = made.blobs.path(str(address))
    path.write_bytes(flip(path.read_bytes(), at))
    assert [where for where, _what in await _findings(made)] == [second]


@pytest.mark.parametrize(("statement", "word"), [
    ("DELETE FROM blob WHERE id = ?", "key"),
    ("UPDATE blob SET key = zeroblob(32) WHERE id = ?", "changed"),
    ("UPDATE blob SET key = x'00' WHERE id = ?", "changed"),
    ("UPDATE blob SET sha256 = 'zz' WHERE id = ?", "blob.sha256"),
    ("UPDATE blob SET sha256 = upper(sha256) WHERE id = ?", "blob.sha256"),
    ("UPDATE blob SET size = size + 1 WHERE id = ?", "blob.size"),
    ("UPDATE blob SET upstream = 0 WHERE id = ?", "not copied"),
    ("UPDATE evidence_thumbnail SET png = zeroblob(length(png)) WHERE record_id = ?", "thumbnail"),
    ("UPDATE evidence_private SET value = 'Somebody else' WHERE name = 'operator' AND record_id = ?", "operator"),
    ("UPDATE evidence_private SET salt = zeroblob(32) WHERE name = 'url' AND record_id = ?", "url"),
])
async def test_what_lies_beside_a_record_is_checked(made: Bench, statement: str, word: str) -> None:
    _first, second, _reply = await small_case(made)
    await made.sql(statement, second)
    ((where, what),) = await _findings(made)
    assert where == second
    assert word in what


async def test_a_missing_file_is_named(made: Bench) -> None:
    _first, second, _reply = await small_case(made)
    ((address,),) = await made.sql("SELECT address FROM blob WHERE id = ?", second)
    made.blobs.path(str(address)).unlink()
    ((where, what),) = await _findings(made)
    assert (where, "missing from the disk" in what) == (second, True)


async def test_swapped_files_are_named(made: Bench) -> None:
    first, second, _reply = await small_case(made)
    await made.sql("UPDATE blob SET address = (SELECT address FROM blob WHERE id = ?) WHERE id = ?", first, second)
    assert {where for where, _what in await _findings(made)} == {second}


async def test_a_gap_in_the_chain_is_found(made: Bench) -> None:
    _first, second, reply = await small_case(made)
    await made.sql("DELETE FROM evidence_record WHERE id = ?", second)
    ((where, what),) = await _findings(made)
    assert where == reply
    assert "2 to 2" in what


async def test_a_cut_start_and_a_cut_end_are_found(made: Bench) -> None:
    first, second, reply = await small_case(made)
    await made.sql("DELETE FROM evidence_record WHERE id = ?", first)
    assert [where for where, _what in await _findings(made)] == [second]
    await made.sql("DELETE FROM evidence_record WHERE id = ?", reply)
    assert any("end of the chain" in what for _where, what in await _findings(made))
    await made.sql("DELETE FROM evidence_record")
    assert any("end of the chain" in what for _where, what in await _findings(made))


async def test_swapped_places_are_found(made: Bench) -> None:
    first, second, _reply = await small_case(made)
    await made.sql("UPDATE evidence_record SET sequence = -1 WHERE id = ?", first)
    await made.sql("UPDATE evidence_record SET sequence = 1 WHERE id = ?", second)
    await made.sql("UPDATE evidence_record SET sequence = 2 WHERE id = ?", first)
    assert {where for where, _what in await _findings(made)} >= {first, second}


async def test_a_record_signed_again_by_another_key_is_found(made: Bench) -> None:
    _first, second, _reply = await small_case(made)
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record WHERE id = ?", second)
    assert isinstance(envelope, bytes)
    forger = signing.DeviceKey(Ed25519PrivateKey.generate())
    statement = payload_of(envelope)
    statement["case"] = "another case"
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    await made.sql("UPDATE evidence_record SET envelope = ?, case_id = 'another case', record_hash = ? WHERE id = ?",
                   forger.sign(payload), hashlib.sha256(payload).hexdigest(), second)
    found = await _findings(made)
    assert any(where == second and "not known here" in what for where, what in found)
    genuine = await made.service.key_id()
    forged = dsse.sign(payload, dsse.RECORD_TYPE, genuine, Ed25519PrivateKey.generate())
    await made.sql("UPDATE evidence_record SET envelope = ? WHERE id = ?", forged, second)
    assert any(where == second and "signature" in what for where, what in await _findings(made))


async def test_a_record_that_names_another_predecessor_is_found(made: Bench) -> None:
    """Even the genuine key cannot put a record into a chain that was not there: the links must meet."""
    _first, second, _reply = await small_case(made)
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record WHERE id = ?", second)
    assert isinstance(envelope, bytes)
    statement = payload_of(envelope)
    statement["chain"] = {"sequence": 2, "previous": "f" * 64}
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    await made.sql("UPDATE evidence_record SET envelope = ?, record_hash = ? WHERE id = ?",
                   signing.DeviceKey.load(made.secrets).sign(payload), hashlib.sha256(payload).hexdigest(), second)
    found = await _findings(made)
    assert [what.split(":")[0] for _where, what in found] == ["the chain is broken", "the chain is broken"]


async def test_a_replaced_public_key_is_found(made: Bench) -> None:
    await small_case(made)
    await made.sql("UPDATE evidence_key SET public = ?", Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    key_id = await made.service.key_id()
    assert any(where == key_id for where, _what in await _findings(made))


async def test_a_clock_that_went_back_is_said_not_blamed(made: Bench) -> None:
    await small_case(made)
    made.clock.advance(-3_600_000)
    made.screen.picture = make_grab(seed=3)
    await made.service.capture(made.request())
    report = await made.service.verify()
    assert report.intact
    assert any("went back before record 4" in said for said in report.claimed)


async def test_a_tampered_record_does_not_open(made: Bench) -> None:
    first, _second, _reply = await small_case(made)
    await made.sql("UPDATE evidence_record SET case_id = 'other' WHERE id = ?", first)
    with pytest.raises(Tampered):
        await made.service.open(first)


async def test_an_unreadable_record_is_listed_as_such(made: Bench) -> None:
    first, _second, _reply = await small_case(made)
    await made.sql("UPDATE evidence_record SET envelope = x'00' WHERE id = ?", first)
    shown = {view.id: view.title for view in await made.service.list()}
    assert shown[first] == "Unreadable record"


async def test_what_is_sealed_while_all_is_verified_makes_nothing_suspect(made: Bench) -> None:
    await small_case(made)
    for _round in range(4):
        checking = asyncio.ensure_future(made.service.verify())
        for _again in range(3):
            await asyncio.sleep(0)
            await made.service.capture(made.request())
        assert (await checking).findings == ()


async def test_what_is_wrong_stays_wrong_while_the_chain_grows(made: Bench) -> None:
    first, _second, _reply = await small_case(made)
    await made.sql("UPDATE evidence_record SET kind = 'file' WHERE id = ?", first)
    checking = asyncio.ensure_future(made.service.verify())
    while not checking.done():
        await made.service.capture(made.request())
    assert [finding.where for finding in checking.result().findings] == [first]
