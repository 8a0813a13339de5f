"""A mail as it goes into the store: everything worked out that needs neither the database nor the mailbox's settings.

Plain values only, because a worker process makes them and hands them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.domain.clues import Mention

INLINE_LIMIT = 256 * 1024
"""Up to this many bytes a raw mail or an attachment is a row; larger ones are sealed files (design.md, Data)."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file of a mail. `content` is None once a large one was sealed."""

    name: str
    mime: str
    size: int
    inline: bool
    content_id: str
    content: bytes

    @property
    def large(self) -> bool:
        return self.size > INLINE_LIMIT


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """One mail. `recipients`, `cc`, `problems` and `notes` are JSON; `packed` is the raw mail, zlib, when it is small.

    `names`: the Message-IDs of its thread, its own first, then its aliases ("alias|order"). `root`: the Message-ID of
    the mail that began the thread, as far as this one says. `words`: hash of its whole text without white space.
    `index`: subject, body, people and file names as the full-text index takes them. `language`: "" not looked at yet.
    """

    content_key: str
    message_id: str
    root: str
    names: tuple[str, ...]
    at: int
    own: bool
    automatic: bool
    author: tuple[str, str]
    customer: tuple[str, str]
    recipients: str
    cc: str
    reply_to: str
    subject: str
    plain_subject: str
    text: str
    quoted: str
    html: str
    language: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    words: str
    index: tuple[str, str, str, str]
    mentions: tuple[Mention, ...]
    packed: bytes | None
    raw: bytes | None
    files: tuple[PreparedFile, ...]
    people: tuple[str, ...] = ()

    @property
    def of_a_person(self) -> bool:
        """A buyer wrote it, no program and not we."""
        return not (self.own or self.automatic)


Prepared = Sequence[PreparedMail]
