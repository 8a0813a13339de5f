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

    @property
    def member(self) -> str:
        """Whose device it is, "" when the hub does not know."""


class Seat(Protocol):
    """A device as the hub knows it."""

    @property
    def device(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def member(self) -> str: ...

    @property
    def role(self) -> str: ...

    @property
    def enrolled_at(self) -> int: ...

    @property
    def revoked(self) -> bool: ...


class Seats(Protocol):
    @property
    def role(self) -> str: ...

    @property
    def devices(self) -> Sequence[Seat]: ...


class Upstream(Protocol):
    async def present(self, conversation_ids: Sequence[str], doing: str) -> Sequence[Other]:
        """Say where the person is and what they do there ("" leaves). Returns who else is. Raises ConnectError."""

    async def seats(self) -> Seats:
        """The devices of the team that this one may see. Raises ConnectError, InputError without a hub."""

    async def invite(self, who: str, role: str = "") -> str:
        """An invite for another "device" of this person, or for a "colleague" of that role. As `seats`."""


class ConversationIds(Protocol):
    def ids(self, connection: Connection, conversation_id: str) -> Sequence[str]:
        """Every id under which desktops know this conversation, its own first."""
