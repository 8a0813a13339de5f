"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

from __future__ import annotations

import hashlib

import uuid_utils

_MOST_MS = (1 << 48) - 1


def new_id() -> str:
    """A new UUIDv7 in its 36-character text form."""
    return str(uuid_utils.uuid7())


def derived_id(at: int, *parts: str) -> str:
    """The same id wherever it is made from the same `parts`, in the shape of a UUIDv7.

    Its 48 bits of time are `at` (milliseconds since the epoch, cut to what 48 bits hold), the other 74 bits are the
    first of the SHA-256 over the parts joined by U+001F, where a UUIDv7 has chance. So two desktops that read one
    mailbox name its mails alike, and ids still sort by the mails' own dates.
    """
    digest = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
    moment = f"{min(max(at, 0), _MOST_MS):012x}"
    variant = "89ab"[int(digest[3], 16) & 3]
    return f"{moment[:8]}-{moment[8:]}-7{digest[:3]}-{variant}{digest[4:7]}-{digest[7:19]}"
