"""Loads the policy packs that ship as data, refuses what is out of bounds, and answers from them."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.paths import resources
from workstation.policy.model import Basis, FreshnessPack, ReturnPack, ReturnRule, ServiceRule, TrackingPack

_LARGEST = 1024 * 1024
_Text = Annotated[str, Field(min_length=1, max_length=400)]
_Days = Annotated[int, Field(ge=1, le=730)]
_Minutes = Annotated[int, Field(ge=1, le=525_600)]
_Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _ReturnRule(_File):
    id: _Text
    basis: Literal["law", "platform", "store"]
    days: _Days
    counts_from: Literal["delivery"]
    source: _Text
    platform: str = Field(default="", max_length=40)
    countries: list[_Country] = Field(default_factory=list, max_length=260)
    store: str = Field(default="", max_length=200)


class _ReturnFile(_File):
    version: _Text
    valid_from: date
    rule: list[_ReturnRule] = Field(min_length=1, max_length=2_000)


class _Service(_File):
    name: _Text
    words: list[_Text] = Field(min_length=1, max_length=100)
    days: _Days


class _Default(_File):
    days: _Days


class _TrackingFile(_File):
    version: _Text
    default: _Default
    service: list[_Service] = Field(max_length=200)


class _Parts(_File):
    any: _Minutes
    identity: _Minutes | None = None
    shipping: _Minutes | None = None
    delivered: _Minutes | None = None
    promise: _Minutes | None = None
    refunds: _Minutes | None = None
    tracking: _Minutes | None = None


class _FreshnessFile(_File):
    version: _Text
    export: _Parts
    api: _Parts
    carrier: _Parts
    person: _Parts


_F = TypeVar("_F", bound=_File)


class PolicyService:
    """Fulfils `verification.ports.Rules`."""

    def __init__(self, folder: Path | None = None) -> None:
        """Raises InputError when a pack is missing, too large or out of bounds: without rules nothing is checked."""
        place = folder or resources() / "policy"
        self.returns = _returns(_read(place / "return_window.toml", _ReturnFile))
        self._tracking = _tracking(_read(place / "tracking.toml", _TrackingFile))
        self._freshness = _freshness(_read(place / "freshness.toml", _FreshnessFile))

    def return_rule(self, platform: str, store: str, country: str) -> ReturnRule | None:
        return self.returns.longest(platform, store, country)

    def stale_days(self, service: str) -> int:
        return self._tracking.stale_days(service)

    def lasts_ms(self, kind: str, part: str) -> int:
        return self._freshness.lasts_ms(kind, part)


def _read(path: Path, shape: type[_F]) -> _F:
    try:
        content = path.read_bytes()
        if len(content) > _LARGEST:
            raise ValueError("larger than a megabyte")
        return shape.model_validate(tomllib.loads(content.decode()))
    except (OSError, ValueError, ValidationError) as problem:
        raise InputError(
            _("The policy pack {name} cannot be used: {why}.").format(name=path.name, why=_why(problem)),
            _("Restore the file that came with the program."),
        ) from problem


def _why(problem: Exception) -> str:
    if isinstance(problem, ValidationError):
        first = problem.errors(include_input=False, include_url=False)[0]
        return ".".join(str(part) for part in first["loc"]) + ": " + first["msg"]
    return problem.strerror or "" if isinstance(problem, OSError) else str(problem)


def _returns(file: _ReturnFile) -> ReturnPack:
    rules = tuple(
        ReturnRule(each.id, Basis(each.basis), each.days, each.source, each.platform,
                   frozenset(each.countries), each.store)
        for each in file.rule
    )
    return ReturnPack(file.version, file.valid_from.isoformat(), rules)


def _tracking(file: _TrackingFile) -> TrackingPack:
    services = tuple(ServiceRule(each.name, tuple(each.words), each.days) for each in file.service)
    return TrackingPack(file.version, file.default.days, services)


def _freshness(file: _FreshnessFile) -> FreshnessPack:
    kinds = {"export": file.export, "api": file.api, "carrier": file.carrier, "person": file.person}
    return FreshnessPack(file.version, {kind: parts.model_dump(exclude_none=True) for kind, parts in kinds.items()})
