"""What the inbox needs from outside: mailboxes, archives, and whoever reads clues in what arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.clues import Named
from workstation.inbox.model import (
    AccountSettings,
    BadItem,
    ConnectionReport,
    ConnectionStep,
    FetchedMail,
    FolderCursor,
    Formatted,
    IncomingAttachment,
    IncomingMail,
    MailFolder,
    Place,
    Provider,
    SystemLine,
    TranslationView,
)
from workstation.inbox.prepared import PreparedMail


class Intake(Protocol):
    """Takes mail from a mailbox thread. Every call blocks until the result is on disk."""

    def cursor(self, account_id: str, folder: str) -> FolderCursor: ...

    def deliver(self, account_id: str, folder: str, mails: Sequence[FetchedMail], cursor: FolderCursor) -> None:
        """Store `mails` and advance the folder's cursor in one transaction. Known mails are not doubled."""

    def restart(self, account_id: str, folder: str, uid_validity: int) -> None:
        """The folder was rebuilt (UIDVALIDITY changed): forget its UIDs, keep every message."""

    def status(self, account_id: str, state: str, sentence: str, trouble: str = "") -> None:
        """Tell how the connection is: "connecting", "online", "offline" or "refused". `trouble` as
        AccountStatusChanged.trouble."""

    def follow(
        self, account_id: str, folder: str, places: Sequence[Place], gone: Sequence[tuple[int, int]],
        cursor: FolderCursor,
    ) -> None:
        """How these mails are marked on the server now, and which (ranges of UIDs, both ends included) left the folder.
        Messages stay. The cursor advances in the same transaction."""

    def known(self, account_id: str, folder: str, most: int) -> Sequence[int]:
        """The `most` highest UIDs that lie in the folder as far as is known here, ascending."""

    def unwritten(self, account_id: str, folder: str) -> Sequence[int]:
        """UIDs of mails that were read here and are not marked as read on the server."""

    def written(self, account_id: str, folder: str, uids: Sequence[int]) -> None:
        """The server has marked these as read."""

    def pass_over(self, account_id: str, folder: str, uid: int, why: str) -> None:
        """Remember a mail that could not be read or stored; it is due again after a growing pause."""

    def due_again(self, account_id: str, folder: str) -> Sequence[int]:
        """Mails that were passed over and are to be tried again now."""

    def well_again(self, account_id: str, folder: str, uid: int) -> None:
        """A mail that was passed over is here now, or gone."""

    def passed_over(self, account_id: str) -> int:
        """How many mails of the mailbox wait to be tried again."""


class Mailbox(Protocol):
    """One mailbox that is being watched, on its own thread."""

    def start(self) -> None: ...

    def fetch_now(self) -> None:
        """Wake the thread and look for mail at once."""

    def woken(self) -> None:
        """The computer slept, or its clock was set: connections are presumed dead and made anew at once."""

    def stop(self) -> None:
        """End the thread and wait for it (at most a few seconds)."""


class MailboxFactory(Protocol):
    """Makes mailboxes and tests settings before they are saved."""

    def mailbox(self, account_id: str, settings: AccountSettings, password: str, intake: Intake) -> Mailbox: ...

    async def test(
        self, settings: AccountSettings, password: str, taken: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        """Try each step (reach, certificate, log in, folders, SMTP, log in there) and say which failed and why.

        `taken` is told each step as soon as it was tried.
        """

    async def folders(self, settings: AccountSettings, password: str) -> tuple[MailFolder, ...]:
        """The folders of a mailbox. Raises ConnectError."""

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str) -> str:
        """As `api.AccountsApi.sign_in`."""


class ServerKeys(Protocol):
    """Remembers the public key of each mail server of one's own. Blocks: for worker threads."""

    def known(self, host: str, port: int) -> str:
        """The key (SHA-256 of SubjectPublicKeyInfo, hex) it showed before; "" when it was never reached."""

    def remember(self, host: str, port: int, key: str) -> None: ...


RawMail = tuple[bytes, int, bool, tuple[str, ...]]
"""A mail's bytes, when it was received (ms UTC), whether it is ours, and what whoever fetched it already knows."""


FiledMail = tuple[bytes, int, bool, tuple[str, ...], bool]
"""The same of a mail that was kept as a file, and whether its time is certain: that of a file is not, and the mail's
own date counts even when it is later."""


class MailReader(Protocol):
    """Reads mails beside whoever fetches them. Never fails over a mail: one that cannot be read is kept by its source.
    """

    def submit(self, mails: Sequence[RawMail | FiledMail]) -> Future[list[PreparedMail]]:
        """Begin to read a batch; its mails come in the same order. Batches are read in the order they were handed in.
        Raises InterruptedError when the core is closing."""


class Providers(Protocol):
    """Knows the servers of common mail providers."""

    def __call__(self, address: str) -> Provider | None:
        """The provider of an address, by its domain; its hint in the interface's language. May read a file."""


class MailArchive(Protocol):
    """Reads mail from files: .eml, mbox or Maildir. Streams; a bad mail is yielded as BadItem, not raised."""

    def read(self, path: Path) -> Iterator[IncomingMail | BadItem]: ...

    def raws(self, path: Path) -> Iterator[FiledMail | BadItem]:
        """The same mails unread, for a `MailReader`."""


class MailOpener(Protocol):
    """Reads again from a raw mail what was not kept apart from it. Pure, bounded like reading mail; any thread."""

    def formatted(self, raw: bytes) -> Formatted: ...

    def files(self, raw: bytes) -> Sequence[IncomingAttachment]:
        """In the order in which the mail's files were numbered."""


class ClueReader(Protocol):
    """Looks for orders in messages that were just stored, inside the same transaction."""

    def link(self, connection: Connection, conversation_ids: Sequence[str]) -> None:
        """Read these conversations again, whole: their messages are others than before."""

    def learn(self, connection: Connection, named: Sequence[Named]) -> None:
        """Mails that just arrived name these orders and parcels; each conversation occurs once."""


class LanguageDetector(Protocol):
    """Tells which language a text is in, offline."""

    def quick(self, text: str) -> str:
        """An ISO 639-1 code where a glance is enough (0.05 ms), "" where `detect` must look."""

    def detect(self, text: str) -> str:
        """An ISO 639-1 code, "" when it cannot be told. May take milliseconds."""


class Translations(Protocol):
    """Messages that were already translated."""

    def stored(
        self, connection: Connection, message_ids: Sequence[str], language: str
    ) -> Mapping[str, TranslationView]: ...


EVER = 1 << 62
"""A time after every other (ms)."""
MOST_LINES = 500
"""Quiet lines that one source gives for one piece of a timeline, the newest of them."""


class QuietLines(Protocol):
    """A feature that has something to say between the messages: captures, checks."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        """What is to be said from `since` on and before `until` (ms UTC), at most MOST_LINES."""


class Folder(Protocol):
    """Splits a mail's text into what is new and the quoted history."""

    def __call__(self, text: str) -> tuple[str, str]: ...
