"""Printing in a process of its own: Qt breaks lines and finds glyphs in every script, and the core has no Qt.

The process (`ui.evidence.printing`) draws without a display, opens no connection and loads nothing. Where it is not
installed the pages stay HTML, and the pack says so.
"""

from __future__ import annotations

import asyncio
import importlib.util
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence

from workstation.kernel import frames
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _

SECONDS = 120.0
_MODULE = "ui.evidence.printing"


class ChildPrinter:
    """Fulfils `evidence.ports.Printer`."""

    def available(self) -> str:
        """As the port says; looks for the window's parts without loading them."""
        try:
            there = all(importlib.util.find_spec(name) is not None for name in ("PySide6", _MODULE))
        except ModuleNotFoundError:
            there = False
        return "" if there else _("Printing needs the window's part of the program, which is not installed.")

    async def pdf(self, pages: Sequence[str]) -> tuple[bytes, ...]:
        """As the port says."""
        return tuple(files[0] for files in await asyncio.to_thread(self._ask, "pdf", pages))

    async def pictures(self, pages: Sequence[str]) -> tuple[tuple[bytes, ...], ...]:
        """As the port says."""
        return await asyncio.to_thread(self._ask, "png", pages)

    def _ask(self, form: str, pages: Sequence[str]) -> tuple[tuple[bytes, ...], ...]:
        reason = self.available()
        if reason:
            raise Unsupported(reason, _("Install Workstation with its window."))
        if not pages:
            return ()
        message = frames.pack({"form": form}, [page.encode() for page in pages])
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        try:
            done = subprocess.run(  # noqa: S603 - our own program with fixed arguments
                command(), input=message, env=environment, capture_output=True, timeout=SECONDS, check=True)
            return tuple(_answers(done.stdout, len(pages)))
        except (OSError, subprocess.SubprocessError, ValueError) as problem:
            raise Unsupported(_("The pages could not be printed."), _("They are beside the pack as HTML.")) from problem


def command() -> list[str]:
    """How to start it, from a checkout and from the frozen program alike."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", "print"]
    return [sys.executable, "-m", _MODULE]


def _answers(output: bytes, count: int) -> Iterator[tuple[bytes, ...]]:
    """A message for each page. Raises ValueError when there are fewer."""
    stream = io.BytesIO(output)
    for _page in range(count):
        answer = frames.read(stream)
        if answer is None or not answer[1]:
            raise ValueError("cut off")
        yield tuple(answer[1])
