"""The rules by which conversations are assigned: checked, kept in a person's order, and told to colleagues' desktops.

Each is an entity of the hub's collection "assignment_rule". `since` is this desk's own: a rule holds for what comes
after it was written, or after its search was changed, never for what lay there before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workstation.domain.query import parse
from workstation.inbox.model import AssignmentRule
from workstation.inbox.searching import conditions
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store import outbox
from workstation.store.unit import Unit

COLLECTION = "assignment_rule"
LONGEST_TITLE = 60
LONGEST_QUERY = 1_000
MOST_RULES = 100
MOST_MEMBERS = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A rule and the `seq` of the newest message that was here when it was written."""

    rule: AssignmentRule
    since: int


def read(connection: Connection) -> tuple[Kept, ...]:
    """All of them in their order."""
    rows = connection.exec_driver_sql(_ALL)
    return tuple(Kept(AssignmentRule(i, title, query, _listed(members), bool(on)), since)
                 for i, title, query, members, on, since in rows)


def checked(rules: Sequence[AssignmentRule]) -> tuple[AssignmentRule, ...]:
    """The rules as they are kept; a new one gets its id. Raises InputError."""
    if len(rules) > MOST_RULES:
        raise InputError(_("These are more than {n} rules.").format(n=MOST_RULES), _("Let one rule do for several."))
    return tuple(_checked(rule) for rule in rules)


def check_query(text: str) -> None:
    """Raises InputError for a search of which something would be passed over."""
    query = parse(text.strip())
    problem = next((term.problem for term in query.terms if term.problem), "")
    if problem:
        raise InputError(_("This search cannot be a rule."), problem)
    if query.cut or len(text) > LONGEST_QUERY or conditions.condition(query, 0, "")[0] == "1":
        raise InputError(
            _("This search cannot be a rule."), _("Name what the conversations have, such as lang:pt or issue:late."))


def keep(unit: Unit, rules: Sequence[AssignmentRule], at: int) -> None:
    """Let these be all rules, in this order. What changed is told to the hub."""
    before = {each.rule.id: (place, each) for place, each in enumerate(read(unit.conn))}
    for place, rule in enumerate(rules):
        known = before.pop(rule.id, None)
        if known is None or (known[0], known[1].rule) != (place, rule):
            _put(unit.conn, rule, place)
            outbox.append(unit, COLLECTION, rule.id, "put", _body(rule, place), at)
    for rule_id in before:
        unit.conn.exec_driver_sql("DELETE FROM assignment_rule WHERE id = ?", (rule_id,))
        outbox.append(unit, COLLECTION, rule_id, "put", {"gone": True}, at)


def apply(unit: Unit, rule_id: str, body: Mapping[str, object]) -> None:
    """Another desktop wrote, changed or removed a rule. One that cannot be used here is not kept."""
    members = body.get("members")
    rule = AssignmentRule(
        rule_id, str(body.get("title", "")), str(body.get("query", "")),
        tuple(map(str, members)) if isinstance(members, list) else (), body.get("on") is True)
    place = body.get("position")
    try:
        usable = body.get("gone") is not True and isinstance(place, int)
        if usable and isinstance(place, int):
            _put(unit.conn, _checked(rule), place)
    except InputError:
        usable = False
    if not usable:
        unit.conn.exec_driver_sql("DELETE FROM assignment_rule WHERE id = ?", (rule_id,))


def _checked(rule: AssignmentRule) -> AssignmentRule:
    title, query = " ".join(rule.title.split()), rule.query.strip()
    if not title or not title.isprintable():
        raise InputError(_("A rule needs a name."), _("Type what it is for, such as “Portuguese”."))
    if len(title) > LONGEST_TITLE:
        raise InputError(
            _("That name is too long."), _("Use at most {most} characters.").format(most=LONGEST_TITLE))
    check_query(query)
    members = tuple(dict.fromkeys(each for each in rule.members if each))
    if not members or len(members) > MOST_MEMBERS or any(len(each) > 200 for each in members):
        raise InputError(_("A rule needs somebody to assign to."), _("Choose one person, or several who take turns."))
    return replace(rule, id=rule.id or new_id(), title=title, query=query, members=members)


def _put(connection: Connection, rule: AssignmentRule, place: int) -> None:
    values = (rule.id, rule.title, rule.query, json.dumps(rule.members), rule.on, place)
    connection.exec_driver_sql(_PUT, values)


def _body(rule: AssignmentRule, place: int) -> dict[str, object]:
    return {"title": rule.title, "query": rule.query, "members": list(rule.members), "on": rule.on, "position": place}


def _listed(text: str) -> tuple[str, ...]:
    return tuple(map(str, json.loads(text)))


_ALL = "SELECT id, title, query, members, enabled, since FROM assignment_rule ORDER BY position, id"
_PUT = (
    "INSERT INTO assignment_rule(id, title, query, members, enabled, position, since) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT coalesce(max(seq), 0) FROM message)) ON CONFLICT(id) DO UPDATE SET "
    "since = iif(query = excluded.query AND enabled = excluded.enabled, since, excluded.since), "
    "title = excluded.title, query = excluded.query, members = excluded.members, enabled = excluded.enabled, "
    "position = excluded.position"
)
