"""People who answer buyers together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague, by the device they work at. `id` is stable; `name` is what the others read."""

    id: str
    name: str
    me: bool = False
