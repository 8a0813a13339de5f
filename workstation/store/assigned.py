"""Whoever assigns a conversation or takes it away first, whichever way: from then on no rule does. The database itself
writes that down. Frozen with schema 0002, like the migration itself: a later change is a later file."""

BY_HAND = (
    "CREATE TRIGGER assigned_by_hand AFTER UPDATE OF assignee ON conversation WHEN old.assignee != new.assignee BEGIN "
    "INSERT INTO conversation_assigned(id, rule, member_id, at) VALUES (new.id, '', '', 0) ON CONFLICT DO NOTHING; END"
)
