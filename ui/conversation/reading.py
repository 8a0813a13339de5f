"""What the conversation column asks the core for: a conversation, a page of it, a message in another language. All are
coroutines of the core thread; they hand back frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ui.conversation.slices import MOST, PAGE, Slice
from workstation.api import Core
from workstation.drafts.model import Outgoing
from workstation.inbox.model import ConversationView, MessageCursor, MessagePage
from workstation.kernel.errors import NotFound
from workstation.translation.model import Translation


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of a conversation. `page`: what was asked for beside the newest messages, None for nothing.
    `members`: names of colleagues by id, read when somebody else changed something."""

    view: ConversationView
    outgoing: tuple[Outgoing, ...]
    page: MessagePage | None = None
    members: Mapping[str, str] = field(default_factory=dict)


async def opened(conversation_id: str, message_id: str, core: Core) -> Loaded:
    """The conversation, its replies that are not done, and the messages around `message_id` or the first unread one
    where those are not among the newest."""
    view = await core.inbox.conversation(conversation_id)
    target = message_id or view.first_unread
    here = {message.id for message in view.messages}
    page = None
    if target and target not in here:
        page = await _around(conversation_id, target, core)
    return Loaded(view, await _waiting(conversation_id, core), page)


async def again(conversation_id: str, held: Slice, elsewhere: bool, core: Core) -> Loaded:
    """The same conversation after news, with the very messages that are in memory."""
    view = await core.inbox.conversation(conversation_id)
    here = {message.id for message in view.messages}
    page = None
    if held.messages and (held.later or held.messages[0].id not in here):
        page = await core.inbox.messages(conversation_id, held.again(), min(MOST + PAGE, len(held.messages) + PAGE))
    members = {}
    if elsewhere and core.team is not None:
        members = {member.id: member.name for member in await core.team.members()}
    return Loaded(view, await _waiting(conversation_id, core), page, members)


async def page_of(conversation_id: str, at: MessageCursor, limit: int, core: Core) -> MessagePage:
    return await core.inbox.messages(conversation_id, at, limit)


async def translated(message_id: str, core: Core) -> Translation | None:
    return await core.translation.read_message(message_id)


async def _around(conversation_id: str, message_id: str, core: Core) -> MessagePage | None:
    """None when the message is not in this conversation any more: it opens at its newest then."""
    try:
        return await core.inbox.messages(conversation_id, MessageCursor(message_id=message_id), PAGE + 10)
    except NotFound:
        return None


async def _waiting(conversation_id: str, core: Core) -> tuple[Outgoing, ...]:
    waiting = await core.drafts.outgoing()
    return tuple(reply for reply in waiting if reply.conversation_id == conversation_id)
