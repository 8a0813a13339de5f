"""A moment in words, in English and Chinese."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.inbox.moments import FURTHEST, read

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def ms(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1_000)


SUNDAY = ms("2026-11-22T10:00")


@pytest.mark.parametrize(("typed", "meant"), [
    ("in 3 hours", "2026-11-22T13:00"), ("45 min", "2026-11-22T10:45"), ("tomorrow", "2026-11-23T08:00"),
    ("tomorrow 9am", "2026-11-23T09:00"), ("next monday", "2026-11-23T08:00"), ("friday 14:30", "2026-11-27T14:30"),
    ("this afternoon", "2026-11-22T15:00"), ("25 dec", "2026-12-25T08:00"), ("2026-12-01 08:00", "2026-12-01T08:00"),
    ("in two weeks", "2026-12-06T08:00"), ("eod", "2026-11-22T17:00"), ("end of month", "2026-11-30T08:00"),
    ("1.12.", "2026-12-01T08:00"),
    ("3小时后", "2026-11-22T13:00"), ("明天上午9点", "2026-11-23T09:00"), ("后天", "2026-11-24T08:00"),
    ("下周一", "2026-11-23T08:00"), ("周五下午3点", "2026-11-27T15:00"), ("12月1日", "2026-12-01T08:00"),
    ("两周后", "2026-12-06T08:00"), ("晚上8点", "2026-11-22T20:00"), ("十二点半", "2026-11-22T12:30"),
    ("下周", "2026-11-29T08:00"),
])
def test_what_people_type_is_understood(typed: str, meant: str) -> None:
    assert read(typed, SUNDAY, SHANGHAI) == ms(meant)


def test_next_week_s_friday_is_not_this_one() -> None:
    wednesday = ms("2026-11-25T10:00")
    assert read("周五", wednesday, SHANGHAI) == ms("2026-11-27T08:00")
    assert read("下周五", wednesday, SHANGHAI) == ms("2026-12-04T08:00")


def test_a_day_on_which_the_clocks_change_begins_at_eight_of_its_own() -> None:
    before = ms("2026-10-31T22:00", NEW_YORK)
    assert read("tomorrow", before, NEW_YORK) == ms("2026-11-01T08:00", NEW_YORK)


@pytest.mark.parametrize("typed", ["", "blah", "yesterday", "in 0 minutes", "in 40 years", "13月1日", "半", "9"])
def test_what_means_no_moment_to_come_is_none(typed: str) -> None:
    assert read(typed, SUNDAY, SHANGHAI) is None


@given(st.text(max_size=120))
def test_anything_typed_is_a_moment_within_a_year_or_none(typed: str) -> None:
    found = read(typed, SUNDAY, SHANGHAI)
    assert found is None or SUNDAY < found <= SUNDAY + FURTHEST.total_seconds() * 1_000
