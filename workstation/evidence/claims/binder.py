"""The binder of a case: exhibits in order with captions and slots, the meter of a desk, and packs made of both."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workstation.domain.events import BinderChanged
from workstation.domain.undo import Undo
from workstation.evidence.claims import compiling, deadline, meter, rows, shown, texts
from workstation.evidence.claims.compiling import Press
from workstation.evidence.claims.desks import DeskPart, Desks, ReasonPart
from workstation.evidence.claims.gather import Gathered, Kin, gather
from workstation.evidence.claims.model import (
    OTHER,
    Binder,
    Claim,
    CompileReport,
    Desk,
    Exhibit,
    Fact,
    OpenClaim,
    TextValue,
    Translation,
)
from workstation.evidence.claims.rows import Kept
from workstation.evidence.claims.vocabulary import PROOFS
from workstation.evidence.ports import CaseFacts, Printer
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.ids import new_id
from workstation.store.database import Database
from workstation.store.unit import Unit

MOST_UNDO = 50
MOST_CAPTION = 500
MOST_CLAIMS = 30_000
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Before:
    """The way back: the changed rows of a case as they were, or a text as it was."""

    case_id: str
    rows: tuple[Kept, ...] = ()
    text: tuple[str, str, str, str] = ("", "", "", "")     # desk, reason, field, text
    claim: tuple[str, Claim] | None = None                 # desk, and what was said of its claim


class BinderService:
    """Fulfils `api.BinderApi`."""

    def __init__(
        self, database: Database, clock: Clock, desks: Callable[[], Desks], facts: CaseFacts,
        records: compiling.Records, printer: Printer, kin: Kin, press: Callable[[], Press] | None = None,
    ) -> None:
        """`desks` is asked when first needed: reading their files is no part of the start."""
        self._database = database
        self._clock = clock
        self._load = desks
        self._known: Desks | None = None
        self._facts = facts
        self._kin = kin
        self._compiler = compiling.Compiler(records, printer, clock, press)
        self._undo: OrderedDict[str, _Before] = OrderedDict()

    # -- reading --------------------------------------------------------------------------------------------------

    async def desks(self) -> tuple[Desk, ...]:
        """Every desk, by title."""
        return tuple(shown.desk(part) for part in self._desks())

    async def desk_problems(self) -> tuple[str, ...]:
        """What was not understood in desks of one's own."""
        return self._desks().problems

    async def binder(self, case_id: str, desk: str = "", reason: str = "") -> Binder:
        """As `api.BinderApi.binder`."""
        found = await self._gather(case_id)
        desk, reason = (desk, reason) if desk else found.choice
        if not desk:
            return Binder(case_id, "", "", tuple(_without_slots(found)), (), found.facts)
        return (await self._seen(found, desk, reason))[2]

    async def choose(self, case_id: str, desk: str, reason: str) -> None:
        part = self._desks().get(desk)
        chosen = part.wanted(reason or part.reason[0].id)
        await self._write(case_id, lambda unit: rows.choose(unit.conn, case_id, desk, chosen.id))

    # -- changing -------------------------------------------------------------------------------------------------

    async def move(self, case_id: str, record_id: str, to: int) -> Undo:
        """As `api.BinderApi.move`."""
        found = await self._gather(case_id)
        order = [one.record_id for one in self._ordered(found)]
        if record_id not in order:
            raise _no_exhibit()
        order.remove(record_id)
        order.insert(max(0, min(to, len(order))), record_id)
        places = {name: place for place, name in enumerate(order)}
        return await self._keep(
            case_id, order, _("Exhibit moved"), lambda row: replace(row, position=places[row.record_id]))

    async def caption(self, case_id: str, record_id: str, text: str) -> Undo:
        """Raises InputError when it is too long."""
        said = " ".join(text.split())
        if len(said) > MOST_CAPTION:
            raise InputError(_("The caption is too long."), _("Use at most {n} characters.").format(n=MOST_CAPTION))
        return await self._change(case_id, [record_id], _("Caption changed"), lambda row: replace(row, caption=said))

    async def assign(self, case_id: str, record_id: str, slot: str) -> Undo:
        """As `api.BinderApi.assign`."""
        if slot and slot not in PROOFS and slot != OTHER:
            raise InputError(_("There is no such kind of proof."), _("Choose one the desk asks for."))
        return await self._change(case_id, [record_id], _("Exhibit assigned"), lambda row: replace(row, slot=slot))

    async def include(self, case_id: str, record_ids: Sequence[str], included: bool) -> Undo:
        """As `api.BinderApi.include`."""
        many = len(record_ids)
        said = ngettext("{n} exhibit included", "{n} exhibits included", many) if included else ngettext(
            "{n} exhibit left out", "{n} exhibits left out", many)
        return await self._change(
            case_id, record_ids, said.format(n=many), lambda row: replace(row, included=int(included)))

    async def translate(
        self, case_id: str, record_id: str, language: str, translation: Translation | None = None
    ) -> Undo:
        """As `api.BinderApi.translate`. Raises InputError for a text that is too long."""
        if translation is not None and len(translation.text) > texts.MOST:
            raise InputError(_("The translation is too long."), _("Add it as a file."))
        said = rows.as_json(translation)
        return await self._change(
            case_id, [record_id], _("Translation changed"),
            lambda row: replace(row, language=language, translation=said))

    async def write(self, case_id: str, desk: str, reason: str, field: str, text: str) -> Undo:
        """As `api.BinderApi.write`. Raises InputError for an unknown field or a text that is far too long."""
        part = self._desks().get(desk)
        part.wanted(reason)
        if field not in [each.id for each in part.text] or len(text) > texts.MOST:
            raise InputError(_("That text cannot be kept."), _("Choose a field of the desk's form, and write less."))
        before = await self._database.read(lambda c: rows.texts(c, case_id, desk, reason).get(field, ""))
        await self._write(case_id, lambda unit: rows.write_text(unit.conn, case_id, desk, reason, field, text))
        return self._way_back(_Before(case_id, (), (desk, reason, field, before)), _("Text changed"))

    async def claim(self, case_id: str, desk: str, claim: Claim) -> Undo:
        """As `api.BinderApi.claim`. Raises InputError for an unknown desk, and for what is no date."""
        self._desks().get(desk)
        told = deadline.checked(claim)
        before = await self._database.read(lambda c: rows.claim(c, case_id, desk))
        await self._write(case_id, lambda unit: rows.write_claim(unit.conn, case_id, desk, told))
        return self._way_back(_Before(case_id, claim=(desk, before)), _("Claim changed"))

    async def claims(self) -> tuple[OpenClaim, ...]:
        """As `api.BinderApi.claims`."""
        found = await self._database.read(lambda c: rows.claims(c, MOST_CLAIMS))
        known = {part.id: part for part in self._desks()}
        listed = [_open(case_id, known[desk], claim) for (case_id, desk), claim in found.items() if desk in known]
        return tuple(sorted(listed, key=lambda one: (one.deadline is None, one.deadline.on if one.deadline else "",
                                                     one.case_id, one.desk)))

    async def undo(self, undo_id: str) -> None:
        """As `api.BinderApi.undo`."""
        before = self._undo.get(undo_id)
        if before is None:
            raise NotFound(_("There is nothing to undo."), _("Change it by hand."))

        def work(unit: Unit) -> None:
            if before.claim is not None:
                rows.write_claim(unit.conn, before.case_id, *before.claim)
            elif before.rows:
                now = rows.kept(unit.conn, self._kin(unit.conn, before.case_id))
                now.update((row.record_id, row) for row in before.rows)
                rows.replace_all(unit.conn, before.case_id, now.values())
            else:
                rows.write_text(unit.conn, before.case_id, *before.text)

        await self._write(before.case_id, work)
        self._undo.pop(undo_id, None)   # what failed can be tried again

    # -- packs ----------------------------------------------------------------------------------------------------

    async def compile(
        self, case_id: str, desk: str, reason: str, out: Path, progress: Progress | None = None
    ) -> CompileReport:
        """As `api.BinderApi.compile`."""
        found = await self._gather(case_id)
        part, wanted, binder = await self._seen(found, desk, reason)
        written = {value.slot.id: value.text for value in binder.texts if value.written}

        def said(exhibits: texts.Numbered, places: Mapping[str, str]) -> tuple[TextValue, ...]:
            facts = {fact.id: fact for fact in binder.facts}
            return _texts(part, wanted, exhibits, facts, written, places)

        order = compiling.Order(part, shown.reason(part, wanted), binder, found.letters, said)
        return await self._compiler.compile(order, out, progress)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _desks(self) -> Desks:
        if self._known is None:
            self._known = self._load()
        return self._known

    async def _gather(self, case_id: str) -> Gathered:
        return await self._database.read(lambda c: gather(c, case_id, self._kin, self._facts))

    def _ordered(self, found: Gathered) -> tuple[Exhibit, ...]:
        """As the screen shows them now, through the desk chosen last."""
        desk, reason = found.choice
        if not desk:
            return _without_slots(found)
        part = self._desks().get(desk)
        return found.exhibits([slot.id for slot in shown.reason(part, part.wanted(reason)).slots])

    async def _seen(self, found: Gathered, desk: str, reason: str) -> tuple[DeskPart, ReasonPart, Binder]:
        part = self._desks().get(desk)
        chosen = found.choice[1] if desk == found.choice[0] else ""
        wanted = part.wanted(reason or chosen or part.reason[0].id)
        asked = shown.reason(part, wanted)
        exhibits = found.exhibits([slot.id for slot in asked.slots])
        claim = await self._database.read(lambda c: rows.claim(c, found.case_id, desk))
        told = deadline.facts(claim, part.clock)
        facts = {**found.fact(), **{fact.id: fact for fact in told}}
        case = meter.Case(exhibits, facts, self._clock.now(), part.english_only, wanted.from_amount)
        written = await self._database.read(lambda c: rows.texts(c, found.case_id, desk, wanted.id))
        values = _texts(part, wanted, texts.numbered(exhibits), facts, written)
        return part, wanted, Binder(
            found.case_id, desk, wanted.id, exhibits, meter.measure(asked.slots, case), (*told, *found.facts), values,
            claim, deadline.deadlines(claim, part.clock))

    async def _change(
        self, case_id: str, record_ids: Sequence[str], said: str, change: Callable[[Kept], Kept]
    ) -> Undo:
        found = await self._gather(case_id)
        there = {item.exhibit.record_id for item in found.items}
        if not record_ids or not there.issuperset(record_ids):
            raise _no_exhibit()
        return await self._keep(case_id, record_ids, said, change)

    async def _keep(
        self, case_id: str, record_ids: Sequence[str], said: str, change: Callable[[Kept], Kept]
    ) -> Undo:
        """Read and changed in one transaction, so that two quick changes are both kept."""
        before: list[Kept] = []

        def work(unit: Unit) -> None:
            now = rows.kept(unit.conn, self._kin(unit.conn, case_id))
            before[:] = [now.get(name) or Kept(name) for name in record_ids]
            now.update((row.record_id, change(row)) for row in before)
            rows.replace_all(unit.conn, case_id, now.values())

        await self._write(case_id, work)
        return self._way_back(_Before(case_id, tuple(before)), said)

    async def _write(self, case_id: str, work: Callable[[Unit], None]) -> None:
        def told(unit: Unit) -> None:
            work(unit)
            unit.emit(BinderChanged(case_id))

        await self._database.write(told)

    def _way_back(self, before: _Before, said: str) -> Undo:
        undo = Undo(new_id(), said, (before.case_id,))
        self._undo[undo.id] = before
        while len(self._undo) > MOST_UNDO:
            self._undo.popitem(last=False)
        return undo


def _open(case_id: str, part: DeskPart, claim: Claim) -> OpenClaim:
    return OpenClaim(case_id, part.id, str(part.title), claim, next(iter(deadline.deadlines(claim, part.clock)), None))


def _without_slots(found: Gathered) -> tuple[Exhibit, ...]:
    return tuple(replace(one, slot="") for one in found.exhibits(()))


def _no_exhibit() -> NotFound:
    return NotFound(_("There is no such exhibit in this binder."), _("Open the binder again."))


def _texts(
    part: DeskPart, wanted: ReasonPart, exhibits: texts.Numbered, facts: Mapping[str, Fact],
    written: Mapping[str, str], places: Mapping[str, str] | None = None,
) -> tuple[TextValue, ...]:
    slots = {slot.id: slot for slot in shown.reason(part, wanted).texts}
    return tuple(
        texts.fill(each, slots[each.id], written.get(each.id, ""), facts, exhibits, places)
        for each in part.text if each.id in slots
    )
