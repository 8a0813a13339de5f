"""What the playbook's section says."""

from __future__ import annotations

from ui.conversation.texts import isolated
from ui.widgets import timetext
from workstation.kernel.i18n import N_, _, ngettext
from workstation.playbooks.model import Course, Get, State, Step

MARKS = {State.OPEN: "pending", State.DONE: "pass", State.SKIPPED: "skipped", State.SATISFIED: "pass"}
GET = {
    Get.CAPTURE: N_("Capture the screen"), Get.KEEP: N_("Keep the buyer’s pictures"), Get.ASK: N_("Ask the buyer"),
    Get.ANSWERS: N_("Keep the answers behind the checks"), Get.REFRESH: N_("Check again"),
}
ACTIONS = {Get.CAPTURE: "evidence.capture", Get.ANSWERS: "evidence.answers", Get.REFRESH: "case.refresh"}
"""The action of the table that gets a proof; the other ways are the section's own."""


def headline(course: Course) -> str:
    """ "Late · step 2 of 5"."""
    if course.playbook is None:
        return _("Nobody said yet what this is about.")
    title, count = isolated(course.playbook.title), len(course.steps)
    if course.current is None:
        told = ngettext("{title} · the {n} step is done", "{title} · all {n} steps are done", count)
        return told.format(title=title, n=count)
    return _("{title} · step {n} of {all}").format(title=title, n=course.place, all=count)


def state(step: Step) -> str:
    """How a step stands, in a line; "" while it is open."""
    when = timetext.moment(step.at) if step.at is not None else ""
    if step.state is State.SATISFIED:
        return isolated(step.source)
    if step.state is State.SKIPPED:
        by = _("left out by {name}, {when}: {reason}") if step.by else _("left out, {when}: {reason}")
        return by.format(name=isolated(step.by), when=when, reason=isolated(step.reason))
    if step.state is State.DONE:
        by = _("done by {name}, {when}") if step.by else _("done, {when}")
        told = by.format(name=isolated(step.by), when=when)
        return f"{told} · {isolated(step.source)}" if step.source else told
    return isolated(step.missing)


def spoken(place: int, count: int, step: Step) -> str:
    """A step for a screen reader, with what pressing it does."""
    words = {State.OPEN: _("open"), State.DONE: _("done"), State.SKIPPED: _("passed over"),
             State.SATISFIED: _("satisfied by itself")}
    does = {State.OPEN: _("Press to tick it."), State.SATISFIED: _("Press to tick it.")}
    told = _("Step {n} of {all}, {state}: {title}").format(n=place, all=count, state=words[step.state],
                                                           title=step.title)
    parts = (told, state(step), does.get(step.state, _("Press to open it again.")))
    return ". ".join(plain(part).rstrip(".") for part in parts if part) + "."


def plain(text: str) -> str:
    """Without the marks that keep each part in its own direction: for whoever hears it."""
    return text.translate(dict.fromkeys(map(ord, "\u200e\u2068\u2069")))
