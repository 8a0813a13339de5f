"""What sync needs from outside: a hub, and whoever keeps what other devices changed."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Sequence
from collections.abc import Collection as Ids
from typing import Protocol

from sqlalchemy import Connection

from workstation.kernel.errors import AuthFailed, ConnectError, Offline, Refused
from workstation.store.outbox import QueuedEvent
from workstation.store.unit import Unit
from workstation.sync.log_wire import LogHead, Proof
from workstation.sync.wire import (
    ChangePage,
    DeviceCard,
    Digests,
    Enrolment,
    Entity,
    EntityPage,
    Offset,
    Present,
    Receipt,
    Seats,
    UploadState,
)


class CursorExpired(ConnectError):
    """The hub does not know our position in its feed: it was restored, or it is another hub."""


class UploadMoved(Offline):
    """The upload stands elsewhere than we thought, or is being written: ask where it stands, and go on."""


class AnotherHub(AuthFailed):
    """Who answers at the hub's address is not the hub we know."""


class Forked(Refused):
    """A copy of this home has spoken to the hub since: nothing of this one is taken until a person decides."""


class Hub(Protocol):
    """An enrolled connection. Every call raises Offline, TimedOut, AuthFailed, BadCertificate, BadAnswer, Refused."""

    async def hello(self, previous: str = "", mark: str = "") -> Offset:
        """Say which home this is, by the mark it left before and the one it leaves now. Raises Forked, AnotherHub."""

    async def push(self, events: Sequence[QueuedEvent]) -> tuple[Receipt, ...]:
        """One receipt for each event, in order; each is on the hub's disk."""

    async def changes(self, cursor: str, limit: int) -> ChangePage:
        """Raises CursorExpired."""

    async def entities(self, collection: str, after: str, limit: int) -> EntityPage: ...

    async def digests(self) -> Digests: ...

    async def present(self, conversation_ids: Sequence[str], doing: str) -> tuple[Present, ...]:
        """Say where the person at this device is and what they do there ("" leaves); returns who else is there."""

    async def seats(self) -> Seats:
        """The devices of the team that this one may see. Raises Refused by a hub that knows no members."""

    async def invite(self, who: str, role: str) -> str:
        """An invite for another "device" of the same person, or for a "colleague" of this role."""

    async def begin_upload(self, address: str, length: int, content: bytes = b"") -> UploadState:
        """Begin, or find where an earlier upload of it stands. `content`: all of a small file, in the same request."""

    async def upload(self, address: str, offset: int, length: int, pieces: AsyncIterable[bytes]) -> UploadState:
        """Hand in `length` bytes from `offset` on. Raises UploadMoved; Refused: the whole is not what its address says.
        """

    async def log(self, after: int) -> LogHead | None:
        """The log's newest checkpoint, and that it goes on from its first `after` records. None: it shows no log."""

    async def log_proofs(self, size: int, records: Sequence[str]) -> dict[str, Proof]:
        """Proofs by record hash, under the checkpoint of this size; what the log does not hold is left out."""

    async def missing(self, addresses: Sequence[str]) -> frozenset[str]:
        """Which of these sealed files the hub does not hold."""


class Hubs(Protocol):
    """Makes connections."""

    def hub(self, url: str, token: str, hub_id: str = "") -> Hub:
        """`hub_id`: who is expected to answer there."""

    async def enrol(self, url: str, invite: str, device: DeviceCard) -> Enrolment: ...


class Collection(Protocol):
    """One kind of entity. All calls run on the database threads, inside sync's transaction."""

    @property
    def name(self) -> str: ...

    def apply(self, unit: Unit, entity: Entity) -> None:
        """Another device (or an older self) changed it: make the base rows so. Must bear being told twice."""

    def confirmed(self, unit: Unit, entity_id: str, body: str) -> None:
        """The hub holds `body`, which came from this device."""

    def held(self, connection: Connection, entity_id: str) -> str | None:
        """The body to hand in again when a hub lost it (restored from a backup); None when we have it no more."""

    def digest(self, connection: Connection) -> tuple[int, str]:
        """How many entities this desktop and the hub should have in common, and their digest."""


Known = Callable[[Connection, str, Ids[str]], frozenset[str]]
"""Which entities of a collection the hub is known to hold."""


class Offers(Protocol):
    """Entities that are written once and kept by a feature anyway: they become events when it is their turn."""

    @property
    def collections(self) -> frozenset[str]:
        """Collections whose ids are made from their content, so that several desktops may tell of the same thing."""

    def waiting(self, connection: Connection) -> int:
        """How many entities the hub was not told of, at most."""

    def offer(self, unit: Unit, known: Known, at: int) -> int:
        """Queue the next of them in this transaction. Returns how many were looked at; 0 when there are none."""
