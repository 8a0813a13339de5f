"""How a stored record is shown: read from its statement and the personal values that are still beside it."""

from __future__ import annotations

from collections.abc import Sequence

from workstation.evidence import dsse, lineage, record
from workstation.evidence.model import Kind, RecordView
from workstation.evidence.record import Private, Statement
from workstation.evidence.repo import Stored
from workstation.kernel.errors import Tampered
from workstation.kernel.i18n import _
from workstation.kernel.told import in_a_line

_NAME = 200   # characters of a title that others chose


def statement(stored: Stored) -> Statement:
    """The statement inside a row. Raises Tampered when the row no longer holds one."""
    try:
        return record.parse(dsse.parse(stored.envelope).payload)
    except ValueError as problem:
        raise Tampered(_("A record in the store cannot be read."), _("Run workstation evidence verify --all."),
                       [stored.id]) from problem


def view(stored: Stored, private: Sequence[Private]) -> RecordView:
    """A record for the strip and the list. A row that cannot be read is shown as such, not hidden."""
    try:
        said = statement(stored)
    except Tampered:
        said = {}
    file = record.part(said, "file")
    pixels = record.part(file, "pixels")
    values = {field.name: field.value for field in private}
    return RecordView(
        id=stored.id, case_id=stored.case_id, kind=_kind(stored.kind), title=_title(said, values),
        at=record.whole(record.part(said, "when"), "wall_ns") // 1_000_000 if said else stored.at,
        sequence=stored.sequence, sha256=record.text(file, "sha256"),
        size=max(0, record.whole(file, "size")), mime=record.text(file, "mime"),
        real_screen=record.part(said, "how").get("real_screen") is not False,
        time_stamped=stored.stamped,
        secured=stored.secured, width=max(0, record.whole(pixels, "width")),
        height=max(0, record.whole(pixels, "height")),
        derived_from=next((source for source, _hash in lineage.sources(said)), ""), operations=lineage.lines(said),
        erased_at=stored.erased_at,
        stamp_simulated=stored.simulated,
    )


def _kind(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        return Kind.FILE


def _title(said: Statement, values: dict[str, str]) -> str:
    if not said:
        return _("Unreadable record")
    kind, what = record.text(said, "kind"), record.part(said, "what")
    plain = {
        "derived": lineage.title(lineage.lines(said)),
        "reply": _("Reply as sent"), "export": _("Pack exported"), "view": _("Record opened"), "file": _("File"),
        "answer": _answer(record.text(what, "source")), "approval": _approval(what.get("allowed")),
        "erase": _("Personal data erased"), "step": _step(what),
        "hold": _("Legal hold lifted") if record.text(what, "state") == "lifted" else _("Legal hold"),
    }
    handed = {"program": _("Opened with another program"), "clipboard": _("Picture copied")}
    if record.text(what, "scope") in handed:
        return handed[record.text(what, "scope")]
    if record.text(what, "scope") == "attachment":
        return _("Attached to a reply")
    named = values.get("window_title") or values.get("file_name")
    return in_a_line(named, _NAME) if named else plain.get(kind) or _screen(said)


def _approval(allowed: record.Json) -> str:
    told = {"lost": _("sent although items were lost"), "translation": _("translation written by hand")}
    named = [told[each] for each in allowed if each in told] if isinstance(allowed, list) else []
    return _("Allowed: {what}").format(what=", ".join(named)) if named else _("Approval")


def _step(what: Statement) -> str:
    """ "Step 2 of 5 done: Look where the parcel is"."""
    told = {"done": _("Step {n} of {all} done: {title}"), "skipped": _("Step {n} of {all} left out: {title}")}
    said = told.get(record.text(what, "state"), _("Step {n} of {all} open again: {title}"))
    return in_a_line(said.format(n=record.whole(what, "place"), all=record.whole(what, "of"),
                                 title=record.text(what, "title")), _NAME)


def _answer(source: str) -> str:
    return _("Answer of {source}").format(source=source) if source else _("Answer of a service")


def _screen(said: Statement) -> str:
    """ "Screen 1, 1920×1080", "Region of screen 1, 640×480", "Window, 800×600", "All screens, 3840×1080"."""
    shown, pixels = record.part(said, "display"), record.part(record.part(said, "file"), "pixels")
    scope, canvas = record.text(record.part(said, "what"), "scope"), shown.get("canvas") is True
    if scope == "window":
        name = _("Window, {width}×{height}")
    elif scope == "region":
        name = _("Region of the screens, {width}×{height}") if canvas else _("Region of screen {n}, {width}×{height}")
    else:
        name = _("All screens, {width}×{height}") if canvas else _("Screen {n}, {width}×{height}")
    return name.format(
        n=record.whole(shown, "screen") + 1, width=record.whole(pixels, "width"),
        height=record.whole(pixels, "height"),
    )
