"""The text fields of a desk's form, filled from facts and never cut: what has no room is named. Pure.

Desks read English, whatever language the seller's screen is in, so these texts are not translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workstation.evidence.claims.desks import TextPart
from workstation.evidence.claims.model import CompiledFile, Exhibit, Fact, TextSlot, TextValue
from workstation.evidence.claims.vocabulary import PROOFS
from workstation.evidence.model import Kind
from workstation.kernel.clock import iso

MOST = 200_000
"""Characters a person may write into one field."""


Numbered = Sequence[tuple[int, Exhibit]]
"""Exhibits with their numbers, as the files and the texts name them."""


def numbered(exhibits: Sequence[Exhibit]) -> Numbered:
    """The included ones, counted from 1 in the binder's order."""
    return list(enumerate([one for one in exhibits if one.included], 1))


def fill(
    part: TextPart, slot: TextSlot, written: str, facts: Mapping[str, Fact], exhibits: Numbered,
    places: Mapping[str, str] | None = None,
) -> TextValue:
    """A field with a person's words, or else with what the facts say. `places`: see `places`."""
    if written:
        over = max(0, len(written) - slot.characters) if slot.characters else 0
        return TextValue(slot, written, True, over)
    if part.fill == ["statement"]:
        text, dropped = statement(facts, exhibits, slot.characters, places or {})
        return TextValue(slot, text, False, 0, dropped)
    values = [facts[name].value for name in part.fill if name in facts and facts[name].value]
    text = ", ".join(values)
    over = max(0, len(text) - slot.characters) if slot.characters else 0
    return TextValue(slot, text, False, over)


def statement(
    facts: Mapping[str, Fact], exhibits: Numbered, characters: int | None, places: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """The whole account, a line for each thing, and the lines for which there was no room, from the end."""
    lines = [*_account(facts), *_list(exhibits, places)]
    kept = list(lines)
    while kept and characters and len("\n".join(kept)) > characters:
        kept.pop()
    return "\n".join(kept), tuple(lines[len(kept):])


def _account(facts: Mapping[str, Fact]) -> list[str]:
    said = {name: fact.value for name, fact in facts.items() if fact.value}
    lines = [_sentence("Claim", said, ("claim_reference", "{}"), ("claim_opened_on", "opened on {}"),
                       needs=("claim_reference",))]
    lines.append(_sentence("Order", said, ("order_number", "{}"), ("ordered_on", "placed on {}"), ("amount", "for {}")))
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


def places(files: Sequence[CompiledFile]) -> dict[str, str]:
    """Where exhibits are that do not have a file of their own, by record id: "03-receipt.pdf, page 2"."""
    found: dict[str, list[str]] = {}
    for file in files:
        sheet = "page" if file.pages else "picture"
        for name, start in zip(file.record_ids, file.starts, strict=True):
            shared = f", {sheet} {start}" if len(file.record_ids) > 1 else ""
            found.setdefault(name, []).append(f"{file.name}{shared}")
    return {name: " and ".join(where) for name, where in found.items() if len(where) > 1 or ", " in where[0]}


def _list(exhibits: Numbered, places: Mapping[str, str]) -> list[str]:
    """Which exhibits go along, by number; what nobody gave a caption is called what it proves, a file by its name."""
    return [f"Exhibit {number}: {one.caption or _called(one)}{_where(places.get(one.record_id, ''))}"
            for number, one in exhibits]


def _called(exhibit: Exhibit) -> str:
    name = f" ({exhibit.title})" if exhibit.kind == Kind.FILE and exhibit.title else ""
    return f"{_proves(exhibit)}{name}, {iso(exhibit.at)[:10]}"


def _where(place: str) -> str:
    return f" [{place}]" if place else ""


def _proves(exhibit: Exhibit) -> str:
    return PROOFS[exhibit.slot].title if exhibit.slot in PROOFS else PROOFS["other"].title
