"""What goes over the pipe to a process that converts files: a line of JSON that says how long each file after it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO, cast

MOST_HEADER = 1 << 20
MOST_BYTES = 512 << 20
Header = dict[str, object]


def pack(header: Mapping[str, object], files: Sequence[bytes]) -> bytes:
    """One message."""
    said = json.dumps({**header, "sizes": [len(file) for file in files]}).encode()
    return b"".join([said, b"\n", *files])


def sizes(line: bytes) -> tuple[Header, list[int]]:
    """The header and the lengths it promises. Raises ValueError for what is none, or too much."""
    found = json.loads(line)
    lengths = found.pop("sizes", None) if isinstance(found, dict) else None
    whole = isinstance(lengths, list) and all(isinstance(one, int) and one >= 0 for one in lengths)
    if not whole or sum(cast("list[int]", lengths)) > MOST_BYTES:
        raise ValueError("not a message")
    return cast(Header, found), cast("list[int]", lengths)


def read(stream: IO[bytes]) -> tuple[Header, list[bytes]] | None:
    """The next message, None at the end. Blocks. Raises ValueError for what is none."""
    line = stream.readline(MOST_HEADER)
    if not line:
        return None
    header, lengths = sizes(line)
    files = [stream.read(length) for length in lengths]
    if [len(file) for file in files] != lengths:
        raise ValueError("cut off")
    return header, files
