"""One thing that failed and waits for a person, told the same way wherever it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.kernel.actions import Action


class ProblemKind(StrEnum):
    """Where a problem comes from."""

    REPLY = "reply"              # a reply that is not sent, or whose outcome nobody knows
    COPYING = "copying"          # something that could not be copied to or from the hub
    MAILBOX = "mailbox"
    SOURCE = "source"            # a shop or carrier that does not answer
    IMPORT = "import"            # mails or rows of a file that could not be used
    LANGUAGE = "language"        # a translation package that cannot be used
    STORE = "store"              # the disk, or the folder of the home
    CLOCK = "clock"              # this computer's clock differs from the hub's
    WORK = "work"                # something that runs by itself keeps failing
    CRASH = "crash"              # the program ended unexpectedly the last time


@dataclass(frozen=True, slots=True)
class Problem:
    """`id` is what `core.problems.act` takes. `state` is the mark it is shown with: "fail", "warn" or "unknown".

    `what` happened, `why`, what was `kept`, and the `remedy` are ready to be shown. `since` is in milliseconds since
    the epoch, UTC; None: not known. `place` is a path for SHOW_FILE and OPEN_FOLDER. `details`: bad rows and the like.
    """

    id: str
    kind: ProblemKind
    state: str
    what: str
    why: str = ""
    kept: str = ""
    remedy: str = ""
    since: int | None = None
    actions: tuple[Action, ...] = ()
    conversation_id: str = ""
    place: str = ""
    details: tuple[str, ...] = ()
