"""What stands between a person and a home that is there: which page helps, and its words.

A failure is told by its type, not by its text: each has a title, what was kept, and the ways on.
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.kernel.errors import (
    Busy,
    Damaged,
    DiskFull,
    KeyMissing,
    KeyringLocked,
    KeyringProblem,
    NewerSchema,
    OtherPlace,
    PassphraseNeeded,
    ReadOnly,
    StoreError,
    WorkstationError,
    WrongKey,
)
from workstation.kernel.i18n import N_, _

UNLOCK, RECOVER, RETRY, FOLDER, MOVED, COPIED, DOCS, QUIT, RESTORE, SALVAGE = (
    "unlock", "recover", "retry", "folder", "moved", "copied", "docs", "quit", "restore", "salvage")
WAYS = {
    UNLOCK: N_("&Open"), RECOVER: N_("Use the &recovery key…"), RETRY: N_("&Try again"),
    FOLDER: N_("Choose another &folder…"), MOVED: N_("I &moved it here"), COPIED: N_("This is a &copy"),
    DOCS: N_("Open the &guide"), QUIT: N_("&Quit"), RESTORE: N_("Restore a &backup…"),
    SALVAGE: N_("&Save what can be read…"),
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A page: its title, what to say besides the failure's own sentence, and its buttons, the first one best."""

    title: str
    advice: str
    ways: tuple[str, ...]


_TABLE: tuple[tuple[type[WorkstationError], Trouble], ...] = (
    (PassphraseNeeded, Trouble(N_("Open your home"), N_("Type the passphrase you chose. It is not kept anywhere."),
                               (UNLOCK, RECOVER, FOLDER))),
    (KeyringLocked, Trouble(N_("The keyring is locked"), N_(
        "Your data is safe and was not touched. Unlock the keyring (your passwords application, or log in again), then "
        "try again."), (RETRY, RECOVER, FOLDER))),
    (KeyMissing, Trouble(N_("The key of your home is not here"), N_(
        "Your data is safe, and closed: this computer's keyring does not hold its key. That is so after the keyring "
        "was reset, or when the folder came from another computer. The recovery key opens it again."),
        (RECOVER, RETRY, RESTORE, FOLDER))),
    (OtherPlace, Trouble(N_("Your home is in another place than before"), N_(
        "Nothing was changed. If you moved the folder or the computer was renewed, it goes on as it was. If the other "
        "one is used as well, say that this is a copy: it becomes a device of its own, so that the proofs of the two "
        "are never mixed."), (MOVED, COPIED, FOLDER))),
    (KeyringProblem, Trouble(N_("The keyring cannot be used"), N_(
        "Your data is safe and was not touched. Start the system's keyring and try again, or let a passphrase open the "
        "home, with its recovery key."), (RETRY, RECOVER, FOLDER))),
    (WrongKey, Trouble(N_("The key does not fit"), N_(
        "Nothing was changed. The recovery key opens the home if its own key was replaced."),
        (RECOVER, RETRY, FOLDER))),
    (NewerSchema, Trouble(N_("A newer version wrote this home"), N_(
        "Nothing was changed. Install the newest version of Workstation and open it again; older ones never write into "
        "a newer home."), (RETRY, FOLDER, DOCS))),
    (DiskFull, Trouble(N_("The disk is full"), N_(
        "What was saved before is kept. Free some room on this disk, then try again."), (RETRY, FOLDER))),
    (ReadOnly, Trouble(N_("The folder cannot be used"), N_(
        "Nothing was changed. Let your user read and write the folder, then try again, or choose another one."),
        (RETRY, FOLDER, DOCS))),
    (Busy, Trouble(N_("Another program uses this home"), N_(
        "Nothing was changed. Wait until a command that runs on it is done, then try again."), (RETRY, FOLDER))),
    (Damaged, Trouble(N_("A part of your home is damaged"), N_(
        "The disk gave back something else than was written there. Restore a backup, or save what can be read into a "
        "new home; the damaged one is kept as it is. Look after the disk."), (RESTORE, SALVAGE, RETRY, FOLDER))),
    (StoreError, Trouble(N_("Your home cannot be opened"), N_(
        "Nothing was changed. Try again, restore a backup, or choose another folder; what is damaged is kept as it "
        "is."), (RETRY, RESTORE, FOLDER, DOCS))),
)
_OTHER = Trouble(N_("Your home cannot be opened"), N_("Nothing was changed."), (RETRY, FOLDER, DOCS))


def trouble_of(problem: WorkstationError) -> Trouble:
    """The page for a failure; kinds of a kind come first in the table."""
    return next((trouble for kind, trouble in _TABLE if isinstance(problem, kind)), _OTHER)


def words_of(problem: WorkstationError) -> str:
    """What happened. The failure's own remedy names commands of the terminal; the page's buttons do it here."""
    return problem.sentence


def way_text(way: str) -> str:
    return _(WAYS[way])
