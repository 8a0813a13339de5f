"""Values of triage: the sixteen situations, urgency and risk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Issue(StrEnum):
    """The situations a playbook exists for. NONE: nothing of the kind, or not told."""

    NONE = ""
    LATE = "late"
    LOST = "lost"
    CUSTOMS = "customs"
    REFUSED = "refused"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    WRONG = "wrong"
    MISSING = "missing"
    RETURN = "return"
    EXCHANGE = "exchange"
    REFUND = "refund"
    ADDRESS = "address"
    CANCEL = "cancel"
    QUESTION = "question"
    REVIEW = "review"
    DISPUTE = "dispute"


class Urgency(IntEnum):
    USUAL = 0
    SOON = 1
    NOW = 2


class Risk(StrEnum):
    """What may cost more than the order. NONE: nothing that was found."""

    NONE = ""
    CHARGEBACK = "chargeback"
    LEGAL = "legal"
    SAFETY = "safety"
    REVIEW = "review"
    FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of triage: its value, how sure it is (0 to 1), and why, in sentences. `by`: "rules", "learned" or
    "person"; what a person said is never overruled."""

    kind: str                          # "issue", "language", "market", "urgency", "risk"
    value: str
    confidence: float
    reasons: tuple[str, ...]
    by: str = "rules"


@dataclass(frozen=True, slots=True)
class Triage:
    conversation_id: str
    findings: tuple[Finding, ...]

    def of(self, kind: str) -> Finding | None:
        return next((finding for finding in self.findings if finding.kind == kind), None)
