"""What goes over the pipes between this program and the processes it starts from its own files: marshalled values, each
with its length before it. Reading one makes values and runs nothing. Python writes and reads mails this way six times
faster than as JSON; both sides are the same Python of the same build, so no other format is ever met."""

from __future__ import annotations

import marshal
import struct
from typing import Any, BinaryIO

MOST = 1024 * 1024 * 1024
"""Bytes of a frame; a batch of mails is 8 MB, a single mail at most 60."""
_LENGTH = struct.Struct(">Q")


class Ended(Exception):
    """The other side is gone, or sends what is no frame."""


def send(stream: BinaryIO, value: Any) -> None:
    """Plain values: numbers, text, bytes, tuples and lists of them. Raises Ended."""
    try:
        content = marshal.dumps(value)
        stream.write(_LENGTH.pack(len(content)))
        stream.write(content)
        stream.flush()
    except (OSError, ValueError) as problem:
        raise Ended from problem


def receive(stream: BinaryIO) -> Any:
    """The next value. Raises Ended."""
    try:
        (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
        if length > MOST:
            raise Ended
        return marshal.loads(_exactly(stream, length))  # noqa: S302 - from a process of our own
    except (OSError, ValueError, EOFError, TypeError) as problem:
        raise Ended from problem


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if len(content) != length:
        raise Ended
    return content
