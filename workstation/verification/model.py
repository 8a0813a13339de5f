"""Checks and their verdicts. Unknown is an answer: no source, an old source or an odd source never passes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.order import OrderRef


class Verdict(StrEnum):
    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


CHECKS = ("order", "delivery", "tracking", "promise", "return_window", "refund")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the panel. `fact` and `why` are sentences in the interface's language."""

    id: str                        # one of CHECKS
    verdict: Verdict
    fact: str                      # "Tracking stale: nothing new for 9 days"
    why: str                       # the rule that decided
    change: str                    # what would change this
    source: str                    # where the fact is from, "" when there is none
    fetched_at: int | None
    expires_at: int | None         # after this it is unknown
    answer_id: str = ""            # the stored raw answer, "" when there is none

    def age_s(self, now: int) -> int | None:
        return None if self.fetched_at is None else max(0, (now - self.fetched_at) // 1000)


@dataclass(frozen=True, slots=True)
class Panel:
    """The checks of one order, in the order of CHECKS."""

    order: OrderRef | None
    title: str                     # "Order 702-1234567-1234567 · 2 items · BRL 129.90"
    checks: tuple[Check, ...]
    at: int
    others: tuple[OrderRef, ...] = ()   # further orders this conversation may be about
    reason: str = ""                    # why this order was linked

    def count(self, verdict: Verdict) -> int:
        return sum(check.verdict is verdict for check in self.checks)

    @property
    def worst(self) -> Verdict:
        order = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)
        return next((v for v in order if self.count(v)), Verdict.PASS)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """The stored answer behind a check, as it came."""

    id: str
    source: str
    fetched_at: int
    content_type: str
    body: bytes
