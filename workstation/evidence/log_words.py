"""How a hub's log can break, each way in a sentence. The codes never change: they are kept in tables.

A code is how it broke, and after a space what that turned out to be, where it can be told (`sync/log_verdict.py`).
"""

from __future__ import annotations

from workstation.kernel.i18n import _, ngettext

RESTORED = "restored"


def sentence(code: str) -> str:
    """What is wrong with the log."""
    how, _space, verdict = code.partition(" ")
    what, _space, number = verdict.partition(" ")
    if what not in ("altered", RESTORED):
        return _plain(code)
    why = _altered() if what == "altered" else _restored(int(number) if number.isdigit() else 0)
    return f"{_bare(how)} {why}"


def restored(code: str) -> bool:
    """Whether the hub was restored from an older copy, as far as this computer can tell."""
    return code.partition(" ")[2].startswith(RESTORED)


def trusted(why: str) -> str:
    """Why the key of the hub's log counts, in a sentence; "" when no key is known. `why` as in `log_trust`."""
    return {
        "invite": _("The key of the hub's log is the one the invite named."),
        "person": _("A person said to go on with the key of the hub's log."),
        "first_sight": _("The key of the hub's log was trusted at first sight: no invite named it."),
    }.get(why, "")


def _plain(code: str) -> str:
    return {
        "shrunk": _("The hub's log is shorter than it was: the hub was restored from an older copy, or records were "
                    "taken out."),
        "rewritten": _("The hub's log does not go on from what was seen of it: it was rewritten, or restored from an "
                       "older copy and used since."),
        "forked": _("The hub shows another log of the same length than before: it was rewritten, or restored from an "
                    "older copy and filled again."),
        "key": _("The hub's log is signed with another key than before."),
        "key named": _("The hub's log is signed with another key than before. It is the key that the invite named: "
                       "what was shown before came from somebody else, or the log was begun anew."),
        "stranger": _("The hub's log is signed with another key than the invite named."),
        "gone": _("The hub does not show its log any more."),
        "unsigned": _("The hub's checkpoint is not signed by the log's own key."),
        "missing": _("The hub took a record and gave a receipt, and its log does not hold it."),
    }.get(code, _("The hub's log cannot be trusted."))


def _bare(how: str) -> str:
    return {
        "shrunk": _("The hub's log is shorter than it was."),
        "rewritten": _("The hub's log does not go on from what was seen of it."),
        "forked": _("The hub shows another log of the same length than before."),
    }.get(how, _("The hub's log cannot be trusted."))


def _altered() -> str:
    return _("Nothing else at the hub was set back, so it was not restored from an older copy: its log was rewritten.")


def _restored(n: int) -> str:
    return ngettext(
        "The hub was restored from an older copy: its log goes on from its first {n} record, and every record of this "
        "computer is in it again. Whether other devices' records are, only they can tell.",
        "The hub was restored from an older copy: its log goes on from its first {n} records, and every record of this "
        "computer is in it again. Whether other devices' records are, only they can tell.", n).format(n=n)
