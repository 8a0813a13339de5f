"""What goes over the pipes: a length and a value of tuples, text, bytes and numbers.

`marshal` and not `pickle`: reading it makes values and runs nothing, whatever the other side became.
"""

from __future__ import annotations

import marshal
import struct
from typing import Any, BinaryIO

MOST = 512 * 1024 * 1024
"""Bytes of one frame; a batch of mails is 8 MB, a single mail at most 60."""
_LENGTH = struct.Struct(">Q")


class Ended(Exception):
    """The other side is gone, or sends what is no frame."""


def send(stream: BinaryIO, value: Any) -> None:
    """Raises Ended."""
    content = marshal.dumps(value)
    try:
        stream.write(_LENGTH.pack(len(content)))
        stream.write(content)
        stream.flush()
    except (OSError, ValueError) as problem:
        raise Ended from problem


def receive(stream: BinaryIO) -> Any:
    """The next value. Raises Ended."""
    try:
        head = stream.read(_LENGTH.size)
        if len(head) != _LENGTH.size or (length := _LENGTH.unpack(head)[0]) > MOST:
            raise Ended
        content = stream.read(length)
        if len(content) != length:
            raise Ended
        return marshal.loads(content)  # noqa: S302 - makes values only, from our own process
    except (OSError, ValueError, EOFError, TypeError) as problem:
        raise Ended from problem
