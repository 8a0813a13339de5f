"""Response clocks: when an unanswered conversation breaks its channel's rule. Rules are data, see
resources/clocks/clocks.toml; every function here is pure."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from workstation.kernel.clock import HOUR, from_datetime, to_datetime

# Zone in which a market's days begin, where a rule counts days. UTC for every other market.
_ZONES = {
    "GB": "Europe/London", "DE": "Europe/Berlin", "FR": "Europe/Paris", "ES": "Europe/Madrid", "IT": "Europe/Rome",
    "US": "America/New_York", "BR": "America/Sao_Paulo", "MX": "America/Mexico_City", "JP": "Asia/Tokyo",
    "AU": "Australia/Sydney", "SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "TH": "Asia/Bangkok",
    "VN": "Asia/Ho_Chi_Minh", "PH": "Asia/Manila", "ID": "Asia/Jakarta", "AE": "Asia/Dubai", "SA": "Asia/Riyadh",
}


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One line of the table. `markets` empty: every market without a rule of its own."""

    channel: str
    kind: str
    markets: tuple[str, ...] = ()
    hours: int = 0
    days: int = 0
    received_until: str = ""
    answered_by: str = ""
    zone: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the clock breaks, and how long it was from the first unanswered message."""

    due_at: int
    length_ms: int


@cache
def load_rules(path: Path) -> tuple[ClockRule, ...]:
    """The table of a file. Raises KeyError or TypeError when it is not one of ours: it ships with the program."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(ClockRule(**{**line, "markets": tuple(line.get("markets", ()))}) for line in table["clock"])


def deadline(rules: Sequence[ClockRule], channel: str, market: str, since: int) -> Deadline | None:
    """When a conversation unanswered `since` breaks its rule; None when its channel has none."""
    rule = _rule_for(rules, channel, market)
    if rule is None:
        return None
    due = {"hours": _hours, "business_days": _business_days, "cutoff": _cutoff}[rule.kind](rule, market, since)
    return Deadline(due, due - since)


def _rule_for(rules: Sequence[ClockRule], channel: str, market: str) -> ClockRule | None:
    fitting = [rule for rule in rules if rule.channel == channel and (not rule.markets or market in rule.markets)]
    return max(fitting, key=lambda rule: bool(rule.markets), default=None)


def _hours(rule: ClockRule, _market: str, since: int) -> int:
    return since + rule.hours * HOUR


def _business_days(rule: ClockRule, market: str, since: int) -> int:
    moment = to_datetime(since).astimezone(ZoneInfo(rule.zone or _ZONES.get(market, "UTC")))
    left = rule.days
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < 5
    return from_datetime(moment)


def _cutoff(rule: ClockRule, market: str, since: int) -> int:
    zone = ZoneInfo(_ZONES.get(market, rule.zone or "UTC"))
    received = to_datetime(since).astimezone(zone)
    late = received.time() >= time.fromisoformat(rule.received_until)
    day = received.date() + timedelta(days=int(late))
    return from_datetime(datetime.combine(day, time.fromisoformat(rule.answered_by), zone))
