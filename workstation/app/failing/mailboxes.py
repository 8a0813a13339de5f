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
        self._states: dict[str, tuple[str, str]] = {}

    def forgets(self) -> bool:
        return False

    def on_status(self, event: AccountStatusChanged) -> None:
        """Subscribe this to AccountStatusChanged. A try in between ends nothing: only a connection does."""
        if event.state == "online":
            self._since.pop(event.account_id, None)
            self._states.pop(event.account_id, None)
        elif event.state != "connecting":
            self._since.setdefault(event.account_id, self._clock.now())
            self._states[event.account_id] = event.state, event.sentence

    async def problems(self) -> tuple[Problem, ...]:
        now = self._clock.now()
        listed = await self._accounts.list()
        return tuple(self._problem(account) for account in listed if self._fails(account, now))

    async def act(self, _name: str, _action: Action) -> None:
        await self._accounts.fetch_now()

    def _fails(self, account: Account, now: int) -> bool:
        state, _sentence = self._state(account)
        since = self._since.get(account.id)
        return _refused(state) or (state == "offline" and since is not None and now - since > LONG)

    def _state(self, account: Account) -> tuple[str, str]:
        """Its state and sentence; while it tries again, those it had before."""
        now = account.state, account.sentence
        return self._states.get(account.id, now) if account.state == "connecting" else now

    def _problem(self, account: Account) -> Problem:
        state, sentence = self._state(account)
        refused = _refused(state)
        what = (_("The mailbox {address} lets nobody in.") if refused
                else _("The mailbox {address} cannot be reached."))
        remedy = (_("Enter its password again, or look at its settings.") if refused
                  else _("Check the network. It is tried again by itself."))
        first = (Action.SIGN_IN,) if refused else ()
        return Problem(
            f"mailbox:{account.id}", ProblemKind.MAILBOX, "fail" if refused else "warn",
            what.format(address=account.settings.address), sentence,
            _("Mail waits on the server; replies wait here."), remedy,
            self._since.get(account.id) or account.last_sync_at,
            (*first, Action.RETRY, Action.OPEN_MAILBOX, Action.DISMISS),
        )


def _refused(state: str) -> bool:
    return state not in ("online", "connecting", "offline")
