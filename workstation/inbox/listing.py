"""Values of the list: all that the first paint needs of the inbox (docs/adr/0004-two-halves-of-the-root.md).

Times are milliseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from workstation.domain.states import Channel, ConversationState, Delivery

# A conversation without a running clock sorts after every one with a clock, newest first.
NO_CLOCK = 1 << 52


class ConversationRow(NamedTuple):
    """One line of the list, ready to paint. A named tuple: fifty are made at every key of a search, and a frozen
    dataclass of so many fields takes four times as long."""

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
    assignee: str = ""                 # the member who answers it, "" nobody
    tags: tuple[str, ...] = ()
    muted: bool = False
    review: bool = False               # a colleague asked for a second look
    urgency: int = 0                   # 0 usual, 1 soon, 2 now
    risk: str = ""                     # "chargeback", "legal", "safety", "review", "fraud"; "" none
    found: str = ""                    # of a search: what matched, each hit between \x02 and \x03
    found_message: str = ""            # of a search: the message it stands in

    @property
    def cursor(self) -> str:
        return f"{self.sort_key}:{self.id}"


@dataclass(frozen=True, slots=True)
class Queue:
    """A line of the left column."""

    key: str                           # "open", "mine", "unassigned", "breaching", "review", "unanswered", "snoozed",
    title: str                         # "failed", "resolved", "all", "channel:amazon", "store:<name>", "lang:pt",
    count: int                         # "tag:<name>", "view:<id>"
    group: str = ""                    # "", "views", "channels", "stores", "languages", "tags"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the list shows. `search` narrows within the queue; "" shows the queue itself."""

    queue: str = "open"
    search: str = ""                   # as typed: `domain.query.parse` reads it
    cursor: str | None = None
    limit: int = 100
    relevance: bool = False            # of a search: best first instead of newest first
    position: int | None = None        # instead of a cursor: the page that begins at this place of the queue, from 0
    patience: float = 0.0              # seconds a search may take; 0: as long as somebody who is typing waits
