"""What goes over the pipes: JSON, and beside it the bytes it names by their place. Reading it makes values and runs
nothing, whatever the other side became."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

MOST = 512 * 1024 * 1024
"""Bytes of one part of a frame; a batch of mails is 8 MB, a single mail at most 60."""
MOST_BLOBS = 100_000
_COUNT = struct.Struct(">I")
_LENGTH = struct.Struct(">Q")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Ended(Exception):
    """The other side is gone, or sends what is no frame."""


def send(stream: BinaryIO, value: Any, blobs: Sequence[bytes]) -> None:
    """Raises Ended."""
    parts = [_encode(value).encode("utf-8", "surrogatepass"), *blobs]
    try:
        stream.write(_COUNT.pack(len(blobs)))
        for part in parts:
            stream.write(_LENGTH.pack(len(part)))
            stream.write(part)
        stream.flush()
    except (OSError, ValueError) as problem:
        raise Ended from problem


def receive(stream: BinaryIO) -> tuple[Any, list[bytes]]:
    """The next value and its bytes. Raises Ended."""
    try:
        (count,) = _COUNT.unpack(_exactly(stream, _COUNT.size))
        if count > MOST_BLOBS:
            raise Ended
        text, *blobs = [_part(stream) for _number in range(count + 1)]
        return json.loads(text.decode("utf-8", "surrogatepass")), blobs
    except (OSError, ValueError, RecursionError) as problem:
        raise Ended from problem


def _part(stream: BinaryIO) -> bytes:
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if length > MOST:
        raise Ended
    return _exactly(stream, length)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise Ended
    return content
