"""When something that failed may be tried again, so that a mailbox that says no is not asked twice a minute."""

from __future__ import annotations

from workstation.kernel.clock import MINUTE, SECOND

LONGEST = 15 * MINUTE
_ASKED = (2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE)


def asked_pause(seconds: int, tries: int) -> int:
    """Milliseconds to leave a server alone that asked to wait: as long as it said; when it said none, longer after each
    of the earlier `tries`.

    Greylisting commonly wants one to five minutes, and begins anew with whoever comes back sooner.
    """
    return seconds * SECOND if seconds > 0 else _ASKED[min(tries, len(_ASKED) - 1)]


class Patience:
    """A minute after the first failure, then twice as long each time, at most a quarter of an hour."""

    def __init__(self) -> None:
        self._until: dict[str, tuple[int, int]] = {}   # name → how often it failed, not before this time (ms UTC)

    def ends(self, name: str, now: int) -> bool:
        """True when `name` may be tried. A clock that was put back does not make anyone wait longer."""
        _tries, until = self._until.get(name, (0, 0))
        return not 0 < until - now <= LONGEST

    def wait(self, name: str, now: int) -> None:
        """`name` failed once more."""
        tries, _until = self._until.get(name, (0, 0))
        self._until[name] = (tries + 1, now + min(LONGEST, MINUTE << min(tries, 4)))

    def forget(self) -> None:
        """Everything may be tried at once."""
        self._until.clear()
