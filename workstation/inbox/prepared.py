"""A mail as it goes into the store: everything worked out that needs neither the database nor the mailbox's settings.

Plain values only, because a worker process makes them and hands them over; tuples, because a long import makes a
million of them on both sides of a pipe.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from workstation.domain.clues import Mention

INLINE_LIMIT = 256 * 1024
"""Up to this many bytes a raw mail or an attachment is a row; larger ones are sealed files (design.md, Data)."""


class PreparedFile(NamedTuple):
    """A file of a mail. `content` is None for a small one that is kept inside its raw mail only."""

    name: str
    mime: str
    size: int
    inline: bool
    content_id: str
    content: bytes | None

    @property
    def large(self) -> bool:
        return self.size > INLINE_LIMIT


class PreparedMail(NamedTuple):
    """One mail. `recipients`, `cc`, `problems` and `notes` are JSON; `packed` is the raw mail, zlib, when it is small.

    `names`: the Message-IDs of its thread, its own first, then its aliases ("alias|order"). `root`: the Message-ID of
    the mail that began the thread, as far as this one says. `words`: hash of its whole text without white space.
    `indexed`: subject, body, sender, people and file names as the full-text index takes them. `language`: "" not
    looked at yet. `looked` False: of a backlog, without language and mentions, which `inbox.languages` tells later.
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
    indexed: tuple[str, ...]
    mentions: tuple[Mention, ...]
    packed: bytes | None
    raw: bytes | None
    files: tuple[PreparedFile, ...]
    looked: bool = True
    bounces: tuple[tuple[str, str, str, str], ...] = ()   # as `domain.bounce.Bounce`

    @property
    def of_a_person(self) -> bool:
        """A buyer wrote it, no program and not we."""
        return not (self.own or self.automatic)


def as_plain(mail: PreparedMail) -> tuple[Any, ...]:
    """The mail as tuples, text, bytes and numbers, for a pipe."""
    values: list[Any] = list(mail)
    if mail.indexed[1:2] == (mail.text,):   # as nearly all without dense script: once over the pipe is enough
        values[_INDEXED] = (mail.indexed[0], None, *mail.indexed[2:])
    values[_MENTIONS] = tuple((each.value, each.kind, each.platform) for each in mail.mentions)
    values[_FILES] = tuple(tuple(file) for file in mail.files)
    return tuple(values)


def from_plain(values: tuple[Any, ...]) -> PreparedMail:
    """The reverse of `as_plain`. Raises TypeError, ValueError or IndexError for anything else."""
    mail = PreparedMail._make(values)
    subject, body, *rest = values[_INDEXED]
    if body is None or mail.mentions or mail.files:
        mail = mail._replace(
            indexed=(subject, mail.text if body is None else body, *rest),
            mentions=tuple(Mention(*each) for each in values[_MENTIONS]),
            files=tuple(PreparedFile._make(each) for each in values[_FILES]))
    return mail


_MENTIONS, _FILES, _INDEXED = map(PreparedMail._fields.index, ("mentions", "files", "indexed"))
