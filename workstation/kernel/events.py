"""The base of everything that is announced. Events are frozen, small, and named in the past tense."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened and was committed before it was announced."""
