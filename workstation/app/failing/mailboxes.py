"""Mailboxes that refuse us, or that cannot be reached for long."""

from __future__ import annotations

from workstation.api import AccountsApi
from workstation.app.failing.source import LONG
from workstation.domain.events import AccountStatusChanged
from workstation.domain.problem import Problem, ProblemKind
from workstation.inbox.model import Account
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _


class Mailboxes:
    """Reads the mailboxes' states, and remembers when each began to fail in this run."""

    prefix = "mailbox"

    def __init__(self, accounts: AccountsApi, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._since: dict[str, int] = {}
        self._states: dict[str, tuple[str, str, str]] = {}

    def forgets(self) -> bool:
        return False

    def on_status(self, event: AccountStatusChanged) -> None:
        """Subscribe this to AccountStatusChanged. A try in between ends nothing: only a connection does."""
        if event.state == "online":
            self._since.pop(event.account_id, None)
            self._states.pop(event.account_id, None)
        elif event.state != "connecting":
            self._since.setdefault(event.account_id, self._clock.now())
            self._states[event.account_id] = event.state, event.sentence, event.trouble

    async def problems(self) -> tuple[Problem, ...]:
        now = self._clock.now()
        listed = await self._accounts.list()
        return tuple(self._problem(account) for account in listed if self._fails(account, now))

    async def act(self, _name: str, _action: Action) -> None:
        await self._accounts.fetch_now()

    def _fails(self, account: Account, now: int) -> bool:
        state, _sentence, trouble = self._state(account)
        since = self._since.get(account.id)
        return _refused(state) or bool(trouble) or (state == "offline" and since is not None and now - since > LONG)

    def _state(self, account: Account) -> tuple[str, str, str]:
        """Its state, sentence and trouble; while it tries again, those it had before."""
        now = account.state, account.sentence, account.trouble
        return self._states.get(account.id, now) if account.state == "connecting" else now

    def _problem(self, account: Account) -> Problem:
        state, sentence, trouble = self._state(account)
        mark, what, remedy, first = _words(state, trouble)
        return Problem(
            f"mailbox:{account.id}", ProblemKind.MAILBOX, mark, what.format(address=account.settings.address), sentence,
            _("Mail waits on the server; replies wait here."), remedy,
            self._since.get(account.id) or account.last_sync_at,
            (*first, *(one for one in (Action.RETRY, Action.OPEN_MAILBOX, Action.DISMISS) if one not in first)),
        )


def _words(state: str, trouble: str) -> tuple[str, str, str, tuple[Action, ...]]:
    """The mark, what happened, what to do, and the first buttons."""
    if trouble == "keyring":
        return ("fail", _("The password of the mailbox {address} cannot be read."),
                _("Unlock the keyring; the mailbox connects then."), (Action.UNLOCK_KEYRING,))
    if trouble == "certificate":   # no button for a password: it must not be typed for whoever answers there
        return ("fail", _("The server of the mailbox {address} does not prove who it is."),
                _("Do what the reason says. Until then nothing is sent there, the password neither."),
                (Action.OPEN_MAILBOX,))
    if _refused(state):
        return ("fail", _("The mailbox {address} lets nobody in."),
                _("Enter its password again, or look at its settings."), (Action.SIGN_IN,))
    return ("warn", _("The mailbox {address} cannot be reached."),
            _("Check the network. It is tried again by itself."), ())


def _refused(state: str) -> bool:
    return state not in ("online", "connecting", "offline")
