"""A backup in a process of its own that stops where it is told to, to be killed there; and others on small disks.

Usage: python -m tests.support.backing WHAT HOME KEY_HEX [TARGET] [STOP]. It prints "here" and waits at STOP, which is
the number of a report, or "manifest": as soon as the new manifest has its name ("unasked": never, and no room is asked
for before). At the end "done", or the failure's kind and sentence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from workstation.kernel.errors import WorkstationError
from workstation.kernel.paths import Home
from workstation.store import backup, compact, watching

NOW = 1_795_000_000_000


def main() -> int:
    what, home, key, target, stop = (*sys.argv[1:], "", "")[:5]
    watching._STEPS = 2_000
    reported = 0

    def report(_done: int, _total: int) -> None:
        nonlocal reported
        reported += 1
        if str(reported) == stop:
            _wait()

    if stop == "manifest":
        backup._Making._sweep = _stopping(backup._Making._sweep)  # type: ignore[method-assign]
    if stop == "unasked":   # the disk was empty when it was asked
        backup._room = lambda folder, size: None
    place, opened = Home(Path(home)), bytes.fromhex(key)
    try:
        if what == "backup":
            backup.make(place, opened, Path(target), NOW + 1, report)
        else:
            compact.compact(place.database, opened, report)
    except WorkstationError as problem:
        print(type(problem).__name__, problem.sentence)
        return 3
    print("done")
    return 0


def _stopping(work: Callable[..., None]) -> Callable[..., None]:
    def stopped(*given: object) -> None:
        _wait()
        work(*given)

    return stopped


def _wait() -> None:
    print("here", flush=True)
    sys.stdin.read(1)


if __name__ == "__main__":
    raise SystemExit(main())
