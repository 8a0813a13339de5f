"""What drafts need from outside: a way out, the conversation being answered, and the files that go along."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection

from workstation.domain.conversation import Delivery, Reply, ReplyContext
from workstation.drafts.model import Envelope, Receipt
from workstation.store.unit import Unit


class NotHandedOver(asyncio.CancelledError):
    """A transport's sending was cancelled, and the server has nothing that it may deliver."""


class Transport(Protocol):
    """Hands mail to the account's server.

    `send` raises Refused when the server said no for good; OutcomeUnknown when the text was handed over and no receipt
    came; every other WorkstationError (Offline, AuthFailed, a locked keyring, …) when nothing was handed over.
    Cancelled, it raises NotHandedOver when nothing was handed over, and CancelledError when that cannot be said.
    """

    async def send(self, envelope: Envelope) -> Receipt: ...

    async def was_sent(self, account_id: str, message_id: str) -> bool:
        """True: found in the Sent folder or as a copy to ourselves. False: not there, which proves nothing.

        Raises ConnectError when it could not look.
        """

    async def keep_copy(self, account_id: str, raw: bytes) -> None:
        """Append our copy to the Sent folder, unless the server already wrote one."""


class Conversations(Protocol):
    """The inbox as drafts see it, inside the caller's transaction."""

    def reply_context(self, connection: Connection, conversation_id: str) -> ReplyContext: ...

    def add_reply(self, connection: Connection, reply: Reply) -> None:
        """Show a held reply in the timeline."""

    def add_note(self, unit: Unit, conversation_id: str, text: str, at: int) -> None:
        """A colleague's remark; it becomes an event for the hub."""

    def delivery_changed(self, unit: Unit, outgoing_id: str, delivery: Delivery, sentence: str, at: int) -> None:
        """The reply moved on. DONE stops the conversation's clock and becomes an event for the hub."""

    def delivery_told(self, unit: Unit, outgoing_id: str, delivery: Delivery, sentence: str) -> None:
        """Of a reply that left something is heard: it keeps its time, and colleagues' desktops are told how it stands.
        """

    def reported(self, unit: Unit, message_id: str, missed: Sequence[tuple[str, str]]) -> None:
        """A mail server reports who did not get a reply that another desktop sent: each with the sentence that says so.
        """

    def withdraw(self, connection: Connection, outgoing_id: str) -> None:
        """The reply was undone: it leaves the timeline."""


class Exhibits(Protocol):
    """Evidence that may go along as a file."""

    async def file(self, record_id: str) -> tuple[str, str, bytes]:
        """Name, MIME type and content of a record. Raises NotFound, Tampered."""


class SentRecords(Protocol):
    """Keeps the reply as it was really sent as a record of the case."""

    async def keep_reply(self, case_id: str, message_id: str, raw: bytes, receipt: str) -> None: ...


class Approvals(Protocol):
    """Remembers what a person allowed of a reply, bound to the very mail."""

    def __call__(
        self, unit: Unit, case_id: str, raw: bytes, at: int, allowed: Sequence[str], details: Mapping[str, str]
    ) -> None: ...


class Composer(Protocol):
    """Writes the mail that goes out (connectors.email.compose)."""

    def __call__(
        self, context: ReplyContext, text: str, files: Sequence[tuple[str, str, bytes]], message_id: str, at: int
    ) -> bytes: ...
