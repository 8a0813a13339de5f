"""The binder in words: exhibits as rows, how full the meter is, and what the next step for a requirement is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from ui.binder.list_model import Row
from ui.conversation import words as said
from ui.conversation.texts import safe_name
from ui.evidence import family
from ui.evidence.words import KINDS
from ui.widgets.timetext import age, number
from workstation.evidence.claims.model import CORRESPONDENCE, OTHER, Exhibit, Fact, Fill, Mark, Need, Reason
from workstation.evidence.model import Kind, RecordView
from workstation.kernel.i18n import N_, _, ngettext


class Step(StrEnum):
    """What can be done for a requirement."""

    CAPTURE = "capture"
    KEEP = "keep"          # an attachment of the conversation
    FILE = "file"
    FETCH = "fetch"        # ask the order's sources again
    INCLUDE = "include"    # the correspondence joins the pack


STEPS = {
    Step.CAPTURE: N_("Capture a region"), Step.KEEP: N_("Keep from the messages…"), Step.FILE: N_("Add files…"),
    Step.FETCH: N_("Fetch the order again"), Step.INCLUDE: N_("Include the correspondence"),
}
_PROOFS = {
    "proof_of_delivery": Step.CAPTURE, "tracking": Step.FETCH, "address": Step.FETCH, "shipping": Step.FILE,
    "signature": Step.FILE, "communication": Step.INCLUDE, "acknowledgement": Step.INCLUDE, "receipt": Step.FILE,
    "refund_policy": Step.CAPTURE, "refund": Step.FETCH, "promise": Step.FETCH, "return_label": Step.FILE,
    "return_missing": Step.CAPTURE, "item_photos": Step.FILE, "damage_photos": Step.KEEP, "comparison": Step.FILE,
    "waybill": Step.FILE, "parcel_photo": Step.FILE, "description": Step.CAPTURE, "authenticity": Step.FILE,
    "expert": Step.FILE, "cancellation": Step.CAPTURE, "service": Step.FILE,
}
"""Each kind of proof and the way it is mostly got; any other is a file."""
STATES = {Fill.HAVE: "pass", Fill.WEAK: "warn", Fill.MISSING: "missing"}
_FILLS = {Fill.HAVE: N_("there"), Fill.WEAK: N_("weak"), Fill.MISSING: N_("missing")}


class Rows:
    """Exhibits as the list shows them. What is made of an exhibit is kept for as long as the exhibit is the same one:
    every key that moves one of two hundred asks for all of them."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[tuple[object, ...], Row]] = {}

    def of(
        self, exhibits: Iterable[Exhibit], records: dict[str, RecordView], reason: Reason | None, now: int,
    ) -> list[Row]:
        """In their order. `now` in milliseconds UTC."""
        titles, today = slots(reason), said.local_day(now)
        made: dict[str, tuple[tuple[object, ...], Row]] = {}
        every = list(numbered(exhibits))
        names = {one.record_id: _named(at, one) for at, one in every}
        for at, one in every:
            record = records.get(one.record_id)
            copied = names.get(record.derived_from, "") if record is not None else ""
            key = at, one, record, reason, today, copied
            known = self._made.get(one.record_id)
            made[one.record_id] = known if known is not None and known[0] == key else (
                key, _row(at, one, record, titles, now, copied))
        self._made = made
        return [row for _key, row in made.values()]


def numbered(exhibits: Iterable[Exhibit]) -> Iterator[tuple[int, Exhibit]]:
    """Exhibits with the numbers they have in a pack: what is left out has none, 0."""
    at = 0
    for one in exhibits:
        at += one.included
        yield (at if one.included else 0), one


def slots(reason: Reason | None) -> dict[str, str]:
    """What an exhibit can stand for: id and title, in the desk's order, "other" last."""
    found = {slot.id: slot.title for slot in reason.slots} if reason is not None else {}
    return {**found, OTHER: _("Other")} if found else {}


def _named(at: int, exhibit: Exhibit) -> str:
    """What another exhibit calls this one: its number where it has one."""
    return _("exhibit {n}").format(n=at) if at else safe_name(exhibit.title)


def _row(
    at: int, exhibit: Exhibit, record: RecordView | None, titles: dict[str, str], now: int, copied: str,
) -> Row:
    printed = exhibit.record_id == CORRESPONDENCE
    when = _("printed when the pack is made") if printed else said.local_time(exhibit.at, now)
    what = kind(exhibit.kind)
    if record is not None and record.derived_from:
        what = family.mark(record)
        what = _("{copy} of {what}").format(copy=what, what=copied) if copied else what
    return Row(
        id=exhibit.record_id, number=at, title=safe_name(exhibit.title), facts=f"{what} · {when}",
        marks=_marks(exhibit, record), caption=exhibit.caption, slot=_stands_for(exhibit, titles),
        included=exhibit.included, erased=erased(record),
        pictured=exhibit.mime.startswith(("image/", "video/")) and not printed,
    )


