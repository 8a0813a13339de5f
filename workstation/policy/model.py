"""Return windows, stale parcels and fresh facts as data, and the pure rules that read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workstation.kernel.clock import DAY, MINUTE


class Basis(StrEnum):
    """Whose rule it is."""

    LAW = "law"
    PLATFORM = "platform"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class ReturnRule:
    """Empty `platform`, `countries` or `store` fit any. `days` are counted from delivery."""

    id: str
    basis: Basis
    days: int
    source: str
    platform: str = ""
    countries: frozenset[str] = frozenset()
    store: str = ""

    def fits(self, platform: str, store: str, country: str) -> bool:
        """A rule for certain countries does not fit an order whose country is unknown."""
        return (
            self.platform in ("", platform) and self.store in ("", store)
            and (not self.countries or country in self.countries)
        )

    def closes_at(self, delivered_at: int) -> int:
        """The last millisecond of the window: `days` whole days after the day of delivery (UTC).

        Regulation (EEC, Euratom) 1182/71, article 3: the day of the event itself is not counted.
        """
        day_after = (delivered_at // DAY + 1) * DAY
        return day_after + self.days * DAY - 1


@dataclass(frozen=True, slots=True)
class ReturnPack:
    """A versioned set of return rules, valid from a day on (ISO date)."""

    version: str
    valid_from: str
    rules: tuple[ReturnRule, ...]

    def longest(self, platform: str, store: str, country: str) -> ReturnRule | None:
        """The rule that keeps the window open longest, None when no rule is known for this order."""
        fitting = [rule for rule in self.rules if rule.fits(platform, store, country)]
        return max(fitting, key=lambda rule: rule.days, default=None)


@dataclass(frozen=True, slots=True)
class ServiceRule:
    name: str
    words: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class TrackingPack:
    """After how many days without news a parcel is stale, by its service."""

    version: str
    default_days: int
    services: tuple[ServiceRule, ...]

    def stale_days(self, service: str) -> int:
        name = service.casefold()
        fitting = (rule.days for rule in self.services if any(word in name for word in rule.words))
        return next(fitting, self.default_days)


@dataclass(frozen=True, slots=True)
class FreshnessPack:
    """How long facts last, in minutes by kind of source and part."""

    version: str
    minutes: Mapping[str, Mapping[str, int]]

    def lasts_ms(self, kind: str, part: str) -> int:
        by_part = self.minutes[kind]
        return by_part.get(part, by_part["any"]) * MINUTE
