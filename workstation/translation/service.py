"""Use cases of translation: read what came, write in one's own language, and know what did not survive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from workstation.domain.events import EnginesChanged, TranslationStored
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NoEngine, NotFound, Unsupported
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.translation import repo
from workstation.translation.catalogue import language
from workstation.translation.detector import Detector
from workstation.translation.engines import Engines, Route
from workstation.translation.model import Engine, LanguagePackage, Preview, Translation
from workstation.translation.packages import Packages
from workstation.translation.pipeline import Progress, translate_text
from workstation.translation.ports import MessageText, MessageTexts
from workstation.translation.survival import check

T = TypeVar("T")
MOST_CHARACTERS = 100_000


class TranslationService:
    """Fulfils `api.TranslationApi`. `agent_language` is asked each time, because a setting may change."""

    def __init__(
        self, database: Database, clock: Clock, engines: Engines, messages: MessageTexts,
        agent_language: Callable[[], str], names: Callable[[], Sequence[str]] = tuple,
        packages: Packages | None = None, publish: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._engines = engines
        self._messages = messages
        self._agent_language = agent_language
        self._names = names
        self._packages = packages
        self._publish = publish
        self._changing = asyncio.Lock()
        self._detector = Detector()
        self._reading: dict[tuple[str, str], asyncio.Task[Translation]] = {}

    async def engines(self) -> tuple[Engine, ...]:
        """The pairs that can be translated directly, best engine first."""
        return await self._engines.pairs()

    async def packages(self) -> tuple[LanguagePackage, ...]:
        """The language packages of this computer, those that ship included."""
        return await asyncio.to_thread(self._shelf().listed)

    async def install(self, path: Path, progress: Progress | None = None) -> LanguagePackage:
        """Install a package from a file or folder, as a whole or not at all; `progress` counts bytes.

        Raises InputError, DiskFull, ReadOnly.
        """
        shelf, loop = self._shelf(), asyncio.get_running_loop()

        def report(done: int, total: int) -> None:
            if progress is not None:
                loop.call_soon_threadsafe(progress, done, total)

        return await self._change(lambda: shelf.install(path, report))

    async def remove(self, source: str, target: str) -> None:
        """Remove the packages that were added for a pair. Raises NotFound, ReadOnly."""
        shelf = self._shelf()
        await self._change(lambda: shelf.remove(source, target))

    async def _change(self, work: Callable[[], T]) -> T:
        """Change the packages, one change at a time; a cancelled one is waited for, as its thread goes on."""
        async with self._changing:
            changing = asyncio.ensure_future(asyncio.to_thread(work))
            try:
                return await asyncio.shield(changing)
            finally:
                await asyncio.wait([changing])
                self._publish(EnginesChanged())

    def _shelf(self) -> Packages:
        if self._packages is None:
            raise Unsupported(_("Language packages cannot be added here."), _("Install the program again."))
        return self._packages

    async def translate(
        self, text: str, source: str, target: str, names: Sequence[str] = (), progress: Progress | None = None,
    ) -> Translation:
        """`text` in `target`; its language is told from the text when `source` is "". `progress` counts segments.

        Raises NoEngine, EngineFailed, InputError (too long).
        """
        source, target = language(source) or await self._told(text), language(target)
        if len(text) > MOST_CHARACTERS:
            raise InputError(_("This text is too long to translate."), _("Translate it in parts."))
        if source == target:
            return Translation(text, text, source, target, "")
        route = await self._engines.route(source, target)
        known = (*self._names(), *names)
        result = await translate_text(text, route.translate, known, progress, (source, target))
        return await asyncio.to_thread(_judged, text, result, route, (source, target), known)

    async def preview(self, text: str, source: str, target: str, names: Sequence[str] = ()) -> Preview:
        """Forward, and back from the finished text alone, so that what the buyer will read is what is judged."""
        forward = await self.translate(text, source, target, names)
        try:
            back = await self.translate(forward.target, target, source, names)
        except NoEngine:
            return Preview(forward, "")
        return Preview(forward, back.target, back.engine)

    async def read_message(self, message_id: str) -> Translation | None:
        """A stored message in the agent's language, translated once and kept. None: it is already in that language.

        Asking again while it is being translated joins the first. Raises NoEngine, EngineFailed, NotFound.
        """
        message = await self._messages.message_text(message_id)
        if message is None:
            raise NotFound(_("This message is no longer here."), _("Look at the list again."))
        target = language(self._agent_language())
        if not message.text.strip():
            return None
        source = language(message.language) or await self._told(message.text)
        if source == target:
            return None
        known = await self._database.read(lambda c: repo.load(c, message_id, target, message.text))
        return known or await self._read_once(message_id, message, source, target)

    async def shutdown(self) -> None:
        """Cancel what runs and end the worker process."""
        tasks = list(self._reading.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._engines.shutdown()

    async def _told(self, text: str) -> str:
        found = await asyncio.to_thread(self._detector.detect, text)
        if not found:
            raise NoEngine(_("The language of this text could not be told."), _("Choose its language by hand."),
                           action=Action.RETRY)
        return found

    async def _read_once(self, message_id: str, message: MessageText, source: str, target: str) -> Translation:
        key = (message_id, target)
        task = self._reading.get(key)
        if task is None:
            task = asyncio.ensure_future(self._read(message_id, message, source, target))
            self._reading[key] = task
            task.add_done_callback(lambda _done: self._reading.pop(key, None))
        return await asyncio.shield(task)

    async def _read(self, message_id: str, message: MessageText, source: str, target: str) -> Translation:
        translation = await self.translate(message.text, source, target, message.names)

        def work(unit: Unit) -> None:
            repo.keep(unit.conn, message_id, translation, self._clock.now())
            unit.emit(TranslationStored(message.conversation_id, message_id))

        await self._database.write(work)
        return translation


def _judged(text: str, result: str, route: Route, pair: tuple[str, str], names: Sequence[str]) -> Translation:
    survival = check(text, result, names)
    return Translation(
        source=text, target=result, source_language=pair[0], target_language=pair[1], engine=route.engine,
        pivot=route.pivot, survived=survival.survived, lost=survival.lost)
