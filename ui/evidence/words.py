"""What a record says about itself in a list: its title, its kind, and marks with a shape and a word."""

from __future__ import annotations

from ui import direction
from ui.conversation import words
from ui.evidence.family import title
from ui.widgets.timetext import day
from workstation.evidence.model import Kind, RecordView, VerifyReport
from workstation.kernel.i18n import N_, _, ngettext

KINDS = {
    Kind.CAPTURE: N_("Capture"), Kind.REPLY: N_("Reply as sent"), Kind.EXPORT: N_("Pack written"),
    Kind.VIEW: N_("Record opened"), Kind.FILE: N_("File"),
    Kind.ANSWER: N_("Answer of a service"), Kind.DERIVED: N_("Edited copy"), Kind.APPROVAL: N_("Approval"),
    Kind.ERASE: N_("Erased"), Kind.HOLD: N_("Legal hold"), Kind.STEP: N_("Playbook step"),
}


_SEEN = (Kind.CAPTURE, Kind.DERIVED)
"""Kinds that show a screen."""


def marks(record: RecordView) -> tuple[str, ...]:
    """What must not be overlooked, each with its shape."""
    if record.erased_at is not None:
        return ("✕ " + _("file erased on {date}").format(date=day(record.erased_at)), "✓ " + _("its record stays"))
    told = ["▮ " + _("not a real screen")] if record.kind in _SEEN and not record.real_screen else []
    told.append("✓ " + _("time-stamped") if record.time_stamped else "! " + (
        _("time stamp simulated") if record.stamp_simulated else _("device time only")))
    told.append("✓ " + _("secured upstream") if record.secured else "◌ " + _("not upstream yet"))
    return tuple(told)


def line(record: RecordView, now: int) -> str:
    """A record in the strip: its title; what it is and when, and the first mark; the other marks."""
    first, *others = marks(record)
    kind, when = _(KINDS[record.kind]), words.local_time(record.at, now)
    about = when if kind == record.title else f"{kind} · {when}"
    return f"{direction.readable(title(record))}\n{about}  {first}\n{'  '.join(others)}"


def report(result: VerifyReport) -> tuple[str, str]:
    """A mark's state and a sentence for the outcome of a verification."""
    if result.intact:
        text = ngettext("{n} record is intact.", "All {n} records are intact.", result.records)
        return "pass", text.format(n=result.records)
    first = result.findings[0]
    text = ngettext("{n} problem: {where}: {what}", "{n} problems, first {where}: {what}", len(result.findings))
    return "fail", text.format(n=len(result.findings), where=first.where, what=first.what)
