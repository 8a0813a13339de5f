"""Cells of order files as values. A cell that could mean two things is refused, never guessed at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from workstation.domain.money import Money
from workstation.kernel.clock import DAY, from_datetime
from workstation.kernel.i18n import _

_AMOUNT = re.compile(r"-?\d{1,12}(?:\.\d{1,4})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?(Z|UTC|[+-]\d{2}:?\d{2})")
_ID = re.compile(r"[^\s\x00-\x1f]{1,64}")
LONGEST = 4_000
"""Characters in one cell; a longer one is a broken quote, not a product title."""


class RowProblem(Exception):
    """A row cannot be used; the text says why, in words for the person."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row under its header's names, and the line it ends on."""

    line: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """The first filled cell of `names`. Formulas are text like any other and are never evaluated."""
        for name in names:
            value = self.cells.get(name, "").strip()
            if len(value) > LONGEST:
                raise RowProblem(_("{column} is longer than {n} characters").format(column=name, n=LONGEST))
            if value:
                return value
        return ""

    def order_id(self, *names: str) -> str:
        value = self.text(*names)
        if not _ID.fullmatch(value):
            raise RowProblem(_("{column} is not an order number").format(column=names[0]))
        return value

    def number(self, *names: str, default: int = 0) -> int:
        value = self.text(*names)
        if not value:
            return default
        if not re.fullmatch(r"\d{1,6}", value):
            raise RowProblem(_("{column} is not a whole number: {value}").format(column=names[0], value=value[:20]))
        return int(value)

    def money(self, currency: str, *names: str) -> Money | None:
        """An amount like 1234.56. Thousands separators and decimal commas are refused: they are ambiguous."""
        value = self.text(*names)
        if not value:
            return None
        if not _AMOUNT.fullmatch(value):
            raise RowProblem(_("{column} is not an amount with a decimal point: {value}").format(
                column=names[0], value=value[:20]))
        try:
            return Money.parse(value, currency)
        except ValueError as problem:
            raise RowProblem(_("{column} is not an amount in {currency}: {value}").format(
                column=names[0], currency=currency[:5] or "?", value=value[:20])) from problem

    def moment(self, *names: str) -> int | None:
        """A date with time and zone, or a date alone, which is the start of that day in UTC."""
        return self._time(names, 0)

    def deadline(self, *names: str) -> int | None:
        """As `moment`, but a date alone lasts until the end of its day."""
        return self._time(names, DAY - 1)

    def _time(self, names: tuple[str, ...], rest_of_day: int) -> int | None:
        value = self.text(*names)
        if not value:
            return None
        try:
            moment = _parse(value, rest_of_day)
        except ValueError as problem:
            raise RowProblem(_("{column} is not a date with its zone (2026-11-02T10:00:00+00:00): {value}").format(
                column=names[0], value=value[:32])) from problem
        return moment


def country(value: str) -> str:
    """ISO 3166 alpha-2 in upper case, "" for anything else."""
    code = value.strip().upper()
    return code if re.fullmatch(r"[A-Z]{2}", code) else ""


def _parse(value: str, rest_of_day: int) -> int:
    if _DATE.fullmatch(value):
        return _sane(datetime.fromisoformat(value).replace(tzinfo=UTC)) + rest_of_day
    match = _MOMENT.fullmatch(value)
    if match is None:
        raise ValueError(value)
    zone = "+00:00" if match[3] in ("Z", "UTC") else match[3]
    return _sane(datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}"))


def _sane(moment: datetime) -> int:
    if not 2000 <= moment.year <= 2100:
        raise ValueError("not a date of our time")
    return from_datetime(moment)
