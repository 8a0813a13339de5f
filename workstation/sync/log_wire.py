"""What a hub answers about its log, as values. Pure; anything unexpected is BadAnswer."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from workstation.evidence import merkle
from workstation.sync.mapper import odd

MOST_ASKED = 200                  # inclusion proofs in one question
_MOST_TOKEN = 64 * 1024
_MOST_ROOTS = 256 * 1024


@dataclass(frozen=True, slots=True)
class LogHead:
    """The newest checkpoint (a signed note), the verifier key, and the proof that it goes on from what we know.

    `token` is an RFC 3161 answer over SHA-256 of the note, b"" when there is none; `roots` its authority's PEM.
    """

    note: bytes
    key: str
    consistency: tuple[bytes, ...]
    token: bytes = b""
    roots: bytes = b""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a record is, and the path from there to the root."""

    leaf: int
    path: tuple[bytes, ...]


def head(content: bytes) -> LogHead:
    """Raises BadAnswer."""
    found = _object(content)
    try:
        token = base64.b64decode(_text(found, "token"), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise odd() from problem
    roots = _text(found, "roots").encode()
    if len(token) > _MOST_TOKEN or len(roots) > _MOST_ROOTS:
        token, roots = b"", b""   # a time stamp is welcome, not needed
    note, key = _text(found, "checkpoint").encode(), _text(found, "key")
    return LogHead(note, key, _path(found.get("consistency")), token, roots)


def proofs(content: bytes, asked: Sequence[str]) -> dict[str, Proof]:
    """Proofs by record hash; of records that were asked for only. Raises BadAnswer."""
    listed = _object(content).get("proofs")
    if not isinstance(listed, list) or len(listed) > len(asked):
        raise odd()
    found = {}
    for one in listed:
        if not isinstance(one, dict) or one.get("record") not in asked or type(one.get("leaf")) is not int:
            raise odd()
        found[str(one["record"])] = Proof(one["leaf"], _path(one.get("proof")))
    return found


def _object(content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise odd() from problem
    if not isinstance(found, dict):
        raise odd()
    return found


def _text(found: dict[str, object], name: str) -> str:
    value = found.get(name, "")
    if not isinstance(value, str):
        raise odd()
    try:
        value.encode()
    except UnicodeEncodeError as problem:
        raise odd() from problem
    return value


def _path(listed: object) -> tuple[bytes, ...]:
    if not isinstance(listed, list) or len(listed) > merkle.LONGEST:
        raise odd()
    try:
        return tuple(bytes.fromhex(step) for step in listed)
    except (ValueError, TypeError) as problem:
        raise odd() from problem
