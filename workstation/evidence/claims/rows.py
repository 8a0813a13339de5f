"""What people did in binders ↔ tables. Every function works on the connection it is given."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.evidence.claims.model import Claim, Translation
from workstation.store.core import table

_EXHIBIT = table("evidence_exhibit")
_CLAIM = table("evidence_claim")
_TEXT = table("evidence_claim_text")
LAST = -1
"""The position of what nobody put anywhere."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person said of one exhibit; what is left as it is here is our proposal."""

    record_id: str
    position: int = LAST
    caption: str = ""
    slot: str = ""
    included: int = -1
    language: str = ""
    translation: str = ""

    def translated(self) -> Translation | None:
        return Translation(**json.loads(self.translation)) if self.translation else None


def as_json(translation: Translation | None) -> str:
    return json.dumps(asdict(translation), ensure_ascii=False) if translation is not None else ""


def kept(connection: Connection, cases: Sequence[str]) -> dict[str, Kept]:
    """By record id; what was said in the first of the cases counts before what was said in those merged into it."""
    found: dict[str, Kept] = {}
    for case_id in reversed(cases):
        for row in connection.execute(select(_EXHIBIT).where(_EXHIBIT.c.case_id == case_id)).mappings():
            found[row["record_id"]] = Kept(**{name: row[name] for name in Kept.__slots__})
    return found


def replace_all(connection: Connection, case_id: str, rows: Iterable[Kept]) -> None:
    """The rows of a case are these and no others."""
    connection.execute(delete(_EXHIBIT).where(_EXHIBIT.c.case_id == case_id))
    values = [{"case_id": case_id, **asdict(row)} for row in rows]
    if values:
        connection.execute(insert(_EXHIBIT), values)


def choice(connection: Connection, case_id: str) -> tuple[str, str]:
    """Desk and reason chosen last, two empty texts when none was."""
    row = connection.execute(select(_CLAIM).where(_CLAIM.c.case_id == case_id)).first()
    return (row.desk, row.reason) if row is not None else ("", "")


def choose(connection: Connection, case_id: str, desk: str, reason: str) -> None:
    statement = upsert(_CLAIM).values(case_id=case_id, desk=desk, reason=reason)
    connection.execute(statement.on_conflict_do_update(
        index_elements=["case_id"], set_={"desk": desk, "reason": reason}))


CLAIM = ("opened_on", "reference", "due_on")
"""Fields of a claim at a desk, of no reason in particular: kept as a person's texts, for they are nothing else."""
_OF_A_CLAIM = "="


def claim(connection: Connection, case_id: str, desk: str) -> Claim:
    """What a person said of the claim of a case at a desk."""
    return Claim(**texts(connection, case_id, desk, _OF_A_CLAIM))


def write_claim(connection: Connection, case_id: str, desk: str, told: Claim) -> None:
    for field in CLAIM:
        write_text(connection, case_id, desk, _OF_A_CLAIM, field, getattr(told, field))


def claims(connection: Connection, most: int) -> Mapping[tuple[str, str], Claim]:
    """Every claim somebody said anything of, by case and desk."""
    query = select(_TEXT).where(_TEXT.c.reason == _OF_A_CLAIM, _TEXT.c.field.in_(CLAIM)).limit(most)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in connection.execute(query).mappings():
        found.setdefault((row["case_id"], row["desk"]), {})[row["field"]] = row["text"]
    return {place: Claim(**values) for place, values in found.items()}


def texts(connection: Connection, case_id: str, desk: str, reason: str) -> Mapping[str, str]:
    """What a person wrote, by field."""
    query = select(_TEXT.c.field, _TEXT.c.text).where(
        _TEXT.c.case_id == case_id, _TEXT.c.desk == desk, _TEXT.c.reason == reason)
    return {row.field: row.text for row in connection.execute(query)}


def write_text(connection: Connection, case_id: str, desk: str, reason: str, field: str, text: str) -> None:
    """Keep a person's words; "" forgets them."""
    connection.execute(delete(_TEXT).where(
        _TEXT.c.case_id == case_id, _TEXT.c.desk == desk, _TEXT.c.reason == reason, _TEXT.c.field == field))
    if text:
        connection.execute(insert(_TEXT).values(case_id=case_id, desk=desk, reason=reason, field=field, text=text))
