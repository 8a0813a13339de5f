"""The signed statement: who, what, when, how, which bytes, and its place in the device's chain. Pure.

docs/evidence-format.md describes every field for other programs. Personal fields enter as salted commitments
(SHA-256 of salt ‖ value) and live beside the record, so that they can be erased while every hash still verifies.
Numbers that may pass 2^53 are text, because JSON numbers are doubles (RFC 8785 §3.2.2.3).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import rfc8785

from workstation.evidence.model import Grab, Kind, Monitor, Rect

SCHEMA = "workstation.record/1"
GENESIS = "0" * 64
"""The `previous` of the first record of a chain."""
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
Statement: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Private:
    """A personal value that lives beside its record."""

    name: str
    salt: bytes
    value: str

    @property
    def commitment(self) -> str:
        return hashlib.sha256(self.salt + self.value.encode()).hexdigest()


def private(fields: Mapping[str, str]) -> tuple[Private, ...]:
    """The fields that have a value, each with 32 bytes of salt of its own."""
    return tuple(Private(name, secrets.token_bytes(32), value) for name, value in sorted(fields.items()) if value)


@dataclass(frozen=True, slots=True)
class FilePart:
    """The sealed file as the statement names it. `pixels` is the SHA-256 of the decoded RGBA, "" for other files."""

    sha256: str
    size: int
    mime: str
    ciphertext: str
    name: str = ""
    pixels: str = ""
    width: int = 0
    height: int = 0
    thumbnail: str = ""

    def statement(self) -> Statement:
        pixels: Json = {"sha256": self.pixels, "width": self.width, "height": self.height} if self.pixels else None
        return {
            "sha256": self.sha256, "size": str(self.size), "mime": self.mime, "name": self.name, "pixels": pixels,
            "ciphertext_sha256": self.ciphertext, "thumbnail_sha256": self.thumbnail or None,
        }


@dataclass(frozen=True, slots=True)
class Content:
    """Everything in a statement but its place in the chain."""

    id: str
    kind: Kind
    case_id: str
    who: Statement
    what: Statement
    when: Statement
    how: Statement
    private: tuple[Private, ...] = ()
    display: Statement | None = None
    file: FilePart | None = None
    derived_from: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()   # id and record hash of each record in `derived_from`


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: the position, the hash of the statement before it, and the key that signed that one where
    it is another than the one that signs now."""

    sequence: int
    previous: str
    continues: str = ""


def build(content: Content, link: Link) -> Statement:
    """The whole statement."""
    return {
        "schema": SCHEMA, "id": content.id, "kind": content.kind.value, "case": content.case_id,
        "who": content.who, "what": content.what, "when": content.when, "how": content.how,
        "private": {field.name: field.commitment for field in content.private},
        "display": content.display,
        "file": content.file.statement() if content.file else None,
        "lineage": _lineage(content),
        "chain": _chain(link),
    }


def _chain(link: Link) -> Statement:
    place: Statement = {"sequence": link.sequence, "previous": link.previous}
    return {**place, "continues": {"key_id": link.continues}} if link.continues else place


def _lineage(content: Content) -> Statement:
    lineage: Statement = {"derived_from": list(content.derived_from), "operations": list(content.operations)}
    return {**lineage, "sources": references(content.sources)} if content.sources else lineage


def canonical(statement: Statement) -> bytes:
    """The bytes that are hashed and signed (RFC 8785)."""
    return rfc8785.dumps(cast(Any, statement))


def record_hash(payload: bytes) -> str:
    """What the next record names as `previous`: SHA-256 of the canonical statement, hex."""
    return hashlib.sha256(payload).hexdigest()


def parse(payload: bytes) -> Statement:
    """The statement in `payload`, which may come from anyone. Raises ValueError when it is not one of ours."""
    try:
        found = json.loads(payload)
        if _HALF.search(payload):   # half a character, escaped: canonical JSON has none, and no file could hold it
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError("not a record of a known schema")
    return cast(Statement, found)


def part(statement: Statement, name: str) -> Statement:
    """An object inside a statement; empty when it is absent or something else."""
    found = statement.get(name)
    return found if isinstance(found, dict) else {}


def text(statement: Statement, name: str) -> str:
    found = statement.get(name)
    return found if isinstance(found, str) else ""


def whole(statement: Statement, name: str) -> int:
    """An integer, given as a number or as decimal digits; -1 when it is neither."""
    found = statement.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    digits = isinstance(found, str) and found.isascii() and found.isdigit() and len(found) < 30
    return int(cast(str, found)) if digits else -1


def display(grab: Grab, rect: Rect | None) -> Statement:
    """The screens as they were, and which physical pixels of which screen were kept."""
    said: Statement = {
        "monitors": [_monitor(monitor) for monitor in grab.monitors], "screen": grab.screen,
        "crop": _rect(rect or Rect(0, 0, grab.width, grab.height)),
    }
    if grab.canvas:
        said["canvas"] = True
    if grab.window is not None:
        said["window"] = {**_rect(grab.window.rect), "covered": grab.window.covered, "cut": grab.window.cut}
    return said


def _rect(rect: Rect) -> Statement:
    return {"x": rect.x, "y": rect.y, "width": rect.width, "height": rect.height}


def _monitor(monitor: Monitor) -> Statement:
    return {
        "name": monitor.name, "x": monitor.x, "y": monitor.y, "width": monitor.width, "height": monitor.height,
        "pixel_width": monitor.pixel_width, "pixel_height": monitor.pixel_height, "scale": monitor.scale,
        "rotation": monitor.rotation,
    }


def references(records: Sequence[tuple[str, str]]) -> Json:
    """Other records, each by id and hash, as custody records name them."""
    return [{"id": record_id, "record_sha256": digest} for record_id, digest in records]
