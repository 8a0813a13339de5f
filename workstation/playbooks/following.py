"""Pure: how a playbook stands in a conversation, from what people said, the checks, and the evidence there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workstation.kernel.i18n import N_, _
from workstation.playbooks.book import Playbook, StepPart
from workstation.playbooks.model import Course, Get, State, Step
from workstation.playbooks.ports import CheckStand, Json, ProofStand, Stand
from workstation.playbooks.repo import Fact, field_of

_CHECKS = {
    "order": N_("Order"), "delivery": N_("Delivery"), "tracking": N_("Tracking"), "promise": N_("Promised date"),
    "return_window": N_("Return window"), "refund": N_("Refund"),
}
_NEEDS = {
    "capture": N_("Needs a capture"), "photo": N_("Needs the buyer’s pictures"),
    "answer": N_("Needs the answers behind the checks"),
}
_KEPT = {
    "capture": N_("Capture kept, record {n}"), "photo": N_("Buyer’s picture kept, record {n}"),
    "answer": N_("Answer behind a check kept, record {n}"),
}
_TO = {"supervisor": N_("{when}: to a supervisor"), "operations": N_("{when}: to operations")}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a course is worked out from."""

    stand: Stand
    facts: Mapping[str, Fact]
    checks: Mapping[str, CheckStand]
    proofs: Sequence[ProofStand]
    names: Mapping[str, str]           # members' names by id


@dataclass(frozen=True, slots=True)
class Met:
    """What satisfies a step: in a sentence, and as it is written down."""

    sentence: str
    via: dict[str, Json]


def course(conversation_id: str, playbook: Playbook | None, ground: Ground, *, chosen: bool) -> Course:
    if playbook is None:
        return Course(conversation_id)
    part = playbook.part
    return Course(
        conversation_id, playbook.title, chosen, str(part.when),
        tuple(_step(playbook, step, ground) for step in part.step),
        tuple(_(_TO[each.to]).format(when=each.when) for each in part.escalation),
        tuple(str(each) for each in part.never),
        tuple(str(note.text) for note in part.channel if ground.stand.channel in note.on),
    )


def met(step: StepPart, ground: Ground, since: int = 0) -> Met | None:
    """What satisfies a step by itself now, None for nothing. Evidence from before `since` does not count."""
    if step.check is not None:
        check = ground.checks.get(step.check)
        if check is None or check.verdict not in step.verdicts:
            return None
        via: dict[str, Json] = {
            "kind": "check", "id": check.id, "verdict": check.verdict, "source": check.source,
            "answer_id": check.answer_id, "fetched_at": check.fetched_at,
        }
        told = f"{check.fact} ({check.source})" if check.source else check.fact
        return Met(told, via)
    proof = next((each for each in reversed(ground.proofs) if each.kind == step.proof and each.at >= since), None)
    if proof is None:
        return None
    return Met(_(_KEPT[proof.kind]).format(n=proof.sequence), {
        "kind": "evidence", "proof": proof.kind, "record_id": proof.record_id, "record_sha256": proof.record_hash})


def _step(playbook: Playbook, step: StepPart, ground: Ground) -> Step:
    fact = ground.facts.get(field_of(playbook.part.id, step.id))
    said = _state(fact)
    shown = Step(step.id, str(step.title), str(step.how), say=str(step.say or ""), needs=_needs(step),
                 record_id=fact.record_id if fact is not None and len(fact.record_id) > 1 else "")
    found = met(step, ground, fact.at if fact is not None else 0)
    if said is State.OPEN:
        return _open(shown, step, ground, found)
    value = fact.value if fact is not None else {}
    return Step(
        shown.id, shown.title, shown.how, said, ground.names.get(str(value.get("by", "")), ""),
        fact.at if fact is not None else None, str(value.get("reason", "")), _source(value.get("via"), ground),
        shown.needs, "", Get.NOTHING, shown.say, shown.record_id,
    )


def _open(shown: Step, step: StepPart, ground: Ground, found: Met | None) -> Step:
    """Nobody said that it is done: a check or a piece of evidence may, and else what is missing is named."""
    missing, get = ("", Get.NOTHING) if found is not None else _missing(step, ground)
    return Step(
        shown.id, shown.title, shown.how, State.SATISFIED if found is not None else State.OPEN,
        source=found.sentence if found is not None else "", needs=shown.needs, missing=missing, get=get, say=shown.say,
        record_id=shown.record_id,
    )


def _state(fact: Fact | None) -> State:
    told = str(fact.value.get("state", "")) if fact is not None else ""
    return State(told) if told in (State.DONE, State.SKIPPED) else State.OPEN


def _needs(step: StepPart) -> str:
    if step.check is not None:
        return _("Needs the check “{name}”").format(name=_(_CHECKS[step.check]))
    return _(_NEEDS[step.proof]) if step.proof is not None else ""


def _missing(step: StepPart, ground: Ground) -> tuple[str, Get]:
    if step.check is not None:
        check = ground.checks.get(step.check)
        if check is None or check.verdict == "unknown":
            return (check.fact if check is not None else _("The check says nothing yet.")), Get.REFRESH
        return _("The check speaks against it: {fact}").format(fact=check.fact), Get.NOTHING
    if step.proof == "photo":
        if ground.stand.pictures:
            return _("The buyer sent pictures; none is kept as evidence yet."), Get.KEEP
        return _("The buyer sent no picture yet."), Get.ASK if step.say is not None else Get.NOTHING
    if step.proof == "capture":
        return _("No capture is kept in this case yet."), Get.CAPTURE
    if step.proof == "answer":
        return _("The answers behind the checks are not kept yet."), Get.ANSWERS
    return "", Get.NOTHING


def _source(via: object, ground: Ground) -> str:
    """What satisfied a step when a person ticked it, as it was written down."""
    if not isinstance(via, dict):
        return ""
    if via.get("kind") == "check":
        name = _CHECKS.get(str(via.get("id")))
        told = _("Check “{name}”, {source}") if via.get("source") else _("Check “{name}”")
        return told.format(name=_(name) if name else str(via.get("id")), source=str(via.get("source"))[:120])
    kind = str(via.get("proof"))
    record = next((each for each in ground.proofs if each.record_id == via.get("record_id")), None)
    return _(_KEPT[kind]).format(n=record.sequence) if record is not None and kind in _KEPT else ""
