"""Every failure the product knows, each with a sentence for the person and a remedy.

    WorkstationError
    ├── InputError            what was given cannot be used (a file, a form field, an argument)
    │   └── Ambiguous         several things answer to that name; `.candidates` lists them
    ├── NotFound              nothing answers to that name
    │   └── NoHome            there is no home in that folder yet
    ├── Unsupported           this channel, engine or system cannot do that
    ├── SendBlocked           a reply may not leave yet; `.reasons` lists why
    ├── ConnectError          another computer could not be used
    │   ├── Offline           not reachable now; the work is kept and tried again
    │   │   └── AskedToWait   reachable, and asks to come back later; `.seconds` says when, 0 = it did not say
    │   ├── TimedOut          no answer in time
    │   ├── AuthFailed        it refused our name or password
    │   ├── BadCertificate    it could not prove who it is
    │   ├── BadAnswer         it answered something we do not understand (a source that changed shape)
    │   └── Refused           it understood and said no, for good
    ├── OutcomeUnknown        something was handed over and no receipt came: never repeat blindly
    ├── StoreError            the local store could not be used
    │   ├── WrongKey          the key does not open it
    │   ├── Damaged           a page of it does not hold what was written; the rest can be used
    │   ├── NewerSchema       it was written by a newer version
    │   ├── DiskFull          no room left; nothing was changed
    │   ├── ReadOnly          the folder cannot be written
    │   ├── Busy              another process holds it
    │   └── OtherPlace        the home was copied or moved here, and nobody said which
    ├── KeyringProblem        the system keyring is missing, locked or refused
    │   ├── NoHomeNoKeyring   there is no home yet, and no keyring to make one with (also a NoHome)
    │   ├── PassphraseNeeded  the home is opened by a passphrase, and none was given
    │   ├── KeyringLocked     the keyring is there and waits to be unlocked
    │   └── KeyMissing        the keyring works and does not hold this home's key
    ├── NoEngine              no translation engine for this pair of languages
    ├── CaptureRefused        the screen could not be captured exactly, so nothing was kept
    │   └── BlankScreen       it shows a single colour; a person may keep that nevertheless
    └── Tampered              stored proof does not match its seal; `.findings` lists where

A subclass of WorkstationError is a *known* failure and is shown as a message, with a button where one helps: its
`action`, given where it is raised or `usual` for its class. Any other exception is a bug and reaches the crash dialog.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from workstation.kernel.actions import Action


class WorkstationError(Exception):
    """A known failure: `sentence` says what happened and what was kept, `remedy` what to do next, `action` does it."""

    usual: ClassVar[Action | None] = None
    """The action of this kind of failure where none was named."""

    def __init__(self, sentence: str, remedy: str = "", *, action: Action | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.action = action or self.usual

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".strip()


class InputError(WorkstationError):
    """What was given cannot be used."""


class Ambiguous(InputError):
    """Several things answer to that name."""

    def __init__(
        self, sentence: str, remedy: str = "", candidates: Sequence[str] = (), *, action: Action | None = None
    ) -> None:
        super().__init__(sentence, remedy, action=action)
        self.candidates = tuple(candidates)


class NotFound(WorkstationError):
    """Nothing answers to that name."""


class NoHome(NotFound):
    """There is no home in that folder yet."""


class Unsupported(WorkstationError):
    """This channel, engine or system cannot do that."""


class SendBlocked(WorkstationError):
    """A reply may not leave yet."""

    def __init__(
        self, sentence: str, remedy: str = "", reasons: Sequence[str] = (), *, action: Action | None = None
    ) -> None:
        super().__init__(sentence, remedy, action=action)
        self.reasons = tuple(reasons)


class ConnectError(WorkstationError):
    """Another computer could not be used."""


class Offline(ConnectError):
    """Not reachable now; the work is kept and tried again."""

    usual = Action.RETRY


class AskedToWait(Offline):
    """The other side asks to come back later (a mail server's 4xx); nothing was handed over."""

    def __init__(self, sentence: str, remedy: str = "", seconds: int = 0) -> None:
        super().__init__(sentence, remedy)
        self.seconds = seconds


class TimedOut(ConnectError):
    """No answer in time."""

    usual = Action.RETRY


class AuthFailed(ConnectError):
    """The other side refused our name or password."""

    usual = Action.SIGN_IN


class BadCertificate(ConnectError):
    """The other side could not prove who it is."""


class BadAnswer(ConnectError):
    """The other side answered something we do not understand."""

    usual = Action.RETRY


class Refused(ConnectError):
    """The other side understood and said no, for good."""


class OutcomeUnknown(WorkstationError):
    """Something was handed over and no receipt came. It may have arrived."""

    usual = Action.SHOW_PROBLEMS


class StoreError(WorkstationError):
    """The local store could not be used."""


class WrongKey(StoreError):
    """The key does not open the store."""


class Damaged(StoreError):
    """The disk gave back something else than was written there. What is on other pages can be used."""

    usual = Action.SHOW_PROBLEMS


class NewerSchema(StoreError):
    """The store was written by a newer version of the program."""


class DiskFull(StoreError):
    """No room left on the disk; nothing was changed."""

    usual = Action.FREE_SPACE


class ReadOnly(StoreError):
    """The folder cannot be written."""

    usual = Action.OPEN_FOLDER


class Busy(StoreError):
    """Another process holds the store."""

    usual = Action.RETRY


class OtherPlace(StoreError):
    """The home was copied or moved here, and nobody said which: two live copies must not sign one chain."""


class KeyringProblem(WorkstationError):
    """The system keyring is missing, locked or refused."""

    usual: ClassVar[Action | None] = Action.UNLOCK_KEYRING


class NoHomeNoKeyring(KeyringProblem, NoHome):
    """There is no home yet, and the keyring that would keep its key cannot be used."""


class PassphraseNeeded(KeyringProblem):
    """The home is opened by a passphrase, and none was given."""

    usual = None


class KeyringLocked(KeyringProblem):
    """The keyring is there and waits to be unlocked."""


class KeyMissing(KeyringProblem):
    """The keyring works and does not hold this home's key: it was reset, or belongs to another computer."""

    usual = None


class NoEngine(WorkstationError):
    """No translation engine is installed for this pair of languages."""

    usual: ClassVar[Action | None] = Action.INSTALL_LANGUAGE


class CaptureRefused(WorkstationError):
    """The screen could not be captured exactly, so nothing was kept."""


class BlankScreen(CaptureRefused):
    """The screen shows a single colour, as one does that is off or locked. `CaptureRequest.blank` keeps it."""


class Tampered(WorkstationError):
    """Stored proof does not match its seal."""

    def __init__(
        self, sentence: str, remedy: str = "", findings: Sequence[str] = (), *, action: Action | None = None
    ) -> None:
        super().__init__(sentence, remedy, action=action)
        self.findings = tuple(findings)
