"""Pictures and papers converted in a process of its own: they come from strangers, and decoders are where they bite.

The process starts when first needed, does one thing at a time, and is ended when it hangs, dies or the pack is done.
What it could not do is a sentence for the list of what did not go in; it never stops the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping, Sequence

from workstation.kernel import frames
from workstation.kernel.i18n import _

SECONDS = 60.0
"""What one conversion may take."""


class NotConverted(Exception):
    """Said of one file: the sentence says why."""


def command() -> list[str]:
    """How to start it, from a checkout and from the frozen program alike."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", "press"]
    return [sys.executable, "-m", "workstation.evidence.claims.press_worker"]


class Press:
    """A converting process that comes and goes. Use on one event loop, one request at a time."""

    def __init__(self, seconds: float = SECONDS, start: Sequence[str] = ()) -> None:
        self._seconds = seconds
        self._command = list(start)
        self._process: asyncio.subprocess.Process | None = None

    async def ask(
        self, operation: str, options: Mapping[str, object], files: Sequence[bytes]
    ) -> tuple[frames.Header, list[bytes]]:
        """Have something done to files. Raises NotConverted."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._exchange(frames.pack({**options, "do": operation}, files))
        except (OSError, ValueError, EOFError) as problem:   # TimeoutError is an OSError
            await self.shutdown()
            slow = isinstance(problem, TimeoutError)
            said = _("converting it took too long") if slow else _("it could not be converted")
            raise NotConverted(said) from problem
        except BaseException:
            await self.shutdown()
            raise
        refused = answer[0].get("refused")
        if refused:
            raise NotConverted(_reason(str(refused)))
        return answer

    async def shutdown(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()

    async def _exchange(self, message: bytes) -> tuple[frames.Header, list[bytes]]:
        process = self._process or await self._start()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        writing = asyncio.ensure_future(_send(process.stdin, message))
        try:
            line = await process.stdout.readline()
            if not line:
                raise EOFError
            header, lengths = frames.sizes(line)
            return header, [await process.stdout.readexactly(length) for length in lengths]
        finally:
            writing.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await writing

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            *(self._command or command()), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, limit=frames.MOST_HEADER,
        )
        return self._process


async def _send(stream: asyncio.StreamWriter, message: bytes) -> None:
    stream.write(message)
    await stream.drain()


def _reason(code: str) -> str:
    """What the process calls it, in words."""
    said = {
        "encrypted": _("it is encrypted; remove its password and add it again"),
        "pages": _("it has too many pages"),
        "large": _("it has too many pixels"),
        "damaged": _("it is damaged, or not what its type says"),
        "format": _("pictures of its format cannot be read here; save it as JPEG or PNG and add that"),
        "empty": _("it has no page"),
        "memory": _("it needs too much memory"),
        "long": _("its text is too long to be printed"),
        "kind": _("files of its kind cannot be shown on paper"),
    }
    return said.get(code, _("it could not be converted"))
