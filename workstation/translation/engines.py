"""Chooses engines for a pair of languages: one that has the pair, else two through English."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workstation.kernel.actions import Action
from workstation.kernel.errors import NoEngine
from workstation.kernel.i18n import _
from workstation.translation.catalogue import Model, installed
from workstation.translation.languages import language_name
from workstation.translation.model import Engine
from workstation.translation.ports import EngineFailed, EnginePort
from workstation.translation.process import WorkerProcess

PIVOT = "en"
CHUNK_CHARACTERS = 4_000
"""Characters of one request: a short one waits at most for this much of a long one, and cancelling loses no more."""


class WorkerEngine:
    """One kind of engine of the worker process ("firefox", "argos") and the models it has on this computer."""

    def __init__(self, name: str, worker: WorkerProcess, models: Callable[[], tuple[Model, ...]]) -> None:
        self.name = name
        self._worker = worker
        self._models = models

    def pairs(self) -> tuple[Engine, ...]:
        return tuple(Engine(self.name, model.source, model.target) for model in self._mine())

    async def translate(self, texts: Sequence[str], source: str, target: str) -> tuple[str, ...]:
        model = next((m for m in self._mine() if (m.source, m.target) == (source, target)), None)
        if model is None:
            raise EngineFailed(_("The language package was removed."), _("Add it again."),
                               action=Action.INSTALL_LANGUAGE)
        done: list[str] = []
        for chunk in chunks(texts):
            done += await self._worker.translate(model, chunk)
        return tuple(done)

    async def shutdown(self) -> None:
        await self._worker.shutdown()

    def _mine(self) -> tuple[Model, ...]:
        return tuple(model for model in self._models() if model.engine == self.name)


@dataclass(frozen=True, slots=True)
class Route:
    """One engine, or two with a language in between."""

    legs: tuple[tuple[EnginePort, Engine], ...]

    @property
    def engine(self) -> str:
        return " + ".join(dict.fromkeys(pair.name for _engine, pair in self.legs))

    @property
    def pivot(self) -> str:
        return self.legs[0][1].target if len(self.legs) > 1 else ""

    async def translate(self, texts: Sequence[str]) -> tuple[str, ...]:
        current = tuple(texts)
        for engine, pair in self.legs:
            current = await engine.translate(current, pair.source, pair.target)
        return current


class Engines:
    """Every engine there is, best first.

    `look` asks an engine elsewhere which pairs it has, when none here has one; True when it knows more than before.
    """

    def __init__(self, engines: Sequence[EnginePort], look: Callable[[], Awaitable[bool]] | None = None) -> None:
        self._engines = tuple(engines)
        self._look = look

    async def pairs(self) -> tuple[Engine, ...]:
        """All pairs that some engine translates directly. Reads folders, so it happens on a thread."""
        return await asyncio.to_thread(lambda: tuple(pair for _engine, pair in self._legs()))

    async def route(self, source: str, target: str) -> Route:
        """Raises NoEngine when neither one engine nor two through English have the pair."""
        try:
            return await asyncio.to_thread(self._route, source, target)
        except NoEngine:
            if self._look is None or not await self._look():
                raise
        return await asyncio.to_thread(self._route, source, target)

    async def shutdown(self) -> None:
        for engine in self._engines:
            await engine.shutdown()

    def _route(self, source: str, target: str) -> Route:
        legs = tuple(self._legs())
        for path in (((source, target),), ((source, PIVOT), (PIVOT, target))):
            found = [next((leg for leg in legs if (leg[1].source, leg[1].target) == step), None) for step in path]
            if all(found):
                return Route(tuple(leg for leg in found if leg is not None))
        raise NoEngine(
            _("No translation engine for {source} → {target} is installed.").format(
                source=language_name(source), target=language_name(target)),
            _("Add the language package for it, or read the original."))

    def _legs(self) -> Iterator[tuple[EnginePort, Engine]]:
        for engine in self._engines:
            for pair in engine.pairs():
                if pair.ready:
                    yield engine, pair


def local_engines(
    packages: Path, more: Sequence[EnginePort] = (), look: Callable[[], Awaitable[bool]] | None = None
) -> Engines:
    """The engines of this computer, Firefox models before Argos packages, then `more` (an HTTP server).

    They share one worker process; `packages` is where the user's language packages are (`home.packages`).
    """
    worker = WorkerProcess()
    names = ("firefox", "argos")
    return Engines((*(WorkerEngine(name, worker, lambda: installed(packages)) for name in names), *more), look)


def chunks(texts: Sequence[str], most: int = CHUNK_CHARACTERS) -> Iterator[tuple[str, ...]]:
    """`texts` in groups of at most `most` characters, at least one text each."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > most:
            yield tuple(group)
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield tuple(group)
