"""The words a conversation and a message are sorted by. Apart from the values that carry them, because the first
page of the list needs these words and nothing else, and each value class costs the start a millisecond.
"""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """Where a conversation takes place."""

    EMAIL = "email"
    AMAZON = "amazon"
    EBAY = "ebay"
    SHOPEE = "shopee"
    LAZADA = "lazada"
    TIKTOK = "tiktok"
    SHOPIFY = "shopify"
    WHATSAPP = "whatsapp"
    LINE = "line"
    MESSENGER = "messenger"
    INSTAGRAM = "instagram"
    PHONE = "phone"


class Direction(StrEnum):
    """Who a message is from. NOTE is a colleague's remark that never leaves."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Delivery(StrEnum):
    """How far a message has come. Incoming messages and notes are DONE from the start."""

    DONE = "done"
    HELD = "held"            # may still be undone
    QUEUED = "queued"        # waits for the network or its turn
    SENDING = "sending"
    UNKNOWN = "unknown"      # handed over, no receipt: may have arrived
    FAILED = "failed"        # refused; a person must act


class ConversationState(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
