"""The event bus: announces on the core thread, in order, and survives a handler that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from workstation.kernel.events import Event

log = logging.getLogger(__name__)
E = TypeVar("E", bound=Event)


class EventBus:
    """Handlers by event class. A handler's bug is logged and handed to `on_bug`; the others still run."""

    def __init__(self, on_bug: Callable[[BaseException], None] | None = None) -> None:
        self._handlers: dict[type[Event], list[Callable[[Any], None]]] = {}
        self._on_bug = on_bug

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        handlers = self._handlers.setdefault(kind, [])
        handlers.append(handler)

        def unsubscribe() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        for kind in type(event).__mro__:
            for handler in tuple(self._handlers.get(kind, ())):
                self._call(handler, event)

    def _call(self, handler: Callable[[Any], None], event: Event) -> None:
        try:
            handler(event)
        except Exception as bug:
            log.exception("a handler of %s failed", type(event).__name__)
            if self._on_bug is not None:
                self._on_bug(bug)
