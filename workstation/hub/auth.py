"""Who may speak to the hub: one-time invites, enrolled devices, bearer tokens. Only hashes of tokens are kept.

A bearer token over TLS (or over loopback) was chosen over signed requests: it has no clock, no nonce store and no
canonical form to get wrong, and the hub's answers are protected by the same TLS. See docs/sync-protocol.md.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, insert, select, update

from workstation.hub import members, problems
from workstation.hub.model import INVITE_LIFETIME, MAX_NAME, ROLES, Device, KnownDevice
from workstation.hub.tables import DeviceKeyRow, DeviceRow, InviteRow
from workstation.store.tables import table

_DEVICE = table(DeviceRow)
_INVITE = table(InviteRow)
_KEY = table(DeviceKeyRow)


def token_hash(token: str) -> str:
    """Tokens are 32 random bytes, so a plain hash cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_invite(
    connection: Connection, role: str, now: int, member: str = "", lifetime: int = INVITE_LIFETIME
) -> str:
    """A one-time token for a device of this role; with a `member` for another device of that person.

    Raises ValueError for a role that does not exist.
    """
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    token = secrets.token_urlsafe(32)
    values = {"token_hash": token_hash(token), "role": role, "expires_at": now + lifetime}
    connection.execute(insert(_INVITE).values(**values))
    if member:
        members.invited(connection, token_hash(token), member)
    return token


def enrol(connection: Connection, invite: str, device_id: str, name: str, public_key: bytes, now: int) -> str:
    """Let a device in and return its token. A known device gets a new token and the invite's role, the old token ends.

    A known device with a new key has lost its keyring or moved: whoever runs the hub says by the invite that it is the
    same one. Its old keys stay beside the new one. Raises HubProblem: the invite is wrong, used or old; a value is
    malformed.
    """
    texts_fit = 0 < len(device_id) <= MAX_NAME and len(name) <= MAX_NAME and (device_id + name).isprintable()
    if not texts_fit or len(public_key) != 32:
        raise problems.bad_request("device")
    role = _use_invite(connection, invite, device_id, now)
    known = connection.execute(select(_DEVICE).where(_DEVICE.c.id == device_id)).mappings().first()
    token = secrets.token_urlsafe(32)
    values = {"name": name, "role": role, "token_hash": token_hash(token), "enrolled_at": now, "revoked_at": None,
              "public_key": public_key}
    if known is None:
        connection.execute(insert(_DEVICE).values(id=device_id, **values))
    else:
        _remember_key(connection, device_id, known["public_key"], known["enrolled_at"])
        connection.execute(update(_DEVICE).where(_DEVICE.c.id == device_id).values(**values))
    _remember_key(connection, device_id, public_key, now)
    members.joined(connection, device_id, _invite_hash(invite), now)
    return token


def authenticate(connection: Connection, token: str) -> Device | None:
    """The device behind a token, None when there is none or it was shut out."""
    found = select(_DEVICE).where(_DEVICE.c.token_hash == token_hash(token), _DEVICE.c.revoked_at.is_(None))
    row = connection.execute(found).mappings().first()
    if row is None:
        return None
    return Device(row["id"], row["name"], row["role"], row["public_key"], members.of_device(connection, row["id"]))


def revoke(connection: Connection, device_id: str, now: int) -> bool:
    """Shut a device out at once. What it handed in stays. False: no such device."""
    done = connection.execute(update(_DEVICE).where(_DEVICE.c.id == device_id).values(revoked_at=now))
    return done.rowcount > 0


def devices(connection: Connection) -> tuple[KnownDevice, ...]:
    """Every device that was ever let in, with all its keys, by id."""
    rows = connection.execute(select(_DEVICE).order_by(_DEVICE.c.id)).mappings()
    return tuple(
        KnownDevice(Device(row["id"], row["name"], row["role"], row["public_key"],
                           members.of_device(connection, row["id"])),
                    row["enrolled_at"], row["revoked_at"], keys(connection, row["id"]) or (row["public_key"],))
        for row in rows)


def keys(connection: Connection, device_id: str) -> tuple[bytes, ...]:
    """Every key the device enrolled with, oldest first; empty for a device that enrolled before keys were kept."""
    found = select(_KEY.c.public_key).where(_KEY.c.device_id == device_id).order_by(_KEY.c.since)
    return tuple(connection.execute(found).scalars())


def _remember_key(connection: Connection, device_id: str, public_key: bytes, at: int) -> None:
    if public_key not in keys(connection, device_id):
        connection.execute(insert(_KEY).values(device_id=device_id, public_key=public_key, since=at))


def _use_invite(connection: Connection, invite: str, device_id: str, now: int) -> str:
    hashed = _invite_hash(invite)
    row = connection.execute(select(_INVITE).where(_INVITE.c.token_hash == hashed)).mappings().first()
    if row is None or row["expires_at"] < now or row["used_by"] is not None:
        raise problems.bad_invite()
    connection.execute(update(_INVITE).where(_INVITE.c.token_hash == hashed).values(used_by=device_id))
    return str(row["role"])


def _invite_hash(invite: str) -> str:
    """A desktop from before log keys were named hands in the key as well."""
    return token_hash(invite.partition(".")[0])
