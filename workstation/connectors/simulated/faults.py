"""How a simulated source can misbehave about one order or parcel."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    TIMEOUT = "timeout"            # takes the question and never answers
    SHAPE = "shape"                # answers with fields renamed
    ERROR = "error"                # status 500
    ABSENT = "absent"              # knows no such thing
