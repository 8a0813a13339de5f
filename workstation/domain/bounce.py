"""What a mail server says became of a mail of ours (RFC 3464), as the mailbox's reader hands it on."""

from __future__ import annotations

from typing import NamedTuple


class Bounce(NamedTuple):
    """`about`: the Message-ID of the mail; `kind`: "failed" or "delayed"; `reason`: the server's words, one line."""

    about: str
    kind: str
    recipient: str
    reason: str
