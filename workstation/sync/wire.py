"""Values that cross between desktop and hub, as docs/sync-protocol.md names them."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BATCH = 500               # events handed in at once
MAX_BATCH_CHARS = 900_000     # of their bodies; four bytes each at most, and JSON may escape, within the hub's 4 MB
MAX_BODY = 900_000            # characters of one body
CHUNK = 4 * 1024 * 1024       # bytes of a sealed file in one request
ALREADY_THERE = "append-only: it is already there"   # how a hub's refusal of other content under a known id begins
CONFLICTS = "conflict"        # the collection in which the hub keeps values that lost


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event: "applied", "conflict" or "refused". `version` is the feed position it led to."""

    event_id: str
    request_hash: str
    status: str
    version: int = 0
    reason: str = ""
    body: str | None = None       # on a conflict: the entity as the hub holds it


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity as the hub holds it. `kind`: "append" never changes, "put" may. `body` is canonical JSON text."""

    entity_id: str
    kind: str
    version: int
    body: str


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the feed. `body` is None when a later step brings the entity as it is now."""

    collection: str
    entity_id: str
    kind: str
    version: int
    device_id: str
    body: str | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    cursor: str
    more: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class EntityPage:
    after: str
    more: bool
    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class CollectionDigest:
    collection: str
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Digests:
    """Every collection's digest at the position `cursor`."""

    cursor: str
    collections: tuple[CollectionDigest, ...]


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the hub's clock is ahead of ours, in milliseconds, and how long the question took."""

    ahead: int
    round_trip: int
    member: str = ""              # whose device the hub says this is; "" from a hub that knows no members


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a hub gave us for an invite."""

    token: str
    hub: str
    name: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class UploadState:
    """`stored` is the address the hub says it re-hashed and stored, "" before that."""

    offset: int
    stored: str = ""


@dataclass(frozen=True, slots=True)
class Present:
    """Another device in the same conversation. `left`: milliseconds until that lapses."""

    device: str
    name: str
    doing: str
    left: int
    member: str = ""              # whose device it is; "" from a hub that knows no members


@dataclass(frozen=True, slots=True)
class Seat:
    """A device of the team. Times are milliseconds since the epoch, UTC."""

    device: str
    name: str
    member: str
    role: str
    enrolled_at: int
    revoked: bool


@dataclass(frozen=True, slots=True)
class Seats:
    """The devices a hub shows this one: all of them to an owner, otherwise one's own."""

    member: str
    role: str
    devices: tuple[Seat, ...]


@dataclass(frozen=True, slots=True)
class DeviceCard:
    """Who we are to a hub. `public_key` is the Ed25519 key that seals our records, 32 bytes."""

    id: str
    name: str
    public_key: bytes
