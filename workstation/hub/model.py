"""Values of the hub and the limits it keeps. Times are milliseconds since the epoch, UTC; sizes are bytes."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BATCH = 500                       # events in one batch
MAX_BATCH_BYTES = 4_000_000           # of one batch's JSON
MAX_BODY = 900_000                    # characters of one event's body
MAX_NAME = 200                        # characters of an id, a collection or a field
PAGE_BYTES = 8_000_000                # bodies in one page of the feed
MAX_AT_ONCE = 4 * 1024 * 1024         # a file up to this size may come whole with the request that creates it
MAX_UPLOAD = 2 * 1024 * 1024 * 1024   # one sealed file
UPLOAD_LIFETIME = 7 * 24 * 3_600_000  # an unfinished upload is swept after this
INVITE_LIFETIME = 7 * 24 * 3_600_000
DEVICE_INVITE_LIFETIME = 3_600_000    # of an invite that a device makes itself
PRESENCE_LIFETIME = 25_000            # after so long without a sign of life nobody is shown as present
CONFLICTS = "conflict"                # the collection in which values that lost are kept
MEMBERS = "member"                    # the collection in which a device tells its person's name
EVIDENCE = "evidence"                 # the collection whose records form a chain for each signing key
ROLES = ("owner", "operations", "supervisor", "agent")


@dataclass(frozen=True, slots=True)
class Device:
    """A computer that was let in."""

    id: str
    name: str
    role: str
    public_key: bytes                 # Ed25519, 32 bytes: it checks the records this device seals
    member: str = ""                  # whose it is; "" where nobody asked


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """A device as whoever runs the hub sees it. `keys` are all it ever enrolled with, oldest first."""

    device: Device
    enrolled_at: int
    revoked_at: int | None
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event as a desktop hands it in. `body` is canonical JSON text (RFC 8785)."""

    event_id: str
    collection: str
    entity_id: str
    kind: str
    body: str
    request_hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an event, kept for ever.

    `status` is "applied" (also when the same content was there already), "conflict" (a field had another value, which
    stays; ours is kept as the loser) or "refused". `body` is the entity as the hub holds it, given on a conflict only.
    """

    event_id: str
    request_hash: str
    status: str
    version: int = 0
    reason: str = ""
    body: str | None = None
    field: str = ""
    kept: str = ""                    # JSON text of the value that stays
    lost: str = ""                    # JSON text of the value that lost


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the feed. `body` is None when a later step of the feed replaces it."""

    event_id: str
    collection: str
    entity_id: str
    kind: str                         # "append" or "put": what the entity is
    device_id: str
    version: int
    body: str | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    cursor: str
    more: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity as the hub holds it."""

    entity_id: str
    kind: str
    version: int
    device_id: str
    body: str


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
    """Every collection's digest at one position of the feed."""

    cursor: str
    collections: tuple[CollectionDigest, ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """How far a sealed file has come. `stored`: the hub re-hashed the whole of it and it is on disk for good."""

    address: str
    length: int
    offset: int
    expires_at: int
    stored: bool = False
