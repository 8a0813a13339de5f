"""Originals and their copies in one list: a copy stands right below what it was made of, whenever that was."""

from __future__ import annotations

from collections.abc import Sequence

from workstation.evidence.model import RecordView
from workstation.kernel.i18n import _

_DRAWN = frozenset({"arrow", "box", "text", "number"})
BELOW = "↳ "


def arranged(records: Sequence[RecordView]) -> tuple[RecordView, ...]:
    """Originals in their order, each followed by its copies and theirs, the oldest first."""
    here = {record.id for record in records}
    copies: dict[str, list[RecordView]] = {}
    for record in sorted(records, key=lambda one: one.sequence):
        if record.derived_from in here:
            copies.setdefault(record.derived_from, []).append(record)
    placed: list[RecordView] = []
    waiting = [record for record in reversed(records) if record.derived_from not in here]
    while waiting:
        record = waiting.pop()
        placed.append(record)
        waiting += reversed(copies.pop(record.id, []))
    return (*placed, *(one for rest in copies.values() for one in rest))   # what names itself is shown, too


def mark(record: RecordView) -> str:
    """What kind of copy it is, "" for an original."""
    if not record.derived_from:
        return ""
    done = {line.partition(" ")[0] for line in record.operations}
    drawn = bool(done & _DRAWN)
    if "redact" in done:
        return _("redacted and annotated copy") if drawn else _("redacted copy")
    return _("annotated copy") if drawn else _("cropped copy") if "crop" in done else _("copy")


def title(record: RecordView) -> str:
    """The title in a list of a family: a copy's is behind an arrow, and never its original's alone."""
    said = mark(record)
    if not said:
        return record.title
    return BELOW + (record.title if record.title.casefold() == said.casefold() else f"{record.title} · {said}")
