"""Why the key of a hub's log is trusted: an invite named it, a person compared or accepted it, or it was simply first.

What an invite named holds from the first contact on: a hub that shows another key is caught before it is believed once.
Only the key's fingerprint is kept, a fact of the home for each log.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.evidence import checkpoint, log_rows
from workstation.store import meta

INVITE, PERSON, FIRST_SIGHT = "invite", "person", "first_sight"
_PIN = "log_pin:"


@dataclass(frozen=True, slots=True)
class Trust:
    """The fingerprint of a log's key, and `why` it is trusted; both "" when no log was met and no invite named one."""

    key: str = ""
    why: str = ""


def trust(connection: Connection, origin: str) -> Trust:
    """What is known of this log's key."""
    key, _space, why = meta.get(connection, _PIN + origin).partition(" ")
    if key:
        return Trust(key, why)
    known = log_rows.log(connection, origin)
    return Trust(checkpoint.fingerprint(known.key), FIRST_SIGHT) if known else Trust()


def pin(connection: Connection, origin: str, key: str, why: str) -> None:
    """From now on only the key with this fingerprint counts for this log."""
    meta.put(connection, _PIN + origin, f"{key} {why}")


def unpin(connection: Connection, origin: str) -> None:
    """A person went on without this log: whatever key it shows one day is a first sight again."""
    meta.put(connection, _PIN + origin, "")


def pinned(connection: Connection, origin: str) -> str:
    """The fingerprint that the log's key must have, "" when nobody named one."""
    return meta.get(connection, _PIN + origin).partition(" ")[0]
