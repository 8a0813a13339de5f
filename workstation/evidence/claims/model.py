"""Values of claims: desks with their reasons and limits, the binder of a case, its meter, and what was compiled.

Light on purpose: the window loads it before its first paint. Sentences are in the interface's language. Sizes are
bytes, times milliseconds since the epoch, UTC. A limit that is None was not published, and the screen says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

CORRESPONDENCE = "correspondence"
"""The exhibit that is no record: the conversation itself, in both languages, printed when a pack is compiled."""

OTHER = "other"
"""The slot of what a desk did not ask for and takes nevertheless."""


class Need(StrEnum):
    REQUIRED = "required"
    HELPFUL = "helpful"


class Fill(StrEnum):
    """How far a requirement is met."""

    HAVE = "have"          # ✓
    WEAK = "weak"          # ! something is there, and it may not do
    MISSING = "missing"    # –


@dataclass(frozen=True, slots=True)
class Limits:
    """What a desk's form takes. None: not published. Sizes and pixels stay below, counts may be reached."""

    formats: tuple[str, ...] | None = None     # MIME types
    takes: tuple[str, ...] | None = None       # "picture", "paper", "video"; None: as the formats say
    file_bytes: int | None = None
    total_bytes: int | None = None
    advised_bytes: int | None = None           # of all files together: what the desk advises
    files: int | None = None
    pages: int | None = None                   # of all files together
    name_characters: int | None = None         # ASCII only where it is given; the extension counts
    dpi: int | None = None
    pixels: int | None = None                  # of one picture
    video_bytes: int | None = None
    video_seconds: int | None = None
    text_characters: int | None = None         # of all text fields together


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing a desk wants for a reason; records are assigned to it by its id, which all desks share."""

    id: str                        # "proof_of_delivery"
    need: Need
    title: str
    advice: str                    # what to do when it is missing
    field: str = ""                # the name of the desk's own file field, "" where there is none
    note: str = ""                 # when it is needed: "from USD 750.00"
    group: str = ""                # of the required ones with the same group one is enough


@dataclass(frozen=True, slots=True)
class TextSlot:
    """One text field of a desk's form."""

    id: str                        # the desk's own name where it has one: "shipping_tracking_number"
    title: str
    characters: int | None         # None: not published
    required: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code of a desk."""

    id: str
    title: str
    slots: tuple[Slot, ...]
    texts: tuple[TextSlot, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """A claims desk as the screen shows it."""

    id: str                        # "stripe"
    title: str
    clock: str                     # "5 days", or that none is published
    notes: tuple[str, ...]         # what else there is to know, and where it was read
    limits: Limits
    limit_lines: tuple[str, ...]   # each limit as a sentence, "limit not published" included
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """A text in another language, and who made it."""

    language: str                  # BCP 47: "en"
    text: str
    engine: str = ""               # the machine, "" when a person translated
    editor: str = ""               # who wrote or corrected it, "" when nobody did

    @property
    def machine(self) -> bool:
        """A machine made it and nobody went over it."""
        return bool(self.engine) and not self.editor


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A record in the binder, in its place."""

    record_id: str                 # or CORRESPONDENCE
    kind: str                      # evidence.model.Kind, or CORRESPONDENCE
    title: str
    at: int
    caption: str
    slot: str                      # for the chosen desk and reason; "" when none is chosen
    proposed: bool                 # the slot is our proposal; a person's choice otherwise
    included: bool
    mime: str
    size: int
    sequence: int = 0
    language: str = ""             # of the original, "" when nobody said
    translation: Translation | None = None
    real_screen: bool = True
    time_stamped: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A structured value of the case. `value` "" is unknown, and `why` says why."""

    id: str                        # "tracking_number"
    title: str
    value: str
    source: str = ""
    fetched_at: int | None = None
    stale: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of the conversation, for the correspondence. `other` is the same in another language, "" for none."""

    message_id: str
    at: int
    from_buyer: bool
    name: str
    language: str
    text: str
    other_language: str = ""
    other: str = ""
    engine: str = ""               # that made `other`; "" when a person wrote it
    own_words: bool = False        # `other` is what the agent wrote before it was translated into `text`


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the meter."""

    slot: Slot
    fill: Fill
    why: str
    todo: str                      # "" when there is nothing to do
    record_ids: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class TextValue:
    """A text field with what goes into it. It is never cut by itself: `over` says how many characters are too many."""

    slot: TextSlot
    text: str
    written: bool                  # a person wrote it; made of the facts otherwise
    over: int = 0
    dropped: tuple[str, ...] = ()  # lines of the facts for which there was no room, said in full


@dataclass(frozen=True, slots=True)
class Claim:
    """What a person knows of a claim at one desk. Days are ISO 8601, "" is unknown."""

    opened_on: str = ""
    reference: str = ""            # the desk's own number of it
    due_on: str = ""               # where the desk itself names the day


@dataclass(frozen=True, slots=True)
class Deadline:
    """A day by which something is to be done."""

    on: str                        # ISO 8601
    length: str = ""               # the clock it was reckoned with: "5 days"
    appeal: bool = False
    told: bool = False             # the desk itself named it
    hours: bool = False            # it ends in the course of that day, at the hour the claim came in


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """A claim of some case, for a list by day."""

    case_id: str
    desk: str
    title: str                     # of the desk
    claim: Claim
    deadline: Deadline | None


@dataclass(frozen=True, slots=True)
class Binder:
    """The binder of a case, looked at through a desk and a reason. Without a desk there is no meter."""

    case_id: str
    desk: str
    reason: str
    exhibits: tuple[Exhibit, ...]
    marks: tuple[Mark, ...] = ()
    facts: tuple[Fact, ...] = ()
    texts: tuple[TextValue, ...] = ()
    claim: Claim = Claim()                 # at this desk
    deadlines: tuple[Deadline, ...] = ()   # the one that counts first

    @property
    def complete(self) -> bool:
        """Every required line is met; of a group, one."""
        required = [mark for mark in self.marks if mark.slot.need is Need.REQUIRED]
        met = {mark.slot.group for mark in required if mark.fill is Fill.HAVE}
        return all(mark.fill is Fill.HAVE or (mark.slot.group and mark.slot.group in met) for mark in required)


@dataclass(frozen=True, slots=True)
class Conversion:
    """One picture or page that came in one format and went into a file of the form in another."""

    record_id: str
    before: str                    # MIME type of the sealed file
    after: str                     # of the file of the form
    page: int = 0                  # of the sealed file, from 1; 0: the whole file
    of: int = 0                    # how many pages it has, 0 for a whole file
    width: int = 0                 # pixels as it went in, 0 for pages of text
    height: int = 0
    size: int = 0                  # bytes as it went in


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """One file of a desk's form. `sources` are SHA-256 of the sealed files it was made of."""

    name: str
    mime: str
    size: int
    sha256: str
    slot: str
    field: str
    pages: int = 0                 # 0: a picture or a video
    width: int = 0
    height: int = 0
    record_ids: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # what was done to them, sentences: "scaled to 1200×900"
    conversions: tuple[Conversion, ...] = ()
    starts: tuple[int, ...] = ()   # of each of `record_ids`, the page or picture of this file at which it begins


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What did not go in, and why."""

    record_id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompileReport:
    """What `compile` made. `pack` is the full evidence pack beside it."""

    path: Path
    desk: str
    reason: str
    files: tuple[CompiledFile, ...]
    texts: tuple[TextValue, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]      # what a person should look at before sending
    record_id: str                 # the custody record that names the files
    pack: Path | None = None

    @property
    def size(self) -> int:
        """Bytes of all files of the form."""
        return sum(file.size for file in self.files)
