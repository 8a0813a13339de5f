"""Words and keys of triage. A key is one letter or digit that chooses a value, the same in every language."""

from __future__ import annotations

from ui.inbox import words as inbox
from workstation.kernel.i18n import _
from workstation.triage.model import Finding, Issue, Risk, Urgency

ISSUE_KEYS = {
    Issue.LATE: "L", Issue.LOST: "O", Issue.CUSTOMS: "C", Issue.REFUSED: "F", Issue.DAMAGED: "D", Issue.DEFECTIVE: "E",
    Issue.WRONG: "W", Issue.MISSING: "M", Issue.RETURN: "R", Issue.EXCHANGE: "X", Issue.REFUND: "Y",
    Issue.ADDRESS: "A", Issue.CANCEL: "N", Issue.QUESTION: "Q", Issue.REVIEW: "V", Issue.DISPUTE: "P", Issue.NONE: "0",
}
RISK_KEYS = {
    Risk.CHARGEBACK: "C", Risk.LEGAL: "L", Risk.SAFETY: "S", Risk.REVIEW: "R", Risk.FRAUD: "F", Risk.NONE: "0",
}
URGENCY_KEYS = {Urgency.NOW: "3", Urgency.SOON: "2", Urgency.USUAL: "1"}


def issue(value: str) -> str:
    return inbox.issue_name(value) or _("not told")


def risk(value: str) -> str:
    return _(inbox.RISKS[value]) if value in inbox.RISKS else _("no risk")


def urgency(value: str) -> str:
    found = inbox.URGENCIES.get(int(value or 0))
    return _(found) if found else _("no hurry")


def sentence(finding: Finding) -> str:
    """"late: says “where is my”; promised delivery passed 6 days ago"."""
    name = {"issue": issue, "risk": risk, "urgency": urgency}.get(finding.kind, str)(finding.value)
    return f"{name}: {'; '.join(finding.reasons)}" if finding.reasons else name
