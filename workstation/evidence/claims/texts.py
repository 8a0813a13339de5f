"""The text fields of a desk's form, filled from facts and never cut: what has no room is named. Pure.

Desks read English, whatever language the seller's screen is in, so these texts are not translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workstation.evidence.claims.desks import TextPart
from workstation.evidence.claims.model import Exhibit, Fact, TextSlot, TextValue
from workstation.evidence.claims.vocabulary import PROOFS
from workstation.kernel.clock import iso

MOST = 200_000
"""Characters a person may write into one field."""


Numbered = Sequence[tuple[int, Exhibit]]
"""Exhibits with their numbers, as the files and the texts name them."""


def numbered(exhibits: Sequence[Exhibit]) -> Numbered:
    """The included ones, counted from 1 in the binder's order."""
    return list(enumerate([one for one in exhibits if one.included], 1))


def fill(
    part: TextPart, slot: TextSlot, written: str, facts: Mapping[str, Fact], exhibits: Numbered
) -> TextValue:
    """A field with a person's words, or else with what the facts say."""
    if written:
        over = max(0, len(written) - slot.characters) if slot.characters else 0
        return TextValue(slot, written, True, over)
    if part.fill == ["statement"]:
        text, dropped = statement(facts, exhibits, slot.characters)
        return TextValue(slot, text, False, 0, dropped)
    values = [facts[name].value for name in part.fill if name in facts and facts[name].value]
    text = ", ".join(values)
    over = max(0, len(text) - slot.characters) if slot.characters else 0
    return TextValue(slot, text, False, over)


def statement(
    facts: Mapping[str, Fact], exhibits: Numbered, characters: int | None
) -> tuple[str, tuple[str, ...]]:
    """The whole account, a line for each thing, and the lines for which there was no room, from the end."""
    lines = [*_account(facts), *_list(exhibits)]
    kept = list(lines)
    while kept and characters and len("\n".join(kept)) > characters:
        kept.pop()
    return "\n".join(kept), tuple(lines[len(kept):])


def _account(facts: Mapping[str, Fact]) -> list[str]:
    said = {name: fact.value for name, fact in facts.items() if fact.value}
    lines = [_sentence("Order", said, ("order_number", "{}"), ("ordered_on", "placed on {}"), ("amount", "for {}"))]
    lines.append(_sentence("Items:", said, ("items", "{}")))
    lines.append(_sentence("Shipped", said, ("shipped_on", "on {}"), ("carrier", "by {}"),
                           ("tracking_number", "tracking number {}"), needs=("shipped_on", "tracking_number")))
    lines.append(_sentence("Promised delivery", said, ("promised_on", "{}")))
    lines.append(_sentence("Delivered", said, ("delivered_on", "on {}"), ("delivered_place", "at {}"),
                           needs=("delivered_on",)))
    lines.append(_sentence("Refunded:", said, ("refunds", "{}")))
    return [line for line in lines if line]


def _sentence(start: str, said: Mapping[str, str], *parts: tuple[str, str], needs: tuple[str, ...] = ()) -> str:
    """ "Shipped on 2026-10-02, by DHL." of the parts that are known; "" when what it needs is not."""
    found = [form.format(said[name]) for name, form in parts if name in said]
    known = any(name in said for name in (needs or [name for name, _form in parts]))
    return f"{start} {', '.join(found)}." if found and known else ""


def _list(exhibits: Numbered) -> list[str]:
    """Which exhibits go along, by number; what nobody gave a caption is called what it proves."""
    return [f"Exhibit {number}: {one.caption or f'{_proves(one)}, {iso(one.at)[:10]}'}" for number, one in exhibits]


def _proves(exhibit: Exhibit) -> str:
    return PROOFS[exhibit.slot].title if exhibit.slot in PROOFS else PROOFS["other"].title
