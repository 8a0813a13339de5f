"""What translation needs from outside: engines, and the messages to translate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workstation.kernel.errors import NoEngine
from workstation.translation.model import Engine


class EngineFailed(NoEngine):
    """An engine is installed but could not do its work; the text is kept."""

    usual = None


class EnginePort(Protocol):
    """One kind of engine. Texts are single sentences with tokens in them; answers come in the same order."""

    name: str

    def pairs(self) -> tuple[Engine, ...]:
        """What it can translate now. Reads folders at most; never starts a model or asks a network."""

    async def translate(self, texts: Sequence[str], source: str, target: str) -> tuple[str, ...]:
        """Raises EngineFailed, and for an engine behind HTTP the ConnectErrors."""

    async def shutdown(self) -> None: ...


@dataclass(frozen=True, slots=True)
class MessageText:
    """A stored message as translation sees it; `names` are the people in it (the buyer's name, ours)."""

    text: str
    language: str
    conversation_id: str = ""
    names: tuple[str, ...] = ()


class MessageTexts(Protocol):
    """Where the text of a stored message is. The inbox answers."""

    async def message_text(self, message_id: str) -> MessageText | None:
        """None when there is no such message."""
