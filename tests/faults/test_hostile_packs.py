"""Packs of strangers: an exact verdict for each trap, no crash, nothing written, bounded time and memory."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support import hostile_packs
from tests.support.cli import ROOT
from tests.support.evidence import CASE, bench, inside, rewrite
from tests.support.hostile_packs import BAD, GOOD, File
from tests.support.tamper import case, unpacked
from workstation.evidence import signing
from workstation.evidence.model import VerifyReport
from workstation.evidence.pack_check import check_pack
from workstation.kernel.errors import InputError

MOST_MEMORY = 400_000       # kB; the program alone needs about 90,000
_WATCHED = """
import json, sys, time
import psutil
from pathlib import Path
from workstation.evidence.pack_check import check_pack
from workstation.kernel.errors import InputError
found = {}
for path in sorted(Path(sys.argv[1]).iterdir()):
    began = time.monotonic()
    try:
        said = str(len(check_pack(path).findings))
    except InputError as problem:
        said = problem.sentence
    found[path.name] = [said, time.monotonic() - began]
# The kernel's own count of this program alone: getrusage begins with what its parent had when it was forked.
peak = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")] if (
    sys.platform == "linux") else [f"peak {getattr(psutil.Process().memory_info(), 'peak_wset', 0) // 1024} kB"]
print(json.dumps([found, int(peak[0].split()[1])]))
"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp("pack")

    async def make() -> Path:
        async with bench(folder) as made:
            await case(made, proofs=bool(request.config.getoption("--long")))
            return await made.service.export(folder / "case.zip", case_id=CASE)

    return asyncio.run(make())


@pytest.fixture(scope="module")
def files(pack: Path) -> list[File]:
    return hostile_packs.parts(pack.read_bytes())


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_trap_is_refused_with_its_reason(files: list[File], tmp_path: Path, name: str) -> None:
    make, reason = BAD[name]
    (tmp_path / "pack.zip").write_bytes(make(files))
    began = time.monotonic()
    with pytest.raises(InputError, match=reason):
        check_pack(tmp_path / "pack.zip")
    assert time.monotonic() - began < 20
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_what_harmless_programs_make_of_a_pack_stays_intact(files: list[File], tmp_path: Path, name: str) -> None:
    (tmp_path / "pack.zip").write_bytes(GOOD[name](files))
    report = check_pack(tmp_path / "pack.zip")
    assert report.findings == ()
    assert any("packed again" in said for said in report.claimed)


def test_a_header_that_differs_from_all_others_was_changed(pack: Path, tmp_path: Path) -> None:
    """Nobody reads the date of a file in a zip; in ours it is one for all, so a change of it is seen, too."""
    raw = bytearray(pack.read_bytes())
    raw[raw.rfind(b"PK\x01\x02") + 12] ^= 1
    (tmp_path / "changed.zip").write_bytes(raw)
    (finding,) = check_pack(tmp_path / "changed.zip").findings
    assert (finding.where, finding.part) == ("tagmanifest-sha512.txt", "bag")


def test_traps_cost_little_memory_and_time(files: list[File], tmp_path: Path, long_run: bool) -> None:
    folder = tmp_path / "packs"
    folder.mkdir()
    deep = b"[" * 100_000
    objects = b'{"schema":"workstation.record/1","what":{"records":[' + b"{}," * 400_000 + b"{}]}}"
    wide = json.dumps({"payload": base64.b64encode(objects).decode(), "payloadType": "x", "signatures": [
        {"keyid": "y", "sig": ""}]}).encode()
    for name in ("swells two thousand times", "many that swell", "says it swells to the sky"):
        (folder / f"{name}.zip").write_bytes(BAD[name][0](files))
    if long_run:
        (folder / "too many.zip").write_bytes(hostile_packs.crowd(files))
    records = [file for file in files if b"data/records/" in file.name]
    for name, content in (("deep", deep), ("wide", wide), ("digits", b'{"payload":' + b"9" * 3_000_000 + b"}")):
        changed = [File(file.name, content) if file in records[:1] else file for file in files]
        (folder / f"{name}.zip").write_bytes(hostile_packs.built(changed))
    done = subprocess.run([sys.executable, "-c", _WATCHED, str(folder)], cwd=ROOT, capture_output=True, text=True,
                          check=False, timeout=110)
    assert done.returncode == 0, done.stderr
    found, memory = json.loads(done.stdout)
    assert len(found) == 6 + long_run
    print({name: seconds for name, (_said, seconds) in found.items()}, f"{memory} kB")
    assert memory < MOST_MEMORY
    assert all(said and said != "0" for said, _seconds in found.values())


