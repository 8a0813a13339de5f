"""Who may speak to the hub: one-time invites, enrolled devices, bearer tokens. Only hashes of tokens are kept.

A bearer token over TLS (or over loopback) was chosen over signed requests: it has no clock, no nonce store and no
canonical form to get wrong, and the hub's answers are protected by the same TLS. See docs/sync-protocol.md.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, insert, select, update

from workstation.hub import problems
from workstation.hub.model import INVITE_LIFETIME, MAX_NAME, ROLES, Device
from workstation.hub.tables import DeviceRow, InviteRow
from workstation.store.tables import table

_DEVICE = table(DeviceRow)
_INVITE = table(InviteRow)


def token_hash(token: str) -> str:
    """Tokens are 32 random bytes, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_invite(connection: Connection, role: str, now: int) -> str:
    """A one-time token for a device of this role. Raises ValueError for a role that does not exist."""
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    token = secrets.token_urlsafe(32)
    values = {"token_hash": token_hash(token), "role": role, "expires_at": now + INVITE_LIFETIME}
    connection.execute(insert(_INVITE).values(**values))
    return token


def enrol(connection: Connection, invite: str, device_id: str, name: str, public_key: bytes, now: int) -> str:
    """Let a device in and return its token. A known device with the same key gets a new token, the old one ends.

    Raises HubProblem: the invite is wrong, used or old; the device id belongs to another key; a value is malformed.
    """
    texts_fit = 0 < len(device_id) <= MAX_NAME and len(name) <= MAX_NAME and (device_id + name).isprintable()
    if not texts_fit or len(public_key) != 32:
        raise problems.bad_request("device")
    role = _use_invite(connection, invite, device_id, now)
    known = connection.execute(select(_DEVICE.c.public_key).where(_DEVICE.c.id == device_id)).scalar()
    if known is not None and known != public_key:
        raise problems.bad_invite()
    token = secrets.token_urlsafe(32)
    values = {"name": name, "role": role, "token_hash": token_hash(token), "enrolled_at": now, "revoked_at": None}
    if known is None:
        connection.execute(insert(_DEVICE).values(id=device_id, public_key=public_key, **values))
    else:
        connection.execute(update(_DEVICE).where(_DEVICE.c.id == device_id).values(**values))
    return token


def authenticate(connection: Connection, token: str) -> Device | None:
    """The device behind a token, None when there is none or it was shut out."""
    found = select(_DEVICE).where(_DEVICE.c.token_hash == token_hash(token), _DEVICE.c.revoked_at.is_(None))
    row = connection.execute(found).mappings().first()
    return None if row is None else Device(row["id"], row["name"], row["role"], row["public_key"])


def revoke(connection: Connection, device_id: str, now: int) -> bool:
    """Shut a device out at once. What it handed in stays. False: no such device."""
    done = connection.execute(update(_DEVICE).where(_DEVICE.c.id == device_id).values(revoked_at=now))
    return done.rowcount > 0


def _use_invite(connection: Connection, invite: str, device_id: str, now: int) -> str:
    hashed = token_hash(invite)
    row = connection.execute(select(_INVITE).where(_INVITE.c.token_hash == hashed)).mappings().first()
    if row is None or row["expires_at"] < now or row["used_by"] is not None:
        raise problems.bad_invite()
    connection.execute(update(_INVITE).where(_INVITE.c.token_hash == hashed).values(used_by=device_id))
    return str(row["role"])
