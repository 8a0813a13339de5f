"""What `workstation hub` does, as plain functions: init, invite, serve, its devices, and what follows a restore."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection

from workstation.evidence import checkpoint
from workstation.hub import auth, log, members, meta, server
from workstation.hub.config import DEFAULT_URL, HubConfig, HubFolder
from workstation.hub.model import ROLES, KnownDevice
from workstation.hub.rows import SqliteRows
from workstation.kernel.clock import SystemClock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id

if TYPE_CHECKING:
    from workstation.hub.verifying import Report

T = TypeVar("T")


def init(folder: Path, name: str, url: str = DEFAULT_URL) -> str:
    """Make a new hub and return the invite for its first device (an owner). Raises InputError, ReadOnly."""
    place = HubFolder(folder)
    place.create(HubConfig(name, url.rstrip("/")))
    rows = SqliteRows(place.database)
    try:
        for fact, value in (("hub_id", new_id()), ("name", name), ("epoch", new_id())):
            rows.now(partial(meta.put, name=fact, value=value))
    finally:
        rows.close()
    return invite(folder, "owner")


def invite(folder: Path, role: str = "agent", url: str = "", member: str = "") -> str:
    """A one-time invite, valid for seven days: `http://host:port/#token.key`. `url` when it is not the one of `init`.

    `key` is the fingerprint of the key that signs the hub's log: whoever joins knows it before the hub says anything.
    `member`: the invite is for another device of that person (their id, or the id of one of their devices).

    Raises InputError for a role that does not exist, NotFound without a hub.
    """
    if role not in ROLES:
        raise InputError(_("There is no role {role}.").format(role=role),
                         _("Choose one of: {roles}.").format(roles=", ".join(ROLES)))
    place = HubFolder(folder)
    config = place.load()
    rows = SqliteRows(place.database)
    try:
        token, key = rows.now(lambda conn: (
            auth.new_invite(conn, role, SystemClock().now(), _member(conn, member) if member else ""),
            checkpoint.fingerprint(log.verifier(conn))))
    finally:
        rows.close()
    return f"{(url or config.url).rstrip('/')}/#{token}.{key}"


def _member(connection: Connection, named: str) -> str:
    """The member of this id, or whose device this is. Raises NotFound."""
    member = members.of_device(connection, named)
    if not members.known(connection, member):
        raise NotFound(_("This hub knows no device {id}.").format(id=named), _("workstation hub devices lists them."))
    return member


def serve(folder: Path, host: str = "127.0.0.1", port: int = 8787, certificate: Path | None = None,
          key: Path | None = None, ready: Callable[[str], None] | None = None) -> None:
    """Serve until a signal. `ready` is told the address once the port is ours. Raises InputError, NotFound."""
    if (certificate is None) != (key is None):
        raise InputError(_("A certificate and its key belong together."), _("Give both --certificate and --key."))
    tls = server.Tls(certificate, key) if certificate and key else None
    server.require_safe(host, tls)
    HubFolder(folder).load()
    sock = server.bind(host, port)
    if ready is not None:
        ready(server.address_of(sock, tls))
    server.serve_forever(folder, sock, tls)


def devices(folder: Path) -> tuple[KnownDevice, ...]:
    """Every device that was ever let in. Raises NotFound without a hub."""
    return _on_rows(folder, auth.devices)


def revoke(folder: Path, device_id: str) -> None:
    """Shut a device out at once; what it handed in stays. Raises NotFound for a device the hub does not know."""
    if not _on_rows(folder, lambda conn: auth.revoke(conn, device_id, SystemClock().now())):
        raise NotFound(_("This hub knows no device {id}.").format(id=device_id),
                       _("workstation hub devices lists them."))


def _on_rows(folder: Path, work: Callable[[Connection], T]) -> T:
    place = HubFolder(folder)
    place.load()
    rows = SqliteRows(place.database)
    try:
        return rows.now(work)
    finally:
        rows.close()


def renew_epoch(folder: Path) -> None:
    """After a restore from a backup: every desktop compares all it holds and hands in what the backup lacks."""
    _on_rows(folder, lambda conn: meta.put(conn, "epoch", new_id()))


def verify(folder: Path) -> Report:
    """Look at every stored file, every record in the log, the tree, the checkpoints and their stamps. Blocks.

    Raises NotFound without a hub, StoreError when its database cannot be read.
    """
    from workstation.hub import verifying

    return verifying.verify(folder)
