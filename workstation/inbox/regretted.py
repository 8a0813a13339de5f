"""What a rule assigned a short while ago, for a person who sees that it gave somebody the wrong conversations.

Only what is still as the rule left it: open, with the same person, and not answered since. It becomes nobody's; that a
rule once decided stays written down, so that no rule decides it again.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection

from workstation.inbox import assignment_rules
from workstation.inbox.rows import OPEN
from workstation.kernel.errors import NotFound
from workstation.kernel.i18n import _


def given(connection: Connection, rule_id: str, since: int) -> dict[str, str]:
    """Whose each conversation became by this rule from `since` on (ms, UTC), at whichever desktop. Raises NotFound."""
    rule = next((each.rule for each in assignment_rules.read(connection) if each.rule.id == rule_id), None)
    if rule is None:
        raise NotFound(_("This rule is not there any more."), _("Look at the rules again."))
    found = connection.exec_driver_sql(_GIVEN, (json.dumps(rule.members), rule.title, since))
    return {row[0]: row[1] for row in found}


# Through the open conversations of each person: of what rules once decided there are as many rows as conversations.
_GIVEN = (
    "SELECT c.id, a.member_id FROM conversation c INDEXED BY conversation_assignee "  # noqa: S608
    "CROSS JOIN conversation_assigned a ON a.id = c.id AND a.member_id = c.assignee AND a.rule = ?2 AND a.at >= ?3 "
    f"WHERE c.assignee IN (SELECT value FROM json_each(?1) UNION SELECT id FROM member) AND {OPEN} "
    "AND NOT EXISTS (SELECT 1 FROM message m INDEXED BY message_line WHERE m.conversation_id = c.id "
    "AND m.direction = 'out' AND m.automatic = 0 AND m.at >= a.at)"
)
