"""What playbooks need from other features, in the shape they ask for. The composition root fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from workstation.store.unit import Unit

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Stand:
    """A conversation as far as a playbook is concerned."""

    issue: str                 # as `triage.model.Issue`; "" when it is not told
    channel: str               # as `domain.states.Channel`
    pictures: bool             # the buyer sent pictures or films
    ids: tuple[str, ...]       # every id by which it and what was merged into it is known, its own first
    told: tuple[str, ...]      # by which of them the hub knows it itself


class Conversations(Protocol):
    def stand(self, connection: Connection, conversation_id: str) -> Stand | None:
        """None when it is not here."""

    def home(self, connection: Connection, entity_id: str) -> str:
        """The conversation in which what another desktop calls `entity_id` is shown here."""

    def name(self, connection: Connection, member_id: str) -> str:
        """What colleagues read as this person's name; "" when nobody knows."""


@dataclass(frozen=True, slots=True)
class CheckStand:
    """A check as it stands now. `verdict`: "pass", "warn", "fail" or "unknown"."""

    id: str
    verdict: str
    fact: str
    source: str
    fetched_at: int | None
    answer_id: str = ""


class Checks(Protocol):
    async def of(self, conversation_id: str) -> Sequence[CheckStand]: ...


@dataclass(frozen=True, slots=True)
class ProofStand:
    """A record of the case that can be a step's proof."""

    kind: str                  # one of `model.PROOFS`
    record_id: str
    record_hash: str
    at: int
    sequence: int


class Proofs(Protocol):
    def of(self, connection: Connection, case_ids: Sequence[str]) -> Sequence[ProofStand]:
        """Oldest first; bounded."""


@dataclass(frozen=True, slots=True)
class Note:
    """A step that a person ticked, left out or took back, to be sealed."""

    case_id: str
    what: Mapping[str, Json]           # the public part of the record
    private: Mapping[str, str]         # names and words of people
    text: str                          # the same for a reader
    at: int
    monotonic_ns: int


class Seals(Protocol):
    def monotonic_ns(self) -> int: ...

    async def seal(self, note: Note, done: Callable[[Unit, str], None]) -> None:
        """Make a record of it. `done` gets the record's id in the transaction that makes it."""
