"""Rules somebody wrote, nights, and days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from workstation.inbox import moments
from workstation.inbox.clockbook import ASIDE, ClockBook
from workstation.inbox.clocks import deadline, own_rules
from workstation.inbox.model import ClockRule
from workstation.kernel.clock import HOUR, from_datetime
from workstation.kernel.paths import resources

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo | None = None) -> int:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=zone or UTC))


@pytest.mark.parametrize("line", [
    'kind = "cutoff"\nreceived_until = "18:00Z"\nanswered_by = "23:59"',
    'kind = "cutoff"\nreceived_until = "18:00"\nanswered_by = "23:59+02:00"',
    'kind = "business_hours"\nhours = 8\nopens = "09:00+01:00"\ncloses = "17:00"',
])
def test_a_time_with_a_zone_of_its_own_is_a_mistake_that_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "clocks.toml"
    path.write_text(f'[[clock]]\nchannel = "email"\n{line}\n', encoding="utf-8")
    rules, problems = own_rules(path)
    assert rules == ()
    assert len(problems) == 1


@pytest.mark.parametrize("text", ["x = " + "[" * 5_000, "x = " + "9" * 5_000, "clock = 3", '[clock]\nkind = "none"'])
def test_a_file_that_breaks_the_reader_is_a_problem_and_no_crash(tmp_path: Path, text: str) -> None:
    path = tmp_path / "clocks.toml"
    path.write_text(text, encoding="utf-8")
    rules, problems = own_rules(path)
    assert rules == ()
    assert problems


def test_more_rules_than_are_read_are_said(tmp_path: Path) -> None:
    path = tmp_path / "clocks.toml"
    path.write_text('[[clock]]\nchannel = "email"\nkind = "none"\n' * 501, encoding="utf-8")
    rules, problems = own_rules(path)
    assert len(rules) == 500
    assert problems


def test_an_answer_that_was_due_earlier_on_the_day_is_due_on_the_next() -> None:
    rule = ClockRule("email", "cutoff", received_until="18:00", answered_by="12:00", zone="Europe/Berlin")
    found = deadline([rule], "email", "", at("2026-06-01T14:00", BERLIN))
    assert found is not None
    assert found.due_at == at("2026-06-02T12:00", BERLIN)


def test_a_night_shift_that_began_yesterday_goes_on() -> None:
    rule = ClockRule("email", "business_hours", hours=2, opens="22:00", closes="06:00", zone="Europe/Berlin",
                     holidays=False, week=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    found = deadline([rule], "email", "", at("2026-06-02T02:00", BERLIN))
    assert found is not None
    assert found.due_at == at("2026-06-02T04:00", BERLIN)


@pytest.mark.parametrize(("now", "typed", "wanted"), [
    ("2026-03-29T00:30", "in 3 hours", 3), ("2026-10-25T00:30", "in 3 hours", 3),
    ("2026-03-29T00:30", "in 90 minutes", 1.5), ("2026-10-25T00:30", "三小时后", 3), ("2026-03-29T00:30", "3h", 3),
])
def test_hours_from_now_are_hours_when_the_clocks_change(now: str, typed: str, wanted: float) -> None:
    begin = at(now, BERLIN)
    assert moments.read(typed, begin, BERLIN) == begin + int(wanted * HOUR)


@pytest.mark.parametrize(("typed", "wanted"), [
    ("明天二十三点", "2026-06-02T23:00"), ("明天二十点", "2026-06-02T20:00"),
    ("明天下午三点十五分", "2026-06-02T15:15"), ("明天上午九点四十五分", "2026-06-02T09:45"),
    ("明天晚上十二点", "2026-06-03T00:00"), ("今晚12点", "2026-06-02T00:00"),
    ("明天中午12点", "2026-06-02T12:00"), ("明天下午三点半", "2026-06-02T15:30"),
])
def test_chinese_hours_are_read_whole(typed: str, wanted: str) -> None:
    assert moments.read(typed, at("2026-06-01T10:00", BERLIN), BERLIN) == at(wanted, BERLIN)


def test_a_file_with_a_mistake_is_kept_aside_when_rules_are_saved_over_it(tmp_path: Path) -> None:
    path = tmp_path / "clocks.toml"
    written = '# by hand\n[[clock]]\nchannel = "email"\nkind = "hours"\nhours = 4\n[[clock]]\nchannel = "emial"\n'
    path.write_text(written, encoding="utf-8")
    book = ClockBook(resources() / "clocks" / "clocks.toml", path)
    assert book.problems
    book.keep(book.own)
    assert (tmp_path / ASIDE).read_text(encoding="utf-8") == written
    (tmp_path / ASIDE).unlink()
    book.keep(book.own)
    assert not (tmp_path / ASIDE).exists()
