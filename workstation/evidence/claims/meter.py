"""How far a case meets what a desk wants: have, weak or missing for each proof, with why and what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workstation.domain.money import Money
from workstation.evidence.claims.model import Exhibit, Fact, Fill, Mark, Need, Slot
from workstation.evidence.claims.vocabulary import PROOFS, Rests
from workstation.kernel.clock import iso
from workstation.kernel.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class Case:
    """What there is: exhibits, facts by id, and the moment it is looked at."""

    exhibits: Sequence[Exhibit]
    facts: Mapping[str, Fact]
    now: int
    english_only: bool = False
    amounts: Mapping[str, str] = field(default_factory=dict)   # proof → amount from which it is needed: "USD 750.00"


def measure(slots: Sequence[Slot], case: Case) -> tuple[Mark, ...]:
    """One mark for each slot, in their order."""
    return tuple(_mark(_needed(slot, case), case) for slot in slots)


def _needed(slot: Slot, case: Case) -> Slot:
    """A proof that is asked for from an amount upwards only helps below it. Another currency is not reckoned over."""
    threshold, amount = case.amounts.get(slot.id, ""), _fact(case, "amount").value
    if not threshold or not amount:
        return slot
    most, paid = _money(threshold), _money(amount)
    below = most is not None and paid is not None and paid.currency == most.currency and paid.minor < most.minor
    return replace(slot, need=Need.HELPFUL) if below else slot


def _money(text: str) -> Money | None:
    currency, _space, amount = text.partition(" ")
    try:
        return Money.parse(amount, currency)
    except ValueError:
        return None


def _fact(case: Case, name: str) -> Fact:
    return case.facts.get(name) or Fact(name, name, "", why=_("No source says it."))


def _mark(slot: Slot, case: Case) -> Mark:
    proof = PROOFS[slot.id]
    facts = tuple(_fact(case, name) for name in proof.facts)
    if slot.id == "promise":
        return _promise(slot, facts, case.now)
    chosen = [one for one in case.exhibits if one.included and one.slot == slot.id]
    ids = tuple(one.record_id for one in chosen)
    if proof.rests is Rests.FACTS or (proof.rests is Rests.EITHER and not chosen):
        return replace(_by_facts(slot, facts), record_ids=ids)
    fill, why = _by_exhibits(chosen, facts, case) if chosen else _without(slot, facts, case)
    return Mark(slot, fill, why, slot.advice if fill is not Fill.HAVE else "", ids, facts)


def _by_facts(slot: Slot, facts: tuple[Fact, ...]) -> Mark:
    unknown = [fact for fact in facts if not fact.value]
    if len(unknown) == len(facts):
        return Mark(slot, Fill.MISSING, unknown[0].why or _not_known(unknown), slot.advice, (), facts)
    if unknown:
        return Mark(slot, Fill.WEAK, _not_known(unknown), slot.advice, (), facts)
    said = ", ".join(fact.value for fact in facts)
    stale = [fact for fact in facts if fact.stale]
    if stale:
        why = _("{said}; last asked {when}").format(said=said, when=_day(stale[0].fetched_at))
        return Mark(slot, Fill.WEAK, why, _("Check the order again."), (), facts)
    return Mark(slot, Fill.HAVE, said, "", (), facts)


def _not_known(facts: Sequence[Fact]) -> str:
    return _("Not known: {names}.").format(names=", ".join(fact.title for fact in facts))


def _promise(slot: Slot, facts: tuple[Fact, ...], now: int) -> Mark:
    """It helps only as long as the day has not passed (ISO dates compare as texts)."""
    marked = _by_facts(slot, facts)
    promised = facts[0].value
    if promised and promised[:10] < iso(now)[:10]:
        return replace(marked, fill=Fill.MISSING, why=_("The promised day, {day}, has passed.").format(
            day=promised[:10]), todo="")
    return marked


def _without(slot: Slot, facts: tuple[Fact, ...], case: Case) -> tuple[Fill, str]:
    if any(one.slot == slot.id for one in case.exhibits):
        return Fill.MISSING, _("There is an exhibit for it, and it is not included.")
    if facts and all(fact.value for fact in facts):
        said = ", ".join(fact.value for fact in facts)
        return Fill.WEAK, _("The data say so ({said}); no exhibit shows it.").format(said=said)
    return Fill.MISSING, _("Nothing shows it yet.")


def _by_exhibits(chosen: Sequence[Exhibit], facts: tuple[Fact, ...], case: Case) -> tuple[Fill, str]:
    if not any(one.real_screen for one in chosen):
        return Fill.WEAK, _("What is there was not captured from a real screen.")
    unknown = [fact for fact in facts if not fact.value]
    if unknown:
        return Fill.WEAK, _("An exhibit is there; no source confirms: {names}.").format(
            names=", ".join(fact.title for fact in unknown))
    if case.english_only and not any(_readable(one) for one in chosen):
        return Fill.WEAK, _("This desk reads English: give a translation.")
    return Fill.HAVE, ngettext("{n} exhibit", "{n} exhibits", len(chosen)).format(n=len(chosen))


def _readable(exhibit: Exhibit) -> bool:
    """In English, or nobody said otherwise, or translated into it."""
    known = exhibit.language.split("-")[0]
    return known in ("", "en") or (
        exhibit.translation is not None and exhibit.translation.language.split("-")[0] == "en")


def _day(at: int | None) -> str:
    return iso(at)[:10] if at is not None else _("never")
