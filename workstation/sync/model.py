"""Values of sync."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the status line shows."""

    connected: bool               # a hub is configured
    online: bool                  # the last attempt reached it
    pending: int                  # events not yet receipted
    pending_blobs: int            # files not yet secured
    poisoned: int                 # events the hub refused; they wait for a person
    last_ok_at: int | None
    digest_equal: bool | None     # None: never compared
    sentence: str = ""            # what is wrong, "" when nothing is
    log_broken: str = ""          # how the hub's log of evidence broke, in a sentence; "" when it holds
    log_break: str = ""           # what `accept_log` takes
    log_restored: bool = False    # it broke because the hub was restored from an older copy, as far as can be told
    log_key: str = ""             # fingerprint of the key of the hub's log, 64 hex digits; "" when none is known yet
    log_trust: str = ""           # why that key counts: "invite", "person", "first_sight" (evidence/log_trust.py)


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One full cycle."""

    pushed: int
    refused: int
    pulled: int
    blobs: int
    digest_equal: bool | None
    records: int = 0              # evidence records the hub holds for us
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that another device changed first. `kept` stays, `lost` is what `device_id` wanted; both JSON text."""

    id: str
    collection: str
    entity_id: str
    field: str
    kept: str
    lost: str
    device_id: str
    at: int


@dataclass(frozen=True, slots=True)
class SyncFailure:
    """One thing that could not be copied and waits for a person. `id` is what `retry` and `dismiss` take.

    `kind`: "event" (the hub refused it), "file" (a sealed file that is missing or damaged here, or that the hub would
    not have) or "change" (another device's change that could not be applied here). `collection` and `entity_id` name
    what it is about; for a file they are "file" and the id of its record. `reason` is the hub's own word, for a report.
    """

    id: str
    kind: str
    collection: str
    entity_id: str
    sentence: str
    remedy: str
    at: int | None = None         # when it was queued, ms since the epoch, UTC; None: not known
    reason: str = ""
