"""The worker process as seen from the core: started when first needed, one request at a time, killed to cancel."""

from __future__ import annotations

import json
from collections.abc import Sequence

from workstation.kernel.actions import Action
from workstation.kernel.i18n import _
from workstation.runtime.helper import Closed, Helper, HelperDied, command_of
from workstation.translation.catalogue import Model
from workstation.translation.ports import EngineFailed

IDLE_SECONDS = 300.0
REQUEST_SECONDS = 90.0
LONGEST_ANSWER = 4_000_000


def worker_command() -> list[str]:
    """How to start the worker."""
    return command_of("translate", "workstation.translation.worker")


class WorkerProcess:
    """A worker that comes and goes. Use on one event loop. `pid` is 0 while none runs."""

    def __init__(self, command: Sequence[str] | None = None, idle_seconds: float = IDLE_SECONDS) -> None:
        self._helper = Helper(command or worker_command(), idle_seconds, LONGEST_ANSWER)
        self._last_id = 0

    @property
    def pid(self) -> int:
        return self._helper.pid

    async def translate(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        """Translate with `model`. Cancelling kills the process; the next request starts a new one.

        A crash is tried once more in a fresh process. Raises EngineFailed.
        """
        async with self._helper.turn():
            try:
                return await self._ask(model, texts)
            except HelperDied:
                return await self._ask_again(model, texts)

    async def shutdown(self) -> None:
        """End the process and wait for it. Later requests are refused."""
        await self._helper.shutdown()

    async def _ask_again(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        try:
            return await self._ask(model, texts)
        except HelperDied as problem:
            raise EngineFailed(
                _("The translation engine stopped twice on this text."),
                _("The original is kept; read it, or try another engine."),
            ) from problem

    async def _ask(self, model: Model, texts: Sequence[str]) -> tuple[str, ...]:
        self._last_id += 1
        request = {"id": self._last_id, "engine": model.engine, "source": model.source, "target": model.target,
                   "folder": str(model.folder), "texts": list(texts)}
        try:
            line = await self._helper.ask(
                json.dumps(request, ensure_ascii=False).encode() + b"\n", REQUEST_SECONDS)
            return self._read(line, texts)
        except Closed as problem:
            raise EngineFailed(_("The program is closing."), _("Start it again.")) from problem
        except TimeoutError as problem:
            raise EngineFailed(
                _("The translation engine did not answer in time."), _("Try a shorter text.")) from problem
        except OSError as problem:
            raise EngineFailed(
                _("The translation worker could not be started."), _("Install the program again.")) from problem
        except HelperDied:
            await self._helper.end()
            raise

    def _read(self, line: bytes, texts: Sequence[str]) -> tuple[str, ...]:
        try:
            answer = json.loads(line)
            number, translated, error = answer["id"], answer.get("texts"), answer.get("error", "")
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise HelperDied from problem
        if number != self._last_id or (translated is not None and len(translated) != len(texts)):
            raise HelperDied
        if translated is None:
            raise EngineFailed(
                _("The translation engine could not use its model ({error}).").format(error=error),
                _("Add the language package again."), action=Action.INSTALL_LANGUAGE)
        return tuple(str(text) for text in translated)
