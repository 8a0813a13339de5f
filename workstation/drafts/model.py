"""Drafts and outgoing messages. One draft for each conversation and mode."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from workstation.domain.conversation import Address, Delivery, Reply, ReplyContext

__all__ = [
    "Draft",
    "DraftFile",
    "Envelope",
    "Mode",
    "Outgoing",
    "Receipt",
    "Reply",
    "ReplyContext",
]


class Mode(StrEnum):
    REPLY = "reply"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file to go with a reply. `record_id` names the evidence record it came from, "" for other files."""

    id: str
    name: str
    mime: str
    size: int
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the composer shows. `body` is in the agent's language, `translated` in the buyer's."""

    conversation_id: str
    mode: Mode = Mode.REPLY
    body: str = ""
    translated: str = ""
    source_language: str = "en"
    target_language: str = ""      # "" or equal to source_language: no translation, the body goes as it is
    translated_from: str = ""      # the body `translated` was made from; different = the preview is stale
    lost: tuple[str, ...] = ()
    accepted_lost: bool = False    # the agent saw what was lost and wants it so
    edited: bool = False           # the agent changed `translated` by hand
    cc: tuple[Address, ...] = ()
    files: tuple[DraftFile, ...] = ()
    revision: int = 0
    saved_at: int = 0

    @property
    def empty(self) -> bool:
        return not (self.body.strip() or self.files)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A reply on its way."""

    id: str
    conversation_id: str
    message_id: str                # RFC 5322 Message-ID, fixed when it was queued, so that it can be found again
    in_reply_to: str
    state: Delivery
    release_at: int                # until then it can be undone
    tries: int
    sentence: str                  # why it is not gone yet, "" when there is nothing to say
    next_try_at: int | None = None
    came_back: bool = False        # it left, and a mail server reported that it was not delivered


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is handed to a mail server. The first recipient is whom the mail is for: without them nothing is sent."""

    account_id: str
    sender: str
    recipients: tuple[str, ...]
    message_id: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """The server's word that it took the message, and whom it refused."""

    response: str
    refused: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()      # the server's words for each of the refused
