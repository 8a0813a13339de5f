"""Which conversation a mail belongs to: by References first, then by relay alias and order number.

A subject alone never joins two mails: "Question" from two buyers is two conversations.
"""

from __future__ import annotations

import hashlib
import re

from workstation.domain.clues import find_order_clues
from workstation.inbox.model import IncomingMail

MOST_REFERENCES = 50

# A marketplace hides the buyer's address behind an alias in one of these domains.
_RELAY = re.compile(r"(?:^|\.)(?:marketplace\.[a-z0-9.-]+|members\.ebay\.[a-z.]+|m\.lazada\.[a-z.]+)$")
_REPLY_PREFIX = re.compile(
    r"^(?:\s*(?:re|aw|sv|vs|antw|res|rv|enc|fw|fwd|wg|tr|回复|答复|转发|返信)\s*[:：])+\s*", re.IGNORECASE
)


def is_relay(address: str) -> bool:
    """True when `address` is a marketplace's alias for a buyer."""
    return bool(_RELAY.search(address.rpartition("@")[2].lower()))


def thread_references(mail: IncomingMail) -> tuple[str, ...]:
    """Message-IDs that name this mail's thread: its own, its parent's, its ancestors'; newest ancestors first."""
    named = [mail.message_id, mail.in_reply_to, *reversed(mail.references[-MOST_REFERENCES:])]
    return tuple(dict.fromkeys(name for name in named if name))


def root_of(mail: IncomingMail) -> str:
    """The Message-ID of the mail that began this mail's thread, as far as the mail says."""
    return next((name for name in (*mail.references, mail.in_reply_to) if name), mail.message_id)


def alias_keys(mail: IncomingMail) -> tuple[str, ...]:
    """Keys "alias|order" that join mails of one relay alias about one order; empty for ordinary addresses."""
    alias = mail.author.email.lower()
    if mail.own or not is_relay(alias):
        return ()
    orders = find_order_clues(f"{mail.subject}\n{mail.text[:4000]}")
    return tuple(f"{alias}|{clue.value}" for clue in orders)


def plain_subject(subject: str) -> str:
    """The subject without reply and forward marks."""
    return _REPLY_PREFIX.sub("", subject).strip()


def content_key(mail: IncomingMail, words: str) -> str:
    """Equal for two copies of one mail (inbox and import, Sent and self-Bcc), different for a forged twin, and for a
    second mail with other files from a program that gives every mail the same Message-ID. Hashes the files. `words` is
    `same_words` of its text."""
    files = (hashlib.sha256(file.content).hexdigest() for file in mail.attachments)
    parts = (mail.message_id, mail.author.email.lower(), mail.subject, words, *files)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def same_words(text: str) -> str:
    """The text with its white space evened out: what is left of it on every mail server."""
    return " ".join(text.split())
