"""Values of the list: all that the first paint needs of the inbox (docs/adr/0004-two-halves-of-the-root.md).

Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.states import Channel, ConversationState, Delivery

# A conversation without a running clock sorts after every one with a clock, newest first.
NO_CLOCK = 1 << 52


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One line of the list, ready to paint."""

    id: str
    who: str
    subject: str
    snippet: str
    channel: Channel
    state: ConversationState
    language: str
    store: str
    unread: bool
    unanswered: bool
    last_at: int
    due_at: int | None                 # when the channel's response clock breaks, None without a running clock
    clock_ms: int                      # the whole length of that clock, for the amber and red parts
    snoozed_until: int | None
    issue: str                         # one of the sixteen situations, "" when unknown
    orders: tuple[str, ...]            # order numbers it is surely about; known once the conversation is opened
    delivery: Delivery                 # the worst state of any outgoing message
    sort_key: int

    @property
    def cursor(self) -> str:
        return f"{self.sort_key}:{self.id}"


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of the left column."""

    key: str                           # "open", "breaching", "unanswered", "snoozed", "resolved", "all", "failed",
    title: str                         # "channel:amazon", "store:<name>"
    count: int
    group: str = ""                    # "", "channels", "stores"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list shows. `search` narrows within the queue; "" shows the queue itself."""

    queue: str = "open"
    search: str = ""
    cursor: str | None = None
    limit: int = 100
