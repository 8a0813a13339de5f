"""A device that stood for itself turns out to be one of a person's: what was assigned to it is that person's."""

from __future__ import annotations

from dataclasses import replace

from workstation.domain.events import ConversationsChanged
from workstation.inbox import assignment_rules, states
from workstation.store.unit import Unit


def hand_on(unit: Unit, was: str, member: str, at: int) -> None:
    """Assign what was `was`'s to `member`, in the rules as well, and tell the team. In the caller's transaction."""
    ids = [i for (i,) in unit.conn.exec_driver_sql(_ASSIGNED, (was,))]
    if ids:
        before = states.read_states(unit.conn, ids)
        changed = states.put(unit, before, {i: states.Assigned(member).values() for i in before}, at)
        unit.emit(ConversationsChanged(tuple(changed)))
    rules = tuple(kept.rule for kept in assignment_rules.read(unit.conn))
    other = tuple(
        replace(rule, members=tuple(dict.fromkeys(member if each == was else each for each in rule.members)))
        for rule in rules)
    if other != rules:
        assignment_rules.keep(unit, other, at)


_ASSIGNED = "SELECT id FROM conversation WHERE assignee = ? AND merged_into = ''"
