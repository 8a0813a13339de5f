"""The fake inbox's part for organising: assigning, tagging, merging and splitting rows in memory, views in a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.domain.events import ConversationsChanged, QueuesChanged
from workstation.domain.states import ConversationState
from workstation.inbox import assignment_rules
from workstation.inbox.model import AssignmentRule, ConversationRow, MessageView, SavedView, TagCount, Undo
from workstation.kernel.errors import InputError, NotFound

if TYPE_CHECKING:
    from tests.support.fakecore import World


class FakeOrganising:
    """Base of FakeInbox, which gives `world`, `undone` and `_act`."""

    world: World
    undone: dict[str, list[ConversationRow]]

    def __init__(self, world: World) -> None:
        self.world = world
        self.undone = {}
        self.saved: list[SavedView] = []
        self.merged: dict[str, list[ConversationRow]] = {}
        self.before: dict[str, dict[str, list[MessageView]]] = {}
        self.made: dict[str, str] = {}
        self.assignments: list[AssignmentRule] = []

    def _act(self, name: str, ids: Sequence[str], **changes: object) -> Undo:
        self.world.note(name, tuple(ids))
        undo = self._remember(name, ids)
        self.world.change(ids, **changes)
        return undo

    def _remember(self, name: str, ids: Sequence[str]) -> Undo:
        undo = Undo(f"undo-{len(self.undone)}", f"{len(ids)} conversations: {name}.", tuple(ids))
        self.undone[undo.id] = [row for row in self.world.rows if row.id in ids]
        self.before[undo.id] = {i: list(self.world.messages[i]) for i in ids if i in self.world.messages}
        return undo

    def _put_back(self, undo_id: str) -> None:
        rows = self.undone.pop(undo_id)
        there = {row.id: row for row in self.world.rows} | {row.id: row for row in rows}
        self.world.rows = list(there.values())
        self.world.messages |= self.before.pop(undo_id, {})
        made = self.made.pop(undo_id, "")
        self.world.rows = [row for row in self.world.rows if row.id != made]
        self.world.bus.publish(ConversationsChanged(tuple(row.id for row in rows)))

    async def assign(self, ids: Sequence[str], member_id: str) -> Undo:
        return self._act("assign", ids, assignee=member_id)

    async def assignment_rules(self) -> tuple[AssignmentRule, ...]:
        return tuple(self.assignments)

    async def keep_assignment_rules(self, rules: Sequence[AssignmentRule]) -> tuple[AssignmentRule, ...]:
        self.world.note("keep_assignment_rules", tuple(rules))
        kept = assignment_rules.checked(rules)
        self.assignments = [replace(rule, id=rule.title if not old.id else old.id)
                            for rule, old in zip(kept, rules, strict=True)]
        return tuple(self.assignments)

    async def take_back_assignments(self, rule_id: str, within: int) -> Undo:
        rule = next(rule for rule in self.assignments if rule.id == rule_id)
        given = [row.id for row in self.world.rows if row.assignee in rule.members]
        self.world.note("take_back_assignments", (rule_id, within))
        return self._act("unassign", given, assignee="")

    async def assignment_matches(self, query: str) -> int:
        assignment_rules.check_query(query)
        return len([row for row in self.world.rows if row.state == ConversationState.OPEN])

    async def mute(self, ids: Sequence[str], muted: bool = True) -> Undo:
        return self._act("mute", ids, muted=muted)

    async def ask_review(self, ids: Sequence[str], asked: bool = True) -> Undo:
        return self._act("ask_review", ids, review=asked)

    async def tag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Undo:
        self.world.note("tag", (tuple(ids), tuple(add), tuple(remove)))
        undo = self._remember("tag", ids)
        self.world.rows = [
            row._replace(tags=tuple(sorted({*row.tags, *add} - set(remove)))) if row.id in ids else row
            for row in self.world.rows
        ]
        self.world.bus.publish(ConversationsChanged(tuple(ids)))
        return undo

    async def tags(self) -> tuple[TagCount, ...]:
        open_ = [row for row in self.world.rows if row.state is ConversationState.OPEN]
        counts = Counter(tag for row in open_ for tag in row.tags)
        return tuple(TagCount(tag, n) for tag, n in counts.most_common())

    async def merge(self, ids: Sequence[str], into: str) -> Undo:
        self.world.note("merge", (tuple(ids), into))
        sources = [row for row in self.world.rows if row.id in ids and row.id != into]
        if not sources:
            raise InputError("There is nothing to merge.", "Choose at least two conversations.")
        undo = self._remember("merge", [into, *(row.id for row in sources)])
        self.merged.setdefault(into, []).extend(sources)
        joined = [message for i in undo.ids for message in self.world.messages.get(i, [])]
        self.world.messages[into] = sorted(joined, key=lambda message: message.at)
        self.world.rows = [row for row in self.world.rows if row not in sources]
        self.world.bus.publish(ConversationsChanged(undo.ids))
        return undo

    async def unmerge(self, conversation_id: str) -> Undo:
        self.world.note("unmerge", conversation_id)
        sources = self.merged.pop(conversation_id, None)
        if sources is None:
            raise NotFound("Nothing was merged into this conversation.")
        undo = self._remember("unmerge", [conversation_id])
        self.world.rows = [*self.world.rows, *sources]
        self.world.bus.publish(ConversationsChanged((conversation_id, *(row.id for row in sources))))
        return undo

    async def split(self, conversation_id: str, message_ids: Sequence[str]) -> Undo:
        self.world.note("split", (conversation_id, tuple(message_ids)))
        all_ = self.world.messages.get(conversation_id, [])
        taken = [message for message in all_ if message.id in message_ids]
        if not taken or len(taken) == len(all_):
            raise InputError("No message, or every one, was chosen.")
        undo = self._remember("split", [conversation_id])
        row = next(row for row in self.world.rows if row.id == conversation_id)
        new = row._replace(id=f"{conversation_id}-split", subject=taken[0].subject)
        self.made[undo.id] = new.id
        self.world.messages[new.id] = taken
        self.world.messages[conversation_id] = [message for message in all_ if message not in taken]
        self.world.rows = [*self.world.rows, new]
        self.world.bus.publish(ConversationsChanged((conversation_id, new.id)))
        return undo

    async def views(self) -> tuple[SavedView, ...]:
        return tuple(self.saved)

    async def save_view(self, view: SavedView) -> SavedView:
        self.world.note("save_view", view)
        if any(one.title.casefold() == view.title.casefold() and one.id != view.id for one in self.saved):
            raise InputError("There is a view with that name already.", "Choose another name.")
        kept = view if view.id else replace(view, id=f"v{len(self.saved) + 1}", position=len(self.saved) + 1)
        self.saved = [*(one for one in self.saved if one.id != kept.id), kept]
        self.world.bus.publish(QueuesChanged())
        return kept

    async def remove_view(self, view_id: str) -> None:
        self.world.note("remove_view", view_id)
        self.saved = [one for one in self.saved if one.id != view_id]
        self.world.bus.publish(QueuesChanged())
