"""Reads the playbooks that ship as data, and those of one's own beside them, which replace ours by their id.

A file from a stranger is refused, never believed: what is wrong is named with its place.

docs/playbooks.md says how a file is written.
"""

from __future__ import annotations

import hashlib
import logging
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workstation.domain.states import Channel
from workstation.kernel import i18n
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.told import in_a_line
from workstation.playbooks.model import Title

OWN = "playbooks"
"""The folder of a home in which one's own are."""
LARGEST = 64 * 1024
MOST_FILES = 100
MOST_STEPS = 12
_LOG = logging.getLogger(__name__)

_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069"   # what no line of ours may hold
_Line = Annotated[str, Field(min_length=1, max_length=400, pattern=f"^[^{_UNSEEN}]+$")]
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,39}$")]
_Issue = Literal[
    "late", "lost", "customs", "refused", "damaged", "defective", "wrong", "missing", "return", "exchange", "refund",
    "address", "cancel", "question", "review", "dispute"]
_Verdict = Literal["pass", "warn", "fail"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(_Part):
    """A text in English and in Chinese; one's own playbooks may leave the Chinese out."""

    en: _Line
    zh: _Line | None = None

    def __str__(self) -> str:
        return self.zh if self.zh and i18n.spoken_language() == "zh_CN" else self.en


class StepPart(_Part):
    """`check`: satisfied while this check gives one of `verdicts`. `proof`: satisfied by evidence of this kind.
    Neither: a person's word is enough. `say`: wording for the draft."""

    id: _Name
    title: Words
    how: Words
    check: Literal["order", "delivery", "tracking", "promise", "return_window", "refund"] | None = None
    verdicts: list[_Verdict] = Field(default=["pass", "warn", "fail"], min_length=1, max_length=3)
    proof: Literal["capture", "photo", "answer"] | None = None
    say: Words | None = None

    @model_validator(mode="after")
    def _one(self) -> StepPart:
        if self.check and self.proof:
            raise ValueError("a step has a check or a proof, not both")
        if not self.check and "verdicts" in self.model_fields_set:
            raise ValueError("verdicts belong to a check")
        return self


class Escalation(_Part):
    """When the case goes to somebody else, and to whom."""

    when: Words
    to: Literal["supervisor", "operations"]


class ChannelNote(_Part):
    """What is different on some channels."""

    on: list[_Name] = Field(min_length=1, max_length=20)
    text: Words

    @model_validator(mode="after")
    def _known(self) -> ChannelNote:
        for name in self.on:
            if name not in set(Channel):
                raise ValueError(f"{name} is no channel")
        return self


class PlaybookPart(_Part):
    """One file."""

    version: Literal[1]
    edition: Annotated[int, Field(ge=1, le=1_000_000)]
    id: _Name
    issue: _Issue
    title: Words
    when: Words
    step: list[StepPart] = Field(min_length=1, max_length=MOST_STEPS)
    escalation: list[Escalation] = Field(min_length=1, max_length=6)
    never: list[Words] = Field(min_length=1, max_length=10)
    channel: list[ChannelNote] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _sound(self) -> PlaybookPart:
        ids = [step.id for step in self.step]
        if len(set(ids)) != len(ids):
            raise ValueError("a step is named twice")
        proofs = [step.proof for step in self.step if step.proof]
        if len(set(proofs)) != len(proofs):
            raise ValueError("two steps ask for the same kind of proof: one piece of evidence would satisfy both")
        return self


@dataclass(frozen=True, slots=True)
class Playbook:
    """A file that was understood, and the SHA-256 of its bytes."""

    part: PlaybookPart
    sha256: str
    own: bool = False

    @property
    def title(self) -> Title:
        return Title(self.part.id, self.part.issue, str(self.part.title), self.own)

    def step(self, step_id: str) -> StepPart:
        """Raises InputError when it has no such step."""
        for step in self.part.step:
            if step.id == step_id:
                return step
        raise InputError(_("This playbook has no such step."), _("Look at the playbook again."))


class Book:
    """Every playbook that can be used, by id. `problems` says which of one's own files were not understood."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self.problems: tuple[str, ...] = ()
        self._all = {each.part.id: each for each in map(read, _files(shipped))}
        for path in _files(own) if own is not None and own.is_dir() else ():
            self._take(path)

    def _take(self, path: Path) -> None:
        try:
            found = read(path, own=True)
        except InputError as problem:
            _LOG.warning("a playbook of one's own was not understood")
            self.problems += (str(problem),)
        else:
            self._all[found.part.id] = found

    def __iter__(self) -> Iterator[Playbook]:
        return iter(sorted(self._all.values(), key=lambda each: (_ISSUES.index(each.part.issue), each.part.id)))

    def get(self, playbook_id: str) -> Playbook | None:
        return self._all.get(playbook_id)

    def about(self, issue: str) -> Playbook | None:
        """The one for an issue: that whose id is the issue, else the first that names it; None for none."""
        named = self._all.get(issue)
        if named is not None and named.part.issue == issue:
            return named
        return next((each for each in self if each.part.issue == issue), None)


_ISSUES: tuple[str, ...] = _Issue.__args__  # type: ignore[attr-defined]


def read(path: Path, *, own: bool = False) -> Playbook:
    """One file. Raises InputError naming the file and the first thing in it that is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise _not_understood(path, _("it is larger than {size} bytes").format(size=LARGEST))
        part = PlaybookPart.model_validate(tomllib.loads(content.decode()))
    except OSError as problem:
        raise _not_understood(path, _("it cannot be opened")) from problem
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(each + 1) if isinstance(each, int) else each for each in first["loc"])
        said = f"{place}: {first['msg']}" if place else first["msg"]
        raise _not_understood(path, in_a_line(said, 300)) from problem
    except (ValueError, RecursionError) as problem:
        raise _not_understood(path, in_a_line(str(problem), 200)) from problem
    if part.id != path.stem:
        raise _not_understood(path, _("its id is not the file's name"))
    return Playbook(part, hashlib.sha256(content).hexdigest(), own)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))[:MOST_FILES]


def _not_understood(path: Path, what: str) -> InputError:
    return InputError(_("The playbook in {file} cannot be used: {what}.").format(file=path.name, what=what.rstrip(".")),
                      _("Correct the file; docs/playbooks.md says how it is written."))
