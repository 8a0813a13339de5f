"""Reading an invite: `http://host:port/#token.key`, TLS unless the hub is on this computer.

`key` is the fingerprint of the key that signs the hub's log, 64 hex digits. Invites from before it was named lack it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class Invite:
    url: str
    token: str
    log_key: str = ""             # "": the invite names none


def read_invite(text: str) -> Invite:
    """Raises InputError when it is not an invite, or when its token would cross a network in the clear."""
    try:
        parts = urlsplit(text.strip())
        host, scheme, port = parts.hostname or "", parts.scheme, parts.port
    except ValueError as problem:
        raise _not_one() from problem
    token, dot, key = parts.fragment.partition(".")
    if dot and not re.fullmatch("[0-9a-f]{64}", key):
        raise _not_one()
    if scheme not in ("http", "https") or not host or not 16 <= len(token) <= 200 or parts.username or parts.query:
        raise _not_one()
    if scheme == "http" and not _loopback(host):
        raise InputError(_("This hub does not encrypt; nothing was sent."), _("Use an invite that begins with https://."))
    shown = f"[{host}]" if ":" in host else host
    return Invite(f"{scheme}://{shown}{f':{port}' if port else ''}{parts.path.rstrip('/')}", token, key)


def _not_one() -> InputError:
    return InputError(_("This is not an invite."), _("It looks like http://host:port/#token; copy all of it."))


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
