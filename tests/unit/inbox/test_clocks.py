"""Response clocks: hours, working days, opening hours and cut-offs, from data; a seller's own go first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from workstation.inbox.clocks import deadline, load_rules, mistake, own_rules, rule_for
from workstation.inbox.lines import Line, Standing, shown
from workstation.inbox.model import ClockRule
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
    ("ebay", "GB", at("2026-12-23T10:00"), at("2026-12-30T10:00")),             # Christmas, Boxing Day moved to Monday
    ("ebay", "SA", at("2026-11-18T10:00"), at("2026-11-23T10:00")),             # weekend is Friday and Saturday
    ("ebay", "", at("2026-12-24T10:00"), at("2026-12-29T10:00")),               # no market, no holidays
    ("ebay", "ZZ", at("2026-11-20T10:00"), at("2026-11-25T10:00")),
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


@pytest.mark.parametrize(("since", "due"), [
    ("2026-11-20T10:00", "2026-11-20T14:00"),
    ("2026-11-20T16:00", "2026-11-23T11:00"),      # Friday: two hours left, then Monday
    ("2026-11-20T20:00", "2026-11-23T13:00"),      # after closing
    ("2026-11-21T12:00", "2026-11-23T13:00"),      # Saturday
    ("2026-12-24T17:00", "2026-12-29T12:00"),      # holidays of England
    ("2026-03-27T17:00", "2026-03-30T12:00"),      # summer time begins on that Sunday
])
def test_opening_hours_are_counted_and_nothing_else(since: str, due: str) -> None:
    rule = ClockRule("email", "business_hours", hours=4, opens="09:00", closes="18:00", week=(
        "mon", "tue", "wed", "thu", "fri"))
    found = deadline([rule], "email", "GB", at(since, "Europe/London"))
    assert found is not None
    assert to_datetime(found.due_at) == to_datetime(at(due, "Europe/London"))


def test_a_shift_over_midnight_and_a_day_of_25_hours_count_what_passes() -> None:
    night = ClockRule("email", "business_hours", hours=9, opens="22:00", closes="06:00", holidays=False, week=(
        "mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    found = deadline([night], "email", "US", at("2026-10-31T22:00", "America/New_York"))
    assert found is not None      # the night has nine hours: 01:00 to 02:00 comes twice
    assert to_datetime(found.due_at) == to_datetime(at("2026-11-01T06:00", "America/New_York"))


def test_a_messenger_s_window_runs_from_the_last_message_and_a_clock_from_the_first() -> None:
    first, last = at("2026-11-20T10:00"), at("2026-11-20T20:00")
    for channel, due in (("whatsapp", "2026-11-21T20:00"), ("amazon", "2026-11-21T10:00")):
        found = deadline(RULES, channel, "US", first, last=last)
        assert found is not None
        assert to_datetime(found.due_at) == to_datetime(at(due))


def test_an_answer_that_only_greets_stops_a_clock_but_where_it_does_not_count() -> None:
    asked, greeted = at("2026-11-20T10:00"), at("2026-11-20T11:00")
    lines = [Line(1, asked, "in", False, "done", ""), Line(2, greeted, "out", False, "done", "o", slight=True)]
    assert shown(lines, Standing("amazon", "US", "open"), RULES).since is None
    assert shown(lines, Standing("tiktok", "US", "open"), RULES).since == asked


def test_of_two_rules_the_seller_s_the_store_s_and_the_market_s_count_in_this_order(tmp_path: Path) -> None:
    path = tmp_path / "clocks.toml"
    path.write_text('''
[[clock]]
channel = "amazon"
kind = "hours"
hours = 20
[[clock]]
channel = "amazon"
kind = "hours"
hours = 4
stores = ["casa"]
[[clock]]
channel = "line"
kind = "none"
''')
    own, problems = own_rules(path)
    assert problems == ()
    rules = (*RULES, *own)
    hours = {store: rule.hours for store in ("casa", "other") if (rule := rule_for(rules, "amazon", "US", store))}
    assert hours == {"casa": 4, "other": 20}
    assert deadline(rules, "line", "JP", 0) is None


@pytest.mark.parametrize(("text", "says"), [
    ("[[clock]]\nchannel = 'amazon'", "kind"), ("[[clock]]\nchannel = 'amazon'\nkind = 'hours'", "hours"),
    ("[[clock]]\nkind = 'hours'\nhours = 3", "channel"), ("[[clock]]\nchannel = 'moon'\nkind = 'none'", "channel"),
    ("[[clock]]\nchannel = 'email'\nkind = 'hours'\nhours = -1", "hours"),
    ("[[clock]]\nchannel = 'email'\nkind = 'hours'\nhours = true", "hours"),
    ("[[clock]]\nchannel = 'email'\nkind = 'business_hours'\nhours = 1\nopens = '25:00'\ncloses = '9'", "opens"),
    ("[[clock]]\nchannel = 'email'\nkind = 'hours'\nhours = 3\nzone = '../../etc/passwd'", "zone"),
    ("[[clock]]\nchannel = 'email'\nkind = 'hours'\nhours = 3\nwork = 1", "work"),
    ("clock = 3", ""), ("[[clock", ""), ("\x00", ""),
])
def test_a_rule_that_cannot_be_used_is_named_and_left_out(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "clocks.toml"
    path.write_text(text)
    rules, problems = own_rules(path)
    assert rules == ()
    assert says in " ".join(problems)


def test_every_shipped_rule_would_be_accepted_from_a_seller_too() -> None:
    import tomllib

    table = tomllib.loads((resources() / "clocks" / "clocks.toml").read_text(encoding="utf-8"))
    assert [mistake(line) for line in table["clock"]] == [""] * len(table["clock"])
