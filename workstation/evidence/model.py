"""Values of evidence. A record is a signed statement; docs/evidence-format.md describes it for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    CAPTURE = "capture"
    REPLY = "reply"        # a message as sent
    EXPORT = "export"      # a pack was written
    VIEW = "view"          # a record was opened
    FILE = "file"          # a buyer's photo or video, a file, a pasted picture: the original bytes
    ANSWER = "answer"      # what an API answered behind a check
    DERIVED = "derived"    # a redacted, annotated or cropped copy; its lineage names the original
    APPROVAL = "approval"  # somebody allowed something
    ERASE = "erase"        # personal values or a file's key were destroyed
    HOLD = "hold"          # a legal hold was laid or lifted


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in physical pixels of the captured image."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Monitor:
    """One screen. Logical geometry as the system says it, physical pixels as captured."""

    name: str
    x: int
    y: int
    width: int
    height: int
    pixel_width: int
    pixel_height: int
    scale: float
    rotation: int = 0


@dataclass(frozen=True, slots=True)
class Grab:
    """A captured image: RGBA, 8 bits, rows without padding, and all we know about how it was made."""

    width: int
    height: int
    rgba: bytes | bytearray
    monitors: tuple[Monitor, ...]
    screen: int                   # which of `monitors` it shows
    back_end: str                 # "x11/qt", "x11/mss", "offscreen"
    real_screen: bool             # False: offscreen platform; the record says "not a real screen"
    window_title: str = ""
    warnings: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()   # of the libraries that made it: (("qt", "6.11.3"),)
    taken_at: int = 0             # milliseconds since the epoch, UTC; the service stamps it when the image arrives
    monotonic_ns: int = 0         # the computer's monotonic clock at the same moment


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What to capture: a screen, whole or a region in its physical pixels. `case_id` is a conversation's id."""

    case_id: str
    screen: int = 0
    rect: Rect | None = None
    purpose: str = ""
    url: str = ""
    url_learnt: str = "unknown"   # "api", "ocr", "typed", "unknown"
    automation: bool = False      # a program asked for it, not a person


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as the strip and the list show it."""

    id: str
    case_id: str
    kind: Kind
    title: str
    at: int
    sequence: int                 # position in this device's chain, from 1
    sha256: str                   # of the sealed file, hex; "" for records without a file
    size: int
    mime: str
    real_screen: bool
    time_stamped: bool            # an RFC 3161 token covers it; False is "device time only"
    secured: bool                 # the hub re-hashed what it stored and said so
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found wrong: which record or file, and how."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The outcome of a verification. `proved` and `claimed` are sentences."""

    records: int
    files: int
    findings: tuple[Finding, ...]
    proved: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        return not self.findings
