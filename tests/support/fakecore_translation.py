"""The in-memory core's translation: every pair it has, and the packages that were added."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workstation.api import Progress
from workstation.kernel.errors import NoEngine
from workstation.translation.model import Engine, LanguagePackage, Preview, Translation

if TYPE_CHECKING:
    from tests.support.fakecore import World


class FakeTranslation:
    def __init__(self, world: World) -> None:
        self.world = world
        self.pairs = [("pt", "en"), ("en", "pt")]
        self.added: list[LanguagePackage] = []

    async def engines(self) -> tuple[Engine, ...]:
        return tuple(Engine("firefox", source, target) for source, target in self.pairs)

    async def packages(self) -> tuple[LanguagePackage, ...]:
        shipped = (LanguagePackage("firefox", source, target, 1, shipped=True) for source, target in self.pairs)
        return (*shipped, *self.added)

    async def install(self, path: Path, progress: Progress | None = None) -> LanguagePackage:
        self.world.note("install", path)
        self.added.append(LanguagePackage("argos", "ja", "en", 1))
        return self.added[-1]

    async def remove(self, source: str, target: str) -> None:
        self.world.note("remove", (source, target))
        self.added = [one for one in self.added if (one.source, one.target) != (source, target)]

    async def translate(self, text: str, source: str, target: str) -> Translation:
        self.world.note("translate", (text, source, target))
        if (source, target) not in self.pairs:
            raise NoEngine(f"No engine for {source} to {target}.", "Install a package.")
        return Translation(text, f"[{target}] {text}", source, target, "firefox")

    async def preview(self, text: str, source: str, target: str) -> Preview:
        return Preview(await self.translate(text, source, target), f"[back] {text}", "firefox")

    async def read_message(self, message_id: str) -> Translation | None:
        self.world.note("read_message", message_id)
        return None
