"""Words of the panel: an item as one line of text, and what the whole list comes to."""

from __future__ import annotations

from ui.widgets import marks
from ui.widgets.timetext import ago
from workstation.domain.problem import Problem
from workstation.kernel.i18n import _, ngettext


def spoken(problem: Problem, now: int, busy: bool) -> str:
    """An item for a screen reader: its state, what happened, why, and since when."""
    parts = [marks.word(problem.state), problem.what, problem.why, since(problem, now), _("Trying…") if busy else ""]
    return " ".join(part if part.endswith((".", "…", "。")) else f"{part}." for part in parts if part)


def line(problem: Problem) -> str:
    """An item as a test or a log of the screen shows it."""
    return f"{marks.MARKS[problem.state].glyph} {problem.what}"


def since(problem: Problem, now: int) -> str:
    """ "3 hours ago", "" when it is not known."""
    return ago(problem.since, now) if problem.since else ""


def count(n: int) -> str:
    """ "3 need a look", or that nothing does."""
    return ngettext("{n} needs a look", "{n} need a look", n).format(n=n) if n else _("Nothing failed.")
