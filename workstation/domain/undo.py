"""The way back from an action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Undo:
    """What to hand to the `undo` of the service that did it; `sentence` says what was done."""

    id: str
    sentence: str
    ids: tuple[str, ...] = ()
