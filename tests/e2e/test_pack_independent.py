"""A pack checked by a program that shares nothing with ours but the written format (docs/evidence-format.md).

`check` below imports only the standard library, cryptography and bagit; it is run in an interpreter of its own in which
our packages cannot be imported. The commands of HOWTO-VERIFY.md are run as they stand.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.erasing import Answered, Mailbox, jpeg
from tests.support.evidence import CASE, NOW, Bench, bench, flip, rewrite, small_case
from tests.support.proofs import prove
from tests.support.secrets import MemorySecrets
from workstation.evidence import approving
from workstation.evidence.erasing import Erasing
from workstation.evidence.exhibits import Sources
from workstation.evidence.holds import Holds
from workstation.evidence.model import Crop, DeriveRequest, Kind, Rect, Redact
from workstation.evidence.pack_check import check_pack
from workstation.evidence.ports import AnswerBehind, DeliveredFile
from workstation.evidence.stepping import Stepping

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

signers = {}

def opened(path):
    e = json.loads(path.read_bytes())
    payload, kind = base64.b64decode(e["payload"]), e["payloadType"].encode()
    signers[path.stem] = e["signatures"][0]["keyid"]
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
    if (signers[after["id"]] != signers[before["id"]]) != ("continues" in after["chain"]):
        wrong.append(f"continues at {after['chain']['sequence']}")
    elif after["chain"].get("continues", {"key_id": signers[before["id"]]})["key_id"] != signers[before["id"]]:
        wrong.append(f"continues another at {after['chain']['sequence']}")
by_id = {said["id"]: (said, digest) for said, digest in records}
erased = {}
for said, _digest in records:
    if signers[said["id"]] != said["who"]["key_id"]:
        wrong.append(f"key of {said['id']}")
    named = said["what"].get("records", []) + said["lineage"].get("sources", [])
    wrong += [f"{said['id']} names {one['id']}" for one in named
              if one["id"] in by_id and by_id[one["id"]][1] != one["record_sha256"]]
    for one in said["what"]["records"] if said["kind"] == "erase" else []:
        if one["id"] in by_id and by_id[one["id"]][0]["chain"]["sequence"] < said["chain"]["sequence"]:
            erased[one["id"]] = one
def blackened(copy):
    """The pixels of a copy that was only redacted and cropped, worked out from its original."""
    source = by_id[copy["lineage"]["derived_from"][0]][0]
    width, height = source["file"]["pixels"]["width"], source["file"]["pixels"]["height"]
    (path,) = (bag / "data/files").glob(f"*-{source['id']}.*")
    shown, cut = bytearray(pixels(path.read_bytes())), [0, 0, width, height]
    for line in copy["lineage"]["operations"]:
        word, place = line.split()[:2]
        x, y, w, h = map(int, place.split(","))
        if word == "crop":
            cut = [x, y, w, h]
        for row in range(y, y + h) if word == "redact" else ():
            shown[(row * width + x) * 4:(row * width + x + w) * 4] = bytes([0, 0, 0, 255]) * w
    x, y, w, h = cut
    return b"".join(shown[(row * width + x) * 4:(row * width + x + w) * 4] for row in range(y, y + h))
files, copies = 0, 0
for said, _digest in records:
    found = list((bag / "data/files").glob(f"*-{said['id']}.*"))
    if said["file"] and not found:
        one = erased.get(said["id"])
        if not one or not one["file"] or one["record_sha256"] != by_id[said["id"]][1]:
            wrong.append(f"missing file of {said['id']}")
    elif said["file"]:
        (path,) = (bag / "data/files").glob(f"*-{said['id']}.*")
        content = path.read_bytes()
        files += 1
        if [hashlib.sha256(content).hexdigest(), str(len(content))] != [said["file"]["sha256"], said["file"]["size"]]:
            wrong.append(f"file {path.name}")
        shown = said["file"]["pixels"]
        if shown and not wrong and hashlib.sha256(pixels(content)).hexdigest() != shown["sha256"]:
            wrong.append(f"pixels {path.name}")
        words = {line.split()[0] for line in said["lineage"]["operations"]}
        original = by_id.get((said["lineage"]["derived_from"] or [""])[0])
        if words and words <= {"redact", "crop"} and original and not erased.get(original[0]["id"]) and not wrong:
            copies += 1
            if blackened(said) != pixels(content):
                wrong.append(f"copy {path.name}")
    beside = bag / f"data/private/{said['id']}.json"
    for one in json.loads(beside.read_text("utf-8")) if beside.exists() else []:
        committed = hashlib.sha256(bytes.fromhex(one["salt"]) + one["value"].encode()).hexdigest()
        if said["private"][one["name"]] != committed:
            wrong.append(f"private {one['name']}")
    if said["kind"] == "approval" and said["what"]["content_sha256"] not in {
        other["file"]["sha256"] for other, _digest in records if other["kind"] == "reply"}:
        wrong.append("an approval of no reply")
export = records[-1][0]
listing = "".join(f"{said['id']} {digest}\n" for said, digest in records[:-1])
if hashlib.sha256(listing.encode()).hexdigest() != export["what"]["records_sha256"]:
    wrong.append("listing")
if opened(bag / "manifest-sha256.txt.dsse.json") != (bag / "manifest-sha256.txt").read_bytes():
    wrong.append("manifest signature")
print(json.dumps({"wrong": wrong, "records": len(records), "files": files, "copies": copies, "erased": len(erased),
                  "keys": len(set(signers.values())), "kinds": [r[0]["kind"] for r in records]}))
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
        "wrong": [], "records": 5, "files": 3, "copies": 0, "erased": 0, "keys": 1,
        "kinds": ["capture", "capture", "reply", "view", "export"],
    }


async def every_kind(folder: Path, *, erased: bool) -> Path:
    """A pack with every kind of record, of a home that was restored in the middle of its life."""
    secrets = MemorySecrets()
    photo = DeliveredFile(CASE, "<m1@buyer.example>", 0, "broken.jpg", "image/jpeg", jpeg(), True, "")
    answer = AnswerBehind(("order",), "shopify", "shop.example/1042", NOW, NOW, "application/json", b'{"orders": []}')
    sources = Sources(Mailbox(photo), Answered(answer))
    async with bench(folder, secrets, exhibits=sources) as made:
        ids = await small_case(made)
        await made.service.keep_attachment("<m1@buyer.example>", 0)
        await made.service.keep_answers(CASE)
    secrets.values.clear()   # a restored home has no key and makes one
    async with bench(folder, secrets, exhibits=sources) as made:
        service = made.service
        holds = Holds(made.database, service.sealer, made.clock, lambda _conn, case_id: (case_id,))
        await service.derive(DeriveRequest(ids[0], (Redact(Rect(3, 2, 20, 11)), Crop(Rect(1, 1, 40, 30)))))
        await made.database.write(lambda unit: approving.note(unit, CASE, b"Hello", NOW, ("lost",), {"lost": "7"}))
        await Stepping(service.sealer).seal(
            CASE, {"scope": "step", "playbook": "lost", "edition": 1, "step": "ask", "title": "Ask the carrier",
                   "place": 1, "of": 5, "state": "done", "satisfied_by": None},
            {"member": "Ana"}, "Step 1 of 5: Ask the carrier\n", NOW, 1, lambda _unit, _stored: None)
        await service.keep_reply(CASE, "<reply-2@seller.example>", b"Hello", "250 queued")
        await service.open(ids[1])
        await holds.lay(CASE, "A-to-z claim")
        await holds.lift(CASE, "won")
        if erased:
            await Erasing(made.database, made.blobs, service.sealer, made.clock, lambda _conn, case_id: (case_id,),
                          lambda _conn, _ids: ()).erase(CASE)
        return await service.export(folder / "all.zip")


@pytest.mark.parametrize("erased", [False, True])
async def test_another_program_understands_every_kind(tmp_path: Path, erased: bool) -> None:
    (tmp_path / "home").mkdir()
    pack = await every_kind(tmp_path / "home", erased=erased)
    report = check_pack(pack)
    assert report.intact, report.findings
    found = check(pack, tmp_path / "out")
    assert found["wrong"] == []
    kinds = found["kinds"]
    assert isinstance(kinds, list)
    assert set(kinds) == {kind.value for kind in Kind} - (set() if erased else {"erase"})
    assert (found["copies"], found["keys"]) == (0 if erased else 1, 2)
    assert (found["erased"], found["files"]) == ((9, 0) if erased else (0, 8))


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


async def test_public_validators_accept_a_pack_of_two_keys_and_refuse_a_changed_one(tmp_path: Path) -> None:
    """bagit.py and sha256sum as anybody runs them, and the page's openssl commands over records of a restored home."""
    (tmp_path / "home").mkdir()
    pack = await every_kind(tmp_path / "home", erased=True)
    zipfile.ZipFile(pack).extractall(tmp_path / "out")
    (bag,) = (tmp_path / "out").iterdir()
    validate = "bagit.py --validate ."   # the script of its package, which `_shell` puts on the path
    assert " is valid" in _shell(validate, bag, tmp_path)
    sums = "sha256sum -c manifest-sha256.txt && sha256sum -c tagmanifest-sha256.txt && sha512sum -c manifest-sha512.txt"
    assert "FAILED" not in _shell(sums, bag, tmp_path)
    one, *others = sorted((bag / "data/records").iterdir())
    one.write_bytes(flip(one.read_bytes(), 40))
    assert " is invalid" in _shell(validate, bag, tmp_path)
    assert f"{one.relative_to(bag)}: FAILED" in _shell(sums, bag, tmp_path)
    (signatures,) = [command for command in _commands(bag) if "data/records/*.json manifest" in command]
    said = _shell(signatures, bag, tmp_path)
    assert said.count("Signature Verified Successfully") == len(others) + 1, said
    assert re.findall(r"BAD: (\S+)", said) == [str(one.relative_to(bag))]


def _commands(bag: Path) -> list[str]:
    """The indented blocks of the page."""
    text = (bag / "data/HOWTO-VERIFY.md").read_text("utf-8")
    blocks = re.findall(r"(?:^    .*\n(?:\n(?=    ))?)+", text, flags=re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in blocks]


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
    text, commands = (bag / "data/HOWTO-VERIFY.md").read_text("utf-8"), _commands(bag)
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
        timeout=60, env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
    )
    return done.stdout + done.stderr


def _payloads(bag: Path) -> list[str]:
    import base64

    records = (bag / "data/records").glob("*.json")
    return [base64.b64decode(json.loads(path.read_bytes())["payload"]).decode() for path in records]
