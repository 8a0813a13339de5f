"""The process that converts: reads a request on standard input, answers on standard output, and knows nothing else."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence

from workstation.evidence.claims import pages, papers, pictures, sheets
from workstation.evidence.claims.inconvertible import Inconvertible
from workstation.kernel import frames

_MEMORY = 3 << 30

Answer = tuple[Mapping[str, object], Sequence[bytes]]


def _page(header: frames.Header, files: Sequence[bytes]) -> Answer:
    """A mail, a text or JSON as HTML: what it holds is a stranger's too."""
    notes = header.get("notes")
    lines = [str(note) for note in notes] if isinstance(notes, list) else []
    try:
        html = pages.document(str(header.get("title", "")), lines, str(header.get("mime", "")), files[0])
    except pages.TooLong as problem:
        raise Inconvertible("long") from problem
    except ValueError as problem:
        raise Inconvertible("kind") from problem
    return {}, [html.encode()]


_DO: Mapping[str, Callable[[frames.Header, Sequence[bytes]], Answer]] = {
    "picture": pictures.picture, "plain": pictures.plain, "stack": pictures.stack, "sheets": sheets.sheets,
    "paper": papers.paper, "merge": papers.merge, "video": papers.video, "page": _page,
}


def answer(header: frames.Header, files: Sequence[bytes]) -> Answer:
    """What was asked for, or {"refused": code}. Whatever a decoder raises is about the file it was given."""
    try:
        return _DO[str(header["do"])](header, files)
    except Inconvertible as refused:
        return {"refused": refused.code}, ()
    except (MemoryError, OverflowError):
        return {"refused": "memory"}, ()
    except Exception:  # noqa: BLE001 - decoders of strangers' files raise anything; the file is refused, never the pack
        return {"refused": "damaged"}, ()


def main() -> int:
    """Serve until standard input ends."""
    _modest()
    warnings.simplefilter("ignore")
    source, target = sys.stdin.buffer, sys.stdout.buffer
    while (request := frames.read(source)) is not None:
        header, files = answer(*request)
        target.write(frames.pack(header, files))
        target.flush()
    return 0


def _modest() -> None:
    """Low priority, and no more memory than a large picture needs, where the system knows such limits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with contextlib.suppress(AttributeError, OSError):
        os.nice(10)


if __name__ == "__main__":
    sys.exit(main())
