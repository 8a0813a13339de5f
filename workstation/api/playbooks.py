"""Playbooks: the steps of a situation and how a conversation stands in them."""

from __future__ import annotations

from typing import Protocol

from workstation.domain.undo import Undo
from workstation.playbooks.model import Course, State, Title


class PlaybooksApi(Protocol):
    """`PlaybookChanged` announces what changed. What a person says of a step becomes a record of the case."""

    async def list(self) -> tuple[Title, ...]:
        """Every playbook there is, in the order of the situations."""

    async def problems(self) -> tuple[str, ...]:
        """What was not understood in one's own playbooks, a sentence for each file."""

    async def of(self, conversation_id: str) -> Course:
        """The playbook it follows: the one a person chose, else that of what it is about. Raises NotFound."""

    async def choose(self, conversation_id: str, playbook_id: str) -> Undo:
        """Follow this one; "" follows what it is about again. Raises InputError, NotFound."""

    async def mark(self, conversation_id: str, step_id: str, state: State, reason: str = "") -> Undo:
        """A step is done, left out (which needs a reason), or open again. Raises InputError, NotFound."""

    async def undo(self, undo_id: str) -> None:
        """Raises NotFound when there is nothing to undo any more."""
