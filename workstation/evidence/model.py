"""Values of evidence. A record is a signed statement; docs/evidence-format.md describes it for other programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


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
    STEP = "step"          # a playbook step was ticked, left out or taken back


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in physical pixels of the captured image."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Monitor:
    """One screen. Logical geometry as the system says it, physical pixels as captured.

    `scale` 0 with no physical pixels: the system does not say how large this screen is in the picture (a canvas).
    """

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
class OpenWindow:
    """A window of any program that is on the desktop now, without its frame, in physical pixels of the desktop."""

    id: str                       # the system's own name of it, good while it is open
    title: str
    program: str                  # "" when the system does not say
    x: int
    y: int
    width: int
    height: int
    covered: bool = False         # something else lies over a part of it


@dataclass(frozen=True, slots=True)
class WindowPart:
    """The part of a captured screen where a window was: the pixels that were shown there, whoever drew them."""

    rect: Rect                    # in the captured image
    covered: bool                 # something else lay over a part of it
    cut: bool                     # a part of it was outside the screen


@dataclass(frozen=True, slots=True)
class Grab:
    """A captured image: RGBA, 8 bits, rows without padding, and all we know about how it was made."""

    width: int
    height: int
    rgba: bytes | bytearray
    monitors: tuple[Monitor, ...]
    screen: int                   # which of `monitors` it shows; -1 on a canvas
    back_end: str                 # "x11/mss", "x11/qt", "wayland/portal", "windows/gdi", "macos/quartz", "offscreen"
    real_screen: bool             # False: offscreen platform; the record says "not a real screen"
    window_title: str = ""
    warnings: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()   # of the libraries that made it: (("qt", "6.11.3"),)
    taken_at: int = 0             # milliseconds since the epoch, UTC; the service stamps it when the image arrives
    monotonic_ns: int = 0         # the computer's monotonic clock at the same moment
    canvas: bool = False          # one picture of all screens; where each lies in it, and its scale, nobody says
    window: WindowPart | None = None   # set when a window was asked for


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
    window: str = ""              # an `OpenWindow.id`: the part of the screen where that window is
    blank: bool = False           # keep a screen of a single colour, too; the record says that it is one


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
    derived_from: str = ""        # id of the record this is a copy of, "" for originals
    operations: tuple[str, ...] = ()   # what was done to the copy, as its statement says: "redact 0,0,40,12"
    erased_at: int | None = None  # when its file was erased (ms, UTC); it cannot be opened any more
    stamp_simulated: bool = False   # only the demo's own authority stamped it, which proves nothing


class State(StrEnum):
    """What a verification says of one part."""

    PROVED = "proved"
    CLAIMED = "claimed"          # nothing is wrong, and not everything is proved: the sentences say what is not
    WRONG = "wrong"
    ABSENT = "not present"       # there was nothing of this kind to check


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found wrong: which record or file, and how. `part` is the `Part.name` it belongs to."""

    where: str
    what: str
    part: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of check: `name` is for programs (`verify.PARTS` lists them), `title` for people."""

    name: str
    title: str
    state: State
    proved: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The outcome of a verification. `proved` and `claimed` are the sentences of all `parts`; nothing is in `proved`
    when anything was found."""

    records: int
    files: int
    findings: tuple[Finding, ...]
    proved: tuple[str, ...] = ()
    claimed: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    @property
    def intact(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class Picture:
    """RGBA, 8 bits, rows without padding."""

    width: int
    height: int
    rgba: bytes | bytearray


MARK_COLOUR = "#d4002a"


@dataclass(frozen=True, slots=True)
class Redact:
    """An opaque black rectangle; what was there is in no byte of the copy. Like all operations below, in pixels of
    the picture it is done to, upright."""

    rect: Rect


@dataclass(frozen=True, slots=True)
class Crop:
    """Only this rectangle is kept. Done last, whatever its place, so that the others keep the original's pixels."""

    rect: Rect


@dataclass(frozen=True, slots=True)
class Arrow:
    """From one place to another, where its head is. `width` of its line in pixels."""

    x1: int
    y1: int
    x2: int
    y2: int
    width: int = 4
    colour: str = MARK_COLOUR     # "#rrggbb"


@dataclass(frozen=True, slots=True)
class Box:
    """The outline of a rectangle, drawn inside it."""

    rect: Rect
    width: int = 4
    colour: str = MARK_COLOUR


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text in a box, its upper left corner at a place; `size` of its letters in pixels."""

    x: int
    y: int
    text: str
    size: int = 24
    colour: str = MARK_COLOUR


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a disc around a place; `size` is the disc's diameter in pixels."""

    x: int
    y: int
    number: int
    size: int = 36
    colour: str = MARK_COLOUR


Mark: TypeAlias = Arrow | Box | Words | Number
"""What is drawn over a picture. It covers and explains, it hides nothing."""

Operation: TypeAlias = Redact | Crop | Mark


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """A copy of a record's picture, with these operations done to it, in this order but for a crop."""

    record_id: str
    operations: tuple[Operation, ...]
    purpose: str = ""
    keep_title: bool = False      # the original's window title goes along; it may say what the copy hides
    automation: bool = False


class Handed(StrEnum):
    """Where one file of a record went, out of the store; the `scope` of the record that says so."""

    REPLY = "attachment"
    PROGRAM = "program"           # another program of this computer opened it
    CLIPBOARD = "clipboard"       # its picture was copied


@dataclass(frozen=True, slots=True)
class Look:
    """A record's file, checked a moment ago, as a person can look at it."""

    record: RecordView
    content: bytes                   # of what is text; a picture is decoded, and nobody looks at a film's bytes
    picture: Picture | None = None   # upright and opaque, when it is a picture that can be shown
    text: str = ""                   # when it can be read: a reply's head and words, an answer in lines
    trouble: str = ""                # why it is neither, a sentence


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a record comes from, the nearest original first, and its direct copies, the oldest first."""

    originals: tuple[RecordView, ...] = ()
    copies: tuple[RecordView, ...] = ()
    missing: str = ""                # id of an original that this store does not hold


@dataclass(frozen=True, slots=True)
class Details:
    """All that a record says. `statement` is the signed JSON; `private` are the personal values still beside it."""

    record: RecordView
    record_hash: str
    key_id: str
    statement: bytes
    private: tuple[tuple[str, str], ...] = ()
    erased: tuple[str, ...] = ()     # names of personal values that were erased
    lineage: Lineage = Lineage()


@dataclass(frozen=True, slots=True)
class Difference:
    """Two pictures, pixel by pixel, from their upper left corners as far as both reach."""

    one: tuple[int, int]             # width and height
    other: tuple[int, int]
    pixels: int                      # that differ
    regions: tuple[Rect, ...]        # that hold all of them, the largest first
    exact: bool | None = None        # one is a copy of the other by exactly its operations; None: nobody can say

    @property
    def same_size(self) -> bool:
        return self.one == self.other

    @property
    def same(self) -> bool:
        return self.same_size and not self.pixels


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """A time-stamp authority as the settings show it. Times are milliseconds since the epoch, UTC."""

    id: str
    name: str
    url: str
    root: str                     # subject of its root certificate
    root_sha256: str              # of the certificate, hex: to be compared with the one the authority publishes
    root_until: int               # when the root runs out
    simulated: bool               # part of the demo: it proves nothing
    stamped: int                  # tokens there are
    waiting: int                  # records that wait for one
    failed_at: int | None = None  # since when it gives none; `failure` says why
    failure: str = ""


@dataclass(frozen=True, slots=True)
class AuthorityTest:
    """What an authority answered when it was tried."""

    at: int                       # the time it vouched for
    accuracy: int                 # ms
    signer: str
    ahead: int                    # ms its clock is ahead of this computer's