def test_a_folder_with_links_or_pipes_is_refused_and_nothing_is_followed(pack: Path, tmp_path: Path) -> None:
    bag = unpacked(pack, tmp_path / "out")
    assert check_pack(bag).intact
    inside_link, outside = bag / "data/link", bag / "data/records/more"
    inside_link.symlink_to(bag / "bagit.txt")
    with pytest.raises(InputError, match="link"):
        check_pack(bag)
    inside_link.unlink()
    outside.symlink_to("/etc", target_is_directory=True)
    with pytest.raises(InputError, match="link"):
        check_pack(bag)
    outside.unlink()
    (bag / "data/ü").write_bytes(b"x")
    with pytest.raises(InputError, match="forbidden name"):
        check_pack(bag)
    (bag / "data/ü").unlink()
    (bag / "more.txt").write_bytes(b"x")
    assert {finding.where for finding in check_pack(bag).findings} == {"more.txt"}
    with pytest.raises(InputError, match="not an evidence pack"):
        check_pack(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pack.zip")
    with pytest.raises(InputError, match="neither a file nor a folder"):
        check_pack(tmp_path / "pack.zip")
    with pytest.raises(InputError, match="cannot be opened"):
        check_pack(tmp_path / "missing.zip")


# every field of every JSON

def _places(found: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside."""
    yield place
    items = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in items:
        yield from _places(value, (*place, key))


def _put(found: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    at = found
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return found


def _mutants(rng: random.Random) -> Iterator[Any]:
    odd: list[Any] = [
        None, True, False, 0, -1, 1 << 80, 1e308, -0.5, "", "x" * 5_000, "\x00", "\ud800", "../../x", "9" * 40,
        [], {}, [[]] * 3, {"": None}, {"id": {}}, ["\ud83d"], [1, "2", None], {"sha256": 1}, "ÿ" * 70,
    ]
    while True:
        yield rng.choice(odd)


def _signed(statement: Any, key: signing.DeviceKey) -> bytes:
    return key.sign(json.dumps(statement, sort_keys=True, separators=(",", ":")).encode())


def _checked(pack: Path) -> VerifyReport | None:
    """Whatever is in it: a report or a refusal. Anything else is a crash."""
    try:
        report = check_pack(pack)
    except InputError:
        return None
    json.dumps([(one.where, one.what) for one in report.findings], ensure_ascii=False).encode()
    return report


def _payload(envelope: bytes) -> Any:
    return json.loads(base64.b64decode(json.loads(envelope)["payload"]))


def _mutations(pack: Path, rng: random.Random) -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Every field of every JSON of a pack, with something odd in its place; statements are signed again."""
    odd, forger = _mutants(rng), signing.DeviceKey(Ed25519PrivateKey.generate())

    def changed(place: tuple[Any, ...], value: Any, sealed: bool) -> Callable[[bytes], bytes]:
        def change(content: bytes) -> bytes:
            if sealed:
                return _signed(_put(_payload(content), place, value), forger)
            return json.dumps(_put(json.loads(content), place, value)).encode()

        return change

    every = []
    for name, content in inside(pack).items():
        if name.endswith(".json"):
            every += [(name, place, False) for place in _places(json.loads(content))]
        if name.startswith("data/records/"):
            every += [(name, place, True) for place in _places(_payload(content))]
    rng.shuffle(every)
    for name, place, sealed in every:
        yield name, changed(place, next(odd), sealed)


@pytest.mark.timeout(3_600)   # with --long
def test_any_field_of_any_json_may_be_anything(
    pack: Path, tmp_path: Path, rng: random.Random, long_run: bool
) -> None:
    tried = 0
    for name, change in _mutations(pack, rng):
        report = _checked(rewrite(pack, tmp_path / "odd.zip", {name: change}))
        assert report is None or not report.intact, name
        tried += 1
        if tried >= (100_000 if long_run else 40):
            break
    print(f"{tried} fields")
    assert tried >= 40


def test_a_pack_forged_as_a_whole_is_not_from_this_device(pack: Path, tmp_path: Path) -> None:
    """Every record signed again by another key, everything computed anew: whole in itself, and said to be another's."""
    import hashlib

    from workstation.evidence import dsse, record
    from workstation.evidence.pack import listing_hash

    forger, held = signing.DeviceKey(Ed25519PrivateKey.generate()), inside(pack)
    said = sorted((_payload(content) for name, content in held.items() if name.startswith("data/records/")),
                  key=lambda one: one["chain"]["sequence"])
    listed: list[tuple[str, str]] = []
    for one in said:
        one["who"]["key_id"] = forger.key_id
        one["chain"]["previous"] = listed[-1][1] if listed else one["chain"]["previous"]
        if one is said[-1]:
            one["what"]["records_sha256"] = listing_hash(listed)
        payload = record.canonical(one)
        held[f"data/records/{one['id']}.json"] = forger.sign(payload)
        listed.append((one["id"], record.record_hash(payload)))
    held["data/keys/device.pub.pem"] = signing.to_pem(forger.public)
    for group, prefix in ((True, "manifest-"), (False, "tagmanifest-")):
        for kind in ("sha256", "sha512"):
            names = sorted(name for name in held if name.startswith("data/") == group
                           and not name.startswith("tagmanifest-"))
            held[f"{prefix}{kind}.txt"] = "".join(
                f"{hashlib.new(kind, held[name]).hexdigest()}  {name}\n" for name in names).encode()
        if group:
            held["manifest-sha256.txt.dsse.json"] = forger.sign(held["manifest-sha256.txt"], dsse.MANIFEST_TYPE)
    forged = tmp_path / "forged.zip"
    forged.write_bytes(hostile_packs.built([hostile_packs.named(name, content) for name, content in held.items()]))
    report = check_pack(forged, own_keys=["ab" * 32])
    assert not any(finding.part in ("signatures", "export", "chain") for finding in report.findings), report.findings
    keys = next(part for part in report.parts if part.name == "keys")
    assert any("not a key of this device" in said for said in keys.claimed)
    assert any(forger.key_id in said for said in keys.claimed)


async def test_a_pack_of_many_gigabytes_is_laid_out_as_we_write_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The structures for what does not fit in 32 bits, with a limit that a small pack reaches."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 2_000)
    async with bench(tmp_path) as made:
        await case(made, proofs=False)
        pack = await made.service.export(tmp_path / "case.zip")
    raw = bytearray(pack.read_bytes())
    assert b"PK\x06\x06" in raw[-200:]
    raw[-6:-2] = b"\xff" * 4    # where the directory begins: what it says when that is beyond 32 bits
    pack.write_bytes(raw)
    report = check_pack(pack)
    assert report.findings == ()
    assert not any("packed again" in said for said in report.claimed)
    for back in (20 + 22 + 56 - 24, 20 + 22 + 56 - 48, 22 + 12):   # count, start of the directory, place of the end
        changed = bytearray(raw)
        changed[-back] ^= 1
        (tmp_path / "changed.zip").write_bytes(changed)
        with pytest.raises(InputError):
            check_pack(tmp_path / "changed.zip")
