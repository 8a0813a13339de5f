"""What every source of problems can do."""

from __future__ import annotations

from typing import Protocol

from workstation.domain.problem import Problem
from workstation.kernel.actions import Action
from workstation.kernel.clock import MINUTE

LONG = 10 * MINUTE
"""A connection that is away for less is no news: it is tried again by itself."""


class ProblemSource(Protocol):
    """One part of the product. `prefix` begins the id of each of its problems, before a colon."""

    @property
    def prefix(self) -> str: ...

    async def problems(self) -> tuple[Problem, ...]: ...

    async def act(self, name: str, action: Action, /) -> None:
        """Do it. `name` is the problem's id without the prefix. Raises NotFound and what the action raises."""

    def forgets(self) -> bool:
        """True: DISMISS is handed to `act`, which ends the problem for good. False: it is only hidden."""


def joined(*parts: str) -> str:
    """Sentences after one another."""
    return " ".join(part for part in parts if part)
