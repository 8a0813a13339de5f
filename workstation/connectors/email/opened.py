"""What a server says when a folder is opened: its numbers and, with QRESYNC (RFC 7162), what changed and vanished."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workstation.connectors.email.answers import Fetched, by_uid
from workstation.inbox.model import Place

_NUMBER = re.compile(rb"\d{1,20}")
_RANGE = re.compile(rb"(\d{1,10})(?::(\d{1,10}))?")
MOST_RANGES = 100_000
HIGHEST_UID = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it was when opened. `uid_next` and `mod_sequence` are 0 when the server did not say."""

    uid_validity: int
    uid_next: int
    exists: int
    mod_sequence: int = 0
    changed: tuple[Place, ...] = ()
    gone: tuple[tuple[int, int], ...] = ()


def read_opened(untagged: Mapping[str, Sequence[object]]) -> Selected:
    """From imaplib's collection of untagged answers. Raises ProtocolError (an IMAP4.error) for unreadable ones."""
    return Selected(
        uid_validity=_number(untagged, "UIDVALIDITY"), uid_next=_number(untagged, "UIDNEXT"),
        exists=_number(untagged, "EXISTS"), mod_sequence=_number(untagged, "HIGHESTMODSEQ"),
        changed=places(by_uid(untagged.get("FETCH", ()), range(1, HIGHEST_UID + 1))),
        gone=vanished(untagged.get("VANISHED", ())),
    )


def places(answers: Mapping[int, Fetched]) -> tuple[Place, ...]:
    """The marks that answers tell of; one without FLAGS tells of none."""
    return tuple(
        Place(uid, answer.seen(), answer.answered()) for uid, answer in answers.items() if "FLAGS" in answer.items
    )


def vanished(lines: Sequence[object]) -> tuple[tuple[int, int], ...]:
    """UIDs that left the folder, as ranges with both ends included."""
    found: list[tuple[int, int]] = []
    for line in lines:
        text = bytes(line).upper().removeprefix(b"(EARLIER)") if isinstance(line, bytes) else b""
        for match in _RANGE.finditer(text):
            first = int(match[1])
            last = int(match[2] or first)
            found.append((min(first, last), max(first, last)))
    return tuple(found[:MOST_RANGES])


def _number(untagged: Mapping[str, Sequence[object]], name: str) -> int:
    values = untagged.get(name) or [b"0"]
    match = _NUMBER.match(values[-1]) if isinstance(values[-1], bytes) else None
    return int(match[0]) if match else 0
