"""Where the next conversation is when the one under the cursor moved: a reply sends its row to the end of the queue,
and the person goes on with the one that stood below it, not with the end of the list."""

from __future__ import annotations

from collections.abc import Sequence

from ui.inbox.list_model import ConversationModel

MOST = 8
"""Neighbours that are remembered on each side: some of them leave meanwhile."""


class GoingOn:
    """Remembers what stood around the row at which the person arrived."""

    def __init__(self, model: ConversationModel) -> None:
        self._model = model
        self._above: tuple[str, ...] = ()
        self._below: tuple[str, ...] = ()

    def arrived(self, at: int) -> None:
        """The person is at the row `at`; nearest neighbours first."""
        loaded, here = self._model.loaded, at - self._model.before
        self._above = tuple(row.id for row in reversed(loaded[max(0, here - MOST):max(0, here)]))
        self._below = tuple(row.id for row in loaded[here + 1:here + 1 + MOST])

    def forget(self) -> None:
        """Another queue or search."""
        self._above = self._below = ()

    def target(self, here: int, step: int) -> int:
        """The row to go to from `here` (-1: the row left the list), -1 when the neighbours say nothing: the row did
        not move, or they are gone."""
        above, below = self._places(self._above), self._places(self._below)
        if here >= 0 and not self._moved(here, above, below):
            return -1
        return next(iter(below if step > 0 else above), -1)

    def _places(self, names: Sequence[str]) -> list[int]:
        return [at for at in map(self._model.position, names) if at >= 0]

    @staticmethod
    def _moved(here: int, above: Sequence[int], below: Sequence[int]) -> bool:
        """All that stood on one side stand on the other: the row went, not they."""
        return (bool(below) and max(below) < here) or (bool(above) and min(above) > here)
