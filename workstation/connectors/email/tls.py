"""Encryption rules of mail connections: certificates are always checked, and clear text never leaves this computer."""

from __future__ import annotations

import ipaddress
import ssl

from workstation.inbox.model import Security, ServerSettings
from workstation.kernel.errors import InputError
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


def context(ca_file: str) -> ssl.SSLContext:
    """Checks certificates and names against the system's authorities and the one in `ca_file` (PEM; "" = none).

    Raises InputError when that file cannot be used.
    """
    made = ssl.create_default_context()
    if ca_file:
        try:
            made.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as problem:
            raise InputError(
                _("The certificate authority's file “{path}” cannot be used.").format(path=ca_file),
                _("Choose a PEM file that holds the certificate of your authority.")) from problem
    return made
