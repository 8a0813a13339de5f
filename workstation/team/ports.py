"""What the team needs from outside: the hub, and the names under which it knows a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import Connection


class Other(Protocol):
    """Another device in the same conversation. `left`: milliseconds until that lapses."""

    @property
    def device(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def doing(self) -> str: ...

    @property
    def left(self) -> int: ...


class Upstream(Protocol):
    async def present(self, conversation_ids: Sequence[str], doing: str) -> Sequence[Other]:
        """Say where the person is and what they do there ("" leaves). Returns who else is. Raises ConnectError."""


class ConversationIds(Protocol):
    def ids(self, connection: Connection, conversation_id: str) -> Sequence[str]:
        """Every id under which desktops know this conversation, its own first."""
