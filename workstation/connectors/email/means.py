"""What a connection needs beside settings and password: fresh tokens, and the keys that servers showed before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workstation.inbox.model import AccountSettings
from workstation.inbox.ports import MailReader, ServerKeys


class Tokens(Protocol):
    """Access tokens for mailboxes that are signed in to instead of having a password."""

    def token(self, settings: AccountSettings, grant: str, refused: str = "") -> str:
        """A token that is good for a minute at least and is not `refused`. Blocks: for worker threads.

        Raises AuthFailed when the sign-in is over ("Sign in again"), ConnectError when nobody could be asked.
        """


@dataclass(frozen=True, slots=True)
class Means:
    """Each may be missing: without `tokens` only passwords work, without `keys` a changed key is not noticed, without
    `reader` mails are read on the mailbox's own thread."""

    tokens: Tokens | None = None
    keys: ServerKeys | None = None
    reader: MailReader | None = None


NO_MEANS = Means()
