"""Conversations and messages as every feature sees them. Times are milliseconds since the epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass

from workstation.domain.states import Channel, ConversationState, Delivery, Direction

__all__ = [
    "Address", "Attachment", "Channel", "Conversation", "ConversationState", "Delivery", "Direction", "Message",
    "Reply", "ReplyContext",
]


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address with the name its owner gave it (may be empty)."""

    email: str
    name: str = ""

    @property
    def shown(self) -> str:
        return self.name or self.email


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with, or goes with, a message. `size` in bytes."""

    id: str
    name: str
    mime: str
    size: int
    inline: bool = False
    content_id: str = ""      # what the mail's own HTML calls it (RFC 2392), "" when it does not


@dataclass(frozen=True, slots=True)
class Conversation:
    """What other features need to know about a conversation."""

    id: str
    subject: str
    channel: Channel
    state: ConversationState
    customer_name: str
    customer_address: str
    language: str
    market: str = ""          # ISO 3166 country the order was placed in, "" when unknown
    store: str = ""           # the seller's store account, "" when unknown
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What other features need to know about a message. `text` is plain text without quoted history."""

    id: str
    conversation_id: str
    direction: Direction
    at: int
    author: Address
    subject: str
    text: str
    language: str
    message_id: str           # RFC 5322 Message-ID with its angle brackets, "" when there is none


@dataclass(frozen=True, slots=True)
class ReplyContext:
    """What a reply needs to know about the conversation it answers."""

    conversation_id: str
    account_id: str
    subject: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    in_reply_to: str
    references: tuple[str, ...]
    self_bcc: bool
    language: str
    sent_from: str = ""       # the channel (`Channel`) of the mailbox it leaves from, "" when none is connected


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as the timeline shows it. `text` is what the buyer gets, `original` what the agent wrote."""

    conversation_id: str
    outgoing_id: str
    message_id: str
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    text: str
    language: str
    original: str
    original_language: str
    at: int
    files: tuple[Attachment, ...] = ()
