"""FETCH answers, matched by the UID inside each of them and by nothing else.

IMAPClient falls back to the sequence number for an unsolicited answer without UID, and sequence numbers move when mail
is expunged. Its parser also reads byte by byte; answers of the everyday shape are recognised by one expression here,
and everything else goes to it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field

from imapclient.response_parser import parse_response

_EVERYDAY = re.compile(
    rb"\d+ \((?:UID (?P<UID>\d+) ?|FLAGS \((?P<FLAGS>[^()]*)\) ?|INTERNALDATE \"(?P<DATE>[^\"]*)\" ?"
    rb"|RFC822\.SIZE (?P<SIZE>\d+) ?|MODSEQ \(\d+\) ?)+(?:(?P<BODY>BODY\[(?:HEADER)?\]) \{(?P<LENGTH>\d+)\}|\))")


@dataclass(slots=True)
class Fetched:
    """What the answers said about one UID."""

    items: dict[str, object] = field(default_factory=dict)

    def size(self) -> int:
        value = self.items.get("RFC822.SIZE")
        return value if isinstance(value, int) else 0

    def content(self, item: str) -> bytes | None:
        value = self.items.get(item)
        if isinstance(value, int):
            return str(value).encode()   # a body of digits alone, sent as an atom
        return value if isinstance(value, bytes) else None

    def seen(self) -> bool:
        return self._marked(b"\\seen")

    def answered(self) -> bool:
        return self._marked(b"\\answered")

    def _marked(self, mark: bytes) -> bool:
        flags = self.items.get("FLAGS")
        return isinstance(flags, tuple) and any(isinstance(f, bytes) and f.lower() == mark for f in flags)


def by_uid(data: Sequence[object], wanted: Container[int]) -> dict[int, Fetched]:
    """The answers in imaplib's `data` that carry one of the wanted UIDs. Raises ProtocolError (an IMAP4.error)."""
    found: dict[int, Fetched] = {}
    for answer in _answers(data):
        items = _everyday(answer)
        for pairs in [items] if items is not None else _any(answer):
            uid = pairs.get("UID")
            if isinstance(uid, int) and uid in wanted:
                found.setdefault(uid, Fetched()).items.update(pairs)
    return found


def _answers(data: Sequence[object]) -> Iterator[list[object]]:
    """One list for each answer: a literal comes as a pair with the text before it, and plain text ends the answer."""
    answer: list[object] = []
    for piece in data:
        if piece is None:
            continue
        answer.append(piece)
        if isinstance(piece, bytes):
            yield answer
            answer = []
    if answer:
        yield answer


def _everyday(answer: list[object]) -> dict[str, object] | None:
    """The items of an answer of the usual shape; None when it has another."""
    head, literal = answer[0], b""
    if isinstance(head, tuple) and len(answer) == 2 and answer[1] == b")":
        head, literal = head
    elif len(answer) != 1:
        return None
    match = _EVERYDAY.fullmatch(head) if isinstance(head, bytes) else None
    if match is None or int(match["LENGTH"] or 0) != len(literal):
        return None
    items: dict[str, object] = {}
    if match["UID"] is not None:
        items["UID"] = int(match["UID"])
    if match["FLAGS"] is not None:
        items["FLAGS"] = tuple(match["FLAGS"].split())
    if match["DATE"] is not None:
        items["INTERNALDATE"] = match["DATE"]
    if match["SIZE"] is not None:
        items["RFC822.SIZE"] = int(match["SIZE"])
    if match["BODY"] is not None:
        items[match["BODY"].decode("ascii")] = literal
    return items


def _any(answer: list[object]) -> Iterator[dict[str, object]]:
    for value in parse_response(answer):
        if isinstance(value, tuple):
            yield {_key(value[i]): value[i + 1] for i in range(0, len(value) - 1, 2)}


def _key(name: object) -> str:
    return name.decode("ascii", "replace").upper() if isinstance(name, bytes) else ""
