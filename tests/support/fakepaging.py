"""Pages of a conversation that is a list, by the same words as the real ones (`api.InboxApi.messages`)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from workstation.inbox.model import MessageCursor, MessagePage, MessageView, SystemLine
from workstation.kernel.errors import NotFound

EVER = 1 << 62


def page(messages: Sequence[MessageView], lines: Sequence[SystemLine], at: MessageCursor, limit: int) -> MessagePage:
    """Messages are in time order."""
    begin, end = _range(messages, at, limit)
    shown = tuple(messages[begin:end])
    since = shown[0].at if begin and shown else 0
    until = messages[end].at if end < len(messages) else EVER
    return MessagePage(shown, tuple(one for one in lines if since <= one.at < until), begin, len(messages) - end)


def _range(messages: Sequence[MessageView], at: MessageCursor, limit: int) -> tuple[int, int]:
    count = len(messages)
    if at.message_id and not at.at:
        known = getattr(messages, "number_of", None)     # of a list too long to be looked through
        place = known(at.message_id) if known else next(
            (n for n, message in enumerate(messages) if message.id == at.message_id), None)
        if place is None:
            raise NotFound("This message is not in the store.")
        begin = max(0, min(place - limit // 2, count - limit))
        return begin, min(count, begin + limit)
    if at.position >= 0:
        return min(at.position, count), min(count, at.position + limit)
    keys = _Keys(messages)
    if at.later:
        begin = bisect_right(keys, (at.at, at.seq))
        return begin, min(count, begin + limit)
    end = bisect_left(keys, (at.at, at.seq)) if at.at or at.seq else count
    return max(0, end - limit), end


class _Keys(Sequence[tuple[int, int]]):
    """The places of messages, read only where somebody looks."""

    def __init__(self, messages: Sequence[MessageView]) -> None:
        self._messages = messages

    def __len__(self) -> int:
        return len(self._messages)

    def __getitem__(self, place: int) -> tuple[int, int]:  # type: ignore[override]
        return self._messages[place].at, self._messages[place].seq
