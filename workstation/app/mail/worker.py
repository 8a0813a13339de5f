"""The process that reads mails: raw bytes in, mails ready for the store out. It ends when its standard input closes.

`python -m workstation.app.mail.worker`, or `--worker mail` of the frozen program.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from workstation.app.mail import frames
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.quotes import fold
from workstation.inbox.prepared import INLINE_LIMIT, PreparedMail, as_plain
from workstation.inbox.preparing import prepare_mail, stand_in
from workstation.kernel import i18n
from workstation.translation.detector import Detector

Raw = tuple[bytes, int, bool, Sequence[str]] | tuple[bytes, int, bool, Sequence[str], bool]
"""`inbox.ports.RawMail` or `FiledMail`, as they come out of a pipe."""


def read(raw: Raw, detector: Detector | None) -> PreparedMail:
    """One mail. Never raises: one that breaks our rules is its source and a sentence. Without a `detector` it is one of
    a backlog: its language and the orders it names are told later."""
    content, received_at, own, problems, *rest = raw
    certain = rest != [False]
    try:
        small = len(content) <= INLINE_LIMIT   # such a raw mail is a row: its HTML and its files can wait in it
        mail = parse(content, received_at=received_at, own=own, problems=tuple(problems), later=small)
        if certain and mail.at > received_at:   # received before it was written: a deadline would be counted late
            mail = replace(mail, at=received_at)
        return prepare_mail(mail, fold, detector, apart=not small)
    except Exception as problem:  # noqa: BLE001 - whatever it is, the mail is kept and says so
        return stand_in(content, received_at, own, type(problem).__name__)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer requests until the other side is gone. A request is the interface's language and a batch of a backlog."""
    while True:
        try:
            language, batch = frames.receive(incoming)
            if language != i18n.language():
                i18n.use_language(language)
            frames.send(outgoing, [as_plain(read(raw, None)) for raw in batch])
        except frames.Ended:
            return


def main() -> int:
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)   # mails make few cycles, and a batch of them millions of strings to look at
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)   # whatever a library prints is no answer
    try:
        frames.send(outgoing, "ready")   # what a start takes is nobody's mail's fault
    except frames.Ended:
        return 0
    serve(incoming, outgoing)
    return 0


if __name__ == "__main__":
    sys.exit(main())
