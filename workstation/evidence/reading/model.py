"""What a machine read in a picture. Derived and replaceable; never evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.evidence.model import Rect
from workstation.kernel.i18n import _, ngettext


class State(StrEnum):
    READ = "read"          # there is text
    NOTHING = "nothing"    # read, and no text was found
    UNFIT = "unfit"        # it cannot be read by anybody here; `why` says why
    FAILED = "failed"      # reading it failed again and again; it may be tried again
    WAITING = "waiting"    # it will be read


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of text and where it is, in the picture's own pixels, upright. "": seen, and not read."""

    rect: Rect
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """An order's or a parcel's number in the text. `kind` is "order" or "tracking"; `known`: we have that order."""

    kind: str
    value: str
    platform: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class PictureText:
    """`source` is a record's or an attachment's id. `text` is in rows, cells of one row two spaces apart. `unread`: how
    many lines were seen and not read, in a script that the engine does not know or too blurred. `at` in ms."""

    source: str
    state: State
    text: str = ""
    lines: tuple[Line, ...] = ()
    numbers: tuple[FoundNumber, ...] = ()
    unread: int = 0
    engine: str = ""
    at: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many pictures wait, and how many could not be read. `paused` is why nothing is read now, a sentence."""

    waiting: int
    failed: int
    paused: str = ""


def unread(n: int) -> str:
    """How much was seen and not read; "" for nothing."""
    return ngettext("{n} line could not be read.", "{n} lines could not be read.", n).format(n=n) if n else ""


def scripts() -> str:
    """What the engine can read, for whoever wonders about a line it could not."""
    return _("Read are Latin letters with their accents, Chinese and Japanese. Not read are Cyrillic, Arabic, Hebrew, "
             "Greek, Korean, Thai and the scripts of India; Vietnamese loses some of its marks.")
