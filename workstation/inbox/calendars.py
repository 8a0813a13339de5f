"""Working days and opening hours of a market, for the response clocks that stand still while nobody has to work.

Public holidays come from the package `holidays`; it is imported when the first rule asks for them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from workstation.kernel.clock import from_datetime, to_datetime

if TYPE_CHECKING:
    from holidays import HolidayBase

ZONES = {
    "GB": "Europe/London", "IE": "Europe/Dublin", "DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich",
    "FR": "Europe/Paris", "BE": "Europe/Brussels", "NL": "Europe/Amsterdam", "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon", "IT": "Europe/Rome", "PL": "Europe/Warsaw", "SE": "Europe/Stockholm",
    "US": "America/New_York", "CA": "America/Toronto", "BR": "America/Sao_Paulo", "MX": "America/Mexico_City",
    "JP": "Asia/Tokyo", "KR": "Asia/Seoul", "CN": "Asia/Shanghai", "TW": "Asia/Taipei", "HK": "Asia/Hong_Kong",
    "AU": "Australia/Sydney", "NZ": "Pacific/Auckland", "IN": "Asia/Kolkata",
    "SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "TH": "Asia/Bangkok", "VN": "Asia/Ho_Chi_Minh",
    "PH": "Asia/Manila", "ID": "Asia/Jakarta", "AE": "Asia/Dubai", "SA": "Asia/Riyadh", "TR": "Europe/Istanbul",
}
"""In which zone a market's days begin, where a rule counts days. Of a market with several, the one with most people."""

_REGIONS = {"GB": "ENG"}
"""Whose holidays stand for a market whose regions keep different ones."""

WEEKEND = frozenset({5, 6})
MOST_DAYS = 366
"""After so many days without a working one a calendar is wrong, and the last day looked at stands."""


def zone_of(market: str, fallback: str = "") -> ZoneInfo:
    """The zone of a market (ISO 3166 country), else `fallback`, else UTC."""
    return ZoneInfo(ZONES.get(market) or fallback or "UTC")


@cache
def _holidays(market: str) -> HolidayBase | None:
    """A market's public holidays, which grow as years are asked for; None for a market that is not known."""
    if not market:
        return None
    from holidays import country_holidays

    try:
        return country_holidays(market, subdiv=_REGIONS.get(market))
    except NotImplementedError:
        return None


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days, and between which local times, work is expected. `days` None: the market's own week.

    `opens` and `closes` are wall-clock times of the zone; equal ones mean the whole day.
    """

    market: str
    zone: ZoneInfo
    holidays: bool = True
    days: Collection[int] | None = None        # Monday is 0
    opens: time = time(0)
    closes: time = time(0)

    def works_on(self, day: date) -> bool:
        kept = _holidays(self.market) if self.holidays or self.days is None else None
        if self.days is None:
            weekend: Collection[int] = kept.weekend if kept is not None else WEEKEND
            free = day.weekday() in weekend
        else:
            free = day.weekday() not in self.days
        return not free and not (self.holidays and kept is not None and day in kept)

    def days_later(self, moment: int, days: int) -> int:
        """The same wall-clock time so many working days on; milliseconds, UTC. The day of `moment` is not counted."""
        local = to_datetime(moment).astimezone(self.zone)
        left = days
        for _tried in range(MOST_DAYS):
            if not left:
                break
            local += timedelta(days=1)
            left -= self.works_on(local.date())
        return from_datetime(local)

    def hours_later(self, moment: int, length_ms: int) -> int:
        """When so much opening time has passed; milliseconds, UTC."""
        at, left = moment, length_ms
        day = to_datetime(moment).astimezone(self.zone).date() - timedelta(days=1)   # its night may still go on
        for _tried in range(MOST_DAYS):
            begin, end = self._open(day)
            at = max(at, begin)
            if self.works_on(day) and at < end:
                if at + left <= end:
                    return at + left
                left -= end - at
            day += timedelta(days=1)
            at = max(at, end)
        return at + left

    def _open(self, day: date) -> tuple[int, int]:
        """Opening and closing of a day as instants: a day on which the clocks change is shorter or longer."""
        closing = day + timedelta(days=1) if self.closes <= self.opens else day
        return self._instant(day, self.opens), self._instant(closing, self.closes)

    def _instant(self, day: date, clock: time) -> int:
        return from_datetime(datetime.combine(day, clock, self.zone).astimezone(UTC))
