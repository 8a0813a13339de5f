"""A simulated time-stamp authority for the demo: RFC 3161 over HTTP on loopback, with a root made at each start.

Its answers are real in form and prove nothing: whoever runs the demo is the authority. That is said wherever they show.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workstation.connectors.base import Capability, Metadata

METADATA = Metadata(
    name="simulated.authority", title="Simulated time-stamp authority", capabilities=(Capability.TIME_STAMP,),
    documentation="RFC 3161 over HTTP, on loopback", simulated=True,
)
NAME = "Simulated authority of the demo"
_LARGEST = 4096
_SEQUENCE, _SET, _INTEGER, _OCTETS, _OID, _TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910022f")
_POLICY = bytes.fromhex("2a0304")                                   # 1.2.3.4: nobody's
_SHA256 = bytes.fromhex("608648016503040201")
_ECDSA = bytes.fromhex("2a8648ce3d040302")


class SimulatedAuthority:
    """Stamps whatever it is asked, with this computer's time. The port stays over `cut` and `restore`."""

    def __init__(self) -> None:
        self._root_key, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self._root, self._certificate = _certificates(self._root_key, self._key)
        self._serial = 0
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/tsr"

    @property
    def roots(self) -> bytes:
        """PEM."""
        return self._root.public_bytes(Encoding.PEM)

    def start(self) -> None:
        """Listen, at the same port as before."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                asked = self.rfile.read(min(int(length), _LARGEST) if length.isdigit() else 0)
                try:
                    status, body = 200, authority.reply(asked)
                except ValueError:
                    status, body = 400, b""
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.socket.getsockname()[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="authority", daemon=True).start()

    def stop(self) -> None:
        """Close the port. Safe to call twice."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    cut = stop
    restore = start

    def reply(self, request: bytes) -> bytes:
        """The answer to a TimeStampReq. Raises ValueError when it is none."""
        imprint, nonce = _asked(request)
        self.asked += 1
        self._serial += 1
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()
        accuracy = _tlv(_SEQUENCE, _number(1))
        info = _tlv(_SEQUENCE, _number(1), _tlv(_OID, _POLICY), imprint, _number(self._serial), _tlv(_TIME, now),
                    accuracy, nonce)
        token = _tlv(_SEQUENCE, _tlv(_OID, _SIGNED_DATA), _tlv(0xA0, self._signed_data(info)))
        return _tlv(_SEQUENCE, _tlv(_SEQUENCE, _number(0)), token)

    def _signed_data(self, info: bytes) -> bytes:
        certificate = self._certificate.public_bytes(Encoding.DER)
        content = _tlv(_SEQUENCE, _tlv(_OID, _TST_INFO), _tlv(0xA0, _tlv(_OCTETS, info)))
        return _tlv(_SEQUENCE, _number(3), _tlv(_SET, _algorithm(_SHA256)), content, _tlv(0xA0, certificate),
                    _tlv(_SET, self._signer_info(info, certificate)))

    def _signer_info(self, info: bytes, certificate: bytes) -> bytes:
        named = _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_OCTETS, hashlib.sha256(certificate).digest()))))
        attributes = b"".join(sorted((
            _attribute(_CONTENT_TYPE, _tlv(_OID, _TST_INFO)),
            _attribute(_MESSAGE_DIGEST, _tlv(_OCTETS, hashlib.sha256(info).digest())),
            _attribute(_SIGNING_CERTIFICATE, named),
        )))
        signature = self._key.sign(_tlv(_SET, attributes), ec.ECDSA(SHA256()))
        issuer = _tlv(_SEQUENCE, self._certificate.issuer.public_bytes(), _number(self._certificate.serial_number))
        return _tlv(_SEQUENCE, _number(1), issuer, _algorithm(_SHA256), _tlv(0xA0, attributes),
                    _tlv(_SEQUENCE, _tlv(_OID, _ECDSA)), _tlv(_OCTETS, signature))


def _certificates(
    root_key: ec.EllipticCurvePrivateKey, key: ec.EllipticCurvePrivateKey
) -> tuple[x509.Certificate, x509.Certificate]:
    """A root, and the signer it issued: valid for ten years, because packs of the demo are looked at later."""
    now = datetime.now(UTC)
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME}: root, proves nothing")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{NAME}: proves nothing")])

    def begun(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
                .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=3650)))

    root = begun(root_name, root_key.public_key()).add_extension(x509.BasicConstraints(True, None), critical=True)
    signer = begun(name, key.public_key()).add_extension(
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True).add_extension(
        x509.BasicConstraints(False, None), critical=True)
    return root.sign(root_key, SHA256()), signer.sign(root_key, SHA256())


def _asked(request: bytes) -> tuple[bytes, bytes]:
    """The imprint and the nonce (b"" without one) of a TimeStampReq, as they stand there. Raises ValueError."""
    try:
        ((tag, content, _whole),) = _elements(request)
        version, imprint, *rest = _elements(content)
    except (IndexError, ValueError) as problem:
        raise ValueError("no time-stamp request") from problem
    if tag != _SEQUENCE or version[1] != b"\x01" or _SHA256 not in imprint[1]:
        raise ValueError("no time-stamp request over SHA-256")
    return imprint[2], next((whole for tag, _content, whole in rest if tag == _INTEGER), b"")


def _elements(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Tag, content and the whole of elements shorter than 128 bytes: a request has no others."""
    at = 0
    while at < len(content):
        end = at + 2 + content[at + 1]
        if content[at + 1] > 127 or end > len(content):
            raise ValueError("too long")
        yield content[at], content[at + 2:end], content[at:end]
        at = end


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _number(value: int) -> bytes:
    return _tlv(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _algorithm(oid: bytes) -> bytes:
    return _tlv(_SEQUENCE, _tlv(_OID, oid))


def _attribute(oid: bytes, value: bytes) -> bytes:
    return _tlv(_SEQUENCE, _tlv(_OID, oid), _tlv(_SET, value))
