"""Response clocks: hours, business days and cut-offs, from data."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from workstation.inbox.clocks import deadline, load_rules
from workstation.kernel.clock import from_datetime, to_datetime
from workstation.kernel.paths import resources

RULES = load_rules(resources() / "clocks" / "clocks.toml")


def at(text: str, zone: str = "UTC") -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


@pytest.mark.parametrize(("channel", "market", "since", "due"), [
    ("amazon", "US", at("2026-11-21T10:00"), at("2026-11-22T10:00")),           # a Saturday counts
    ("tiktok", "TH", at("2026-11-20T10:00"), at("2026-11-20T22:00")),
    ("tiktok", "US", at("2026-11-20T10:00"), at("2026-11-21T10:00")),
    ("ebay", "GB", at("2026-11-19T10:00"), at("2026-11-24T10:00")),             # Thursday + 3 business days
    ("ebay", "GB", at("2026-03-26T10:00", "Europe/London"), at("2026-03-31T10:00", "Europe/London")),  # over the change
    ("lazada", "SG", at("2026-11-20T17:59", "Asia/Singapore"), at("2026-11-20T19:00", "Asia/Singapore")),
    ("lazada", "SG", at("2026-11-20T18:00", "Asia/Singapore"), at("2026-11-21T19:00", "Asia/Singapore")),
    ("lazada", "TH", at("2026-11-20T17:30", "Asia/Bangkok"), at("2026-11-20T19:00", "Asia/Bangkok")),
])
def test_each_rule_breaks_when_its_platform_says(channel: str, market: str, since: int, due: int) -> None:
    found = deadline(RULES, channel, market, since)
    assert found is not None
    assert to_datetime(found.due_at) == to_datetime(due)
    assert found.length_ms == due - since


def test_a_channel_without_a_rule_has_no_clock() -> None:
    assert deadline(RULES, "phone", "US", 0) is None
