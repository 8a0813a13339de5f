"""A mail as it goes into the store: everything worked out that needs neither the database nor the mailbox's settings.

Plain values only, because a worker process makes them and hands them over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from workstation.domain.clues import Mention

INLINE_LIMIT = 256 * 1024
"""Up to this many bytes a raw mail or an attachment is a row; larger ones are sealed files (design.md, Data)."""


@dataclass(frozen=True, slots=True)
class PreparedFile:
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


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """One mail. `recipients`, `cc`, `problems` and `notes` are JSON; `packed` is the raw mail, zlib, when it is small.

    `names`: the Message-IDs of its thread, its own first, then its aliases ("alias|order"). `root`: the Message-ID of
    the mail that began the thread, as far as this one says. `words`: hash of its whole text without white space.
    `index`: subject, body, sender, people and file names as the full-text index takes them. `language`: "" not
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
    index: tuple[str, ...]
    mentions: tuple[Mention, ...]
    packed: bytes | None
    raw: bytes | None
    files: tuple[PreparedFile, ...]
    looked: bool = True

    @property
    def of_a_person(self) -> bool:
        """A buyer wrote it, no program and not we."""
        return not (self.own or self.automatic)


def as_plain(mail: PreparedMail, blobs: list[bytes]) -> list[Any]:
    """The mail as lists, text and numbers, for a pipe; its bytes are added to `blobs` and named by their place."""
    values = [getattr(mail, name) for name in _FIELDS]
    values[_PACKED], values[_RAW] = _put(mail.packed, blobs), _put(mail.raw, blobs)
    if mail.index[1:2] == (mail.text,):   # as nearly all without dense script: once over the pipe is enough
        values[_INDEX] = (mail.index[0], None, *mail.index[2:])
    values[_MENTIONS] = [(each.value, each.kind, each.platform) for each in mail.mentions]
    values[_FILES] = [
        (file.name, file.mime, file.size, file.inline, file.content_id, _put(file.content, blobs))
        for file in mail.files]
    return values


def from_plain(values: list[Any], blobs: Sequence[bytes]) -> PreparedMail:
    """The reverse of `as_plain`. Raises TypeError, ValueError or IndexError for anything else."""
    parts: list[Any] = [tuple(each) if isinstance(each, list) else each for each in values]
    parts[_PACKED], parts[_RAW] = _get(parts[_PACKED], blobs), _get(parts[_RAW], blobs)
    if parts[_INDEX][1] is None:
        parts[_INDEX] = (parts[_INDEX][0], parts[_TEXT], *parts[_INDEX][2:])
    parts[_MENTIONS] = tuple(Mention(*each) for each in parts[_MENTIONS])
    parts[_FILES] = tuple(_file(each, blobs) for each in parts[_FILES])
    return PreparedMail(*parts)


def _file(values: list[Any], blobs: Sequence[bytes]) -> PreparedFile:
    name, mime, size, inline, content_id, place = values
    return PreparedFile(name, mime, size, inline, content_id, _get(place, blobs))


def _put(content: bytes | None, blobs: list[bytes]) -> int | None:
    if content is None:
        return None
    blobs.append(content)
    return len(blobs) - 1


def _get(place: int | None, blobs: Sequence[bytes]) -> bytes | None:
    return None if place is None else blobs[place]


_FIELDS = tuple(each.name for each in fields(PreparedMail))
_PACKED, _RAW, _MENTIONS, _FILES, _INDEX, _TEXT = map(
    _FIELDS.index, ("packed", "raw", "mentions", "files", "index", "text"))
