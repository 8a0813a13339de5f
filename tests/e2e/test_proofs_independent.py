"""Time stamps and the hub's log checked by a program that shares nothing with ours but docs/evidence-format.md.

`CHECKER` imports the standard library and cryptography only, asks `openssl ts -verify`, and is run in an interpreter of
its own in which our packages cannot be imported.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.authority import house
from tests.support.evidence import bench, inside, rewrite
from tests.support.proofs import prove

CHECKER = r'''
import base64, hashlib, json, pathlib, re, subprocess, sys, zipfile
sys.modules["workstation"] = None
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

pack, folder = sys.argv[1:]
zipfile.ZipFile(pack).extractall(folder)
(bag,) = pathlib.Path(folder).iterdir()
wrong, stamped, logged = [], [], []
statements = {path.stem: base64.b64decode(json.loads(path.read_bytes())["payload"])
              for path in (bag / "data/records").glob("*.json")}

for token in sorted((bag / "data/tokens").glob("*.tsr")):
    record, authority = token.name.split(".")[:2]
    beside = bag / "data/authorities"
    told = json.loads((beside / f"{authority}.json").read_text("utf-8"))
    roots = (beside / f"{authority}.roots.pem").read_bytes()
    named = hashlib.sha256(f"{told['name']}\n{told['url']}\n".encode() + roots).hexdigest()[:16]
    data = pathlib.Path(folder) / "statement"
    data.write_bytes(statements[record])
    chain = beside / f"{authority}.chain.pem"
    command = ["openssl", "ts", "-verify", "-in", str(token), "-data", str(data), "-CAfile",
               str(beside / f"{authority}.roots.pem"), *(["-untrusted", str(chain)] if chain.exists() else [])]
    done = subprocess.run(command, capture_output=True)
    if done.returncode or b"Verification: OK" not in done.stdout + done.stderr or named != authority:
        wrong.append(f"token {token.name}")
    else:
        stamped.append(record)

def leaf_hash(content): return hashlib.sha256(b"\x00" + content).digest()
def node_hash(left, right): return hashlib.sha256(b"\x01" + left + right).digest()

log = bag / "data/log"
checkpoints = {}
if log.exists():
    origin, identity, told = (log / "key.txt").read_text("utf-8").strip().split("+", 2)
    raw = base64.b64decode(told, validate=True)
    if raw[:1] != b"\x01" or hashlib.sha256(origin.encode() + b"\n" + raw).hexdigest()[:8] != identity:
        wrong.append("key")
    for path in log.glob("*.checkpoint"):
        text, _gap, signatures = path.read_text("utf-8").rpartition("\n\n")
        named, size, root = text.split("\n")
        dash, signer, signature = signatures.strip().split(" ")
        signature = base64.b64decode(signature, validate=True)
        try:
            Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], (text + "\n").encode())
            assert signature[:4].hex() == identity and named == signer == origin and size == path.stem
            checkpoints[int(size)] = base64.b64decode(root, validate=True)
        except Exception as problem:
            wrong.append(f"checkpoint {path.name} {problem!r}")

def included(hashed, index, size, proof, root):
    """RFC 9162, 2.1.3.2"""
    if index >= size: return False
    fn, sn, r = index, size - 1, hashed
    for p in proof:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            if not fn & 1:
                while not (fn & 1 or fn == 0): fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root

def consistent(first, second, first_hash, second_hash, proof):
    """RFC 9162, 2.1.4.2"""
    if first == 0: return not proof
    if not first < second or not proof: return False
    path = [first_hash] + proof if first & (first - 1) == 0 else proof
    fn, sn = first - 1, second - 1
    while fn & 1: fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            if not fn & 1:
                while not (fn & 1 or fn == 0): fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_hash and sr == second_hash and sn == 0

for path in sorted((log / "records").glob("*.json")):
    said = json.loads(path.read_text("utf-8"))
    record_hash = hashlib.sha256(statements[path.stem]).digest()
    proof = [bytes.fromhex(step) for step in said["proof"]]
    root = checkpoints.get(said["size"])
    if root is None or said["record_sha256"] != record_hash.hex() or not included(
            leaf_hash(record_hash), said["leaf"], said["size"], proof, root):
        wrong.append(f"inclusion {path.name}")
    else:
        logged.append(said["leaf"])
steps = 0
for path in sorted(log.glob("*-*.json")):
    said = json.loads(path.read_text("utf-8"))
    a, b = checkpoints.get(said["first"]), checkpoints.get(said["second"])
    proof = [bytes.fromhex(step) for step in said["proof"]]
    if a is None or b is None or not consistent(said["first"], said["second"], a, b, proof):
        wrong.append(f"consistency {path.name}")
    steps += 1
print(json.dumps({"wrong": wrong, "stamped": len(stamped), "logged": sorted(logged), "steps": steps,
                  "checkpoints": sorted(checkpoints)}))
'''


def check(pack: Path, folder: Path) -> dict[str, object]:
    command = [sys.executable, "-c", CHECKER, str(pack), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        return {"wrong": [done.stderr[-300:]]}
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of a case whose records were stamped and logged, made once."""
    import asyncio

    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")

    async def make() -> Path:
        async with bench(tmp_path_factory.mktemp("proved")) as made:
            await prove(made)
            return await made.service.export(made.folder / "case.zip")

    return asyncio.run(make())


def test_another_program_finds_every_proof_whole(pack: Path, tmp_path: Path) -> None:
    assert check(pack, tmp_path / "out") == {
        "wrong": [], "stamped": 4, "logged": [0, 1, 2, 3], "steps": 1, "checkpoints": [1, 4]}


@pytest.mark.parametrize(("part", "change"), [
    ("data/tokens/", lambda raw: raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]),
    ("data/authorities/", lambda raw: house("Another").root),
    ("data/log/4.checkpoint", lambda raw: raw.replace(b"\n4\n", b"\n5\n")),
    ("data/log/records/", lambda raw: raw.replace(b'"leaf": ', b'"leaf": 1')),
    ("data/log/1-4.json", lambda raw: raw.replace(b'"proof": ["', b'"proof": ["0123')),
    ("data/log/key.txt", lambda raw: raw.replace(b"+", b"1+", 1)),
])
def test_another_program_finds_what_was_changed(
    pack: Path, tmp_path: Path, part: str, change: Callable[[bytes], bytes]
) -> None:
    names = sorted(name for name in inside(pack) if name.startswith(part))
    name = next(name for name in names if part != "data/authorities/" or name.endswith(".roots.pem"))
    changed = rewrite(pack, tmp_path / "changed.zip", {name: change})
    assert check(changed, tmp_path / "out")["wrong"]
