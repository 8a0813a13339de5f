"""Mail servers that say what a test tells them to, in clear, with TLS or STARTTLS, and remember what they were told."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

IMAP = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1 IDLE {starttls}\r\n{tag} OK done\r\n",
    "LIST": '* LIST () "/" INBOX\r\n* LIST (\\Sent) "/" Sent\r\n{tag} OK done\r\n',
    "EXAMINE": "* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK done\r\n",
    "STARTTLS": "{tag} OK begin\r\n",
    "LOGOUT": "* BYE\r\n{tag} OK done\r\n",
    "": "{tag} OK done\r\n",
}
SMTP = {
    "EHLO": "250-here\r\n{starttls}250-SIZE 1000000\r\n250 AUTH PLAIN\r\n",
    "AUTH": "235 in\r\n",
    "DATA": "354 go\r\n",
    ".": "250 2.0.0 taken\r\n",
    "STARTTLS": "220 begin\r\n",
    "": "250 OK\r\n",
}


def signed_pairs(folder: Path, count: int) -> tuple[list[tuple[Path, Path]], Path]:
    """Certificates for localhost with a key each, and the authority's file that signed all of them."""
    authority = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our own authority")])
    ca_file = folder / "authority.pem"
    ca_file.write_bytes(_sign(name, name, authority, authority, authority=True))
    pairs = []
    for number in range(count):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        certificate, key_file = folder / f"{number}.pem", folder / f"{number}.key"
        certificate.write_bytes(_sign(subject, name, key, authority, authority=False))
        key_file.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        pairs.append((certificate, key_file))
    return pairs, ca_file


def _sign(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *,
    authority: bool,
) -> bytes:
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    return made.sign(by, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Worded:
    """`kind` is "imap" or "smtp", `mode` "plain", "tls" or "starttls". `words` replaces what is said to a verb.
    `injected` is said in one packet with the answer to STARTTLS: somebody on the way wrote it."""

    def __init__(
        self, kind: str, mode: str = "plain", certificate: tuple[Path, Path] | None = None,
        words: Mapping[str, str] | None = None, injected: str = "",
    ) -> None:
        self.kind, self.mode, self.injected = kind, mode, injected
        self.words = {**(IMAP if kind == "imap" else SMTP), **(words or {})}
        self.told: list[tuple[bool, str]] = []  # (encrypted, command)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if certificate is not None:
            self._context.load_cert_chain(*certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._live: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Worded:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._listener.close()
        for connection in self._live:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a client that does not like the certificate goes away
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            encrypted = self.mode == "tls"
            if encrypted:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._live.append(connection)
            connection.sendall(b"* OK here\r\n" if self.kind == "imap" else b"220 here\r\n")
            while self._talk(connection, encrypted):
                connection = self._context.wrap_socket(connection, server_side=True)
                self._live.append(connection)
                encrypted = True
        connection.close()

    def _talk(self, connection: socket.socket, encrypted: bool) -> bool:
        """Until the client leaves (False) or wants encryption (True)."""
        stream = connection.makefile("rb", buffering=0)
        while line := stream.readline():
            text = line.decode("latin-1").strip()
            tag, _space, rest = text.partition(" ") if self.kind == "imap" else ("", "", text)
            verb = rest.split(" ")[0].upper()
            self.told.append((encrypted, rest))
            answer = self._answer(verb, tag, encrypted)
            if verb == "STARTTLS" and self.mode == "starttls":
                connection.sendall((answer + self.injected.format(tag=tag)).encode())
                return True
            connection.sendall(answer.encode())
            if verb == "DATA" and answer.startswith("354"):
                self._swallow(stream.readline)
                connection.sendall(self.words["."].encode())
            if verb in ("LOGOUT", "QUIT"):
                return False
        return False

    def _answer(self, verb: str, tag: str, encrypted: bool) -> str:
        offered = self.mode == "starttls" and not encrypted
        starttls = "" if not offered else "STARTTLS" if self.kind == "imap" else "250-STARTTLS\r\n"
        return self.words.get(verb, self.words[""]).format(tag=tag, starttls=starttls)

    def _swallow(self, readline: Callable[[], bytes]) -> None:
        while readline() not in (b".\r\n", b""):
            continue
