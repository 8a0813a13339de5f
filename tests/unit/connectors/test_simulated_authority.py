"""The demo's authority speaks RFC 3161: openssl and the product take its answers for what they are."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.support.authority import openssl
from workstation.connectors.http import make_client
from workstation.connectors.simulated.authority import SimulatedAuthority
from workstation.connectors.timestamp.client import TimeStampClient
from workstation.evidence import tokens
from workstation.kernel.errors import ConnectError


async def test_it_answers_what_it_is_asked_and_comes_back_at_the_same_port() -> None:
    authority = SimulatedAuthority()
    authority.start()
    asked = tokens.question(b"payload")
    async with make_client() as http:
        ask = TimeStampClient(http)
        try:
            raw = await ask("demo", authority.url, asked.body)
            stamp = tokens.check(raw, hashlib.sha256(b"payload").digest(), authority.roots, nonce=asked.nonce)
            assert "proves nothing" in stamp.signer
            assert stamp.accuracy == 1_000
            authority.cut()
            with pytest.raises(ConnectError):
                await ask("demo", authority.url, asked.body)
            authority.restore()
            assert await ask("demo", authority.url, asked.body) != raw
            with pytest.raises(ConnectError):
                await ask("demo", authority.url, b"\x30\x03\x02\x01\x01")
        finally:
            authority.stop()
            authority.stop()


def test_openssl_takes_its_answer(tmp_path: Path) -> None:
    authority = SimulatedAuthority()
    (tmp_path / "data").write_bytes(b"payload")
    (tmp_path / "root.pem").write_bytes(authority.roots)
    query = openssl("ts", "-query", "-data", str(tmp_path / "data"), "-sha256", "-cert")
    (tmp_path / "query").write_bytes(query)
    (tmp_path / "reply").write_bytes(authority.reply(query))
    openssl("ts", "-verify", "-in", str(tmp_path / "reply"), "-queryfile", str(tmp_path / "query"),
            "-CAfile", str(tmp_path / "root.pem"))


@pytest.mark.parametrize("request_", [b"", b"\x30", b"\x30\x80", b"\x30\x03\x02\x01\x01", b"\x02\x01\x01", b"x" * 50])
def test_what_is_no_request_is_refused(request_: bytes) -> None:
    with pytest.raises(ValueError, match=r"request|long"):
        SimulatedAuthority().reply(request_)
