"""How a hub's log can break, each way in a sentence. The codes never change: they are kept in tables."""

from __future__ import annotations

from workstation.kernel.i18n import _


def sentence(code: str) -> str:
    """What is wrong with the log."""
    return {
        "shrunk": _("The hub's log is shorter than it was: the hub was restored from an older copy, or records were "
                    "taken out."),
        "rewritten": _("The hub's log does not go on from what was seen of it: it was rewritten, or restored from an "
                       "older copy and used since."),
        "forked": _("The hub shows another log of the same length than before: it was rewritten, or restored from an "
                    "older copy and filled again."),
        "key": _("The hub's log is signed with another key than before."),
        "gone": _("The hub does not show its log any more."),
        "unsigned": _("The hub's checkpoint is not signed by the log's own key."),
        "missing": _("The hub took a record and gave a receipt, and its log does not hold it."),
    }.get(code, _("The hub's log cannot be trusted."))
