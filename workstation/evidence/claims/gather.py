"""Reads a case for its binder: records, what people said of them, facts and letters, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workstation.evidence import record, repo, views
from workstation.evidence.claims import proposing, rows
from workstation.evidence.claims.model import CORRESPONDENCE, OTHER, Exhibit, Fact, Letter
from workstation.evidence.claims.proposing import Signs
from workstation.evidence.claims.rows import Kept
from workstation.evidence.claims.vocabulary import FACTS
from workstation.evidence.model import Kind
from workstation.evidence.ports import CaseFacts
from workstation.evidence.record import Private, Statement
from workstation.evidence.repo import Stored
from workstation.kernel.errors import NotFound, Tampered
from workstation.kernel.i18n import _

MOST = 2_000
"""Records of one binder; a case has some dozens."""

Kin = Callable[[Connection, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """A record as it can become an exhibit."""

    signs: Signs
    exhibit: Exhibit               # without caption, slot and place
    originals: tuple[str, ...]     # the records that it was made of
    erased: bool = False           # its file is no more


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a case has."""

    case_id: str
    items: tuple[Item, ...]
    kept: Mapping[str, Kept]
    facts: tuple[Fact, ...]
    letters: tuple[Letter, ...]
    choice: tuple[str, str]

    def fact(self) -> dict[str, Fact]:
        return {fact.id: fact for fact in self.facts}

    def exhibits(self, wanted: Sequence[str]) -> tuple[Exhibit, ...]:
        """In their order: those that a person placed, then the others as the desk asks for them, oldest first."""
        redone = {original for item in self.items for original in item.originals}
        told = bool(self.letters)
        all_of_them = [self._exhibit(item, wanted, redone, told=told) for item in self.items]
        rank = {name: place for place, name in enumerate(wanted)}
        return tuple(sorted(all_of_them, key=lambda one: self._place(one, rank)))

    def _exhibit(self, item: Item, wanted: Collection[str], redone: Collection[str], *, told: bool) -> Exhibit:
        mine = self.kept.get(item.exhibit.record_id) or Kept(item.exhibit.record_id)
        proposed = mine.slot == "" or (mine.slot not in wanted and mine.slot != OTHER)
        slot = OTHER if proposed else mine.slot
        if mine.slot == "":
            slot = proposing.propose(item.signs, wanted, self._unproved())
        usual = not (item.erased or item.exhibit.record_id in redone or (told and item.exhibit.kind == Kind.REPLY)
                     or item.exhibit.kind == Kind.STEP)   # how we worked is proof for us, rarely for a desk
        return replace(
            item.exhibit, caption=mine.caption, slot=slot, proposed=mine.slot == "",
            included=usual if mine.included < 0 else mine.included == 1, language=mine.language,
            translation=mine.translated(),
        )

    def _unproved(self) -> tuple[str, ...]:
        """Nothing proves a delivery while the carrier says that the parcel is somewhere else."""
        facts = self.fact()
        status, delivered = (facts[name].value if name in facts else "" for name in ("delivery_status", "delivered_on"))
        return ("proof_of_delivery",) if status and not delivered else ()

    def _place(self, one: Exhibit, rank: Mapping[str, int]) -> tuple[int, int, int, int]:
        position = self.kept[one.record_id].position if one.record_id in self.kept else rows.LAST
        return (position == rows.LAST, position, rank.get(one.slot, len(rank)), one.at)


def gather(connection: Connection, case_id: str, kin: Kin, source: CaseFacts) -> Gathered:
    """Raises NotFound when there is neither a record nor a conversation of this id."""
    cases = kin(connection, case_id)
    stored = repo.exhibits(connection, *cases)[-MOST:]
    private = repo.private(connection, [row.id for row in stored])
    letters = tuple(source.letters(connection, case_id))
    items = [item for row in stored if (item := _item(row, private.get(row.id, ()))) is not None]
    if letters:
        items.insert(0, _correspondence(letters))
    if not items and not source.known(connection, case_id):
        raise NotFound(_("There is no such case."), _("List the records: workstation evidence list."))
    return Gathered(case_id, tuple(items), rows.kept(connection, cases), _facts(source.facts(connection, case_id)),
                    letters, rows.choice(connection, case_id))


def _item(row: Stored, private: Sequence[Private]) -> Item | None:
    """None for an attachment's own note and for a pack: what was exported is no exhibit."""
    if row.kind in (Kind.VIEW, Kind.EXPORT, Kind.ERASE, Kind.HOLD):
        return None
    shown = views.view(row, private)
    try:
        said = views.statement(row)
    except Tampered:
        said = {}
    words = " ".join([shown.title, *(field.value for field in private if field.name in _HINTS)])
    exhibit = Exhibit(
        row.id, row.kind, shown.title, shown.at, "", "", proposed=True, included=True, mime=shown.mime,
        size=shown.size, sequence=row.sequence, real_screen=shown.real_screen, time_stamped=shown.time_stamped,
    )
    signs = Signs(row.kind, said, words, shown.mime.startswith("image/"), shown.mime.startswith("text/"))
    return Item(signs, exhibit, _originals(said), shown.erased_at is not None)


_HINTS = ("purpose", "url", "file_name", "window_title")


def _originals(said: Statement) -> tuple[str, ...]:
    named = record.part(said, "lineage").get("derived_from")
    return tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()


def _correspondence(letters: Sequence[Letter]) -> Item:
    exhibit = Exhibit(
        CORRESPONDENCE, CORRESPONDENCE, _("Correspondence with the buyer"), letters[-1].at, "", "", proposed=True,
        included=True, mime="text/html", size=0,
    )
    return Item(Signs(CORRESPONDENCE, {}, "", picture=False), exhibit, ())


def _facts(found: Sequence[Fact]) -> tuple[Fact, ...]:
    """Every fact there is a name for, in one order; what no source says is there too, as unknown."""
    by_id = {fact.id: fact for fact in found}
    missing = _("No source says it.")
    return tuple(
        replace(by_id.get(name) or Fact(name, "", "", why=missing), title=_(title)) for name, title in FACTS.items()
    )
