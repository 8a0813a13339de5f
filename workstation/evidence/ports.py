"""What evidence needs from outside: a way to see the screen, and one to draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy import Connection

from workstation.evidence.claims.model import Fact, Letter
from workstation.evidence.model import Grab, Mark, Monitor, OpenWindow, Picture


class CaptureBackend(Protocol):
    """Sees a screen, exactly or not at all."""

    def available(self) -> str:
        """"" when a capture can be made here, otherwise the reason why not."""

    async def grab(self, screen: int) -> Grab:
        """The whole screen in physical pixels. Raises CaptureRefused (null image, no permission, unknown scale)."""


@runtime_checkable
class SeesDesktop(Protocol):
    """A back end that also knows which screens and windows there are. Not every system tells."""

    async def screens(self) -> tuple[Monitor, ...]:
        """The screens as `grab` counts them; empty when the system gives one picture of all of them."""

    async def windows(self) -> tuple[OpenWindow, ...]:
        """The windows on the desktop, the uppermost first. Raises Unsupported where the system does not tell."""

    async def grab_window(self, window_id: str, /) -> Grab:
        """The screen that window is on, with `Grab.window` set. Raises CaptureRefused, NotFound, Unsupported."""


class Painter(Protocol):
    """Draws marks over a picture. Words in any script need a window's fonts, which the core has not."""

    @property
    def name(self) -> str:
        """What the copy's record says of it: "qt 6.11.3"."""

    def paint(self, picture: Picture, marks: Sequence[Mark]) -> Picture:
        """A picture of the same size with the marks over it, in their order. Blocks; called on a worker thread."""


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of a message, as its channel delivered it."""

    case_id: str
    message_id: str            # the Message-ID, or our own id of a message that has none
    position: int              # among the message's files, from 0
    name: str
    mime: str                  # as the sender says
    content: bytes
    received: bool             # False: it is a file of one of our own replies
    mail_sha256: str = ""      # of the raw mail it came in, hex; "" when there never was a mail


@dataclass(frozen=True, slots=True)
class AnswerBehind:
    """What a source answered, and the checks of a case that rest on it."""

    checks: tuple[str, ...]    # as `verification.model.CHECKS`
    source: str                # "shopify · shop.example", "17track", "amazon report orders.txt"
    order: str                 # the order in question, "store/number"
    first_at: int              # when it was first given in these very bytes, ms since the epoch, UTC
    last_at: int               # and when last
    content_type: str
    body: bytes
    asked: str = ""            # "POST https://host/path", without a query; "" for a file, and where it is not known
    status: int = 0            # of HTTP, 0 where there was none


class Messages(Protocol):
    """The files of messages."""

    async def file(self, message_id: str, position: int) -> DeliveredFile:
        """Raises NotFound."""


class Answers(Protocol):
    """The answers behind the checks of a case."""

    async def behind(self, case_id: str) -> Sequence[AnswerBehind]: ...


class AskAuthority(Protocol):
    """Puts one question to a time-stamp authority."""

    async def __call__(self, name: str, url: str, question: bytes) -> bytes:
        """The answer's bytes, bounded in size and time. Raises ConnectError's relatives."""


class CaseFacts(Protocol):
    """What other features know of a case, for claims. Read in the caller's transaction."""

    def known(self, connection: Connection, case_id: str) -> bool:
        """There is such a conversation."""

    def facts(self, connection: Connection, case_id: str) -> Sequence[Fact]:
        """Structured values, by the ids of `claims.vocabulary.FACTS`; dates ISO 8601, money "EUR 12.00"."""

    def letters(self, connection: Connection, case_id: str) -> Sequence[Letter]:
        """Messages of the conversation, oldest first, without internal notes; bounded."""


class Printer(Protocol):
    """Puts pages of ours (HTML without anything to load) on paper. Needs fonts and line breaking for every script."""

    def available(self) -> str:
        """"" when it can print here, otherwise the reason why not."""

    async def pdf(self, pages: Sequence[str]) -> tuple[bytes, ...]:
        """A PDF for each page of HTML. Raises Unsupported when it cannot."""

    async def pictures(self, pages: Sequence[str]) -> tuple[tuple[bytes, ...], ...]:
        """PNG pictures for each page of HTML, one a sheet. Raises Unsupported when it cannot."""


class Copies(Protocol):
    """Copies of records' files that another feature made."""

    def __call__(self, connection: Connection, record_ids: Sequence[str]) -> Sequence[tuple[str, str]]:
        """The id and the address of the sealed file of each."""


@dataclass(frozen=True, slots=True)
class CaseDates:
    """What decides when a case has to be erased. `delivered`: of each order it is surely about, None for unknown."""

    case_id: str
    title: str
    channels: frozenset[str]
    delivered: tuple[int | None, ...]


class CaseBook(Protocol):
    """What the inbox and the orders know of cases."""

    def dates(self, connection: Connection, case_ids: Sequence[str]) -> Sequence[CaseDates]:
        """Of each case that is there, under the case it is shown in now."""
