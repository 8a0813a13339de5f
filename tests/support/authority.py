"""A real time-stamp authority for tests: `openssl ts` behind a small HTTP server on the loopback interface.

The certificates are made once for a run. `mode` says how the next answers are wrong.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
_TSA = "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
_CONFIG = """[tsa]
default_tsa = it
[it]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
{certs}
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def openssl(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout


@dataclass(frozen=True)
class House:
    """The files of one authority: root, intermediate, signer, and two configurations (with the chain and without)."""

    folder: Path

    @property
    def root(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    @property
    def intermediate(self) -> bytes:
        return (self.folder / "int.pem").read_bytes()

    def query(self, payload: bytes, *, digest: str = "sha256", nonce: bool = True) -> bytes:
        data = self.folder / f"data-{threading.get_ident()}"
        data.write_bytes(payload)
        return openssl("ts", "-query", "-data", str(data), f"-{digest}", "-cert", *([] if nonce else ["-no_nonce"]))

    def reply(self, query: bytes, *, chain: bool = True) -> bytes:
        asked = self.folder / f"query-{threading.get_ident()}"
        asked.write_bytes(query)
        config = self.folder / ("chain.cnf" if chain else "alone.cnf")
        return openssl("ts", "-reply", "-config", str(config), "-queryfile", str(asked))


@functools.cache
def house(name: str = "Test authority", days: int = 3650) -> House:
    """An authority's certificates. `days` below zero: the signer's ran out before it signed."""
    if shutil.which("openssl") is None:
        pytest.skip("not installed: openssl")
    folder = Path(tempfile.mkdtemp(prefix="authority-"))
    _key_and_request(folder, "root", f"{name} root")
    _issue(folder, "root", "", _CA, 3650)
    _key_and_request(folder, "int", f"{name} intermediate")
    _issue(folder, "int", "root", _CA, 3650)
    _key_and_request(folder, "tsa", name)
    _issue(folder, "tsa", "int", _TSA, days)
    (folder / "chain.pem").write_bytes((folder / "int.pem").read_bytes() + (folder / "root.pem").read_bytes())
    (folder / "serial").write_text("01")
    (folder / "chain.cnf").write_text(_CONFIG.format(folder=folder, certs=f"certs = {folder}/chain.pem"))
    (folder / "alone.cnf").write_text(_CONFIG.format(folder=folder, certs=""))
    return House(folder)


def _key_and_request(folder: Path, name: str, subject: str) -> None:
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{folder}/{name}.key",
            "-out", f"{folder}/{name}.csr", "-subj", f"/CN={subject}")


def _issue(folder: Path, name: str, above: str, extensions: str, days: int) -> None:
    """`openssl x509` cannot issue into the past before 3.4, so a certificate that ran out is issued by `openssl ca`."""
    (folder / "ext.cnf").write_text(extensions)
    by = ["-CA", f"{folder}/{above}.pem", "-CAkey", f"{folder}/{above}.key", "-CAcreateserial"] if above else [
        "-signkey", f"{folder}/{name}.key"]
    if days > 0:
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-out", f"{folder}/{name}.pem", *by, "-days", str(days),
                "-extfile", f"{folder}/ext.cnf")
        return
    (folder / "index.txt").write_text("")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=it\n[it]\ndatabase={folder}/index.txt\nnew_certs_dir={folder}\nrand_serial=yes\n"
        "default_md=sha256\npolicy=any\n[any]\ncommonName=supplied\n")
    openssl("ca", "-batch", "-notext", "-config", f"{folder}/ca.cnf", "-in", f"{folder}/{name}.csr",
            "-cert", f"{folder}/{above}.pem", "-keyfile", f"{folder}/{above}.key", "-out", f"{folder}/{name}.pem",
            "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-extfile", f"{folder}/ext.cnf")


@dataclass
class Served:
    """A running authority. `asked` are the queries that came."""

    house: House
    mode: str = "right"
    url: str = ""
    asked: list[bytes] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def answer(self, query: bytes) -> tuple[int, bytes]:
        self.asked.append(query)
        if self.mode == "slow":
            self.gate.wait(30)
        replies: dict[str, Callable[[], bytes]] = {
            "right": lambda: self.house.reply(query),
            "alone": lambda: self.house.reply(query, chain=False),
            "nonce": lambda: self.house.reply(self._again(query)),
            "imprint": lambda: self.house.reply(self.house.query(b"something else")),
            "rejected": lambda: self.house.reply(self.house.query(b"weak", digest="sha1")),
            "huge": lambda: b"\x30" * 3_000_000,
            "page": lambda: b"<html>welcome</html>",
            "slow": lambda: self.house.reply(query),
        }
        return (503, b"away") if self.mode == "away" else (200, replies[self.mode]())

    def _again(self, query: bytes) -> bytes:
        """The same hash asked for with another number: an old answer, replayed."""
        at = query.index(b"\x04\x20") + 2   # an OCTET STRING of 32 bytes
        imprint = query[at:at + 32]
        return openssl("ts", "-query", "-digest", imprint.hex(), "-sha256", "-cert")


@contextmanager
def serving(at: House | None = None, mode: str = "right") -> Iterator[Served]:
    """An authority on a free port of this computer."""
    served = Served(at or house(), mode)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body = served.answer(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                return   # whoever asked has heard enough

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
    try:
        yield served
    finally:
        served.gate.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
