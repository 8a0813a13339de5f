"""A network that cuts, delays, truncates, refuses and loses answers between the desk and its mailbox, its mail server
and its hub: nothing acknowledged is missing, nothing is sent or applied twice, and the status says what is so. 5 days;
200 with `--long`. A failure is repeated with the seed it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kill import street


@pytest.mark.timeout(2 * 3600)
def test_days_on_a_bad_network_lose_nothing_and_do_nothing_twice(tmp_path: Path, seed: int, long_run: bool) -> None:
    days = 200 if long_run else 5
    with street(tmp_path, seed, bad_network=True) as lived:
        for number in range(days):
            try:
                lived.bad_day()
            except AssertionError as problem:
                raise AssertionError(f"day {number + 1} of seed {seed}: {problem}") from problem
        lived.end()
    print(f"seed {seed}: {days} days, {len(lived.mail.received)} mails sent")