def kind(name: str) -> str:
    """A record's kind as a person says it."""
    if name == CORRESPONDENCE:
        return _("Both languages")
    return _(KINDS[Kind(name)]) if name in set(Kind) else name


def erased(record: RecordView | None) -> bool:
    """Whether its file was destroyed by a rule of erasure."""
    return record is not None and record.erased_at is not None


def _stands_for(exhibit: Exhibit, titles: dict[str, str]) -> str:
    if not titles:
        return ""
    title = titles.get(exhibit.slot)
    if title is None:
        return _("Stands for nothing yet")
    return _("For: {what} (proposed)").format(what=title) if exhibit.proposed else _("For: {what}").format(what=title)


def _marks(exhibit: Exhibit, record: RecordView | None) -> tuple[tuple[str, str], ...]:
    """The worst first, because the last ones may not fit."""
    if exhibit.record_id == CORRESPONDENCE:
        return ()
    told: list[tuple[str, str]] = []
    if erased(record):
        told.append(("failed", _("erased")))
    if exhibit.kind == Kind.CAPTURE and not exhibit.real_screen:
        told.append(("failed", _("not a real screen")))
    told.append(("pass", _("time-stamped")) if exhibit.time_stamped else ("warn", _("device time only")))
    if exhibit.translation is not None:
        told.append(("warn", _("machine translation")) if exhibit.translation.machine else ("pass", _("translated")))
    return tuple(told)


# the meter


def count(marks: Iterable[Mark]) -> str:
    """ "4 of 7 there, 1 weak, 2 missing"."""
    every = list(marks)
    filled = {fill: sum(mark.fill is fill for mark in every) for fill in Fill}
    text = _("{n} of {all} there").format(n=filled[Fill.HAVE], all=len(every))
    weak = _("{n} weak").format(n=filled[Fill.WEAK]) if filled[Fill.WEAK] else ""
    missing = _("{n} missing").format(n=filled[Fill.MISSING]) if filled[Fill.MISSING] else ""
    return ", ".join(part for part in (text, weak, missing) if part)


def required_missing(marks: Iterable[Mark]) -> int:
    """How many things must still come; of a group that has one, none, and of one that has none, one."""
    required = [mark for mark in marks if mark.slot.need is Need.REQUIRED]
    begun = {mark.slot.group for mark in required if mark.fill is not Fill.MISSING}
    wanted = {mark.slot.group or mark.slot.id for mark in required if mark.fill is Fill.MISSING}
    return len(wanted - begun)


def need(mark: Mark) -> str:
    """ "required" or "helpful", with when it is needed."""
    word = _("helpful") if mark.slot.need is Need.HELPFUL else _("required")
    return f"{word}, {mark.slot.note}" if mark.slot.note else word


def spoken(mark: Mark) -> str:
    """A requirement for a screen reader."""
    return f"{mark.slot.title}, {need(mark)}, {_(_FILLS[mark.fill])}: {mark.why}"


def step(mark: Mark, *, letters: bool = False) -> Step | None:
    """The next thing to do, None when there is nothing to do. `letters`: the correspondence is in the pack already."""
    if mark.fill is Fill.HAVE or not mark.todo:
        return None
    unknown = any(not fact.value or fact.stale for fact in mark.facts)
    usual = _PROOFS.get(mark.slot.id, Step.FILE)
    if usual is Step.INCLUDE and letters:
        return Step.CAPTURE
    return Step.FETCH if unknown and mark.record_ids else usual


# facts and texts


def value(fact: Fact) -> str:
    """What is known, "unknown" where nothing is."""
    return fact.value or _("unknown")


def source(fact: Fact, now: int) -> str:
    """Where a value is from and how old it is; why it is unknown."""
    if not fact.value:
        return fact.why
    parts = [fact.source, age(fact.fetched_at, now) if fact.fetched_at is not None else "",
             _("stale") if fact.stale else ""]
    return " · ".join(part for part in parts if part)


def counter(length: int, most: int | None) -> str:
    """How long a text is beside what the desk takes."""
    if most is None:
        text = ngettext("{n} character, limit not published", "{n} characters, limit not published", length)
        return text.format(n=number(length))
    if length > most:
        text = _("{n} of {most} characters: {over} too many")
        return text.format(n=number(length), most=number(most), over=number(length - most))
    return _("{n} of {most} characters").format(n=number(length), most=number(most))
