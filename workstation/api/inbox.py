"""The inbox and its mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from workstation.api.common import Progress
from workstation.domain.undo import Undo
from workstation.inbox.model import (
    Account,
    AccountSettings,
    AssignmentRule,
    ClockRule,
    ConnectionReport,
    ConnectionStep,
    ConversationRow,
    ConversationView,
    ImportReport,
    ListQuery,
    MailFolder,
    MessageCursor,
    MessagePage,
    Provider,
    Queue,
    SavedView,
    TagCount,
)
from workstation.kernel.paging import Page


class InboxApi(Protocol):
    async def queues(self) -> tuple[Queue, ...]: ...

    async def page(self, query: ListQuery) -> Page[ConversationRow]:
        """One page of a queue, sorted by what breaches next, or of the hits of a search, newest first."""

    async def rows(self, ids: Sequence[str]) -> tuple[ConversationRow, ...]:
        """The rows of these conversations as they are now; a missing one is gone."""

    async def size(self, query: ListQuery) -> int:
        """How many rows the whole queue has; -1 for a search, which is not counted."""

    async def rank(self, query: ListQuery, conversation_id: str) -> int | None:
        """The place of a conversation in a queue, from 0; None when it is not in it."""

    async def conversation(self, conversation_id: str) -> ConversationView:
        """Its row, its newest messages and the quiet lines beside them; as quick with 50,000 messages as with five."""

    async def messages(self, conversation_id: str, at: MessageCursor, limit: int = 50) -> MessagePage:
        """Messages before or after a place of the timeline, with the quiet lines between them."""

    async def mark_read(self, ids: Sequence[str], read: bool = True) -> None: ...

    async def resolve(self, ids: Sequence[str], seen: Mapping[str, int] | None = None) -> Undo:
        """`seen`: when the newest message on the screen was written, by conversation. One in which a buyer wrote
        meanwhile stays as it is, so that no mail is hidden unread."""

    async def reopen(self, ids: Sequence[str]) -> Undo: ...

    async def snooze(self, ids: Sequence[str], until: int) -> Undo: ...

    async def when(self, text: str) -> int | None:
        """The moment that words mean ("in 3 hours", "friday 14:30", "明天上午9点"); None when it cannot be told."""

    async def clock_rules(self) -> tuple[tuple[ClockRule, ...], tuple[str, ...]]:
        """Every response clock, shipped and own (`ClockRule.own`), and what is wrong with own ones that do not hold."""

    async def keep_clock_rules(self, own: Sequence[ClockRule]) -> None:
        """Let these be the seller's own rules; they hold for what waits already. Raises InputError, ReadOnly."""

    async def assignment_rules(self) -> tuple[AssignmentRule, ...]:
        """The rules by which conversations are assigned, in their order: the first that fits decides."""

    async def keep_assignment_rules(self, rules: Sequence[AssignmentRule]) -> tuple[AssignmentRule, ...]:
        """Let these be all rules, in this order; they hold for what comes from now on, at every desktop of the team.
        Returns them as kept. Raises InputError."""

    async def take_back_assignments(self, rule_id: str, within: int) -> Undo:
        """What this rule assigned within the last `within` milliseconds, at whichever desktop, is nobody's again: where
        it is still open, with that person and not answered since. No rule assigns it anew. Raises NotFound."""

    async def assignment_matches(self, query: str) -> int:
        """How many open conversations fit now. Raises InputError for a search that cannot be a rule."""

    async def no_response_needed(self, ids: Sequence[str]) -> Undo: ...

    async def assign(self, ids: Sequence[str], member_id: str) -> Undo:
        """"" takes the assignment away."""

    async def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Undo:
        """Raises InputError for a tag that is empty, too long or has a line break."""

    async def tags(self) -> tuple[TagCount, ...]:
        """Every tag in use with how many open conversations have it, most used first."""

    async def mute(self, ids: Sequence[str], muted: bool = True) -> Undo:
        """A muted conversation stays in its queues; it neither notifies nor alarms."""

    async def ask_review(self, ids: Sequence[str], asked: bool = True) -> Undo: ...

    async def merge(self, ids: Sequence[str], into: str) -> Undo:
        """The messages of `ids` join `into`, in time order. Raises InputError when they are of different customers'
        channels that cannot be answered from one place (another account or channel)."""

    async def unmerge(self, conversation_id: str) -> Undo:
        """Part what was merged into this conversation, each message back where it was. Raises NotFound."""

    async def split(self, conversation_id: str, message_ids: Sequence[str]) -> Undo:
        """These messages, and answers to them, become a conversation of their own. Raises InputError: none or all."""

    async def views(self) -> tuple[SavedView, ...]: ...

    async def save_view(self, view: SavedView) -> SavedView:
        """A new view has id "". Raises InputError when its query cannot be a view or its title is taken."""

    async def remove_view(self, view_id: str) -> None: ...

    async def undo(self, undo_id: str) -> None: ...

    async def raw_source(self, message_id: str) -> bytes: ...

    async def attachment(self, attachment_id: str) -> tuple[str, str, bytes]:
        """Name, MIME type and content."""

    async def import_mail(self, path: Path, progress: Progress | None = None) -> ImportReport: ...


class AccountsApi(Protocol):
    async def list(self) -> tuple[Account, ...]: ...

    async def preset(self, address: str) -> Provider | None:
        """Servers and first steps of a common mail provider, by the address's domain; None: not known."""

    async def test(
        self, settings: AccountSettings, password: str | None, account_id: str = "",
        step: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        """Try every step and explain each failure. None: with the password kept for `account_id`, which goes only to
        the servers it was entered for (InputError otherwise). `step` is called on the core thread with each step as
        soon as it was tried; those of the two servers come mixed, the report has them in order."""

    async def folders(
        self, settings: AccountSettings, password: str | None, account_id: str = ""
    ) -> tuple[MailFolder, ...]:
        """The folders of a mailbox, inbox first; `watched` marks those that would be read. None: as in `test`.

        Raises ConnectError, InputError.
        """

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str = "") -> str:
        """Sign in with a browser instead of a password, at the provider `settings.sign_in` names.

        `opened` is called once, on the core thread, with the address to show in the system's browser. `secret`: the
        client's own, where the provider gave one with the client id. Returns a grant: it stands where a password would,
        in `test`, `folders`, `add` and `update`. Cancel the call to give up; nothing is kept then.

        Raises InputError (no client id was entered), AuthFailed (the person said no), TimedOut (ten minutes),
        ConnectError.
        """

    async def add(self, settings: AccountSettings, password: str) -> Account: ...

    async def update(self, account_id: str, settings: AccountSettings, password: str | None = None) -> Account:
        """Change a mailbox; its mail stays. None: it keeps its password. Raises NotFound, InputError."""

    async def remove(self, account_id: str) -> None: ...

    async def fetch_now(self) -> None: ...
