"""SIGKILL at every write point and at random moments of ingest, draft, capture, send and sync: nothing acknowledged is
lost, nothing happens twice. 10 rounds; 1,000 with `--long`. A failure is repeated with the seed it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.kill import street


@pytest.mark.timeout(6 * 3600)
def test_days_that_end_by_a_kill_lose_nothing_and_do_nothing_twice(tmp_path: Path, seed: int, long_run: bool) -> None:
    rounds = 1_000 if long_run else 10
    with street(tmp_path, seed) as lived:
        for number in range(rounds):
            try:
                lived.round()
            except AssertionError as problem:
                raise AssertionError(f"round {number + 1} of seed {seed}: {problem}") from problem
        lived.end()
    print(f"seed {seed}: {rounds} rounds, {dict(lived.kills)}, {lived.points} write points in a day")
