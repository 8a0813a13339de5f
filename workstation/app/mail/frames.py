"""What goes over the pipes between this program and the processes it starts: MessagePack values, each with its length
before it. A process that reads hostile mail may one day send anything: reading a frame makes plain values and nothing
else, and mails pass ten times faster than as JSON."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgpack

MOST = 1024 * 1024 * 1024
"""Bytes of a frame; a batch of mails is 8 MB, a single mail at most 60."""
_LENGTH = struct.Struct(">Q")
_TEXT = "surrogatepass"
"""A mail's text may hold half of a pair that its charset made."""


class Ended(Exception):
    """The other side is gone, or sends what is no frame."""


def send(stream: BinaryIO, value: Any) -> None:
    """Plain values: numbers, text, bytes, tuples and lists of them. Raises Ended."""
    try:
        content = msgpack.packb(value, unicode_errors=_TEXT)
        stream.write(_LENGTH.pack(len(content)))
        stream.write(content)
        stream.flush()
    except (OSError, ValueError, OverflowError) as problem:
        raise Ended from problem


def receive(stream: BinaryIO) -> Any:
    """The next value. Raises Ended."""
    try:
        (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        if length > MOST:
            raise Ended
        content = _exactly(stream, length)
        return msgpack.unpackb(content, use_list=False, strict_map_key=False, unicode_errors=_TEXT)
    except (OSError, ValueError, msgpack.exceptions.UnpackException) as problem:
        raise Ended from problem


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise Ended
    return content
