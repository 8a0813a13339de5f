"""What erasing asks of everything that is no evidence: messages, orders, customers, and what stands around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from workstation.store.erased import Mark
from workstation.store.unit import Unit

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One case, by all ids it has; without any, orders that no conversation is about. `only`: these of its messages."""

    case_id: str = ""
    cases: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What of a part would go, counted by kind (`model.KINDS`), and what has to wait. `shared`: orders that stay
    because another conversation is about them, too; `leaving`: a reply is still to be sent."""

    counts: Mapping[str, int] = field(default_factory=dict)
    messages: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    shared: int = 0
    leaving: bool = False

    @property
    def empty(self) -> bool:
        return not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Gone:
    """What went. `addresses`: ciphertexts without a key; `told`: what the hub has to be told, in pieces that it takes.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    told: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """Since when buyers' data of a channel is over its days: delivered by `until` (ms, UTC)."""

    channel: str
    until: int


class Data(Protocol):
    """Every method runs in the caller's transaction."""

    def parts(self, connection: Connection, subject: str, /) -> tuple[Part, ...]:
        """What a subject consists of, cases before orders. Raises NotFound."""

    def look(self, connection: Connection, part: Part, /) -> Look: ...

    def forget(self, unit: Unit, part: Part, look: Look, mark: Mark, /) -> Gone:
        """Erase what was looked at: what came since stays."""

    def due(self, connection: Connection, wanted: Sequence[Due], /) -> tuple[str, ...]:
        """Cases of these channels that hold something and are over their days, or of which that is not known."""

    def lonely(self, connection: Connection, wanted: Due, /) -> tuple[tuple[str, int], ...]:
        """Orders over their days that no conversation is about, with their delivery."""

    def again(self, connection: Connection, /) -> Sequence[tuple[Mark, Part]]:
        """What was erased at another desktop, or before this store was restored, and is here."""

    def heal(self, unit: Unit, /) -> None:
        """Who wrote again after an erasure is somebody again."""


class NoData:
    """Fulfils `Data` where there is nothing but evidence."""

    def parts(self, _connection: Connection, _subject: str) -> tuple[Part, ...]:
        return ()

    def look(self, _connection: Connection, _part: Part) -> Look:
        return Look()

    def forget(self, _unit: Unit, _part: Part, _look: Look, _mark: Mark) -> Gone:
        return Gone()

    def due(self, _connection: Connection, _wanted: Sequence[Due]) -> tuple[str, ...]:
        return ()

    def lonely(self, _connection: Connection, _wanted: Due) -> tuple[tuple[str, int], ...]:
        return ()

    def again(self, _connection: Connection) -> Sequence[tuple[Mark, Part]]:
        return ()

    def heal(self, _unit: Unit) -> None:
        return
