"""Response clocks: when an unanswered conversation breaks its channel's rule. Rules are data, see
resources/clocks/clocks.toml and a home's own clocks.toml; every function here is pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from workstation.domain.states import Channel
from workstation.inbox.calendars import Calendar, zone_of
from workstation.inbox.model import DAYS, KINDS, ClockRule
from workstation.kernel.clock import HOUR, from_datetime, to_datetime
from workstation.kernel.i18n import _

OWN = "clocks.toml"
"""A home's own rules, in its folder; each goes before every shipped one for the same channel."""
MOST_RULES = 500
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the clock breaks, and how long it was from the message it runs from."""

    due_at: int
    length_ms: int


@cache
def load_rules(path: Path) -> tuple[ClockRule, ...]:
    """The table of a file. Raises KeyError or TypeError when it is not one of ours: it ships with the program."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(ClockRule(**_lists(line)) for line in table["clock"])


def own_rules(path: Path) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
    """A home's own rules, and what is wrong with the lines that were left out, in sentences. No file, no rules."""
    try:
        data = path.read_bytes()[: MOST_BYTES + 1]
    except FileNotFoundError:
        return (), ()
    except OSError as problem:
        return (), (str(problem.strerror),)
    if len(data) > MOST_BYTES:
        return (), (_("The file is too long."),)
    try:
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as problem:   # a number too long to be read is a ValueError, too
        return (), (str(problem),)
    lines = table.get("clock", [])
    if not isinstance(lines, list):
        return (), (_("Each rule begins with [[clock]] in a line of its own."),)
    rules, problems = [], []
    if len(lines) > MOST_RULES:
        problems.append(_("Only the first {n} rules count.").format(n=MOST_RULES))
    for number, line in enumerate(lines[:MOST_RULES], 1):
        wrong = mistake(line)
        if wrong:
            problems.append(_("Rule {number}: {what}").format(number=number, what=wrong))
        else:
            rules.append(ClockRule(**{**_lists(line), "own": True}))
    return tuple(rules), tuple(problems)


def mistake(line: object) -> str:
    """What is wrong with a rule as it stands in a file, in a sentence; "" when nothing is."""
    if not isinstance(line, Mapping):
        return _("it is no table.")
    known = {field.name: field for field in fields(ClockRule)}
    unknown = sorted(set(line) - set(known) - {"own"})
    if unknown:
        return _("“{name}” is not known.").format(name=unknown[0])
    misfit = next((name for name, value in line.items() if not _fits(name, value)), "")
    if misfit:
        return _("“{name}” has a value that does not fit.").format(name=misfit)
    return _missing(ClockRule(**_lists({"channel": "", "kind": "", **line})))


def deadline(
    rules: Sequence[ClockRule], channel: str, market: str, since: int, *, store: str = "", last: int | None = None,
) -> Deadline | None:
    """When a conversation unanswered `since` breaks its rule; None when its channel has none. `last`: the buyer's
    newest message, for rules that run from it. All in milliseconds, UTC."""
    rule = rule_for(rules, channel, market, store)
    if rule is None or rule.kind == "none":
        return None
    begin = last if rule.runs_from == "last" and last is not None else since
    due = _DUE[rule.kind](rule, market, begin)
    return Deadline(due, due - begin)


def rule_for(rules: Sequence[ClockRule], channel: str, market: str, store: str = "") -> ClockRule | None:
    """The rule that counts for a conversation; of equals the one that stands last."""
    found: ClockRule | None = None
    for rule in rules:
        fits = rule.channel == channel and (not rule.markets or market in rule.markets)
        if fits and (not rule.stores or store in rule.stores) and (found is None or rule.rank >= found.rank):
            found = rule
    return found


def _hours(rule: ClockRule, _market: str, since: int) -> int:
    return since + rule.hours * HOUR


def _business_days(rule: ClockRule, market: str, since: int) -> int:
    return _calendar(rule, market).days_later(since, rule.days)


def _business_hours(rule: ClockRule, market: str, since: int) -> int:
    return _calendar(rule, market).hours_later(since, rule.hours * HOUR)


def _cutoff(rule: ClockRule, market: str, since: int) -> int:
    zone = zone_of(market, rule.zone)
    received = to_datetime(since).astimezone(zone)
    late = received.time() >= time.fromisoformat(rule.received_until)
    due = datetime.combine(received.date() + timedelta(days=int(late)), time.fromisoformat(rule.answered_by), zone)
    return from_datetime(due if due > received else due + timedelta(days=1))


_DUE = {"hours": _hours, "business_days": _business_days, "business_hours": _business_hours, "cutoff": _cutoff}


@cache
def _calendar(rule: ClockRule, market: str) -> Calendar:
    days = frozenset(DAYS.index(day) for day in rule.week) if rule.week else None
    zone = ZoneInfo(rule.zone) if rule.zone else zone_of(market)
    opens, closes = (time.fromisoformat(text) if text else time(0) for text in (rule.opens, rule.closes))
    return Calendar(market, zone, rule.holidays, days, opens, closes)


def _lists(line: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in line.items()}


def _fits(name: str, value: object) -> bool:
    if name in ("markets", "stores", "week"):
        return isinstance(value, list) and all(isinstance(each, str) for each in value) and (
            name != "week" or set(value) <= set(DAYS))
    if name in ("hours", "days"):
        return type(value) is int and 0 < value <= 24 * 90
    if name in ("holidays", "greetings", "own"):
        return type(value) is bool
    return isinstance(value, str) and value.isprintable() and _text_fits(name, value)


def _text_fits(name: str, value: str) -> bool:
    choices = {"channel": tuple(Channel), "kind": KINDS, "runs_from": ("first", "last")}
    if name in choices:
        return value in choices[name]
    try:
        if name in ("received_until", "answered_by", "opens", "closes"):
            return time.fromisoformat(value).tzinfo is None   # the market's or the rule's zone counts
        if name == "zone":
            ZoneInfo(value)
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return False
    return len(value) <= 500


def _missing(rule: ClockRule) -> str:
    needed = {
        "": ("kind",), "hours": ("hours",), "business_days": ("days",), "business_hours": ("hours", "opens", "closes"),
        "cutoff": ("received_until", "answered_by"), "none": (),
    }[rule.kind]
    absent = next((name for name in ("channel", *needed) if not getattr(rule, name)), "")
    return _("“{name}” is missing.").format(name=absent) if absent else ""
