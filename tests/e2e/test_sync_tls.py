"""Over TLS: a hub whose certificate is trusted is used, any other is told apart from a network that is down."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.hub import Desktop
from workstation.hub import commands
from workstation.hub.server import HubServer, Tls
from workstation.kernel.errors import BadCertificate


def certificate(folder: Path) -> Tls:
    """A certificate for 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test hub")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / "hub.pem", folder / "hub.key")
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
    return tls


async def test_only_a_certificate_that_is_trusted_gets_the_token(tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    token = commands.init(tmp_path / "hub", "TLS").rsplit("#", 1)[1]
    server = HubServer(tmp_path / "hub", tls=tls)
    url = server.start()
    assert url.startswith("https://127.0.0.1:")
    desktop = Desktop(tmp_path / "ana", "ana")
    with pytest.raises(BadCertificate):
        await desktop.sync.connect(f"{url}/#{token}")
    await desktop.http.aclose()
    desktop.http = httpx.AsyncClient(verify=ssl.create_default_context(cafile=str(tls.certificate)))
    desktop.rewire()
    await desktop.sync.connect(f"{url}/#{token}")
    await desktop.append("evidence", "r", "append", {"n": 1})
    assert (await desktop.sync.run()).digest_equal is True
    await desktop.close()
    server.stop()
