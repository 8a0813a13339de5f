"""The part of a conversation that is in memory: messages in a row, the lines between them, and how many lie on its two
sides. Pages join it at its ends; what is far from where the person reads is let go of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workstation.inbox.model import MessageCursor, MessagePage, MessageView, SystemLine

PAGE = 30
MOST = 120
"""Messages in memory; the core reads up to 200 at once when they are read again."""


@dataclass(frozen=True, slots=True)
class Slice:
    """`lines` are those from the first message on and before the one after the last; at an end of the conversation
    also those beyond it."""

    messages: tuple[MessageView, ...] = ()
    lines: tuple[SystemLine, ...] = ()
    earlier: int = 0
    later: int = 0

    @property
    def total(self) -> int:
        return self.earlier + len(self.messages) + self.later

    def place(self, message_id: str) -> int | None:
        """The message's number in the whole conversation, from 0; None when it is not in memory."""
        found = (place for place, message in enumerate(self.messages) if message.id == message_id)
        place = next(found, None)
        return None if place is None else place + self.earlier

    def first(self) -> MessageCursor:
        """What comes before."""
        return MessageCursor(self.messages[0].at, self.messages[0].seq) if self.messages else MessageCursor()

    def last(self) -> MessageCursor:
        """What comes after."""
        if not self.messages:
            return MessageCursor(position=0)
        return MessageCursor(self.messages[-1].at, self.messages[-1].seq, later=True)

    def again(self) -> MessageCursor:
        """The same messages once more, by their place in time and not by their number, which may have changed."""
        if not self.messages or not self.earlier:
            return MessageCursor(position=0)
        return MessageCursor(self.messages[0].at, self.messages[0].seq - 1, later=True)


def of(page: MessagePage) -> Slice:
    return Slice(page.messages, page.lines, page.earlier, page.later)


def before(held: Slice, page: MessagePage) -> Slice:
    """A page of earlier messages joins; the newest beyond MOST are let go of."""
    known = {message.id for message in held.messages}
    fresh = tuple(message for message in page.messages if message.id not in known)
    joined = Slice((*fresh, *held.messages), _lines(page.lines, held.lines), page.earlier, held.later)
    return _keep_first(joined) if len(joined.messages) > MOST else joined


def after(held: Slice, page: MessagePage) -> Slice:
    """A page of later messages joins; the oldest beyond MOST are let go of."""
    known = {message.id for message in held.messages}
    fresh = tuple(message for message in page.messages if message.id not in known)
    joined = Slice((*held.messages, *fresh), _lines(held.lines, page.lines), held.earlier, page.later)
    return _keep_last(joined) if len(joined.messages) > MOST else joined


def _keep_first(joined: Slice) -> Slice:
    gone = joined.messages[MOST:]
    return replace(
        joined, messages=joined.messages[:MOST], later=joined.later + len(gone),
        lines=tuple(line for line in joined.lines if line.at < gone[0].at))


def _keep_last(joined: Slice) -> Slice:
    kept = joined.messages[-MOST:]
    return replace(
        joined, messages=kept, earlier=joined.earlier + len(joined.messages) - MOST,
        lines=tuple(line for line in joined.lines if line.at >= kept[0].at))


def _lines(first: Sequence[SystemLine], second: Sequence[SystemLine]) -> tuple[SystemLine, ...]:
    return tuple(sorted(dict.fromkeys((*first, *second)), key=lambda line: line.at))
