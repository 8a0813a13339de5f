"""Just enough DER (X.690) to open a time-stamp answer (RFC 3161 §2.4.2) and to lay its certificates in order.

The library that checks tokens reads strict DER only: the elements of a SET must be sorted. Authorities that send their
chain along often do not sort it. The certificates are no part of what the authority signed, so the checked copy holds
the signer's alone, the others are given beside it, and the answer itself is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SEQUENCE, SET, CONTEXT_0, CONTEXT_1 = 0x30, 0x31, 0xA0, 0xA1
_MOST_ELEMENTS = 200


@dataclass(frozen=True, slots=True)
class Element:
    """One tag with its content; `whole` is both with the length between them."""

    tag: int
    content: bytes
    whole: bytes


def elements(content: bytes) -> Iterator[Element]:
    """The elements that lie one behind the other in `content`. Raises ValueError."""
    at = count = 0
    while at < len(content):
        end, start = _bounds(content, at)
        count += 1
        if end > len(content) or count > _MOST_ELEMENTS:
            raise ValueError("DER: too long or too many")
        yield Element(content[at], content[start:end], content[at:end])
        at = end


def _bounds(content: bytes, at: int) -> tuple[int, int]:
    """Where the element at `at` ends, and where its content starts."""
    if at + 2 > len(content) or content[at] & 0x1F == 0x1F:
        raise ValueError("DER: cut off, or a tag of several bytes")
    short = content[at + 1]
    if short < 0x80:
        return at + 2 + short, at + 2
    size = short & 0x7F
    if not 1 <= size <= 4 or at + 2 + size > len(content):
        raise ValueError("DER: a length without an end, or too large")
    start = at + 2 + size
    return start + int.from_bytes(content[at + 2:start], "big"), start


def wrap(tag: int, content: bytes) -> bytes:
    """An element with the shortest length."""
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    size = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


@dataclass(frozen=True, slots=True)
class Answer:
    """A TimeStampResp taken apart as far as its SignedData. `certificates` are DER, in the order they came."""

    status: bytes                       # PKIStatusInfo, whole
    content_type: bytes                 # the OID of SignedData, whole
    head: tuple[bytes, ...]             # version, digest algorithms and the signed content, whole
    certificates: tuple[bytes, ...]
    tail: tuple[bytes, ...]             # revocation lists and signer infos, whole


def open_answer(raw: bytes) -> Answer:
    """Take an answer apart. Raises ValueError when it is none or holds no token."""
    (outer,) = _exactly(raw, 1)
    parts = list(elements(outer.content)) if outer.tag == SEQUENCE else []
    if len(parts) != 2:
        raise ValueError("no token in the answer")
    content_type, explicit = _exactly(parts[1].content, 2)
    (signed,) = _exactly(explicit.content, 1)
    inner = list(elements(signed.content))
    return Answer(
        parts[0].whole, content_type.whole,
        tuple(_sorted(one) for one in inner[:3]),
        tuple(each.whole for one in inner[3:] if one.tag == CONTEXT_0 for each in elements(one.content)),
        tuple(one.whole for one in inner[3:] if one.tag != CONTEXT_0),
    )


def with_certificates(answer: Answer, certificates: Sequence[bytes]) -> bytes:
    """The answer with these certificates in place of its own, in strict order."""
    held = wrap(CONTEXT_0, b"".join(sorted(certificates))) if certificates else b""
    signed = wrap(SEQUENCE, b"".join(answer.head) + held + b"".join(answer.tail))
    token = wrap(SEQUENCE, answer.content_type + wrap(CONTEXT_0, signed))
    return wrap(SEQUENCE, answer.status + token)


def _exactly(content: bytes, n: int) -> list[Element]:
    found = list(elements(content))
    if len(found) != n:
        raise ValueError("DER: another number of parts")
    return found


def _sorted(one: Element) -> bytes:
    """A SET with its elements in order; anything else as it is."""
    return wrap(SET, b"".join(sorted(each.whole for each in elements(one.content)))) if one.tag == SET else one.whole
