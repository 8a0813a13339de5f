"""What a colleague did to the conversation while it was open here, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from workstation.domain.conversation import ConversationState, Direction
from workstation.inbox.model import ConversationRow, ConversationView, MessageView
from workstation.kernel.i18n import _

_STATES = {ConversationState.RESOLVED, ConversationState.OPEN, ConversationState.SNOOZED}


def told(before: ConversationView, after: ConversationView, members: Mapping[str, str]) -> tuple[str, ...]:
    """Sentences, the weightiest first; none when nothing is different that a person would want to know."""
    answers = tuple(_answer(message) for message in _fresh(before, after) if message.direction is Direction.OUT)
    return (*dict.fromkeys(answers), *_state(before.row, after.row), *_hands(before.row, after.row, members))


def _fresh(before: ConversationView, after: ConversationView) -> list[MessageView]:
    known = {message.id for message in before.messages}
    since = before.messages[-1].at if before.messages else 0
    return [message for message in after.messages if message.id not in known and message.at >= since]


def _answer(message: MessageView) -> str:
    return _("{who} answered this conversation.").format(who=message.author.shown)


def _state(before: ConversationRow, after: ConversationRow) -> tuple[str, ...]:
    if before.state is after.state:
        return ()
    sentences = {
        ConversationState.RESOLVED: _("A colleague resolved this conversation."),
        ConversationState.OPEN: _("A colleague opened this conversation again."),
        ConversationState.SNOOZED: _("A colleague snoozed this conversation."),
    }
    return (sentences[after.state],) if after.state in _STATES else ()


def _hands(before: ConversationRow, after: ConversationRow, members: Mapping[str, str]) -> tuple[str, ...]:
    found: list[str] = []
    if before.assignee != after.assignee:
        who = members.get(after.assignee, _("a colleague"))
        found.append(
            _("It was assigned to {who}.").format(who=who) if after.assignee else _("It is assigned to nobody now."))
    if after.review and not before.review:
        found.append(_("A colleague asked for a second look."))
    if after.muted != before.muted:
        found.append(_("A colleague muted it.") if after.muted else _("A colleague took the mute away."))
    if set(after.tags) != set(before.tags):
        found.append(_("Its tags are now: {tags}.").format(tags=", ".join(after.tags) or _("none")))
    return tuple(found)
