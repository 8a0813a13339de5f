"""Values of playbooks. Texts are in the interface's language; times are milliseconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CHECKS = ("order", "delivery", "tracking", "promise", "return_window", "refund")
"""Named checks a step may be satisfied by: those of the panel beside the conversation."""
PROOFS = ("capture", "photo", "answer")
"""Kinds of evidence a step may ask for: a capture of a screen, a picture the buyer sent, an answer behind a check."""
LONGEST_REASON = 400
"""Characters of why a step was left out."""


class State(StrEnum):
    """How a step stands. SATISFIED: a check or a piece of evidence says so, and nobody had to."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"
    SATISFIED = "satisfied"


class Get(StrEnum):
    """What gets the proof a step lacks."""

    NOTHING = ""
    CAPTURE = "capture"        # capture a screen
    KEEP = "keep"              # keep the pictures that the buyer sent
    ASK = "ask"                # ask the buyer: the step's wording goes into the draft
    ANSWERS = "answers"        # keep the answers behind the checks
    REFRESH = "refresh"        # ask the sources again


@dataclass(frozen=True, slots=True)
class Title:
    """A playbook, to be chosen. `own`: operations wrote it or replaced ours."""

    id: str
    issue: str                 # as `triage.model.Issue`
    title: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step, and how it stands."""

    id: str
    title: str
    how: str                   # one sentence
    state: State = State.OPEN
    by: str = ""               # who said so, by name; "" while open and for what satisfied itself
    at: int | None = None
    reason: str = ""           # why it was left out
    source: str = ""           # what satisfies it, in a sentence; also of a step that a person ticked
    needs: str = ""            # what is required, in a few words; "" when a person's word is enough
    missing: str = ""          # what of that is not there, in a sentence
    get: Get = Get.NOTHING
    say: str = ""              # wording for the draft, "" when there is none
    record_id: str = ""        # the newest record of it that this desktop sealed

    @property
    def open(self) -> bool:
        return self.state is State.OPEN


@dataclass(frozen=True, slots=True)
class Course:
    """The playbook a conversation follows and how far it is. `playbook` None: nobody told what it is about."""

    conversation_id: str
    playbook: Title | None = None
    chosen: bool = False       # by a person, rather than following what it is about
    when: str = ""             # in which situation it applies
    steps: tuple[Step, ...] = ()
    escalate: tuple[str, ...] = ()     # when and to whom, a sentence each
    never: tuple[str, ...] = ()        # what must not be promised or done
    notes: tuple[str, ...] = ()        # what is different on this conversation's channel

    @property
    def current(self) -> Step | None:
        """The first open step; None when nothing is left to do."""
        return next((step for step in self.steps if step.open), None)

    @property
    def place(self) -> int:
        """The first open step's number, from 1; one more than there are steps when none is open."""
        return next((at for at, step in enumerate(self.steps, 1) if step.open), len(self.steps) + 1)
