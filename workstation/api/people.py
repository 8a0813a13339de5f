"""Colleagues, customers, and what a conversation is about."""

from __future__ import annotations

from typing import Protocol

from workstation.customers.model import Contact, Customer, Proposal
from workstation.domain.member import Member
from workstation.domain.undo import Undo
from workstation.kernel.paging import Page
from workstation.team.model import Doing, Presence, Team
from workstation.triage.model import Triage


class TeamApi(Protocol):
    """Members and presence. Without a hub there is one member: the person at this desk."""

    async def members(self) -> tuple[Member, ...]: ...

    async def rename(self, name: str) -> None:
        """What colleagues read as this person's name. Raises InputError."""

    async def devices(self) -> Team:
        """Devices by member: an owner sees all, everybody else their own. Raises InputError without a hub, Refused by
        one that knows no members, ConnectError."""

    async def invite(self, colleague: str = "") -> str:
        """An invite for another device of this person, for an hour; or with a role for a `colleague`, which only an
        owner may ask for. Whose a device is, an invite says and nothing else. Raises as `devices`."""

    def here(self, conversation_id: str, doing: Doing | None) -> None:
        """The person views, writes in, or (None) left a conversation. Told upstream at once, and again as it lasts."""

    async def presence(self, conversation_id: str) -> tuple[Presence, ...]:
        """Who else is there now, writers first; empty without a hub or when it cannot be reached."""

    async def look(self, conversation_id: str) -> tuple[Presence, ...]:
        """As `presence`, asked anew; at most two seconds."""


class CustomersApi(Protocol):
    async def of(self, conversation_id: str) -> Customer: ...

    async def find(self, text: str, limit: int = 8) -> tuple[Customer, ...]:
        """Customers by the beginning of a name, an address or a number, latest contact first."""

    async def history(self, customer_id: str, cursor: str | None = None) -> Page[Contact]:
        """Their conversations, newest first, across channels and the stores this desk may see."""

    async def proposals(self, customer_id: str) -> tuple[Proposal, ...]:
        """Who else may be this person, most likely first."""

    async def merge(self, customer_id: str, other_id: str) -> Undo: ...

    async def part(self, customer_id: str, other_id: str) -> Undo:
        """Take a merge back; nothing that was written meanwhile is lost. Raises NotFound."""

    async def dismiss(self, proposal_id: str) -> Undo:
        """They are two people: not proposed again unless a new reason appears."""

    async def undo(self, undo_id: str) -> None: ...


class TriageApi(Protocol):
    async def of(self, conversation_id: str) -> Triage: ...

    async def correct(self, conversation_id: str, kind: str, value: str) -> Undo:
        """A person knows better: kept, never overruled, and learned from. Raises InputError for an unknown value."""

    async def undo(self, undo_id: str) -> None: ...
