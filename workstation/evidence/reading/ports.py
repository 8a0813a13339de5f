"""What reading pictures needs from outside: the pictures that came with messages, and where words are found."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Connection

from workstation.kernel.errors import WorkstationError


class CannotRead(WorkstationError):
    """This computer cannot read pictures now; the pictures are kept."""


class Attachments(Protocol):
    """The inbox's files. `wiring` hands in the inbox itself."""

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        """Name, MIME type and content. Raises NotFound."""


class Cases(Protocol):
    """Where a conversation is shown now."""

    def __call__(self, connection: Connection, conversation_id: str, /) -> str: ...
