"""What sync remembers between runs, as single facts of the home (table `meta`). Names are declared here, once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from workstation.store import meta
from workstation.sync.wire import Offset

HUB_URL = "hub_url"
HUB_ID = "hub_id"
CURSOR = "sync_cursor"
LAST_OK = "sync_last_ok_at"
DIGEST_EQUAL = "sync_digest_equal"          # "1", "0", "" never compared
OFFSET = "hub_offset_ms"                    # hub clock minus ours; evidence records carry it
ROUND_TRIP = "hub_round_trip_ms"
MARK = "sync_mark"                          # what this home left at the hub with its last start
NEXT_MARK = "sync_next_mark"                # what it is about to leave; written down before it is said
SET_BACK = "hub_set_back"                   # "1": the hub lost our position since its log was last found sound
TOKEN_SECRET = "hub-token"


@dataclass(frozen=True, slots=True)
class Remembered:
    """The facts behind the status line."""

    url: str
    last_ok_at: int | None
    digest_equal: bool | None
    hub_id: str = ""


def remembered(connection: Connection) -> Remembered:
    last, equal = meta.get(connection, LAST_OK), meta.get(connection, DIGEST_EQUAL)
    return Remembered(meta.get(connection, HUB_URL), int(last) if last else None, equal == "1" if equal else None,
                      meta.get(connection, HUB_ID))


def next_mark(connection: Connection, fresh: str) -> tuple[str, str]:
    """The mark that was left last, and the one to leave now: the one that was begun, otherwise `fresh`."""
    begun = meta.get(connection, NEXT_MARK)
    if not begun:
        meta.put(connection, NEXT_MARK, fresh)
    return meta.get(connection, MARK), begun or fresh


def mark_left(connection: Connection, mark: str) -> None:
    """The hub has it."""
    meta.put(connection, MARK, mark)
    meta.put(connection, NEXT_MARK, "")


def set_back(connection: Connection) -> bool:
    """Whether the hub's feed was another one since its log was last found to go on."""
    return meta.get(connection, SET_BACK) == "1"


def put_set_back(connection: Connection, happened: bool) -> None:
    if set_back(connection) != happened:
        meta.put(connection, SET_BACK, "1" if happened else "")


def cursor(connection: Connection) -> str:
    return meta.get(connection, CURSOR)


def put_cursor(connection: Connection, value: str) -> None:
    meta.put(connection, CURSOR, value)


def put_outcome(connection: Connection, at: int, equal: bool | None, offset: Offset) -> None:
    meta.put(connection, LAST_OK, str(at))
    if equal is not None:
        meta.put(connection, DIGEST_EQUAL, "1" if equal else "0")
    meta.put(connection, OFFSET, str(offset.ahead))
    meta.put(connection, ROUND_TRIP, str(offset.round_trip))


def put_hub(connection: Connection, url: str, hub_id: str) -> None:
    """Remember a hub. With another hub than before, the old position means nothing: its epoch will be refused (410),
    and everything this desktop holds is compared with, and handed in to, the new one."""
    before = meta.get(connection, HUB_ID)
    meta.put(connection, HUB_URL, url)
    meta.put(connection, HUB_ID, hub_id)
    if before and before != hub_id:
        put_cursor(connection, f"left-{before}.0.")
