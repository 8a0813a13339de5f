"""Reads the desks that ship as data, and a seller's own beside them. A file from a stranger is refused, never believed.

docs/claims-desks.md says how a file is written. Every limit that a desk does not publish is named in `not_found`, so
that nobody can forget to look, and nothing stands in for it.
"""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Container, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workstation.evidence.claims.model import Limits
from workstation.evidence.claims.vocabulary import CLAIM_FACTS, FACTS, PROOFS
from workstation.kernel import i18n
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_LARGEST = 64 * 1024
_MOST_FILES = 100
_LOG = logging.getLogger(__name__)

_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069"   # what no line of ours may hold
_Line = Annotated[str, Field(min_length=1, max_length=400, pattern=f"^[^{_UNSEEN}]+$")]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.]{0,59}$")]
_Bytes = Annotated[int, Field(ge=1_000, le=10**10)]
_Count = Annotated[int, Field(ge=1, le=100_000_000)]
_MONEY = r"^[A-Z]{3} \d{1,9}(\.\d{1,3})?$"
_Format = Literal[
    "image/jpeg", "image/png", "image/gif", "image/tiff", "application/pdf", "video/mp4", "video/quicktime"]
_Published = Literal["formats", "file_bytes", "total_bytes", "files", "pages"]
PUBLISHED: tuple[_Published, ...] = ("formats", "file_bytes", "total_bytes", "files", "pages")
"""Limits of which a desk's file must either give the value or say that it was not found."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Words(_Part):
    """A text in English and in Chinese."""

    en: _Line
    zh: _Line

    def __str__(self) -> str:
        return self.zh if i18n.spoken_language() == "zh_CN" else self.en


class Clock(_Part):
    """How long a desk waits, in hours or days, from when it tells us; `where` says for whom."""

    what: Literal["answer", "appeal"] = "answer"
    hours: Annotated[int, Field(ge=1, le=2_000)] | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    days_most: Annotated[int, Field(ge=1, le=400)] | None = None   # where sources differ
    until: Words | None = None                                     # where the desk itself names the moment
    where: Words | None = None

    @model_validator(mode="after")
    def _one(self) -> Clock:
        if sum(each is not None for each in (self.hours, self.days, self.until)) != 1:
            raise ValueError("a clock has hours, days or until, and one of them")
        return self


class LimitPart(_Part):
    """See `model.Limits`; `not_found` names what the desk does not publish."""

    formats: list[_Format] | None = Field(default=None, min_length=1, max_length=20)
    takes: list[Literal["picture", "paper", "video"]] | None = Field(default=None, min_length=1, max_length=3)
    file_bytes: _Bytes | None = None
    total_bytes: _Bytes | None = None
    advised_bytes: _Bytes | None = None
    files: _Count | None = None
    pages: _Count | None = None
    name_characters: Annotated[int, Field(ge=8, le=255)] | None = None
    dpi: Annotated[int, Field(ge=72, le=2_400)] | None = None
    pixels: _Count | None = None
    video_bytes: _Bytes | None = None
    video_seconds: Annotated[int, Field(ge=1, le=36_000)] | None = None
    text_characters: _Count | None = None
    not_found: list[_Published] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _said(self) -> LimitPart:
        for name in PUBLISHED:
            if (getattr(self, name) is None) != (name in self.not_found):
                raise ValueError(f"{name}: give its value, or name it in not_found, and not both")
        return self

    def limits(self) -> Limits:
        values = self.model_dump(exclude={"not_found", "formats", "takes"})
        formats, takes = (tuple(each) if each else None for each in (self.formats, self.takes))
        return Limits(formats=formats, takes=takes, **values)


class TextPart(_Part):
    """A text field. `fill` names facts, or "statement" for the whole account; empty: a person writes it."""

    id: _Name
    title: Words
    characters: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    fill: list[_Name] = Field(default_factory=list, max_length=20)
    required: bool = False
    reasons: list[_Name] = Field(default_factory=list, max_length=40)   # empty: every reason

    @model_validator(mode="after")
    def _known(self) -> TextPart:
        _refuse_unknown(self.fill, {*FACTS, *CLAIM_FACTS, "statement"})
        return self


class ReasonPart(_Part):
    """What one reason code wants. Of `one_of` one is enough; `from_amount` says from which amount a proof is needed."""

    id: _Name
    title: Words
    required: list[_Name] = Field(default_factory=list, max_length=30)
    one_of: list[_Name] = Field(default_factory=list, max_length=30)
    helpful: list[_Name] = Field(default_factory=list, max_length=30)
    from_amount: dict[_Name, Annotated[str, Field(pattern=_MONEY)]] = Field(default_factory=dict, max_length=10)

    @model_validator(mode="after")
    def _known(self) -> ReasonPart:
        named = [*self.required, *self.one_of, *self.helpful]
        _refuse_unknown([*named, *self.from_amount], PROOFS)
        if len(set(named)) != len(named):
            raise ValueError("a proof is named twice")
        return self


class DeskPart(_Part):
    """One file."""

    version: Literal[1]
    id: _Name
    title: Words
    sources: list[_Line] = Field(min_length=1, max_length=20)
    clock: list[Clock] = Field(default_factory=list, max_length=20)    # empty: not published
    notes: list[Words] = Field(default_factory=list, max_length=20)
    english_only: bool = False
    limits: LimitPart
    fields: dict[_Name, _Name] = Field(default_factory=dict, max_length=60)   # proof → the desk's own file field
    text: list[TextPart] = Field(default_factory=list, max_length=40)
    reason: list[ReasonPart] = Field(min_length=1, max_length=40)

    @model_validator(mode="after")
    def _known(self) -> DeskPart:
        _refuse_unknown(self.fields, PROOFS)
        reasons = [reason.id for reason in self.reason]
        if len(set(reasons)) != len(reasons):
            raise ValueError("a reason is named twice")
        for text in self.text:
            _refuse_unknown(text.reasons, set(reasons))
        return self

    def wanted(self, reason: str) -> ReasonPart:
        """Raises InputError when this desk has no such reason."""
        for each in self.reason:
            if each.id == reason:
                return each
        raise InputError(
            _("{desk} has no reason {reason}.").format(desk=self.title, reason=reason),
            _("Choose one of: {names}.").format(names=", ".join(each.id for each in self.reason)))


class Desks:
    """Every desk that can be used, by id. `problems` says which of the seller's own files were not understood."""

    def __init__(self, shipped: Path, own: Path | None = None) -> None:
        self._desks = {desk.id: desk for desk in map(read, _files(shipped))}
        mine, self.problems = own_desks(own) if own is not None else ((), ())
        self._desks |= {desk.id: desk for desk in mine}

    def __iter__(self) -> Iterator[DeskPart]:
        return iter(sorted(self._desks.values(), key=lambda desk: desk.title.en.casefold()))

    def get(self, desk_id: str) -> DeskPart:
        """Raises InputError when there is none of this id."""
        found = self._desks.get(desk_id)
        if found is None:
            raise InputError(_("There is no claims desk {name}.").format(name=desk_id),
                             _("List them: workstation evidence desks."))
        return found


