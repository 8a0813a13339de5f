"""One conversation judged: what its newest messages say, corrected by what is known of its order, by what persons
taught, and by what a person said of this very conversation. Pure; runs on triage's own thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workstation.kernel.clock import DAY
from workstation.triage import reasons
from workstation.triage.classify import GRAVEST, Classifier, Reading
from workstation.triage.learner import Learner
from workstation.triage.model import Finding, Issue, Risk, Triage, Urgency
from workstation.triage.ports import CaseFacts, Said, Stand
from workstation.triage.text import content, looked_at

KINDS = ("issue", "language", "market", "urgency", "risk")
MANY, TOO_MANY = 3, 5
"""Messages without an answer after which a conversation is needed soon, and now."""
ONLY_MARKET = {"ja": "JP", "ko": "KR", "th": "TH", "pl": "PL", "vi": "VN", "tr": "TR"}


@dataclass(frozen=True, slots=True)
class Material:
    """All that is known of one conversation, newest message first."""

    stand: Stand
    said: Sequence[Said]
    facts: CaseFacts | None
    persons: Mapping[str, str]


def words_of(said: Sequence[Said]) -> frozenset[int]:
    """What a correction of this conversation teaches about: its newest message that has words."""
    texts = (looked_at(each.text or each.subject) for each in said)
    return next((found for found in map(content, texts) if found), frozenset())


class Judge:
    def __init__(self, classifier: Classifier, learner: Learner, now: int) -> None:
        self._classifier, self._learner, self._now = classifier, learner, now

    def judge(self, about: Material) -> Triage:
        reading, steps_back = self._read(about.said)
        open_ones = [each for each in about.said if not each.answered]
        words = words_of(about.said)
        found = (
            self._issue(about, reading, steps_back), _language(about), _market(about),
            self._urgency(about, reading, open_ones), _risk(about, reading),
        )
        taught = tuple(self._taught(finding, about, words) for finding in found)
        return Triage(about.stand.id, tuple(_by_person(finding, about.persons) for finding in taught))

    def _read(self, said: Sequence[Said]) -> tuple[Reading, int]:
        """The newest message that says what it is about; "any news?" leaves it at what was said before. Risk and
        urgency are the gravest of what waits for an answer."""
        chosen, back = Reading(), 0
        gravest = Reading()
        for number, message in enumerate(said):
            reading = self._classifier.read(message.text)
            if reading.issue is Issue.NONE and (number == len(said) - 1 or not message.text.strip()):
                reading = _with_subject(reading, self._classifier.read(message.subject))
            if chosen.issue is Issue.NONE and (reading.issue is not Issue.NONE or not number):
                chosen, back = reading, number
            if not message.answered or not number:
                gravest = _graver(gravest, reading)
        return replace(chosen, risk=gravest.risk, risk_words=gravest.risk_words, urgency=gravest.urgency,
                       urgency_words=gravest.urgency_words), back

    def _issue(self, about: Material, reading: Reading, steps_back: int) -> Finding:
        if reading.issue is Issue.NONE:
            return Finding("issue", "", reading.confidence, (reasons.not_told(),))
        why = [*(reasons.says(reading.words) or (reasons.worded(),))]
        why += [reasons.earlier()] if steps_back else []
        issue, known = _by_facts(reading.issue, about.facts, self._now)
        confidence = max(reading.confidence, 0.8) if issue is not reading.issue else reading.confidence
        others = tuple(each for each in reading.others if each is not issue)
        return Finding("issue", issue, round(confidence, 3), (*known, *why, *reasons.also(others)))

    def _urgency(self, about: Material, reading: Reading, waiting: Sequence[Said]) -> Finding:
        urgency, why = reading.urgency, [*reasons.says(reading.urgency_words)]
        if len(waiting) >= MANY:
            days = max(1, -(-(self._now - waiting[-1].at) // DAY))
            why.append(reasons.unanswered(len(waiting), days))
            urgency = max(urgency, Urgency.NOW if len(waiting) >= TOO_MANY else Urgency.SOON)
        facts, issue = about.facts, reading.issue
        if facts is not None:
            late = _overdue(facts, self._now)
            if late and issue in (Issue.LATE, Issue.LOST):
                why.append(reasons.overdue(late))
                urgency = max(urgency, Urgency.SOON)
            if facts.shipped is False and issue in (Issue.CANCEL, Issue.ADDRESS):
                why.append(reasons.not_shipped())
                urgency = Urgency.NOW
        if reading.risk and not why:
            why += reasons.says(reading.risk_words)
        if not waiting and about.said:
            urgency, why = Urgency.USUAL, []
        return Finding("urgency", str(int(urgency)), 0.9 if why else 0.6, tuple(why))

    def _taught(self, finding: Finding, about: Material, words: frozenset[int]) -> Finding:
        if finding.kind not in ("issue", "risk", "urgency"):
            return finding
        lesson = self._learner.lesson(finding.kind, words, about.stand.id)
        if lesson is None or lesson.value == finding.value:
            return finding
        return Finding(finding.kind, lesson.value, round(lesson.confidence, 3), (reasons.learned(lesson.count),),
                       "learned")


def _with_subject(reading: Reading, subject: Reading) -> Reading:
    if subject.issue is Issue.NONE:
        return reading
    return replace(reading, issue=subject.issue, confidence=subject.confidence, words=subject.words,
                   others=subject.others)


def _graver(one: Reading, other: Reading) -> Reading:
    ranks = {risk: rank for rank, risk in enumerate((*GRAVEST, Risk.NONE))}
    risk = other if ranks[other.risk] < ranks[one.risk] else one
    urgency = other if other.urgency > one.urgency else one
    return replace(one, risk=risk.risk, risk_words=risk.risk_words, urgency=urgency.urgency,
                   urgency_words=urgency.urgency_words)


def _by_facts(issue: Issue, facts: CaseFacts | None, now: int) -> tuple[Issue, tuple[str, ...]]:
    """A buyer asks where it is; the carrier knows: delivered and not there, at customs, or on its way back."""
    if facts is None or issue not in (Issue.LATE, Issue.LOST):
        return issue, ()
    if facts.delivered_at is not None or facts.parcel == "delivered":
        return Issue.LOST, (reasons.delivered(facts, now),)
    if facts.parcel == "customs":
        return Issue.CUSTOMS, (reasons.at_customs(),)
    if facts.parcel == "returned":
        return Issue.REFUSED, (reasons.going_back(),)
    late = _overdue(facts, now)
    return issue, (reasons.overdue(late),) if late else ()


def _overdue(facts: CaseFacts, now: int) -> int:
    """Days since delivery was promised and did not happen."""
    if facts.promised_at is None or facts.delivered_at is not None or facts.parcel == "delivered":
        return 0
    return max(0, now - facts.promised_at) // DAY


def _risk(about: Material, reading: Reading) -> Finding:
    if reading.risk is Risk.NONE:
        return Finding("risk", "", 0.6, ())
    why = [*(reasons.says(reading.risk_words) or (reasons.worded(),))]
    if about.facts is not None and about.facts.refunds and reading.risk is Risk.CHARGEBACK:
        why.append(reasons.refunded(about.facts.refunds))
    return Finding("risk", reading.risk, 0.9 if reading.risk_words else 0.6, tuple(why))


def _language(about: Material) -> Finding:
    language = about.stand.language
    return Finding("language", language, 0.9 if language else 0.0,
                   (reasons.of_words() if language else reasons.not_told(),))


def _market(about: Material) -> Finding:
    country, told = about.facts.country if about.facts else "", about.stand.market
    if country and told in ("", country):
        return Finding("market", country, 0.95, (reasons.goes_to(country),))
    by_language = ONLY_MARKET.get(about.stand.language, "")
    if by_language and told in ("", by_language):
        return Finding("market", by_language, 0.6, (reasons.of_language(),))
    return Finding("market", told, 0.9 if told else 0.0, (reasons.of_mailbox() if told else reasons.not_told(),))


def _by_person(finding: Finding, persons: Mapping[str, str]) -> Finding:
    if finding.kind not in persons:
        return finding
    return Finding(finding.kind, persons[finding.kind], 1.0, (reasons.person(),), "person")
