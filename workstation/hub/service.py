"""The hub without HTTP: what its requests do, over whatever keeps its rows and files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from workstation.evidence import checkpoint
from workstation.hub import auth, erasing, feed, log, marks, members, meta, presence, problems, receipts
from workstation.hub.blobs import Uploads
from workstation.hub.config import HubFolder
from workstation.hub.model import (
    DEVICE_INVITE_LIFETIME,
    MAX_BATCH,
    ROLES,
    ChangePage,
    Device,
    Digests,
    EntityPage,
    Receipt,
)
from workstation.hub.objects import FolderObjects
from workstation.hub.ports import Rows
from workstation.hub.rows import SqliteRows
from workstation.kernel.clock import Clock, SystemClock


class HubService:
    """One hub. Stateless but for caches: several processes may serve the same rows and files."""

    def __init__(self, rows: Rows, uploads: Uploads, clock: Clock, hub_id: str = "") -> None:
        self.hub_id = hub_id
        self._rows = rows
        self._clock = clock
        self._digests = feed.DigestCache()
        self.uploads = uploads

    def now(self) -> int:
        return self._clock.now()

    async def identity(self) -> tuple[str, str]:
        """Hub id and name."""
        return await self._rows.read(lambda conn: (meta.get(conn, "hub_id"), meta.get(conn, "name")))

    async def enrol(self, invite: str, device_id: str, name: str, public_key: bytes) -> tuple[str, str]:
        """Let a device in; returns its bearer token and whose it is. Raises HubProblem 403."""
        now = self._clock.now()
        return await self._rows.write(lambda conn: (
            auth.enrol(conn, invite, device_id, name, public_key, now), members.of_device(conn, device_id)))

    async def invite(self, device: Device, who: str, role: str) -> tuple[str, str]:
        """An invite and the fingerprint of the log's key. `who`: "device" is another one of the asking member's, of the
        same role; "colleague", which only an owner may ask for, is somebody else, of `role`. Raises HubProblem."""
        mine = who == "device"
        if not mine and (who != "colleague" or role not in ROLES):
            raise problems.bad_request("for, role")
        if not mine and device.role != "owner":
            raise problems.not_allowed()
        now = self._clock.now()
        return await self._rows.write(lambda conn: (
            auth.new_invite(conn, device.role, now, device.member, DEVICE_INVITE_LIFETIME) if mine
            else auth.new_invite(conn, role, now), checkpoint.fingerprint(log.verifier(conn))))

    async def team(self, device: Device) -> tuple[members.Seat, ...]:
        """Devices by member: an owner sees all, everybody else their own."""
        return await self._rows.read(lambda conn: members.shown_to(conn, device))

    async def leave_mark(self, device: Device, previous: str, mark: str) -> None:
        """A desktop says which home it is. Raises HubProblem 409: another copy of it spoke since."""
        if await self._rows.read(lambda conn: marks.last(conn, device.id)) != mark:
            now = self._clock.now()
            await self._rows.write(lambda conn: marks.leave(conn, device.id, previous, mark, now))

    async def authenticate(self, token: str) -> Device:
        """Raises HubProblem 401."""
        device = await self._rows.read(lambda conn: auth.authenticate(conn, token))
        if device is None:
            raise problems.not_enrolled()
        return device

    async def push(self, device: Device, events: Sequence[object]) -> tuple[Receipt, ...]:
        """Apply a batch; receipts in the same order, on disk when this returns. Raises HubProblem 413."""
        if len(events) > MAX_BATCH:
            raise problems.too_large()
        now = self._clock.now()
        done = await self._rows.write(lambda conn: receipts.apply_batch(conn, device.id, events, now))
        if any(isinstance(event, dict) and event.get("collection") == erasing.COLLECTION for event in events):
            await self.uploads.drop_erased()
            await self._rows.flush_log()
        return done

    async def present(self, device: Device, asked: object) -> tuple[presence.Present, ...]:
        """A device says where it is and what it does there; returns who else is. Raises HubProblem 400."""
        ids, doing = presence.asked(asked)
        now = self._clock.now()
        return await self._rows.write(lambda conn: presence.say(conn, device.id, ids, doing, now))

    async def changes(self, device: Device, cursor: str, limit: int) -> ChangePage:
        """Raises HubProblem 410 for a position this hub does not know."""
        most = max(1, min(limit, MAX_BATCH))
        return await self._rows.read(lambda conn: feed.changes(conn, cursor, most, device.member))

    async def entities(self, device: Device, collection: str, after: str, limit: int) -> EntityPage:
        """Of a collection that is private to somebody else there is nothing."""
        if not members.may_see(collection, device.member):
            return EntityPage(after, False, ())
        return await self._rows.read(lambda conn: feed.entities(conn, collection, after, max(1, min(limit, MAX_BATCH))))

    async def digests(self, device: Device) -> Digests:
        return await self._rows.read(lambda conn: self._digests.read(conn, device.member))

    async def log_head(self, after: int) -> log.Head:
        """The log's newest checkpoint, and that it goes on from its first `after` records."""
        return await self._rows.write(lambda conn: log.head(conn, after))

    async def log_inclusions(self, length: int, records: Sequence[str]) -> tuple[log.Inclusion, ...]:
        return await self._rows.read(lambda conn: log.inclusions(conn, length, records))

    async def log_consistency(self, first: int, second: int) -> tuple[str, ...] | None:
        return await self._rows.read(lambda conn: log.consistency(conn, first, second))

    async def log_unstamped(self) -> str | None:
        """The newest checkpoint, signed now if it was not, when no authority stamped it and it holds records."""
        def newest(conn: Connection) -> str | None:
            log.head(conn, 0)
            return log.unstamped(conn)

        return await self._rows.write(newest)

    async def log_keep_stamp(self, note: str, token: bytes, roots: str) -> None:
        await self._rows.write(lambda conn: log.keep_stamp(conn, note, token, roots))

    def close(self) -> None:
        self._rows.close()


def open_hub(folder: HubFolder, clock: Clock | None = None) -> HubService:
    """The default hub: SQLite and a folder. Raises NotFound, NewerSchema, StoreError."""
    config = folder.load()
    clock = clock or SystemClock()
    rows = SqliteRows(folder.database)
    uploads = Uploads(rows, FolderObjects(folder.objects, config.reserve), folder.spool, clock)
    return HubService(rows, uploads, clock, rows.now(lambda conn: meta.get(conn, "hub_id")))