def own_desks(folder: Path) -> tuple[tuple[DeskPart, ...], tuple[str, ...]]:
    """A seller's own desks, and a sentence for each file that is none: what is wrong, where it lies, what to do."""
    found, problems = list[DeskPart](), list[str]()
    for path in _files(folder) if folder.is_dir() else ():
        try:
            found.append(read(path))
        except InputError as problem:
            _LOG.warning("a claims desk of one's own was not understood")
            where = _("It lies in {folder}.").format(folder=path.parent)
            problems.append(" ".join((problem.sentence, where, problem.remedy)))
    return tuple(found), tuple(problems)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.toml"))[:_MOST_FILES]


def read(path: Path) -> DeskPart:
    """One desk's file. Raises InputError naming the file and the first thing in it that is wrong."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise _not_understood(path, _("it is larger than {size} bytes").format(size=_LARGEST))
        desk = DeskPart.model_validate(tomllib.loads(content.decode()))
    except OSError as problem:
        raise _not_understood(path, _("it cannot be opened")) from problem
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        raise _not_understood(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from problem
    except (ValueError, RecursionError) as problem:
        raise _not_understood(path, str(problem)[:200]) from problem
    if desk.id != path.stem:
        raise _not_understood(path, _("its id is not the file's name"))
    return desk


def _not_understood(path: Path, what: str) -> InputError:
    return InputError(_("The claims desk in {file} cannot be used: {what}.").format(file=path.name, what=what),
                      _("Correct the file; docs/claims-desks.md says how it is written."))


def _refuse_unknown(names: Iterable[str], known: Container[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{name} is not known")
