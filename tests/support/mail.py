"""Mail for tests: raw mails, settings, certificates made on the spot, and an intake that keeps what it is given."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from workstation.inbox.model import AccountSettings, FetchedMail, FolderCursor, Place, Security, ServerSettings

ADDRESS = "help@shop.example"
PASSWORD = "a long pass phrase"


def raw_mail(
    name: str, *, body: str = "Where is my parcel?", sender: str = "buyer@home.example", extra: str = ""
) -> bytes:
    """A simple mail whose Message-ID and subject carry `name`."""
    return (
        f"Message-ID: <{name}@home.example>\r\nFrom: A Buyer <{sender}>\r\nTo: {ADDRESS}\r\n"
        f"Subject: About {name}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n{extra}\r\n{body}\r\n"
    ).encode()


def account(
    imap_port: int,
    smtp_port: int = 1,
    *,
    security: Security = Security.PLAIN,
    host: str = "127.0.0.1",
    days: int = 30,
    sent: str = "",
    ca_file: str = "",
    self_bcc: bool = False,
) -> AccountSettings:
    return AccountSettings(
        address=ADDRESS,
        user=ADDRESS,
        imap=ServerSettings(host, imap_port, security),
        smtp=ServerSettings(host, smtp_port, security),
        first_sync_days=days,
        sent_folder=sent,
        ca_file=ca_file,
        self_bcc=self_bcc,
    )


class RecordingIntake:
    """Implements `inbox.ports.Intake` in memory, with the order of everything that was asked of it."""

    def __init__(self) -> None:
        self.cursors: dict[str, FolderCursor] = {}
        self.mails: list[FetchedMail] = []
        self.batches: list[int] = []
        self.states: list[str] = []
        self.sentences: list[str] = []
        self.troubles: list[str] = []
        self.restarts: list[tuple[str, int]] = []
        self.places: dict[str, dict[int, Place]] = {}
        self.read_here: dict[str, set[int]] = {}
        self.bad: dict[tuple[str, int], str] = {}  # what was passed over, and why
        self.due: set[tuple[str, int]] = set()  # of that, what a test wants tried again
        self._lock = threading.Lock()

    def cursor(self, account_id: str, folder: str) -> FolderCursor:
        return self.cursors.get(folder, FolderCursor())

    def deliver(self, account_id: str, folder: str, mails: Sequence[FetchedMail], cursor: FolderCursor) -> None:
        with self._lock:
            self.mails.extend(mails)
            self.batches.append(len(mails))
            self.cursors[folder] = replace(cursor, since=cursor.since or self.cursor(account_id, folder).since)
            marks = self.places.setdefault(folder, {})
            marks.update({item.uid: Place(item.uid, item.seen, item.answered) for item in mails})

    def restart(self, account_id: str, folder: str, uid_validity: int) -> None:
        with self._lock:
            self.restarts.append((folder, uid_validity))
            self.cursors[folder] = FolderCursor(uid_validity, since=self.cursor(account_id, folder).since)
            self.places.pop(folder, None)

    def status(self, account_id: str, state: str, sentence: str, trouble: str = "") -> None:
        with self._lock:
            self.troubles.append(trouble)
            self.states.append(state)
            self.sentences.append(sentence)

    def follow(
        self, account_id: str, folder: str, places: Sequence[Place], gone: Sequence[tuple[int, int]],
        cursor: FolderCursor,
    ) -> None:
        with self._lock:
            marks = self.places.setdefault(folder, {})
            for place in places:
                if place.uid in marks:
                    marks[place.uid] = place
            for uid in [uid for uid in marks if any(first <= uid <= last for first, last in gone)]:
                del marks[uid]
            self.cursors[folder] = replace(cursor, since=self.cursor(account_id, folder).since)

    def known(self, account_id: str, folder: str, most: int) -> list[int]:
        return sorted(self.places.get(folder, {}))[-most:]

    def unwritten(self, account_id: str, folder: str) -> list[int]:
        """What a test put into `read_here` and is not marked as read on the server."""
        marks = self.places.get(folder, {})
        return [uid for uid in sorted(self.read_here.get(folder, set())) if uid in marks and not marks[uid].seen]

    def written(self, account_id: str, folder: str, uids: Sequence[int]) -> None:
        with self._lock:
            for uid in uids:
                self.places[folder][uid] = replace(self.places[folder][uid], seen=True)

    def pass_over(self, account_id: str, folder: str, uid: int, why: str) -> None:
        self.bad[folder, uid] = why
        self.due.discard((folder, uid))

    def due_again(self, account_id: str, folder: str) -> list[int]:
        return sorted(uid for name, uid in self.due if name == folder)

    def well_again(self, account_id: str, folder: str, uid: int) -> None:
        self.bad.pop((folder, uid), None)

    def passed_over(self, account_id: str) -> int:
        return len(self.bad)

    def ids(self, folder: str = "INBOX") -> list[str]:
        """Message-IDs in the order they came."""
        return [fetched.mail.message_id for fetched in self.mails if fetched.folder == folder]


def until(condition: Callable[[], bool], seconds: float = 8.0) -> bool:
    """Wait for something that another thread brings about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_certificate(folder: Path, *, name: str = "localhost", days: int = 30) -> tuple[Path, Path]:
    """A self-signed certificate (its own authority) for `name` and 127.0.0.1; returns certificate and key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=90))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / f"{name}.{days}.pem", folder / f"{name}.{days}.key"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_path, key_path
