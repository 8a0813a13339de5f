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
