"""A look at a server that could not be used, to say more about why: what it speaks at its port, and which key it shows.

Nothing secret is ever sent here, and nothing that is learnt here is believed: it is shown to a person.
"""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum

from workstation.connectors.email import tls
from workstation.inbox.model import Security, ServerSettings
from workstation.kernel.errors import BadCertificate

_MOST = 4_096


class Spoken(StrEnum):
    """What was heard at a port."""

    NOTHING = "nothing"
    TLS = "tls"
    IMAP = "imap"
    SMTP = "smtp"
    POP = "pop"
    OTHER = "other"


_STARTS = (
    (b"* ", Spoken.IMAP), (b"220", Spoken.SMTP), (b"421", Spoken.SMTP), (b"554", Spoken.SMTP), (b"+OK", Spoken.POP),
)


def spoken_at(server: ServerSettings, timeout: float) -> Spoken:
    """What a server says first, or that it waits for TLS. Blocks for about twice `timeout` seconds at most."""
    try:
        with socket.create_connection((server.host, server.port), timeout) as connection:
            greeting = connection.recv(_MOST)
    except OSError:
        greeting = b""
    if not greeting:
        return Spoken.TLS if _shakes_hands(server, timeout) else Spoken.NOTHING
    return next((found for start, found in _STARTS if greeting.startswith(start)), Spoken.OTHER)


def key_shown(server: ServerSettings, timeout: float, *, smtp: bool) -> str:
    """The fingerprint of the key a server shows now, in hex; "" when it shows none. Blocks."""
    try:
        with socket.create_connection((server.host, server.port), timeout) as connection:
            if server.security is Security.STARTTLS:
                _ask_for_tls(connection, smtp=smtp)
            with _unchecked().wrap_socket(connection, server_hostname=server.host) as secured:
                return tls.key_of(secured.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError, BadCertificate):
        return ""


def _shakes_hands(server: ServerSettings, timeout: float) -> bool:
    try:
        with socket.create_connection((server.host, server.port), timeout) as connection, \
                _unchecked().wrap_socket(connection, server_hostname=server.host):
            return True
    except (OSError, ValueError):
        return False


def _ask_for_tls(connection: socket.socket, *, smtp: bool) -> None:
    connection.recv(_MOST)
    if smtp:
        connection.sendall(b"EHLO [127.0.0.1]\r\n")
        connection.recv(_MOST)
    connection.sendall(b"STARTTLS\r\n" if smtp else b"a STARTTLS\r\n")
    connection.recv(_MOST)


def _unchecked() -> ssl.SSLContext:
    """Only to look: what is connected with this is never used."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
