"""Units of work: one transaction, what it changed, and what is announced once it is on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from workstation.kernel.events import Event


@dataclass(slots=True)
class Unit:
    """One write transaction. `emit` announces after the commit; `after_commit` runs on the core thread then."""

    conn: Connection
    events: list[Event] = field(default_factory=list)
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Announce `event` once this transaction is on disk; equal events are announced once."""
        if event not in self.events:
            self.events.append(event)

    def after_commit(self, callback: Callable[[], None]) -> None:
        self.callbacks.append(callback)
