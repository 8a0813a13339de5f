"""Reading an invite: `http://host:port/#token`, TLS unless the hub is on this computer."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Invite:
    url: str
    token: str


def read_invite(text: str) -> Invite:
    """Raises InputError when it is not an invite, or when its token would cross a network in the clear."""
    try:
        parts = urlsplit(text.strip())
        host, token, scheme, port = parts.hostname or "", parts.fragment, parts.scheme, parts.port
    except ValueError as problem:
        raise _not_one() from problem
    if scheme not in ("http", "https") or not host or not 16 <= len(token) <= 200 or parts.username or parts.query:
        raise _not_one()
    if scheme == "http" and not _loopback(host):
        raise InputError(_("This hub does not encrypt; nothing was sent."), _("Use an invite that begins with https://."))
    shown = f"[{host}]" if ":" in host else host
    return Invite(f"{scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}", token)


def _not_one() -> InputError:
    return InputError(_("This is not an invite."), _("It looks like http://host:port/#token; copy all of it."))


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
