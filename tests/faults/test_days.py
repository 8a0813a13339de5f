"""Days at the desk, lived by the whole product in a process of its own: ended by SIGKILL at any write point or moment
of ingest, draft, capture, send and sync; on a network that cuts, delays, truncates, refuses and loses answers between
the desk and its mailbox, its mail server and its hub; with a clock that is two days off and jumps; and put to sleep.
Nothing acknowledged is missing, nothing happens twice, the status says what is so.

10 kills and 2 bad days; 1,000 and 200 with `--long`. A failure is repeated with the seed it prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support.kill import Street, street


@pytest.fixture(scope="module")
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with street(tmp_path_factory.mktemp("days"), request.config.getoption("--seed"), bad_network=True) as made:
        yield made


def live(lived: Street, days: int, day: Callable[[], None]) -> None:
    for number in range(days):
        try:
            day()
        except AssertionError as problem:
            raise AssertionError(f"day {number + 1} of seed {lived.seed}: {problem}") from problem
    lived.end()
    print(f"seed {lived.seed}: {days} days, {lived}")


@pytest.mark.timeout(8 * 3600)
def test_days_that_end_by_a_kill_lose_nothing_and_do_nothing_twice(lived: Street, long_run: bool) -> None:
    live(lived, 1_000 if long_run else 10, lived.round)
    assert lived.kills["killed"]


@pytest.mark.timeout(2 * 3600)
def test_days_on_a_bad_network_lose_nothing_and_do_nothing_twice(lived: Street, long_run: bool) -> None:
    live(lived, 200 if long_run else 2, lived.bad_day)


@pytest.mark.parametrize("days", [2, pytest.param(-2, marks=pytest.mark.long)])
def test_a_clock_two_days_off_that_jumps_back_loses_nothing(lived: Street, days: int) -> None:
    """Deadlines are wrong then, but every order of work holds, and the hub's clock says how far ours is off."""
    off = days * 86_400_000
    lived.deliver()
    actions = ("mail", "capture", "send", "sync", "tell", "jump", "note", "capture", "send", "sync", "quiet", "tell")
    heard, status = lived.run(*actions, clock_ahead=off)
    assert status == 0, lived.desk.trouble()
    assert [one for one in heard if one["word"] in ("problem", "late")] == []
    wrong, right = (one for one in heard if one["word"] == "state")
    assert abs(wrong["hub_offset"] + off) < 60_000
    assert abs(right["hub_offset"]) < 60_000
    lived.check(right)
    lived.end()


def test_a_computer_that_slept_goes_on(lived: Street) -> None:
    """Stopped in the middle of its work, its connections gone when it wakes."""
    assert lived.network is not None
    lived.deliver()
    _heard, status = lived.run("mail", "draft", "capture", "send", "sync", "note", "quiet", sleep_after=0.4)
    assert status == 0, lived.desk.trouble()
    lived.check(lived.state())
    lived.end()
