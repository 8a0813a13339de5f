"""A pack checked by a program that shares nothing with ours but the written format (docs/evidence-format.md).

`check` below imports only the standard library, cryptography and bagit; it is run in an interpreter of its own in which
our packages cannot be imported. The commands of HOWTO-VERIFY.md are run as they stand.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.evidence import CASE, Bench, bench, flip, rewrite, small_case
from tests.support.proofs import prove

MANIFEST_SIGNATURE = "manifest-sha256.txt.dsse.json"
CHECKER = r'''
import base64, hashlib, json, logging, pathlib, struct, sys, zipfile, zlib
sys.modules["workstation"] = None
logging.disable(logging.CRITICAL)
import bagit
from cryptography.hazmat.primitives.serialization import load_pem_public_key

pack, folder = sys.argv[1:]
zipfile.ZipFile(pack).extractall(folder)
(bag,) = pathlib.Path(folder).iterdir()
wrong = []
try:
    bagit.Bag(str(bag)).validate()
except bagit.BagError as problem:
    wrong.append(f"bag: {problem}")
keys = {}
for pem in (bag / "data/keys").glob("*.pem"):
    key = load_pem_public_key(pem.read_bytes())
    keys[hashlib.sha256(key.public_bytes_raw()).hexdigest()] = key

def opened(path):
    e = json.loads(path.read_bytes())
    payload, kind = base64.b64decode(e["payload"]), e["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    try:
        keys[e["signatures"][0]["keyid"]].verify(base64.b64decode(e["signatures"][0]["sig"]), signed)
    except Exception as problem:
        wrong.append(f"{path.name}: signature {problem!r}")
    return payload

def pixels(png):
    at, body = 8, b""
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", png, at + 8)
        if name == b"IDAT":
            body += png[at + 8:at + 8 + length]
        at += 12 + length
    raw, stride = zlib.decompress(body), width * 4 + 1
    return b"".join(raw[y * stride + 1:(y + 1) * stride] for y in range(height))

records = []
for path in (bag / "data/records").glob("*.json"):
    payload = opened(path)
    records.append((json.loads(payload), hashlib.sha256(payload).hexdigest()))
records.sort(key=lambda one: one[0]["chain"]["sequence"])
for (before, digest), (after, _digest) in zip(records, records[1:]):
    if after["chain"]["sequence"] == before["chain"]["sequence"] + 1 and after["chain"]["previous"] != digest:
        wrong.append(f"chain at {after['chain']['sequence']}")
files = 0
for said, _digest in records:
    if said["file"]:
        (path,) = (bag / "data/files").glob(f"*-{said['id']}.*")
        content = path.read_bytes()
        files += 1
        if [hashlib.sha256(content).hexdigest(), str(len(content))] != [said["file"]["sha256"], said["file"]["size"]]:
            wrong.append(f"file {path.name}")
        shown = said["file"]["pixels"]
        if shown and not wrong and hashlib.sha256(pixels(content)).hexdigest() != shown["sha256"]:
            wrong.append(f"pixels {path.name}")
    beside = bag / f"data/private/{said['id']}.json"
    for one in json.loads(beside.read_text("utf-8")) if beside.exists() else []:
        committed = hashlib.sha256(bytes.fromhex(one["salt"]) + one["value"].encode()).hexdigest()
        if said["private"][one["name"]] != committed:
            wrong.append(f"private {one['name']}")
export = records[-1][0]
listing = "".join(f"{said['id']} {digest}\n" for said, digest in records[:-1])
if hashlib.sha256(listing.encode()).hexdigest() != export["what"]["records_sha256"]:
    wrong.append("listing")
if opened(bag / "manifest-sha256.txt.dsse.json") != (bag / "manifest-sha256.txt").read_bytes():
    wrong.append("manifest signature")
print(json.dumps({"wrong": wrong, "records": len(records), "files": files, "kinds": [r[0]["kind"] for r in records]}))
'''


def run_checker(pack: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CHECKER, str(pack), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def check(pack: Path, folder: Path) -> dict[str, object]:
    done = run_checker(pack, folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


async def _exported(made: Bench) -> Path:
    ids = await small_case(made)
    await made.service.open(ids[0])
    return await made.service.export(made.folder / "case.zip", case_id=CASE)


async def test_another_program_finds_the_pack_intact(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        pack = await _exported(made)
        assert (await made.service.verify(pack)).intact
    found = check(pack, tmp_path / "out")
    assert found == {
        "wrong": [], "records": 5, "files": 3, "kinds": ["capture", "capture", "reply", "view", "export"],
    }


@pytest.mark.parametrize("part", ["data/files/000001-", "data/records/", "data/private/", MANIFEST_SIGNATURE])
async def test_another_program_finds_what_was_changed(tmp_path: Path, part: str) -> None:
    async with bench(tmp_path) as made:
        pack = await _exported(made)
        names = [name.partition("/")[2] for name in zipfile.ZipFile(pack).namelist()]
        name = next(name for name in names if name.startswith(part))
        changed = rewrite(pack, tmp_path / "changed.zip", {name: lambda content: flip(content, -20)})
        assert not (await made.service.verify(changed)).intact
    done = run_checker(changed, tmp_path / "out")
    assert done.returncode != 0 or json.loads(done.stdout)["wrong"]


async def test_the_commands_of_the_howto_work_as_written(tmp_path: Path) -> None:
    missing = [tool for tool in ("openssl", "sha256sum", "xxd", "bash") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    async with bench(tmp_path) as made:
        await prove(made)
        pack = await _exported(made)
        key_id = await made.service.key_id()
    zipfile.ZipFile(pack).extractall(tmp_path / "out")
    (bag,) = (tmp_path / "out").iterdir()
    text = (bag / "data/HOWTO-VERIFY.md").read_text("utf-8")
    blocks = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, flags=re.MULTILINE)
    commands = [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks]
    plain = [command for command in commands if "pip install" not in command and "<salt>" not in command]
    run = [_shell(command, bag, tmp_path) for command in plain]
    assert len(run) == 8
    assert "FAILED" not in run[0]
    assert run[0].count(": OK") == len(list((bag / "data").rglob("*.*"))) + 5
    assert run[1].count("Signature Verified Successfully") == 9
    assert "BAD" not in run[1]
    assert run[2].split()[0] == key_id
    assert key_id in text
    assert run[3].count(": OK") == 0
    assert run[4].count("Verification: OK") == run[4].count("Time stamp:") == 4, run[4]
    assert run[5].count("Test authority root") == 1
    assert run[6].count("Signature Verified Successfully") == 2, run[6]
    assert run[7].count("is in the log") == 4, run[7]
    assert "BAD" not in "".join(run[4:])
    private = json.loads(next((bag / "data/private").glob("*.json")).read_text("utf-8"))[0]
    (salted,) = [command for command in commands if "<salt>" in command]
    filled = salted.replace("<salt>", private["salt"]).replace("<value>", private["value"])
    assert _shell(filled, bag, tmp_path).split()[0] in "".join(_payloads(bag))


def _shell(command: str, bag: Path, scratch: Path) -> str:
    """Run a command of the page as written, except that its scratch files lie in the test's own folder."""
    done = subprocess.run(
        ["bash", "-c", command.replace("/tmp/", f"{scratch}/")], cwd=bag, capture_output=True, text=True, check=False,
        timeout=60,
    )
    return done.stdout + done.stderr


def _payloads(bag: Path) -> list[str]:
    import base64

    records = (bag / "data/records").glob("*.json")
    return [base64.b64decode(json.loads(path.read_bytes())["payload"]).decode() for path in records]
