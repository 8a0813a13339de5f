"""Encryption rules of mail connections: certificates are always checked, and clear text never leaves this computer.

A server whose certificate an authority of this computer signed is believed by that alone. A server of one's own (an
authority file, or a pinned key) must go on showing the same public key: another one is refused until a person has
compared its fingerprint and written it into the settings. There is no "accept anyway".
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import ssl

from workstation.connectors.email.means import Means
from workstation.inbox.model import AccountSettings, Security, ServerSettings
from workstation.kernel.errors import BadCertificate, InputError
from workstation.kernel.i18n import _


def is_loopback(host: str) -> bool:
    """Whether a host is this computer itself."""
    if host.lower().rstrip(".") in ("localhost", "ip6-localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_clear_text(server: ServerSettings) -> None:
    """Raise InputError when the settings would send a password in clear over a network."""
    if server.security is Security.PLAIN and not is_loopback(server.host):
        raise InputError(
            _("A connection without encryption to {host} is not allowed.").format(host=server.host),
            _("Choose TLS or STARTTLS. Without encryption only this computer itself can be used."))


def context(ca_file: str, pin: str = "") -> ssl.SSLContext:
    """Checks certificates and names against the system's authorities and the one in `ca_file` (PEM; "" = none).

    With a `pin` the key alone decides, in `check_key`, which must follow. Raises InputError when the file or the pin
    cannot be used.
    """
    made = ssl.create_default_context()
    if pin:
        _pinned(pin)
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    elif ca_file:
        try:
            made.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as problem:
            raise InputError(
                _("The certificate authority's file “{path}” cannot be used.").format(path=ca_file),
                _("Choose a PEM file that holds the certificate of your authority.")) from problem
    return made


def check_key(settings: AccountSettings, server: ServerSettings, certificate: bytes | None, means: Means) -> None:
    """Compare the key of the server's certificate (DER) with the pinned one, or with the one it showed before.

    Raises BadCertificate when it is another. Blocks; must be called before anything secret is sent.
    """
    if not (server.pin or settings.ca_file):
        return
    shown = key_of(certificate or b"")
    if server.pin:
        if shown != _pinned(server.pin):
            raise _another(server, _pinned(server.pin), shown)
        if means.keys is not None and means.keys.known(server.host, server.port) != shown:
            means.keys.remember(server.host, server.port, shown)   # compared by a person: it is the known one now
        return
    if means.keys is None:
        return
    before = means.keys.known(server.host, server.port)
    if not before:
        means.keys.remember(server.host, server.port, shown)
    elif before != shown:
        raise _another(server, before, shown)


def key_of(certificate: bytes) -> str:
    """SHA-256 of a certificate's public key (SubjectPublicKeyInfo), in hex. Raises BadCertificate when it is none."""
    from cryptography import x509  # a tenth of a second that only a server's own certificate is worth
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
        return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    except (ValueError, TypeError) as problem:
        raise BadCertificate(_("The server showed no certificate that can be read."),
                             _("Ask the provider. Nothing was sent.")) from problem


def shown_as(key: str) -> str:
    """A fingerprint as people compare it: groups of four."""
    upper = key.upper()
    return " ".join(upper[at : at + 4] for at in range(0, len(upper), 4))


def _pinned(pin: str) -> str:
    digits = re.sub(r"[\s:-]", "", pin).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise InputError(
            _("The server key's fingerprint in the settings is not complete."),
            _("It has 64 digits 0 to 9 and letters A to F (SHA-256 of the public key)."))
    return digits


def _another(server: ServerSettings, before: str, shown: str) -> BadCertificate:
    return BadCertificate(
        _("{host} shows another key than before. Before: {before}. Now: {now}. Nothing was sent.").format(
            host=server.host, before=shown_as(before), now=shown_as(shown)),
        _("Ask who runs the server for the fingerprint of its new key. Only if it is the one above, write it into the "
          "settings of this mailbox; otherwise someone may be in between."))
