"""Replies that were refused, whose outcome nobody knows, or that wait longer than a person would think."""

from __future__ import annotations

from typing import Protocol

from workstation.api import DraftsApi, InboxApi
from workstation.app.failing.source import LONG
from workstation.domain.problem import Problem, ProblemKind
from workstation.domain.states import Delivery
from workstation.drafts.model import Outgoing
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _


class Settling(Protocol):
    """What a person decides about a reply of unknown outcome (drafts.byhand.ByHand)."""

    async def arrived(self, outgoing_id: str) -> None: ...

    async def send_again(self, outgoing_id: str) -> None: ...


class Replies:
    """Reads the replies on their way; what they are called comes from the inbox."""

    prefix = "reply"

    def __init__(self, drafts: DraftsApi, inbox: InboxApi, settling: Settling, clock: Clock) -> None:
        self._drafts = drafts
        self._inbox = inbox
        self._settling = settling
        self._clock = clock

    def forgets(self) -> bool:
        return True

    async def problems(self) -> tuple[Problem, ...]:
        late = self._clock.now() - LONG
        waiting = [one for one in await self._drafts.outgoing() if _worth_a_look(one, late)]
        if not waiting:
            return ()
        rows = await self._inbox.rows(list(dict.fromkeys(one.conversation_id for one in waiting)))
        names = {row.id: (row.who, row.subject) for row in rows}
        return tuple(_problem(one, *names.get(one.conversation_id, ("", ""))) for one in waiting)

    async def act(self, name: str, action: Action) -> None:
        if action is Action.RETRY:
            await self._drafts.retry(name)
        elif action is Action.TAKE_BACK:
            await self._drafts.undo_send(name)
        elif action is Action.LOOK_AGAIN:
            await self._drafts.look_for(name)
        elif action is Action.ARRIVED:
            await self._settling.arrived(name)
        elif action is Action.SEND_AGAIN:
            await self._settling.send_again(name)
        else:
            raise Unsupported(_("A reply cannot be dismissed."), _("Send it, or take it back as a draft."))


def _worth_a_look(one: Outgoing, late: int) -> bool:
    return one.state in (Delivery.FAILED, Delivery.UNKNOWN) or (
        one.state is Delivery.QUEUED and one.release_at < late)


def _problem(one: Outgoing, who: str, subject: str) -> Problem:
    to = _("{who}, “{subject}”").format(who=who, subject=subject) if subject else who or _("a buyer")
    state, what, kept, remedy, actions = _words(one.state, one.came_back)
    return Problem(
        f"reply:{one.id}", ProblemKind.REPLY, state, what.format(who=to), one.sentence, kept, remedy, one.release_at,
        (*actions, Action.OPEN_CONVERSATION), one.conversation_id,
    )


def _words(state: Delivery, came_back: bool) -> tuple[str, str, str, str, tuple[Action, ...]]:
    if state is Delivery.UNKNOWN:
        return (
            "unknown", _("It is not known whether the reply to {who} arrived."),
            _("The reply is kept. It is looked for by itself and never sent again by itself."),
            _("Look into the Sent folder or ask the buyer, then say what is so. "
              "Sent again although it arrived, the buyer gets it twice."),
            (Action.LOOK_AGAIN, Action.ARRIVED, Action.SEND_AGAIN),
        )
    if state is Delivery.FAILED and came_back:
        return (
            "fail", _("The reply to {who} came back: it was not delivered."),
            _("The reply and its files are kept; the buyer's clock runs again."),
            _("Try again once the reason is gone; it goes only to whom it came back from. If the buyer heard from you "
              "another way, say that it arrived."),
            (Action.RETRY, Action.ARRIVED),
        )
    both = (Action.RETRY, Action.TAKE_BACK)
    if state is Delivery.FAILED:
        return (
            "fail", _("The reply to {who} was not sent."), _("The reply and its files are kept; nothing arrived."),
            _("Put right what the reason names and try again, or take it back and change it."), both,
        )
    return (
        "warn", _("The reply to {who} still waits."), _("The reply is kept and tried again by itself."),
        _("Nothing need be done while the network is away."), both,
    )
