"""Values of the team. Times are milliseconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LIFETIME_MS = 25_000
"""After so long without a sign of life nobody is shown as present."""


class Doing(StrEnum):
    VIEWING = "viewing"
    WRITING = "writing"


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody else in a conversation. `until`: when it lapses unless they show a sign of life."""

    member_id: str
    name: str
    doing: Doing
    until: int


@dataclass(frozen=True, slots=True)
class TeamDevice:
    """A computer somebody of the team works at. `enrolled_at`: when the hub last let it in."""

    id: str
    name: str
    member_id: str
    member: str                   # their name
    role: str
    enrolled_at: int
    revoked: bool = False
    mine: bool = False            # it is this person's
    here: bool = False            # it is this very computer


@dataclass(frozen=True, slots=True)
class Team:
    """Devices by member, this person's first. `owner`: this person may invite colleagues."""

    devices: tuple[TeamDevice, ...]
    owner: bool
